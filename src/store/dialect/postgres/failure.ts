/** PostgreSQL's and the network's failures in the words of the error family. */

import { OstinatoError, type ErrorCode } from '../../../core/errors.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: whole codes, else their class. */
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const UNIQUE_VIOLATION = '23505';
const EXCLUSION_VIOLATION = '23P01';

const AGAIN = new Set([SERIALIZATION_FAILURE, DEADLOCK, UNIQUE_VIOLATION, EXCLUSION_VIOLATION]);

const CODES: Readonly<Record<string, ErrorCode>> = {
  [SERIALIZATION_FAILURE]: 'store-unavailable',
  [DEADLOCK]: 'store-unavailable',
  [UNIQUE_VIOLATION]: 'conflict',
  [EXCLUSION_VIOLATION]: 'conflict',
  // Disk full; read-only; a character that text cannot contain (the zero byte), a number beyond 64 bits, a text too
  // long for an index.
  53100: 'store-full',
  25006: 'store-read-only',
  22021: 'bad-input',
  22003: 'bad-input',
  '22P02': 'bad-input',
  54000: 'bad-input',
  // Access denied, or no such database.
  '28P01': 'store-unavailable',
  28000: 'store-unavailable',
  '3D000': 'store-unavailable',
  42501: 'store-read-only',
};

/** Connection exceptions, insufficient resources, operator intervention, system errors. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EACCES',
]);

const REMEDIES: Partial<Readonly<Record<ErrorCode, string>>> = {
  'store-unavailable':
    'Look whether the database server runs and can be reached, and whether name, user and password are right; then try again.',
  'store-full': 'Free some space on the disk of the database server; nothing that was recorded is lost.',
  'store-read-only': 'Connect to the primary, by a user who may write.',
  'bad-input': 'Send texts without zero bytes, whole numbers of at most 64 bits, and names of at most some kilobytes.',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether another transaction was in the way: this one left nothing behind, and may be made again. */
export function isTransactionConflict(error: unknown): boolean {
  return !OstinatoError.is(error) && AGAIN.has(codeOf(error));
}

/** Whoever ended it said so, or the network did. Class 57 has statements that were cancelled, too. */
const CONNECTION_ENDED = new Set(['57P01', '57P02', '57P03']);

/** Whether the connection is gone, and with it whatever it had not committed. */
export function isConnectionLost(error: unknown): boolean {
  if (OstinatoError.is(error) || !(error instanceof Error)) return false;
  const code = codeOf(error);
  return (
    NETWORK.has(code) ||
    CONNECTION_ENDED.has(code) ||
    code.startsWith('08') ||
    /^Connection terminated|^Client has encountered|^Client was closed/.test(error.message)
  );
}

/** Of a commit that was sent, and whose fate nobody can tell. */
export function unconfirmed(description: string, cause: unknown): OstinatoError {
  return new OstinatoError(
    'store-unconfirmed',
    `The connection to the database ${description} was lost while it committed, and it cannot be asked whether it did: either all of the change is there, or nothing of it.`,
    {
      remedy:
        'Ask again what may be asked twice (flow runs by their id or idempotency key, states by their transition id, task runs by theirs); look first before the rest.',
      cause,
    },
  );
}

/** The coded error for a failure of the database or the connection to it; every other error is returned unchanged. */
export function postgresFailure(error: unknown, description: string): unknown {
  if (OstinatoError.is(error) || !(error instanceof Error)) return error;
  const code = codeOf(error);
  const isGone =
    NETWORK.has(code) ||
    UNAVAILABLE_CLASSES.has(code.slice(0, 2)) ||
    isConnectionLost(error) ||
    error.message.startsWith('timeout exceeded when trying to connect');
  const own = CODES[code] ?? (isGone ? 'store-unavailable' : undefined);
  if (own === undefined) return error;
  return new OstinatoError(
    own,
    `The database ${description} ${isGone ? 'cannot be used now' : 'refused it'}: ${error.message || code}.`,
    { remedy: REMEDIES[own] ?? '', cause: error },
  );
}
