/** SQLite's and the file system's failures in the words of the error family. */

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { OstinatoError, type ErrorCode } from '../../../core/errors.ts';

/** Primary result codes, the lowest byte of what the driver reports: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

const CODE_BY_RESULT: Readonly<Record<number, ErrorCode>> = {
  [SQLITE_BUSY]: 'store-unavailable',
  [SQLITE_LOCKED]: 'store-unavailable',
  [SQLITE_READONLY]: 'store-read-only',
  [SQLITE_IOERR]: 'store-unavailable',
  [SQLITE_CORRUPT]: 'store-corrupt',
  [SQLITE_FULL]: 'store-full',
  [SQLITE_CANTOPEN]: 'store-unavailable',
  [SQLITE_NOTADB]: 'store-corrupt',
};

const CODE_BY_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'store-full',
  EDQUOT: 'store-full',
  EFBIG: 'store-full',
  EACCES: 'store-read-only',
  EPERM: 'store-read-only',
  EROFS: 'store-read-only',
  EISDIR: 'store-unavailable',
  ENOTDIR: 'store-unavailable',
  EEXIST: 'store-unavailable',
  EMFILE: 'store-unavailable',
  ENFILE: 'store-unavailable',
  ENOENT: 'store-unavailable',
  EIO: 'store-unavailable',
  ELOOP: 'store-unavailable',
  ENAMETOOLONG: 'store-unavailable',
  // Thrown by the driver after the database was closed.
  ERR_INVALID_STATE: 'store-unavailable',
};

const WORDS: Partial<Readonly<Record<ErrorCode, readonly [what: string, remedy: string]>>> = {
  'store-full': [
    'is on a full disk',
    'Free some space, or move the home folder (OSTINATO_HOME) to another disk; nothing that was recorded is lost.',
  ],
  'store-read-only': [
    'cannot be written',
    'Give this user write access to the file and its folder, or choose another home folder (OSTINATO_HOME).',
  ],
  'store-corrupt': [
    'is damaged, or not a database',
    'Move the file away (a new one is made), or put a backup in its place.',
  ],
  'store-unavailable': [
    'cannot be used now',
    'Look whether the folder exists, is a local disk, and whether another program holds the file locked; then try again.',
  ],
};

const LOCKED = [
  'is locked by another process',
  'Nothing is lost. End what holds it (a backup, a shell with an open transaction, the deletion of a large run), or wait for its end; then try again.',
] as const;

const ANOTHER_HOME = 'Choose another home folder (OSTINATO_HOME).';
/** Failures of the path itself. */
const PLACE_WORDS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOTDIR: ['cannot be made, since a file is where a folder has to be', `Move the file away. ${ANOTHER_HOME}`],
  EEXIST: ['cannot be made, since a file is where a folder has to be', `Move the file away. ${ANOTHER_HOME}`],
  EISDIR: ['cannot be used, since a folder is in its place', `Move the folder away. ${ANOTHER_HOME}`],
  ENAMETOOLONG: ['cannot be made, since its name is longer than the system allows', ANOTHER_HOME],
  ENOENT: ['cannot be made there', ANOTHER_HOME],
  ELOOP: ['cannot be reached, since links lead in a circle', ANOTHER_HOME],
};

/** The driver's result code; `null` when the value is no error of the driver. */
function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return null;
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

/** Whether another connection was in the way: the operation may be tried again. */
export function isBusy(error: unknown): boolean {
  const result = resultCode(error);
  return result === SQLITE_BUSY || result === SQLITE_LOCKED;
}

/** Whether a coded error says that another connection held the lock all the time. Then nothing was written. */
export function isLocked(error: unknown): boolean {
  return OstinatoError.is(error) && isBusy(error.cause);
}

/** The coded error for a failure of the database or of its files; every other error is returned unchanged. */
export function storeFailure(error: unknown, path: string): unknown {
  if (OstinatoError.is(error) || !(error instanceof Error)) return error;
  const result = resultCode(error);
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isUnexplained = result === SQLITE_IOERR || result === SQLITE_CANTOPEN;
  const code =
    isUnexplained && isDiskFull(path) ? 'store-full' : result === null ? CODE_BY_ERRNO[errno] : CODE_BY_RESULT[result];
  const words = isBusy(error) ? LOCKED : (PLACE_WORDS[errno] ?? (code && WORDS[code]));
  if (!code || !words) return error;
  return new OstinatoError(code, `The database ${shortened(path)} ${words[0]}: ${shortened(error.message)}.`, {
    remedy: words[1],
    cause: error,
  });
}

/** Characters of a path in messages. */
const SHOWN_CHARS_MAX = 300;

function shortened(text: string): string {
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`;
}

/** SQLite reports a full disk as such only where it writes pages, and as an I/O error where it makes or maps files. */
function isDiskFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    return false;
  }
}
