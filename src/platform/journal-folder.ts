/** The journals of one home, as files of one folder. */

import { closeSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AppendFile, JournalFolder } from '../core/append-file.ts';
import { createAppendFile } from './append-file.ts';
import { diskError, errnoOf } from './disk-errors.ts';

export const JOURNAL_SUFFIX = '.journal';

/** @param path is made when the first journal is; the folder above it may be missing too */
export function openJournalFolder(path: string): JournalFolder {
  return {
    description: path,
    create(name, head, draft): AppendFile {
      try {
        mkdirSync(path, { recursive: true, mode: 0o700 });
      } catch (error) {
        throw diskError(error, 'create the folder of journals', path);
      }
      return createAppendFile(join(path, name), head, join(path, draft));
    },
    list(): readonly string[] {
      return unlessGone(() => readdirSync(path).filter((name) => name.endsWith(JOURNAL_SUFFIX)).sort(), [], 'read the folder of journals', path);
    },
    read(name, offset, bytesMax): Uint8Array | null {
      return unlessGone(() => readPart(join(path, name), offset, bytesMax), null, 'read the journal', join(path, name));
    },
    claim(name, newName): boolean {
      return unlessGone(() => {
        renameSync(join(path, name), join(path, newName));
        return true;
      }, false, 'take over the journal', join(path, name));
    },
    remove(name): void {
      try {
        rmSync(join(path, name), { force: true });
      } catch (error) {
        throw diskError(error, 'remove the journal', join(path, name));
      }
    },
  };
}

function readPart(path: string, offset: number, bytesMax: number): Uint8Array {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(bytesMax);
    let length = 0;
    while (length < bytesMax) {
      const count = readSync(fd, bytes, length, bytesMax - length, offset + length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

function unlessGone<T>(act: () => T, gone: T, what: string, path: string): T {
  try {
    return act();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return gone;
    throw diskError(error, what, path);
  }
}
