/** Puts the JavaScript types back into a parsed tree; the reverse of `codec-encode.ts`. */

import { bytesFromBase64 } from './codec-bytes.ts';
import { buildError } from './codec-error.ts';
import { bytesClass, temporalFrom } from './codec-kinds.ts';
import { OstinatoError } from './errors.ts';

type Plain = Record<string, unknown>;

/** Every tag contains this text, and a string that contains it is written with `\"`. */
const TAG_MARK = '"$":';

/** @throws `value-corrupt` when the text is not what `encodeValue` writes */
export function decodeValue(text: string): unknown {
  try {
    const tree: unknown = JSON.parse(text);
    return text.includes(TAG_MARK) ? revive(tree) : tree;
  } catch (error) {
    if (OstinatoError.is(error)) throw error;
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    throw new OstinatoError('value-corrupt', `A recorded value cannot be read back: ${shown}`, {
      cause: error,
      remedy: 'The record was damaged or written by hand: run the step again.',
    });
  }
}

/** Changes the tree in place where it can. Throws `value-corrupt` on a tag that it does not know. */
function revive(tree: unknown): unknown {
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) {
    for (let index = 0; index < tree.length; index += 1) tree[index] = revive(tree[index]);
    return tree;
  }
  return Object.hasOwn(tree, '$') ? reviveTagged(tree as Plain) : reviveRecord(tree as Plain);
}

function reviveRecord(tree: Plain): Plain {
  for (const key of Object.keys(tree)) {
    const item = tree[key];
    // An own `__proto__` (as `JSON.parse` creates it) is assigned like any key.
    if (typeof item === 'object' && item !== null) tree[key] = revive(item);
  }
  return tree;
}

function reviveTagged(tree: Plain): unknown {
  const tag = tree['$'];
  const { value } = tree;
  switch (tag) {
    case 'undefined':
      return undefined;
    case 'Number':
      return Number(value);
    case 'BigInt':
      return BigInt(value as string);
    case 'Date':
      return new Date(value === null ? Number.NaN : (value as string));
    case 'Map':
      return new Map((value as unknown[][]).map(([key, item]) => [revive(key), revive(item)]));
    case 'Set':
      return new Set(revive(value) as unknown[]);
    case 'Object':
      return reviveRecord(value as Plain);
    case 'NullObject':
      return Object.setPrototypeOf(reviveRecord(value as Plain), null);
    case 'Array':
      return reviveOddArray(tree);
    case 'URL':
      return new URL(value as string);
    case 'URLSearchParams':
      return new URLSearchParams(value as string);
    case 'Temporal':
      return reviveTemporal(value as string);
    case 'RegExp': {
      const expression = new RegExp(value as string, tree['flags'] as string);
      if (tree['lastIndex'] !== undefined) expression.lastIndex = tree['lastIndex'] as number;
      return expression;
    }
    case 'Error':
      return reviveError(tree);
    case 'ArrayBuffer':
      return bytesFromBase64(value as string).buffer;
    default:
      return reviveBytes(tag, value);
  }
}

function reviveTemporal(text: string): object {
  const made = temporalFrom(text);
  if (made !== null) return made;
  throw new OstinatoError(
    'value-corrupt',
    `A recorded value holds ${text}, and this version of Node has no such class.`,
    { remedy: 'Read it with the version of Node that wrote it.' },
  );
}

function reviveOddArray(tree: Plain): unknown[] {
  const array = new Array<unknown>(tree['length'] as number);
  for (const [key, item] of Object.entries(tree['value'] as Plain)) {
    Object.defineProperty(array, key, { value: revive(item), writable: true, enumerable: true, configurable: true });
  }
  return array;
}

function reviveError(tree: Plain): Error {
  const name = tree['name'] as string;
  return buildError({
    base: (tree['base'] as string | undefined) ?? name,
    name,
    message: tree['message'] as string,
    stack: tree['stack'] as string | undefined,
    hasCause: Object.hasOwn(tree, 'cause'),
    cause: revive(tree['cause']),
    errors: revive(tree['errors']) as unknown[] | undefined,
    suppressed: Array.isArray(tree['suppressed'])
      ? { error: revive(tree['suppressed'][0]), suppressed: revive(tree['suppressed'][1]) }
      : undefined,
    fields: reviveRecord((tree['fields'] as Plain | undefined) ?? {}),
  });
}

function reviveBytes(tag: unknown, value: unknown): unknown {
  const bytes = typeof tag === 'string' && typeof value === 'string' ? bytesFromBase64(value) : null;
  const made = bytes === null ? null : bytesClass(String(tag));
  if (bytes === null || made === null) {
    throw new OstinatoError('value-corrupt', `A recorded value holds the unknown type ${JSON.stringify(tag)}.`, {
      remedy: 'It was probably written by a newer version: read it with that version.',
    });
  }
  if (tag === 'Buffer') return (made as unknown as { from(buffer: ArrayBuffer): unknown }).from(bytes.buffer);
  return new made(bytes.buffer);
}
