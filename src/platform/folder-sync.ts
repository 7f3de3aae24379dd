/** Puts a folder's list of names on the disk: after a rename, a new file survives a power loss under its name. */

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { diskError, errnoOf } from './disk-errors.ts';

/** Codes of systems that cannot flush a folder (Windows, some network file systems); ignored. */
const CANNOT: ReadonlySet<string> = new Set(['EINVAL', 'EISDIR', 'EPERM', 'EBADF', 'ENOTSUP']);

export function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    fsyncSync(fd);
  } catch (error) {
    if (!CANNOT.has(errnoOf(error) ?? '')) throw diskError(error, 'flush the folder', path);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
