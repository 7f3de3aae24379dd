/**
 * The one error family. `message` = what + which + why; `remedy` = what to do next.
 *
 * `ERROR_CODES` is the single table from a code to its HTTP status, CLI exit code and whether trying again may help.
 */

import { hasMark } from './mark.ts';

interface ErrorCodeFacts {
  readonly httpStatus: number;
  /** See `docs/reference/exit-codes.md`. */
  readonly exitCode: number;
  readonly retryable: boolean;
}

export const ERROR_CODES = {
  'bad-input': { httpStatus: 422, exitCode: 2, retryable: false },
  'not-found': { httpStatus: 404, exitCode: 3, retryable: false },
  conflict: { httpStatus: 409, exitCode: 4, retryable: false },
  'bad-parameters': { httpStatus: 409, exitCode: 2, retryable: false },
  'unserialisable-value': { httpStatus: 422, exitCode: 1, retryable: false },
  'value-missing': { httpStatus: 410, exitCode: 1, retryable: false },
  'value-corrupt': { httpStatus: 500, exitCode: 1, retryable: false },
  'upstream-failed': { httpStatus: 500, exitCode: 1, retryable: false },
  'run-failed': { httpStatus: 500, exitCode: 1, retryable: false },
  'run-cancelled': { httpStatus: 409, exitCode: 130, retryable: false },
  'run-crashed': { httpStatus: 500, exitCode: 1, retryable: true },
  'timed-out': { httpStatus: 504, exitCode: 1, retryable: true },
  'transition-aborted': { httpStatus: 409, exitCode: 4, retryable: false },
  'lease-lost': { httpStatus: 409, exitCode: 4, retryable: false },
  'rolled-back': { httpStatus: 409, exitCode: 1, retryable: false },
  /** A hook of a transaction has to run, and nothing that is defined is known to be it. */
  'hook-missing': { httpStatus: 409, exitCode: 1, retryable: false },
  'store-unavailable': { httpStatus: 503, exitCode: 5, retryable: true },
  /**
   * The connection to the store was lost during the commit: all of it was stored, or nothing. Repeat only what may be
   * done twice.
   */
  'store-unconfirmed': { httpStatus: 503, exitCode: 5, retryable: true },
  /** 503, not 507 or 500: a full disk may soon have space again, and clients repeat requests that got 503. */
  'store-full': { httpStatus: 503, exitCode: 5, retryable: true },
  'store-read-only': { httpStatus: 503, exitCode: 5, retryable: false },
  'store-corrupt': { httpStatus: 500, exitCode: 5, retryable: false },
  'store-newer': { httpStatus: 500, exitCode: 5, retryable: false },
  /** The server does not answer, or answers that it cannot now. */
  'server-unavailable': { httpStatus: 503, exitCode: 5, retryable: true },
  /** Not allowed for any caller. */
  forbidden: { httpStatus: 403, exitCode: 4, retryable: false },
  /** The request fits its schema, but cannot be carried out. */
  'bad-request': { httpStatus: 400, exitCode: 2, retryable: false },
  'access-denied': { httpStatus: 401, exitCode: 5, retryable: false },
  'cannot-isolate': { httpStatus: 422, exitCode: 2, retryable: false },
  'entrypoint-unusable': { httpStatus: 422, exitCode: 2, retryable: false },
  'not-in-run': { httpStatus: 409, exitCode: 1, retryable: false },
  unsupported: { httpStatus: 501, exitCode: 2, retryable: false },
  invariant: { httpStatus: 500, exitCode: 70, retryable: false },
} as const satisfies Record<string, ErrorCodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;

const MARK = Symbol.for('ostinato.error');
const TERMINAL_MARK = Symbol.for('ostinato.terminal-error');

export interface OstinatoErrorOptions {
  readonly cause?: unknown;
  readonly remedy?: string;
}

export class OstinatoError extends Error {
  readonly code: ErrorCode;
  /** What the reader can do; empty when there is nothing to add. */
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, options: OstinatoErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy ?? '';
    Object.defineProperty(this, MARK, { value: true });
  }

  override get name(): string {
    return 'OstinatoError';
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }

  /** Whether the value is an `OstinatoError`, also of another loaded copy of the package. */
  static is(value: unknown): value is OstinatoError {
    return hasMark(value, MARK);
  }

  /** `instanceof OstinatoError` also recognises errors of another loaded copy. For subclasses it works as usual. */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    return this === OstinatoError
      ? OstinatoError.is(value)
      : Function.prototype[Symbol.hasInstance].call(this as () => void, value);
  }
}

/** Throw this from a task when another attempt cannot help: no retry is opened. */
export class TerminalError extends Error {
  override get name(): string {
    return 'TerminalError';
  }

  get [TERMINAL_MARK](): true {
    return true;
  }

  /** Whether the value is a `TerminalError`, also of another loaded copy of the package. */
  static is(value: unknown): value is TerminalError {
    return hasMark(value, TERMINAL_MARK);
  }

  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    return this === TerminalError
      ? TerminalError.is(value)
      : Function.prototype[Symbol.hasInstance].call(this as () => void, value);
  }
}

/** A condition that only a defect in Ostinato itself can break. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) {
    throw new OstinatoError('invariant', `Broken invariant: ${what}.`, {
      remedy: 'This is a defect in Ostinato: please report it.',
    });
  }
}
