import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './disk-errors.ts';

/**
 * Makes a folder and those above it, for this user alone. Not with `recursive`, which never ends where a file system takes no folders
 * and says that the one above is missing (`/proc`).
 *
 * @throws what the file system says
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' && statSync(path).isDirectory()) return;
    if (errno !== 'ENOENT' || dirname(path) === path || statSync(dirname(path), { throwIfNoEntry: false }) !== undefined) throw error;
    makeFolder(dirname(path));
    makeFolder(path);
  }
}
