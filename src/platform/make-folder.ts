import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './disk-errors.ts';

/**
 * Makes a folder and its parents, for this user only unless `mode` says otherwise. Not with `recursive`, which never
 * ends on a file system that refuses folders and reports that the parent is missing (`/proc`).
 *
 * @throws errors of the file system
 */
export function makeFolder(path: string, mode = 0o700): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' && statSync(path).isDirectory()) return;
    if (
      errno !== 'ENOENT' ||
      dirname(path) === path ||
      statSync(dirname(path), { throwIfNoEntry: false }) !== undefined
    )
      throw error;
    makeFolder(dirname(path), mode);
    makeFolder(path, mode);
  }
}
