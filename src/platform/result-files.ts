/**
 * The result store in local files: encoded values that are too large for a row, each under the hash of its content.
 * Implements the port `ResultStore` (`client/port.ts`).
 *
 * 1. A file is written under a temporary name and renamed: nobody reads half a value.
 * 2. The same content is one file, whoever writes it; a file of another length (a power loss cut it) is written again.
 * 3. What is read is compared with its name, when that is a hash. Results with names of their own lie below `named/`:
 *    the newest one of a name replaces those before, and whoever reads compares it with the hash that it expects.
 */

import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { OstinatoError } from '../core/errors.ts';
import { checkResultName, NAMED_PREFIX } from '../core/result-name.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import { syncFolder } from './folder-sync.ts';
import { hashText } from './hash.ts';
import { makeFolder } from './make-folder.ts';

/** Background flushes, each of which holds a descriptor; with more, the next writer waits for its own. */
const BACKGROUND_FLUSHES_MAX = 32;
/** Retention needs the time of the last write to within an hour. */
const TOUCHED_MS = 3_600_000;
const KEY = /^[0-9a-f]{16,64}$/;

export class ResultFiles {
  readonly #folder: string;
  readonly #hash: (text: string) => string;
  #flushing = 0;
  #serial = 0;

  /**
   * @param folder created with the first value
   * @param hash computes the names of values; what is read is checked with it
   */
  constructor(folder: string, hash: (text: string) => string = hashText) {
    this.#folder = folder;
    this.#hash = hash;
  }

  /** @returns the key to read it by. @throws `store-full`, `store-read-only`, `store-unavailable` */
  write(hash: string, text: string, options: { readonly sync: boolean; readonly name?: string | undefined }): string {
    const key = options.name === undefined ? hash : NAMED_PREFIX + options.name;
    const path = this.#path(key);
    try {
      const bytes = Buffer.from(text, 'utf8');
      const there = options.name === undefined ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (there?.size !== bytes.byteLength) this.#create(path, bytes, options.sync);
      else {
        if (Date.now() - there.mtimeMs > TOUCHED_MS) touch(path);
        if (options.sync) flushFile(path);
      }
      return key;
    } catch (error) {
      throw diskError(error, 'write the result', path);
    }
  }

  /** `null` when there is no such key. @throws `value-corrupt` when the content does not match the key */
  read(key: string): string | null {
    const path = this.#path(key);
    const text = readText(path);
    if (text !== null && !key.startsWith(NAMED_PREFIX) && this.#hash(text) !== key) {
      throw new OstinatoError(
        'value-corrupt',
        `The recorded value ${key} was damaged: the content of ${path} does not match its name.`,
        { remedy: `Delete that file and run the step again (or restore it from a backup).` },
      );
    }
    return text;
  }

  /** Two levels of 256 folders: a million values are 16 files a folder. */
  #path(key: string): string {
    if (key.startsWith(NAMED_PREFIX))
      return join(this.#folder, 'named', checkResultName(key.slice(NAMED_PREFIX.length)));
    if (!KEY.test(key))
      throw new OstinatoError('bad-input', `“${key.slice(0, 80)}” is no key of the result store.`, {
        remedy: 'A key is the hexadecimal hash of a value.',
      });
    return join(this.#folder, key.slice(0, 2), key.slice(2, 4), key);
  }

  #create(path: string, bytes: Uint8Array, sync: boolean): void {
    this.#serial += 1;
    const temporary = `${path}.${process.pid}-${this.#serial}.new`;
    const fd = openIn(temporary);
    let open = true;
    try {
      writeFileSync(fd, bytes);
      const inBackground = !sync && this.#flushing < BACKGROUND_FLUSHES_MAX;
      if (!inBackground) fdatasyncSync(fd);
      renameSync(temporary, path);
      if (sync) this.#flushFolders(path);
      if (inBackground) {
        open = false;
        this.#flushLater(fd);
      }
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      if (open) closeSync(fd);
    }
  }

  /** Flushes in the background: a power loss loses at most the last few milliseconds. */
  #flushLater(fd: number): void {
    this.#flushing += 1;
    fdatasync(fd, () => {
      this.#flushing -= 1;
      closeSync(fd);
    });
  }

  /** Each of the folders may be new, by this writer or another. */
  #flushFolders(path: string): void {
    for (let folder = dirname(path); folder.length >= this.#folder.length; folder = dirname(folder)) syncFolder(folder);
  }
}

function openIn(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeFolder(dirname(path));
    return openSync(path, 'wx', 0o600);
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Another user's file keeps its date.
  }
}

function flushFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw diskError(error, 'read the result', path);
  }
}
