import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

let serial = 0;

/**
 * Writes a text under a temporary name and renames it into place: whoever reads sees the old file or the new one, never half of one.
 * Makes the folder when it is not there. Nobody else may read the file. Not flushed: a power loss may leave the old one.
 *
 * @throws what the file system says
 */
export function writeWhole(path: string, text: string): void {
  serial += 1;
  const draft = `${path}.${process.pid}-${serial}.new`;
  try {
    writeIn(draft, text, 'w');
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** @param flag `wx`: only where there is no such file. @throws what the file system says */
export function writeIn(path: string, text: string, flag: 'w' | 'wx'): void {
  try {
    writeFileSync(path, text, { flag, mode: 0o600 });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeFolder(dirname(path));
    writeFileSync(path, text, { flag, mode: 0o600 });
  }
}
