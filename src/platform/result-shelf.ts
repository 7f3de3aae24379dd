/**
 * The files of the result store by age, one of its 256 folders after the other. Results with names of their own
 * stay.
 */

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { errnoOf } from './disk-errors.ts';

const PART = /^[0-9a-f]{2}$/;
const KEY = /^[0-9a-f]{16,64}$/;

export class ResultShelf {
  readonly #folder: string;
  #parts: string[] = [];
  #isBegun = false;

  /** @param folder as `ResultFiles` has it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Files of the next folder that has old ones; an empty list when all folders were searched: then it starts again.
   * @param before microseconds
   */
  async listBefore(before: number): Promise<readonly string[]> {
    if (!this.#isBegun) this.#parts = (await namesIn(this.#folder)).filter((name) => PART.test(name));
    this.#isBegun = true;
    for (let part = this.#parts.shift(); part !== undefined; part = this.#parts.shift()) {
      const keys: string[] = [];
      for (const below of await namesIn(join(this.#folder, part))) {
        for (const key of await namesIn(join(this.#folder, part, below))) {
          if (KEY.test(key) && (await changedAt(join(this.#folder, part, below, key))) < before / 1000) keys.push(key);
        }
      }
      if (keys.length > 0) return keys;
    }
    this.#isBegun = false;
    return [];
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(join(this.#folder, key.slice(0, 2), key.slice(2, 4), key), { force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
