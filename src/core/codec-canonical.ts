/**
 * A text by which inputs are compared: equal values have equal text, whatever the order of their keys, and unless
 * something is listed as opaque, different values have different text.
 *
 * It is hashed, never read back. What cannot be compared by content (functions, symbols, promises, instances of
 * classes, whose fields may be private) becomes a placeholder that is the same in every process, and its path is
 * listed: nobody may take two such values for the same. Instances whose class says by `toJSON` what they amount to
 * (decimals, dates of a library) count by that.
 */

import { bytesToBase64, viewBytes } from './codec-bytes.ts';
import { errorParts } from './codec-error.ts';
import { hasPrivateParts, isHollowProxy, ownWord, WELL_KNOWN_SYMBOLS } from './canonical-instances.ts';
import { boxedPrimitive, className, kindOf, temporalText, type Kind } from './codec-kinds.ts';
import { formatPath, mapSegment, type PathSegment } from './codec-path.ts';
import { DEPTH_MAX } from './codec-encode.ts';
import type { LargeParts } from './large-parts.ts';
import { ownCount } from './value-copy.ts';

export interface CanonicalText {
  readonly text: string;
  /** Paths of the parts that were not compared by content: `input[0].client`. Empty for plain data. */
  readonly opaque: readonly string[];
}

/**
 * Inputs are looked at before every step: beyond this a part is opaque, so that the work stays bounded (about a
 * second).
 */
const PARTS_MAX = 5_000_000;
const CHARS_MAX = 128 * 1024 * 1024;
/** Paths of opaque parts that are listed: a million instances in an array need not be. */
const OPAQUE_MAX = 20;

const SIMPLE_CHARS_MAX = 1000;

/** A part with more parts than this is named by a hash, which takes some tenths of a millisecond to compute. */
const LARGE_PARTS = 2000;
/** Bytes that count as one part. */
const BYTES_A_PART = 16;
/**
 * A container with more entries is looked for among the known large parts wherever it lies, any other one near the
 * root.
 */
const WIDE = 64;
const SHALLOW = 4;

const NOTHING_OPAQUE: readonly string[] = Object.freeze([]);

/**
 * Never throws.
 *
 * @param what the root of the paths in `opaque`
 * @param large names large parts, for a text that is short but not to be read
 */
export function canonicalText(value: unknown, what = 'input', large?: LargeParts): CanonicalText {
  const simple = simpleText(value);
  if (simple !== null) return { text: simple, opaque: NOTHING_OPAQUE };
  const canon = new Canon(what, large);
  return { text: canon.part(value), opaque: canon.opaque };
}

/** Begins the text of arguments with something opaque in them; no other text begins so. */
export const OPAQUE_MARK = '?';

/**
 * As `canonicalText` of a list that a call made, which has neither holes nor names: most calls have a few simple
 * arguments. Begins with `OPAQUE_MARK` when a part is opaque.
 */
export function canonicalArguments(args: readonly unknown[], large?: LargeParts, shared?: SharedTexts): string {
  let text = '[';
  for (let index = 0; index < args.length; index += 1) {
    const simple = simpleText(args[index]);
    // Long texts are measured, too, so that many of them stay bounded.
    if (simple === null || simple.length > SIMPLE_CHARS_MAX)
      return shared ? joinedText(args, large, shared) : markedText(args, large);
    text += index === 0 ? simple : `,${simple}`;
  }
  return `${text}]`;
}

/** Texts of values that many calls are given, worked out once. A short name of the content stands for a long one. */
export interface SharedTexts {
  of(value: unknown): CanonicalText | undefined;
}

function joinedText(args: readonly unknown[], large: LargeParts | undefined, shared: SharedTexts): string {
  let isOpaque = false;
  const texts = args.map((arg) => {
    const { text, opaque } = shared.of(arg) ?? canonicalText(arg, undefined, large);
    isOpaque ||= opaque.length > 0;
    return text;
  });
  return `${isOpaque ? OPAQUE_MARK : ''}[${texts.join(',')}]`;
}

function markedText(args: readonly unknown[], large: LargeParts | undefined): string {
  const canon = new Canon('input', large);
  // A list made for this call cannot be a known large part.
  const text = canon.arguments(args);
  const { opaque } = canon;
  return opaque.length === 0 ? text : OPAQUE_MARK + text;
}

/** The size of containers that have it at hand. */
function sizeOf(kind: Kind, value: object): number {
  switch (kind) {
    case 'Array':
      return (value as readonly unknown[]).length;
    case 'Map':
    case 'Set':
      return (value as ReadonlySet<unknown>).size;
    case 'Bytes':
    case 'ArrayBuffer':
    case 'DataView':
      return (value as ArrayBuffer).byteLength / BYTES_A_PART;
    default:
      return 0;
  }
}

