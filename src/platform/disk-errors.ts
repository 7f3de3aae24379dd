/** Maps the operating system's errors about a disk to coded errors. */

import { type ErrorCode, OstinatoError } from '../core/errors.ts';

const CODES: Readonly<Record<string, { readonly code: ErrorCode; readonly why: string; readonly remedy: string }>> = {
  ENOSPC: { code: 'store-full', why: 'the disk is full', remedy: 'Free some space: recording goes on by itself.' },
  EDQUOT: {
    code: 'store-full',
    why: 'the disk quota is used up',
    remedy: 'Free some space or raise the quota: recording goes on by itself.',
  },
  EFBIG: {
    code: 'store-full',
    why: 'the file has reached the largest size that the system allows',
    remedy: 'Raise the limit on file sizes (ulimit -f).',
  },
  EROFS: {
    code: 'store-read-only',
    why: 'the file system is read-only',
    remedy: 'Set OSTINATO_HOME to a folder that can be written.',
  },
  EACCES: {
    code: 'store-read-only',
    why: 'this user may not write there',
    remedy: 'Change its owner, or set OSTINATO_HOME to a folder that this user can write.',
  },
  EEXIST: {
    code: 'store-unavailable',
    why: 'a file is where a folder has to be',
    remedy: 'Move the file away, or set OSTINATO_HOME to another folder.',
  },
  ENOTDIR: {
    code: 'store-unavailable',
    why: 'a file is where a folder has to be',
    remedy: 'Move the file away, or set OSTINATO_HOME to another folder.',
  },
  EISDIR: {
    code: 'store-unavailable',
    why: 'a folder is in its place',
    remedy: 'Move the folder away, or set OSTINATO_HOME to another one.',
  },
  ENAMETOOLONG: {
    code: 'store-unavailable',
    why: 'the name is longer than the system allows',
    remedy: 'Set OSTINATO_HOME to a folder with a shorter name.',
  },
  ENOENT: {
    code: 'store-unavailable',
    why: 'a folder above it is not there, or was removed',
    remedy: 'Put the home folder back, or set OSTINATO_HOME to another one.',
  },
  EPERM: {
    code: 'store-read-only',
    why: 'this user may not write there',
    remedy: 'Change its owner, or set OSTINATO_HOME to a folder that this user can write.',
  },
};

/** The `code` of an error of Node's file functions, for instance `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Characters of a path in messages. */
const SHOWN_CHARS_MAX = 300;

function shortened(text: string): string {
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`;
}

/**
 * @param what the failed action: `write the journal`
 * @returns `store-full`, `store-read-only`, or `store-unavailable` for everything else
 */
export function diskError(error: unknown, what: string, path: string): OstinatoError {
  if (OstinatoError.is(error)) return error;
  const known = CODES[errnoOf(error) ?? ''];
  const why = known?.why ?? (error instanceof Error ? error.message : String(error));
  return new OstinatoError(
    known?.code ?? 'store-unavailable',
    `Could not ${what} ${shortened(path)}: ${shortened(why)}.`,
    { cause: error, remedy: known?.remedy ?? 'Look after the disk that holds it.' },
  );
}
