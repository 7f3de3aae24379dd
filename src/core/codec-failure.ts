/** Thrown values as they are recorded, and errors made from the record. Recording a failure never fails itself. */

import { decodeValue } from './codec-decode.ts';
import { encodeValue } from './codec-encode.ts';
import { buildError, errorParts, type ErrorParts } from './codec-error.ts';
import { describeKind, isErrorObject } from './codec-kinds.ts';
import { showValue } from './show-value.ts';
import type { Failure } from './failure.ts';
import type { State } from './state.ts';
import type { FailureInfo } from './value.ts';

/** Longest chain of causes; the rest is cut. */
const CAUSES_MAX = 10;
/** Characters; a failure is stored in its state's row. */
const MESSAGE_CHARS_MAX = 16 * 1024;
const STACK_CHARS_MAX = 16 * 1024;
const NAME_CHARS_MAX = 200;
const CODE_CHARS_MAX = 200;
const FIELDS_CHARS_MAX = 16 * 1024;

/** `name` of a thrown value that is not an error; the value itself is the field `thrown`. */
const NOT_AN_ERROR = 'NonErrorThrown';

export function toFailureInfo(thrown: unknown): FailureInfo {
  try {
    return describe(thrown, CAUSES_MAX);
  } catch {
    return { name: NOT_AN_ERROR, message: `${describeKind(thrown)} was thrown that cannot be read.` };
  }
}

function describe(thrown: unknown, causesLeft: number): FailureInfo {
  if (!isErrorObject(thrown)) return describeOther(thrown);
  const parts = errorParts(thrown);
  const fields = encodeFields(parts, causesLeft);
  return {
    name: cut(parts.name, NAME_CHARS_MAX),
    message: cut(parts.message, MESSAGE_CHARS_MAX),
    ...codeOf(parts.fields),
    ...(parts.stack === undefined ? {} : { stack: cut(parts.stack, STACK_CHARS_MAX) }),
    ...(parts.hasCause && parts.cause !== undefined && causesLeft > 0
      ? { cause: describeSafely(parts.cause, causesLeft - 1) }
      : {}),
    ...(fields === undefined ? {} : { fields }),
  };
}

function describeSafely(thrown: unknown, causesLeft: number): FailureInfo {
  try {
    return describe(thrown, causesLeft);
  } catch {
    return { name: NOT_AN_ERROR, message: `${describeKind(thrown)} was thrown that cannot be read.` };
  }
}

function describeOther(thrown: unknown): FailureInfo {
  const text = encodable(thrown, 'thrown');
  const message =
    typeof thrown === 'function' || typeof thrown === 'symbol'
      ? `${describeKind(thrown)} was thrown`
      : showValue(thrown, { charsMax: MESSAGE_CHARS_MAX });
  const fields = text === undefined || text.length > FIELDS_CHARS_MAX ? undefined : `{"thrown":${text}}`;
  return {
    name: NOT_AN_ERROR,
    message: cut(message, MESSAGE_CHARS_MAX),
    ...(typeof thrown === 'object' && thrown !== null ? codeOf(thrown) : {}),
    ...(fields === undefined ? {} : { fields }),
  };
}

/** The error's `code`, by which programs recognise failures; a getter that throws counts as none. */
function codeOf(of: object): { readonly code?: string } {
  let code: unknown;
  try {
    ({ code } = of as { readonly code?: unknown });
  } catch {
    /* No readable code. */
  }
  return typeof code === 'string' || typeof code === 'number' ? { code: cut(String(code), CODE_CHARS_MAX) } : {};
}

/** The field that keeps the class to build the error with, when its name does not say it. */
const BASE = '$base';
/** Of a `SuppressedError`: both its errors. */
const SUPPRESSED = '$suppressed';
/** The field that keeps the classes which neither the name nor the base says. */
const CLASSES = '$classes';
/** Errors of an AggregateError that are kept; the rest is dropped. */
const ERRORS_MAX = 50;
/** Nesting of errors inside errors; each level may multiply their number. */
const INNER_LEVELS_MAX = 2;

/**
 * The own fields, and under `errors` those of an AggregateError. A field that cannot be encoded is described instead.
 */
function encodeFields(parts: ErrorParts, causesLeft: number): string | undefined {
  const offered: Record<string, unknown> = { ...parts.fields };
  // Taken apart and built again, an inner error has lost the fields that have no text.
  const levels = Math.min(causesLeft - 1, INNER_LEVELS_MAX);
  const rebuilt = (inner: unknown): unknown =>
    isErrorObject(inner) ? fromFailureInfo(describeSafely(inner, levels)) : inner;
  if (parts.errors !== undefined)
    offered['errors'] = causesLeft > 0 ? parts.errors.slice(0, ERRORS_MAX).map(rebuilt) : [];
  if (parts.suppressed !== undefined && causesLeft > 0)
    offered[SUPPRESSED] = [parts.suppressed.error, parts.suppressed.suppressed].map(rebuilt);
  if (parts.base !== parts.name) offered[BASE] = parts.base;
  const further = parts.classes?.filter((name) => name !== parts.name && name !== parts.base && name !== 'Error') ?? [];
  if (further.length > 0) offered[CLASSES] = parts.classes;
  if (typeof offered['code'] === 'string') delete offered['code'];
  const kept: string[] = [];
  let charsLeft = FIELDS_CHARS_MAX;
  for (const [key, value] of Object.entries(offered)) {
    const text = encodable(value, key) ?? JSON.stringify(`[${describeKind(value)}]`);
    charsLeft -= text.length;
    kept.push(`${JSON.stringify(key)}:${charsLeft < 0 ? '"[too large to record]"' : text}`);
  }
  return kept.length === 0 ? undefined : `{${kept.join(',')}}`;
}

function encodable(value: unknown, what: string): string | undefined {
  try {
    return encodeValue(value, what);
  } catch {
    return undefined;
  }
}

/**
 * An error like the recorded one: same name, message, code, stack, cause and fields, of the nearest class that can be
 * built again.
 */
export function fromFailureInfo(info: FailureInfo): Error {
  const { [BASE]: base, [SUPPRESSED]: suppressed, [CLASSES]: classes, errors, ...fields } = decodeFields(info.fields);
  if (info.code !== undefined && !('code' in fields)) fields['code'] = info.code;
  return buildError({
    base: typeof base === 'string' ? base : info.name,
    name: info.name,
    message: info.message,
    stack: info.stack,
    hasCause: info.cause !== undefined,
    cause: info.cause === undefined ? undefined : thrownFrom(info.cause),
    errors: Array.isArray(errors) ? errors : undefined,
    suppressed: Array.isArray(suppressed) ? { error: suppressed[0], suppressed: suppressed[1] } : undefined,
    classes: Array.isArray(classes) ? (classes as readonly string[]) : undefined,
    fields,
  });
}

export function describeFailure(error: unknown, state: State | null): Failure {
  const info = toFailureInfo(error);
  const isError = isErrorObject(error);
  const parts = isError ? errorParts(error) : null;
  const classes = parts === null ? [] : [...new Set([info.name, ...(parts.classes ?? []), parts.base, 'Error'])];
  return { name: info.name, message: info.message, code: info.code ?? null, classes, error, state };
}

/** The thrown value from its record; a value that was not an error is restored where it could be kept. */
export function thrownFrom(info: FailureInfo): unknown {
  const fields = info.name === NOT_AN_ERROR ? decodeFields(info.fields) : {};
  return 'thrown' in fields ? fields['thrown'] : fromFailureInfo(info);
}

function decodeFields(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    return decodeValue(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}… (${text.length - charsMax} more characters)`;
}