/** The text of a simple value; `null` for values that need the full walk. */
function simpleText(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value}n`;
    default:
      return value === null ? 'null' : null;
  }
}

class Canon {
  readonly opaque: string[] = [];
  readonly #what: string;
  readonly #trail: PathSegment[] = [];
  readonly #ancestors: object[] = [];
  #partsLeft = PARTS_MAX;
  #charsLeft = CHARS_MAX;
  readonly #large: LargeParts | undefined;
  /** Cycles and opaque parts so far: a part that contains one is not identified by its text alone. */
  #bounds = 0;
  /** Number of wide containers around the part: inside one, small parts are not looked up. */
  #crowd = 0;

  constructor(what: string, large: LargeParts | undefined) {
    this.#what = what;
    this.#large = large;
  }

  arguments(args: readonly unknown[]): string {
    this.#partsLeft -= 1;
    this.#ancestors.push(args);
    return this.#list(args);
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
    if (typeof value === 'symbol') return this.#symbol(value);
    const object = value as object;
    const level = this.#ancestors.lastIndexOf(object);
    if (level >= 0) {
      this.#bounds += 1;
      return `<cycle ${this.#ancestors.length - level}>`;
    }
    if (this.#ancestors.length >= DEPTH_MAX) return this.#placeholder('too deep');
    const trailLength = this.#trail.length;
    const level0 = this.#ancestors.length;
    const crowd = this.#crowd;
    try {
      const kind = kindOf(object);
      this.#ancestors.push(object);
      if (kind === null) return this.#instance(object);
      return this.#large === undefined ? this.#ofKind(kind, object) : this.#named(kind, object, this.#large);
    } catch {
      this.#trail.length = trailLength;
      return this.#placeholder('unreadable');
    } finally {
      this.#ancestors.length = level0;
      this.#crowd = crowd;
    }
  }

  /** The text, or the name of a long one. Whether a part is looked up does not change its text. */
  #named(kind: Kind, value: object, large: LargeParts): string {
    const isWide = sizeOf(kind, value) >= WIDE;
    const isLookedUp = isWide || (this.#crowd === 0 && this.#ancestors.length <= SHALLOW);
    const known = isLookedUp && !large.isEmpty ? large.find(value) : undefined;
    if (known && known.parts <= this.#partsLeft && known.chars <= this.#charsLeft) {
      this.#partsLeft -= known.parts;
      this.#charsLeft -= known.chars;
      return known.name;
    }
    const [partsLeft, charsLeft, bounds] = [this.#partsLeft, this.#charsLeft, this.#bounds];
    if (isWide) this.#crowd += 1;
    const text = this.#ofKind(kind, value);
    const parts = partsLeft - this.#partsLeft;
    if (parts < LARGE_PARTS || this.#bounds !== bounds) return text;
    return isLookedUp ? large.name(value, text, parts, charsLeft - this.#charsLeft) : large.shorten(text);
  }

  /** Registered and well-known symbols are the same everywhere; any other is only itself. */
  #symbol(symbol: symbol): string {
    const key = Symbol.keyFor(symbol);
    if (key !== undefined) return `Symbol.for(${JSON.stringify(key)})`;
    return WELL_KNOWN_SYMBOLS.has(symbol)
      ? `Symbol(${symbol.description})`
      : this.#placeholder(`symbol ${symbol.description ?? ''}`);
  }

  /** An instance of a class that only this program knows: opaque. */
  #instance(object: object): string {
    const boxed = boxedPrimitive(object);
    if (boxed !== undefined) return `Boxed(${this.#child(boxed, { text: '' })})`;
    const toJson = ownWord(object);
    if (toJson === null) return this.#placeholder(`instance ${className(object)}`);
    return `<json ${JSON.stringify(className(object))}:${this.#child(Reflect.apply(toJson, object, ['']), { text: '.toJSON()' })}>`;
  }

  #ofKind(kind: Kind, value: object): string {
    switch (kind) {
      case 'Object':
        return isHollowProxy(value)
          ? this.#placeholder('proxy')
          : this.#record(value as Readonly<Record<string, unknown>>);
      case 'NullObject':
        return `Null${this.#record(value as Readonly<Record<string, unknown>>)}`;
      case 'Array':
        return this.#array(value as readonly unknown[]);
      case 'Map':
        return `Map${this.#entries(value as ReadonlyMap<unknown, unknown>)}${this.#extras(value)}`;
      case 'Set':
        return `Set${this.#list(Array.from(value as ReadonlySet<unknown>))}${this.#extras(value)}`;
      case 'Date':
        return `Date(${(value as Date).getTime()})${this.#extras(value)}`;
      // `lastIndex` of a global one is an own property, so it is written with the extras.
      case 'RegExp':
        return `RegExp(${JSON.stringify((value as RegExp).source)},${(value as RegExp).flags})${(value as RegExp).lastIndex === 0 && ownCount(value) === 1 ? '' : this.#record(value as unknown as Readonly<Record<string, unknown>>)}`;
      case 'URL':
        return `URL(${JSON.stringify((value as URL).href)})${this.#extras(value)}`;
      case 'URLSearchParams':
        return `URLSearchParams(${JSON.stringify((value as URLSearchParams).toString())})${this.#extras(value)}`;
      case 'Temporal':
        return `${temporalText(value)}${this.#extras(value)}`;
      case 'Error':
        return this.#error(value as Error);
      case 'ArrayBuffer':
      case 'DataView':
      case 'Bytes':
        return this.#bytes(value as ArrayBuffer | ArrayBufferView);
    }
  }

  /** Properties that somebody has added to an object with content of its own. */
  #extras(value: object): string {
    return ownCount(value) === 0 ? '' : `+${this.#record(value as Readonly<Record<string, unknown>>)}`;
  }

  #child(value: unknown, segment: PathSegment): string {
    this.#trail.push(segment);
    const text = this.part(value);
    this.#trail.pop();
    return text;
  }

  #record(record: Readonly<Record<string, unknown>>): string {
    const keys = Object.keys(record);
    const isWhole = ownCount(record) === keys.length;
    if (keys.length > 1) keys.sort();
    let text = '{';
    for (const key of keys) {
      text += (text === '{' ? '' : ',') + JSON.stringify(key) + ':' + this.#child(record[key], key);
      this.#charsLeft -= key.length;
    }
    return isWhole ? `${text}}` : `${text}${this.#unlisted(record)}}`;
  }

  /** Properties that `Object.keys` omits: symbols, and those that are not enumerable. */
  #unlisted(record: object): string {
    const hidden = Reflect.ownKeys(record).filter(
      (key) => typeof key === 'symbol' || !Object.prototype.propertyIsEnumerable.call(record, key),
    );
    if (Array.isArray(record)) hidden.splice(hidden.indexOf('length'), 1);
    const texts = hidden.map((key) => {
      const name = typeof key === 'symbol' ? this.#symbol(key) : `~${JSON.stringify(key)}`;
      return `;${name}:${this.#child((record as Readonly<Record<PropertyKey, unknown>>)[key], { text: `[${String(key)}]` })}`;
    });
    return texts.sort().join('');
  }

  #array(array: readonly unknown[]): string {
    const keys = Object.keys(array);
    // Holes and named properties (which come last): as a record, so that a hole differs from `undefined`.
    if (keys.length !== array.length || (keys.length > 0 && keys[keys.length - 1] !== String(keys.length - 1)))
      return `Array(${array.length})${this.#record(array as unknown as Readonly<Record<string, unknown>>)}`;
    return this.#list(array);
  }

  #list(items: readonly unknown[]): string {
    let text = '[';
    for (let index = 0; index < items.length; index += 1)
      text += (index === 0 ? '' : ',') + this.#child(items[index], index);
    return `${text}]`;
  }

  #entries(map: ReadonlyMap<unknown, unknown>): string {
    let text = '[';
    let index = 0;
    for (const [key, item] of map) {
      text +=
        (index === 0 ? '' : ',') +
        this.#child(key, { text: `.keys[${index}]` }) +
        '=>' +
        this.#child(item, mapSegment(key, index));
      index += 1;
    }
    return `${text}]`;
  }

  /** Without the stack: the same error thrown at another line is the same input. */
  #error(error: Error): string {
    if (hasPrivateParts(error)) return this.#placeholder(`instance ${className(error)}`);
    const { name, message, fields, hasCause, cause, errors, suppressed } = errorParts(error);
    return (
      `Error(${JSON.stringify(name)},${JSON.stringify(message)},${this.#record(fields)}` +
      (hasCause ? `,cause:${this.#child(cause, 'cause')}` : '') +
      (errors === undefined ? '' : `,errors:${this.#child(errors, 'errors')}`) +
      (suppressed === undefined ? '' : `,suppressed:${this.#list([suppressed.error, suppressed.suppressed])}`) +
      ')'
    );
  }

  #bytes(value: ArrayBuffer | ArrayBufferView): string {
    const text = `${className(value)}(${bytesToBase64(viewBytes(value))})`;
    this.#charsLeft -= text.length;
    if (this.#large) this.#partsLeft -= Math.floor(value.byteLength / BYTES_A_PART);
    return text;
  }

  #placeholder(what: string): string {
    this.#bounds += 1;
    if (this.opaque.length < OPAQUE_MAX) this.opaque.push(formatPath(this.#what, this.#trail));
    return `<${what}>`;
  }
}
