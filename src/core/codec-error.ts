/**
 * Takes errors apart and builds them again; shared by recorded values (`codec.ts`) and failures (`codec-failure.ts`).
 */

import { ERROR_CODES, type ErrorCode, OstinatoError, TerminalError } from './errors.ts';

export interface ErrorParts {
  /** The nearest class that this program can build again. */
  readonly base: string;
  /** The error's `name`; for a subclass that never set one, its class. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
  readonly hasCause: boolean;
  /** `AggregateError.errors`. */
  readonly errors: readonly unknown[] | undefined;
  /** The two errors of a `SuppressedError`. */
  readonly suppressed?: { readonly error: unknown; readonly suppressed: unknown } | undefined;
  /** Names of its class and of those that it extends, the nearest first; of a rebuilt error: as they were recorded. */
  readonly classes?: readonly string[] | undefined;
  /** The other own enumerable fields (`code`, `status`, …), unprocessed. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const NATIVE = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const;
/** Newer than the oldest supported Node. */
const SuppressedErrorClass = (
  globalThis as { SuppressedError?: new (error: unknown, suppressed: unknown, message?: string) => Error }
).SuppressedError;
const UNREADABLE = '[cannot be read]';
const NOT_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** Never throws: an unreadable part is described in its place, so that another error does not hide the failure. */
export function errorParts(error: Error): ErrorParts {
  const base = baseName(error);
  const [name, message, stack, errors] = [
    read(error, 'name'),
    read(error, 'message'),
    read(error, 'stack'),
    read(error, 'errors'),
  ];
  const own = typeof name === 'string' && name !== '' ? name : 'Error';
  const className: unknown = readOf(read(error, 'constructor'), 'name');
  return {
    base,
    name: own === base && typeof className === 'string' && className !== '' ? className : own,
    message: typeof message === 'string' ? message : asText(message),
    stack: typeof stack === 'string' ? stack : undefined,
    cause: read(error, 'cause'),
    hasCause: owns(error, 'cause'),
    errors: Array.isArray(errors) ? errors : undefined,
    suppressed:
      base === 'SuppressedError' ? { error: read(error, 'error'), suppressed: read(error, 'suppressed') } : undefined,
    classes: classesOf(error),
    fields: ownFields(error, Array.isArray(errors)),
  };
}

/** Of an error that was built from a record: the classes that it had. */
const CLASSES = Symbol.for('ostinato.error-classes');
/** Longer chains are cut. */
const CLASSES_MAX = 20;
const CLASS_CHARS_MAX = 200;

function classesOf(error: Error): readonly string[] {
  const found: string[] = [];
  try {
    const kept = (error as { readonly [CLASSES]?: unknown })[CLASSES];
    if (Array.isArray(kept)) return kept.filter((name) => typeof name === 'string').slice(0, CLASSES_MAX);
    let at = Object.getPrototypeOf(error) as object | null;
    for (; at !== null && at !== Object.prototype && found.length < CLASSES_MAX; at = Object.getPrototypeOf(at)) {
      const name = readOf(read(at, 'constructor'), 'name');
      if (typeof name === 'string' && name !== '' && !found.includes(name)) found.push(name.slice(0, CLASS_CHARS_MAX));
    }
  } catch {
    /* A proxy whose traps throw. */
  }
  return found;
}

function readOf(of: unknown, key: string): unknown {
  return typeof of === 'function' || (typeof of === 'object' && of !== null) ? read(of, key) : undefined;
}

function read(of: object, key: string): unknown {
  try {
    return (of as Readonly<Record<string, unknown>>)[key];
  } catch {
    return UNREADABLE;
  }
}

function owns(error: Error, key: string): boolean {
  try {
    return Object.hasOwn(error, key);
  } catch {
    return false;
  }
}

/** The text of a message that is an object. */
export function asText(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    try {
      const json = JSON.stringify(value);
      if (typeof json === 'string' && json !== '{}') return json;
    } catch {
      /* The object's `toString` failed. */
    }
  }
  try {
    return String(value);
  } catch {
    return UNREADABLE;
  }
}

function ownFields(error: Error, hasErrors: boolean): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let keys: readonly string[] = [];
  try {
    keys = Object.keys(error);
  } catch {
    /* A proxy that answers nothing. */
  }
  for (const key of keys) {
    if (NOT_FIELDS.has(key) && !(key === 'errors' && !hasErrors)) continue;
    fields[key] = read(error, key);
  }
  return fields;
}

function baseName(error: Error): string {
  try {
    if (OstinatoError.is(error)) return 'OstinatoError';
    if (TerminalError.is(error)) return 'TerminalError';
    if (typeof DOMException === 'function' && error instanceof DOMException) return 'DOMException';
    if (error instanceof AggregateError) return 'AggregateError';
    for (
      let at: object | null = Object.getPrototypeOf(error) as object | null;
      at !== null;
      at = Object.getPrototypeOf(at) as object | null
    ) {
      const name = readOf(read(at, 'constructor'), 'name');
      if (
        typeof name === 'string' &&
        name !== 'Error' &&
        (name in NATIVE ||
          name === 'AggregateError' ||
          (name === 'SuppressedError' && SuppressedErrorClass !== undefined))
      )
        return name;
    }
  } catch {
    /* A proxy whose traps throw. */
  }
  return 'Error';
}

export function buildError(parts: ErrorParts): Error {
  const error = construct(parts);
  if (error.name !== parts.name) define(error, 'name', parts.name);
  if (parts.stack !== undefined) define(error, 'stack', parts.stack);
  if (parts.hasCause && !Object.hasOwn(error, 'cause')) define(error, 'cause', parts.cause);
  if (parts.classes !== undefined) Object.defineProperty(error, CLASSES, { value: parts.classes });
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
  if (base === 'SuppressedError' && SuppressedErrorClass !== undefined)
    return new SuppressedErrorClass(parts.suppressed?.error, parts.suppressed?.suppressed, message);
  if (base === 'DOMException' && typeof DOMException === 'function') return new DOMException(message, parts.name);
  const error = new (NATIVE[base as keyof typeof NATIVE] ?? Error)(message);
  if (parts.errors !== undefined) define(error, 'errors', parts.errors);
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}
