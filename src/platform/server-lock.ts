/** One server a home: a lock on a file of its own in it. */

import { join } from 'node:path';

import { isFileLockHeld, takeFileLock, type FileLock } from './file-lock.ts';

/** Milliseconds; a check holds the lock only for a moment. */
const LOOK_WAIT_MS = 500;

/** @returns `null` when another process holds it. @throws `store-read-only`, `store-full`, `store-unavailable` */
export function takeServerLock(home: string): FileLock | null {
  return takeFileLock(lockPath(home), LOOK_WAIT_MS);
}

/** Whether a server holds the lock, as far as that can be seen. Neither takes it nor creates the file. */
export function isServerLockHeld(home: string): boolean {
  return isFileLockHeld(lockPath(home));
}

function lockPath(home: string): string {
  return join(home, 'server.lock');
}
