/** How errors are taken apart and built again; shared by recorded values (`codec.ts`) and failures (`codec-failure.ts`). */

import { ERROR_CODES, type ErrorCode, OstinatoError, TerminalError } from './errors.ts';

export interface ErrorParts {
  /** The nearest class that this program can build again. */
  readonly base: string;
  /** What the error calls itself; for a subclass that never set a name, its class. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
  readonly hasCause: boolean;
  /** `AggregateError.errors`. */
  readonly errors: readonly unknown[] | undefined;
  /** The other own enumerable fields (`code`, `status`, …), as they are: not looked into. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const NATIVE = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const;
const NOT_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors']);

export function errorParts(error: Error): ErrorParts {
  const base = baseName(error);
  const { name, message, stack } = error;
  const own = typeof name === 'string' && name !== '' ? name : 'Error';
  const className: unknown = error.constructor?.name;
  const errors: unknown = (error as Partial<AggregateError>).errors;
  return {
    base,
    name: own === base && typeof className === 'string' && className !== '' ? className : own,
    message: typeof message === 'string' ? message : String(message),
    stack: typeof stack === 'string' ? stack : undefined,
    cause: error.cause,
    hasCause: Object.hasOwn(error, 'cause'),
    errors: Array.isArray(errors) ? errors : undefined,
    fields: ownFields(error),
  };
}

function ownFields(error: Error): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(error)) {
    if (NOT_FIELDS.has(key) && !(key === 'errors' && !Array.isArray((error as Partial<AggregateError>).errors))) continue;
    fields[key] = (error as unknown as Readonly<Record<string, unknown>>)[key];
  }
  return fields;
}

function baseName(error: Error): string {
  if (OstinatoError.is(error)) return 'OstinatoError';
  if (error instanceof TerminalError) return 'TerminalError';
  if (typeof DOMException === 'function' && error instanceof DOMException) return 'DOMException';
  if (error instanceof AggregateError) return 'AggregateError';
  for (let at: object | null = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name: unknown = (at as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === 'string' && name !== 'Error' && name in NATIVE) return name;
  }
  return 'Error';
}

export function buildError(parts: ErrorParts): Error {
  const error = construct(parts);
  if (error.name !== parts.name) define(error, 'name', parts.name);
  if (parts.stack !== undefined) define(error, 'stack', parts.stack);
  if (parts.hasCause && !Object.hasOwn(error, 'cause')) define(error, 'cause', parts.cause);
  for (const [key, value] of Object.entries(parts.fields)) {
    if (error instanceof OstinatoError && (key === 'code' || key === 'remedy')) continue;
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return error;
}

function construct(parts: ErrorParts): Error {
  const { base, message, fields } = parts;
  if (base === 'AggregateError') return new AggregateError(parts.errors ?? [], message);
  if (base === 'OstinatoError' && typeof fields['code'] === 'string' && fields['code'] in ERROR_CODES) {
    const { code, remedy } = fields;
    return new OstinatoError(code as ErrorCode, message, typeof remedy === 'string' ? { remedy } : {});
  }
  if (base === 'TerminalError') return new TerminalError(message);
  if (base === 'DOMException' && typeof DOMException === 'function') return new DOMException(message, parts.name);
  const error = new (NATIVE[base as keyof typeof NATIVE] ?? Error)(message);
  if (parts.errors !== undefined) define(error, 'errors', parts.errors);
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}
