/**
 * Turns a value into a tree that `JSON.stringify` keeps whole.
 *
 * Plain JSON stays the very same object, so the common case costs one look at every part and no copy. Everything else
 * becomes a tagged object, `{"$": <type>, …}`; a plain object that has a key `$` itself is wrapped, so that it is not
 * taken for a tag.
 */

import { bytesToBase64, viewBytes } from './codec-bytes.ts';
import { errorParts } from './codec-error.ts';
import { describeKind, kindOf, temporalText, type Kind } from './codec-kinds.ts';
import { formatPath, mapSegment, type PathSegment } from './codec-path.ts';
import { OstinatoError } from './errors.ts';

/** Deeper values are almost always a mistake, and `JSON.parse` and the stack have their limits too. */
export const DEPTH_MAX = 1000;

type Plain = Record<string, unknown>;

/**
 * @param what names the value in errors, and is the root of the path they show: `result.rows[3].db`
 * @throws `unserialisable-value`
 */
export function encodeValue(value: unknown, what = 'value'): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  return JSON.stringify(new Encoder(what).root(value));
}

class Encoder {
  readonly #what: string;
  readonly #trail: PathSegment[] = [];
  readonly #ancestors: object[] = [];

  /** @param what the name of the root in messages, for instance `result` */
  constructor(what: string) {
    this.#what = what;
  }

  /** The tree; throws `unserialisable-value` with the path of the part that has no text. */
  root(value: unknown): unknown {
    try {
      return this.#part(value);
    } catch (error) {
      if (OstinatoError.is(error)) throw error;
      throw this.#refusal('cannot be read', error);
    }
  }

  #part(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return numberPart(value);
      case 'undefined':
        return { $: 'undefined' };
      case 'bigint':
        return { $: 'BigInt', value: value.toString() };
      case 'object':
        return value === null ? null : this.#object(value);
      default:
        throw this.#refusal(`is ${describeKind(value)}`);
    }
  }

  #object(value: object): unknown {
    if (this.#ancestors.includes(value)) throw this.#refusal('refers back to a value that contains it (a cycle)');
    if (this.#ancestors.length >= DEPTH_MAX) throw this.#refusal(`lies more than ${DEPTH_MAX} levels deep`);
    const kind = kindOf(value);
    if (kind === null) throw this.#refusal(`is ${describeKind(value)}`);
    this.#ancestors.push(value);
    const part = this.#ofKind(kind, value);
    this.#ancestors.pop();
    return part;
  }

  #ofKind(kind: Kind, value: object): unknown {
    switch (kind) {
      case 'Object': {
        const record = this.#record(value as Plain);
        return Object.hasOwn(value, '$') ? { $: 'Object', value: record } : record;
      }
      case 'NullObject':
        return { $: 'NullObject', value: this.#record(value as Plain) };
      case 'Array':
        return this.#array(value as unknown[]);
      case 'Map':
        return { $: 'Map', value: this.#entries(value as Map<unknown, unknown>) };
      case 'Set':
        return { $: 'Set', value: Array.from(value as Set<unknown>, (item, index) => this.#child(item, index)) };
      case 'Date': {
        const date = value as Date;
        return { $: 'Date', value: Number.isNaN(date.getTime()) ? null : date.toISOString() };
      }
      case 'RegExp': {
        const { source, flags, lastIndex } = value as RegExp;
        return { $: 'RegExp', value: source, flags, ...(lastIndex === 0 ? {} : { lastIndex }) };
      }
      case 'URL':
        return { $: 'URL', value: (value as URL).href };
      case 'URLSearchParams':
        return { $: 'URLSearchParams', value: (value as URLSearchParams).toString() };
      case 'Temporal':
        return { $: 'Temporal', value: temporalText(value) };
      case 'Error':
        return this.#error(value as Error);
      case 'ArrayBuffer':
        return { $: 'ArrayBuffer', value: bytesToBase64(viewBytes(value as ArrayBuffer)) };
      case 'DataView':
      case 'Bytes':
        return { $: value.constructor.name, value: bytesToBase64(viewBytes(value as ArrayBufferView)) };
    }
  }

  #child(value: unknown, segment: PathSegment): unknown {
    if (typeof value === 'string' || value === null) return value;
    this.#trail.push(segment);
    const part = this.#part(value);
    this.#trail.pop();
    return part;
  }

  #record(value: Plain): Plain {
    // `JSON.stringify` would call a `toJSON` that is not enumerable; a spread copy does not have it.
    let record = typeof value['toJSON'] === 'function' ? { ...value } : value;
    for (const key of Object.keys(value)) {
      const item = value[key];
      const part = this.#child(item, key);
      if (part === item) continue;
      // A spread defines its keys, so an own `__proto__` stays a key.
      if (record === value) record = { ...value };
      record[key] = part;
    }
    return record;
  }

  #array(value: unknown[]): unknown {
    let list = value;
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index];
      if (item === undefined && !(index in value)) return this.#oddArray(value);
      const part = this.#child(item, index);
      if (part === item) continue;
      if (list === value) list = value.slice();
      list[index] = part;
    }
    if (Object.keys(value).length !== value.length) return this.#oddArray(value);
    return typeof (value as { toJSON?: unknown }).toJSON === 'function' ? value.slice() : list;
  }

  /** An array with holes, or with named properties besides its elements (a parsed file's rows with their `columns`). */
  #oddArray(value: unknown[]): unknown {
    const entries = Object.keys(value).map((key) => [key, this.#child((value as unknown as Plain)[key], key)]);
    return { $: 'Array', length: value.length, value: Object.fromEntries(entries) as Plain };
  }

  #entries(map: Map<unknown, unknown>): unknown[] {
    return Array.from(map, ([key, item], index) => [
      this.#child(key, { text: `.keys[${index}]` }),
      this.#child(item, mapSegment(key, index)),
    ]);
  }

  #error(error: Error): unknown {
    const parts = errorParts(error);
    const fields = this.#record(parts.fields as Plain);
    return {
      $: 'Error',
      name: parts.name,
      message: parts.message,
      ...(parts.base === parts.name ? {} : { base: parts.base }),
      ...(parts.stack === undefined ? {} : { stack: parts.stack }),
      ...(parts.hasCause ? { cause: this.#child(parts.cause, 'cause') } : {}),
      ...(parts.errors === undefined ? {} : { errors: this.#child(parts.errors, 'errors') }),
      ...(parts.suppressed === undefined
        ? {}
        : { suppressed: this.#child([parts.suppressed.error, parts.suppressed.suppressed], 'suppressed') }),
      ...(Object.keys(fields).length === 0 ? {} : { fields: { ...fields } }),
    };
  }

  #refusal(why: string, cause?: unknown): OstinatoError {
    const path = formatPath(this.#what, this.#trail);
    return new OstinatoError('unserialisable-value', `The ${this.#what} cannot be recorded: \`${path}\` ${why}.`, {
      remedy:
        'Return plain data (objects, arrays, Map, Set, Date, typed arrays, Error, …), or set `persistResult: false` on this task.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

function numberPart(value: number): unknown {
  if (!Number.isFinite(value)) return { $: 'Number', value: String(value) };
  return value === 0 && Object.is(value, -0) ? { $: 'Number', value: '-0' } : value;
}
