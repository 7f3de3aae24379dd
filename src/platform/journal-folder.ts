/** The journals of one home, as files of one folder. */

import { closeSync, lstatSync, openSync, readdirSync, readSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OstinatoError } from '../core/errors.ts';
import type { AppendFile, JournalFolder } from '../core/append-file.ts';
import { createAppendFile } from './append-file.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

export const JOURNAL_SUFFIX = '.journal';

/** @param path is made when the first journal is; the folder above it may be missing too */
export function openJournalFolder(path: string): JournalFolder {
  return {
    description: path,
    create(name, head, draft): AppendFile {
      try {
        makeFolder(path);
      } catch (error) {
        throw diskError(error, 'create the folder of journals', path);
      }
      return createAppendFile(join(path, name), head, join(path, draft));
    },
    list(): readonly string[] {
      return unlessGone(
        () =>
          readdirSync(path)
            .filter((name) => name.endsWith(JOURNAL_SUFFIX))
            .sort(),
        [],
        'read the folder of journals',
        path,
      );
    },
    read(name, offset, bytesMax): Uint8Array | null {
      return unlessGone(() => readPart(join(path, name), offset, bytesMax), null, 'read the journal', join(path, name));
    },
    claim(name, newName): boolean {
      return unlessGone(
        () => {
          renameSync(join(path, name), join(path, newName));
          return true;
        },
        false,
        'take over the journal',
        join(path, name),
      );
    },
    remove(name): void {
      try {
        rmSync(join(path, name), { force: true, recursive: true });
      } catch (error) {
        throw diskError(error, 'remove the journal', join(path, name));
      }
    },
  };
}

function readPart(path: string, offset: number, bytesMax: number): Uint8Array {
  // Opening a pipe would wait for somebody who writes to it.
  if (!lstatSync(path).isFile())
    throw new OstinatoError('value-corrupt', `${path} is no file.`, { remedy: 'Move it away.' });
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
