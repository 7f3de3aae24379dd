/**
 * Environments on this machine's disk, each in a folder named by its key.
 *
 * 1. Who makes one holds a lock beside it, and the others wait. The system releases it when the maker's process ends,
 *    so the next one takes over at once, and never two.
 * 2. It is made where it stays (a virtual environment knows its own path), and counts from the moment on that its mark
 *    is renamed into place. A folder without a mark is nobody's, and made anew.
 * 3. Who uses one has a mark in it; what is used by a living process, or was just used, is not pruned.
 */

import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Instant } from '../core/time.ts';
import { diskError } from './disk-errors.ts';
import { takeFileLock, type FileLock } from './file-lock.ts';
import { makeFolder } from './make-folder.ts';
import { describeThisProcess, livenessOf, type ProcessMark } from './process-liveness.ts';
import { writeWhole } from './whole-file.ts';

/** So long a mark may be there before what stands in it. */
const WRITE_MS_MAX = 5000;
/** One that was used so lately is kept in any case: its next run may be about to begin. */
const JUST_USED_MS = 3_600_000;

export interface ReadyMark {
  /** What it was made from, for people. */
  readonly label: string;
  readonly bytes: number;
}

export interface ShelfLimits {
  /** Since its last use; `null`: for ever. */
  readonly keepSeconds: number | null;
  /** Of all together; `null`: any number. */
  readonly bytesMax: number | null;
}

export class EnvironmentShelf {
  readonly root: string;

  constructor(home: string) {
    this.root = join(home, 'worker', 'environments');
  }

  folderOf(key: string): string {
    return join(this.root, key);
  }

  isReady(key: string): boolean {
    return statSync(this.#markOf(key), { throwIfNoEntry: false }) !== undefined;
  }

  /** The caller makes it now, and releases it in any case; `null`: somebody else does, perhaps in this process. */
  claim(key: string): FileLock | null {
    return takeFileLock(join(this.root, `${key}.lock`), 0);
  }

  /** An empty folder for it. */
  async begin(key: string): Promise<string> {
    const folder = this.folderOf(key);
    try {
      await this.drop(key);
      makeFolder(folder);
      return folder;
    } catch (error) {
      throw diskError(error, 'make the environment', folder);
    }
  }

  async finish(key: string, label: string): Promise<void> {
    const mark: ReadyMark = { label, bytes: await sizeOf(this.folderOf(key)) };
    writeWhole(this.#markOf(key), JSON.stringify(mark));
  }

  /** Nothing of it is left. */
  async drop(key: string): Promise<void> {
    // Without its mark it is nobody's: a run that comes now makes it anew.
    rmSync(this.#markOf(key), { force: true });
    await rm(this.folderOf(key), { recursive: true, force: true, maxRetries: 3 });
  }

  /** From now on it is not pruned, until what is answered is called, or this process is gone. */
  use(key: string, by: string): () => void {
    const path = join(this.folderOf(key), 'uses', by);
    writeWhole(path, JSON.stringify(describeThisProcess()));
    touch(this.#markOf(key));
    return () => {
      rmSync(path, { force: true });
      touch(this.#markOf(key));
    };
  }

  /** Takes away what nobody used for so long, then what was used longest ago until all of it is small enough. */
  async prune({ keepSeconds, bytesMax }: ShelfLimits, now: Instant): Promise<readonly string[]> {
    const nowMs = now / 1000;
    const there = this.#list(now);
    let bytes = there.reduce((sum, each) => sum + each.bytes, 0);
    const dropped: string[] = [];
    for (const { key, usedMs, bytes: size, isUsed } of there.toSorted((a, b) => a.usedMs - b.usedMs)) {
      const idleMs = nowMs - usedMs;
      const isOld = keepSeconds !== null && idleMs > keepSeconds * 1000;
      const isTooMuch = bytesMax !== null && bytes > bytesMax && idleMs > JUST_USED_MS;
      if (isUsed || !(isOld || isTooMuch)) continue;
      await this.drop(key);
      bytes -= size;
      dropped.push(key);
    }
    return dropped;
  }

  #markOf(key: string): string {
    return join(this.folderOf(key), 'ready.json');
  }

  #list(now: Instant) {
    return namesIn(this.root).flatMap((key) => {
      const usedMs = statSync(this.#markOf(key), { throwIfNoEntry: false })?.mtimeMs;
      if (usedMs === undefined) return [];
      const bytes = readJson<ReadyMark>(this.#markOf(key))?.bytes ?? 0;
      const uses = join(this.folderOf(key), 'uses');
      const isUsed = namesIn(uses).some((name) => isHeld(join(uses, name), now));
      return [{ key, usedMs, bytes, isUsed }];
    });
  }
}

function isHeld(path: string, now: Instant): boolean {
  const touchedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (touchedMs === undefined) return false;
  const holder = readJson<ProcessMark>(path);
  // Just made, and not written yet.
  if (holder === null) return now / 1000 - touchedMs < WRITE_MS_MAX;
  return livenessOf({ ...holder, heartbeatAt: (touchedMs * 1000) as Instant }, now).alive;
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = await lstat(join(entry.parentPath, entry.name)).catch(() => null);
    bytes += found?.size ?? 0;
  }
  return bytes;
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // It is not there any more: whoever looks for it says so.
  }
}
