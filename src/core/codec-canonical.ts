/**
 * A text by which inputs are compared: equal values have equal text, whatever the order of their keys.
 *
 * It is hashed, never read back. What cannot be compared by content (functions, class instances, symbols, promises) becomes
 * a placeholder that is the same in every process, and its path is listed, so that a cache can say what it did not look at.
 */

import { bytesToBase64, viewBytes } from './codec-bytes.ts';
import { errorParts } from './codec-error.ts';
import { className, kindOf, type Kind } from './codec-kinds.ts';
import { formatPath, mapSegment, type PathSegment } from './codec-path.ts';
import { DEPTH_MAX } from './codec-encode.ts';

export interface CanonicalText {
  readonly text: string;
  /** Paths of the parts that were not compared by content: `input[0].client`. Empty for plain data. */
  readonly opaque: readonly string[];
}

/** Inputs are looked at before every step: beyond this a part is opaque, so that the work stays bounded (about a second). */
const PARTS_MAX = 5_000_000;
const CHARS_MAX = 128 * 1024 * 1024;
/** A million instances in an array need not be listed one by one. */
const OPAQUE_MAX = 20;

const SIMPLE_CHARS_MAX = 1000;

const NOTHING_OPAQUE: readonly string[] = Object.freeze([]);

/** Never throws. @param what the root of the paths in `opaque` */
export function canonicalText(value: unknown, what = 'input'): CanonicalText {
  const simple = simpleText(value);
  if (simple !== null) return { text: simple, opaque: NOTHING_OPAQUE };
  const canon = new Canon(what);
  return { text: canon.part(value), opaque: canon.opaque };
}

/** As `canonicalText` of a list that a call made, which has neither holes nor names: most calls have a few simple arguments. */
export function canonicalArguments(args: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < args.length; index += 1) {
    const simple = simpleText(args[index]);
    // Long ones are counted, too, so that many of them stay bounded.
    if (simple === null || simple.length > SIMPLE_CHARS_MAX) return canonicalText(args).text;
    text += index === 0 ? simple : `,${simple}`;
  }
  return `${text}]`;
}

/** `null` for what needs a closer look. */
function simpleText(value: unknown): string | null {
  switch (typeof value) {
    case 'string': return JSON.stringify(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean': case 'undefined': return String(value);
    case 'bigint': return `${value}n`;
    default: return value === null ? 'null' : null;
  }
}

class Canon {
  readonly opaque: string[] = [];
  readonly #what: string;
  readonly #trail: PathSegment[] = [];
  readonly #ancestors: object[] = [];
  #partsLeft = PARTS_MAX;
  #charsLeft = CHARS_MAX;

  constructor(what: string) {
    this.#what = what;
  }

  part(value: unknown): string {
    this.#partsLeft -= 1;
    if (this.#partsLeft < 0 || this.#charsLeft < 0) return this.#placeholder('too large');
    const simple = simpleText(value);
    if (simple === null) return this.#unsimple(value);
    this.#charsLeft -= simple.length;
    return simple;
  }

  #unsimple(value: unknown): string {
    if (typeof value === 'function') return this.#placeholder(`function ${value.name}`);
    if (typeof value === 'symbol') return this.#placeholder(`symbol ${value.description ?? ''}`);
    const object = value as object;
    const level = this.#ancestors.lastIndexOf(object);
    if (level >= 0) return `<cycle ${this.#ancestors.length - level}>`;
    if (this.#ancestors.length >= DEPTH_MAX) return this.#placeholder('too deep');
    const trailLength = this.#trail.length;
    const level0 = this.#ancestors.length;
    try {
      const kind = kindOf(object);
      if (kind === null) return this.#placeholder(`instance ${className(object)}`);
      this.#ancestors.push(object);
      return this.#ofKind(kind, object);
    } catch {
      this.#trail.length = trailLength;
      return this.#placeholder('unreadable');
    } finally {
      this.#ancestors.length = level0;
    }
  }

  #ofKind(kind: Kind, value: object): string {
    switch (kind) {
      case 'Object': case 'NullObject': return this.#record(value as Readonly<Record<string, unknown>>);
      case 'Array': return this.#array(value as readonly unknown[]);
      case 'Map': return `Map${this.#entries(value as ReadonlyMap<unknown, unknown>)}`;
      case 'Set': return `Set${this.#list(Array.from(value as ReadonlySet<unknown>))}`;
      case 'Date': return `Date(${(value as Date).getTime()})`;
      case 'RegExp': return `RegExp(${JSON.stringify((value as RegExp).source)},${(value as RegExp).flags})`;
      case 'URL': return `URL(${JSON.stringify((value as URL).href)})`;
      case 'Error': return this.#error(value as Error);
      case 'ArrayBuffer': case 'DataView': case 'Bytes': return this.#bytes(value as ArrayBuffer | ArrayBufferView);
    }
  }

  #child(value: unknown, segment: PathSegment): string {
    this.#trail.push(segment);
    const text = this.part(value);
    this.#trail.pop();
    return text;
  }

  #record(record: Readonly<Record<string, unknown>>): string {
    const keys = Object.keys(record);
    if (keys.length > 1) keys.sort();
    let text = '{';
    for (const key of keys) {
      text += (text === '{' ? '' : ',') + JSON.stringify(key) + ':' + this.#child(record[key], key);
      this.#charsLeft -= key.length;
    }
    return `${text}}`;
  }

  #array(array: readonly unknown[]): string {
    const keys = Object.keys(array);
    // Holes and named properties: as a record, so that a hole differs from `undefined`.
    if (keys.length !== array.length) return `Array(${array.length})${this.#record(array as unknown as Readonly<Record<string, unknown>>)}`;
    return this.#list(array);
  }

  #list(items: readonly unknown[]): string {
    let text = '[';
    for (let index = 0; index < items.length; index += 1) text += (index === 0 ? '' : ',') + this.#child(items[index], index);
    return `${text}]`;
  }

  #entries(map: ReadonlyMap<unknown, unknown>): string {
    let text = '[';
    let index = 0;
    for (const [key, item] of map) {
      text += (index === 0 ? '' : ',') + this.#child(key, { text: `.keys[${index}]` }) + '=>' + this.#child(item, mapSegment(key, index));
      index += 1;
    }
    return `${text}]`;
  }

  /** Without the stack: the same failure from another line is the same input. */
  #error(error: Error): string {
    const { name, message, fields, hasCause, cause, errors } = errorParts(error);
    return `Error(${JSON.stringify(name)},${JSON.stringify(message)},${this.#record(fields)}`
      + (hasCause ? `,cause:${this.#child(cause, 'cause')}` : '') + (errors === undefined ? '' : `,errors:${this.#child(errors, 'errors')}`) + ')';
  }

  #bytes(value: ArrayBuffer | ArrayBufferView): string {
    const text = `${className(value)}(${bytesToBase64(viewBytes(value))})`;
    this.#charsLeft -= text.length;
    return text;
  }

  #placeholder(what: string): string {
    if (this.opaque.length < OPAQUE_MAX) this.opaque.push(formatPath(this.#what, this.#trail));
    return `<${what}>`;
  }
}
