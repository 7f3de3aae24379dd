import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

let serial = 0;

/**
 * Writes a text under a temporary name and renames it: a reader sees the old file or the new one, never half of one.
 * Creates the folder when missing. Only this user may read the file. Not flushed: after a power loss the old one may be
 * back.
 *
 * @throws errors of the file system
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

/** @param flag `wx`: only if there is no such file. @throws errors of the file system */
export function writeIn(path: string, text: string, flag: 'w' | 'wx'): void {
  try {
    writeFileSync(path, text, { flag, mode: 0o600 });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeFolder(dirname(path));
    writeFileSync(path, text, { flag, mode: 0o600 });
  }
}
