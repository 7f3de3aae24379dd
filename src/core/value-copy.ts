/**
 * A flat copy of a value, which tells cheaply whether the value has changed since.
 *
 * Of a canonical text (see `codec-canonical.ts`) this is the cheap half: whatever would change the text is noticed
 * here, first difference first. Lists, records, maps, sets and bytes are copied; anything else in them counts by its
 * text, made anew.
 */

import { viewBytes } from './codec-bytes.ts';
import { className, kindOf } from './codec-kinds.ts';

/** Objects on a tape are tokens; the value's own parts there are primitive. */
type Token =
  | { readonly is: 'record'; readonly kind: 'Object' | 'NullObject'; readonly keys: readonly string[] }
  | { readonly is: 'list' | 'map' | 'set'; readonly size: number }
  /** A list of primitives only: compared element by element, which is all the work for columns of numbers. */
  | { readonly is: 'flat'; readonly items: readonly unknown[] }
  | { readonly is: 'bytes'; readonly className: string; readonly bytes: Uint8Array }
  | { readonly is: 'text'; readonly text: string };

export interface ValueCopy {
  readonly tape: readonly unknown[];
  /** Its size, in units of about eight bytes. */
  readonly size: number;
}

export interface PartReader {
  /** Canonical text of a part; `null` when it cannot be compared by content. */
  textOf(part: object): string | null;
  /** The name of a part that is kept separately, so that it needs no second copy. */
  nameOf(part: object): string | undefined;
  /**
   * Whether the list has own enumerable properties besides its elements; called for long lists, whose keys take long to
   * list.
   */
  hasNames(list: readonly unknown[]): boolean;
}

/** From this length on `hasNames` is quicker than listing all keys. */
const LONG_LIST = 64;

/**
 * `null` for a value larger than `sizeMax`, or one that only its text describes. Throws what the value's getters throw.
 */
export function copyValue(value: object, looks: PartReader, sizeMax: number): ValueCopy | null {
  const copy = new Copy(looks, sizeMax);
  return copy.part(value) ? copy : null;
}

/** Whether the value's canonical text is still that of the copied one. Never throws. */
export function isUnchanged(value: object, { tape }: ValueCopy, looks: PartReader): boolean {
  try {
    return new Comparison(tape, looks).part(value);
  } catch {
    return false;
  }
}

/** As `Reflect.ownKeys(…).length`, in a third of the time. */
export function ownCount(object: object): number {
  return Object.getOwnPropertyNames(object).length + Object.getOwnPropertySymbols(object).length;
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

class Copy implements ValueCopy {
  readonly tape: unknown[] = [];
  size = 0;
  readonly #looks: PartReader;
  readonly #sizeMax: number;
  readonly #sizes = new Map<string, Token>();
  #shape: Extract<Token, { is: 'record' }> | undefined;

  constructor(looks: PartReader, sizeMax: number) {
    this.#looks = looks;
    this.#sizeMax = sizeMax;
  }

  /** Returns `false` to give up. */
  part(value: unknown): boolean {
    if (isPrimitive(value)) return this.#put(value, 1);
    if (typeof value === 'function') return false;
    const part = value as object;
    const name = this.#isRoot ? undefined : this.#looks.nameOf(part);
    if (name !== undefined) return this.#put({ is: 'text', text: name } satisfies Token, name.length);
    switch (kindOf(part)) {
      case 'Array':
        return this.#list(part as readonly unknown[]);
      case 'Object':
        return this.#record(part, 'Object');
      case 'NullObject':
        return this.#record(part, 'NullObject');
      case 'Map':
        return ownCount(part) > 0 ? this.#text(part) : this.#map(part as ReadonlyMap<unknown, unknown>);
      case 'Set':
        return ownCount(part) > 0 ? this.#text(part) : this.#set(part as ReadonlySet<unknown>);
      case 'Bytes':
      case 'ArrayBuffer':
      case 'DataView': {
        const bytes = viewBytes(part as ArrayBuffer | ArrayBufferView);
        if (this.size + bytes.length / 8 > this.#sizeMax) return false;
        return this.#put(
          { is: 'bytes', className: className(part), bytes: bytes.slice() } satisfies Token,
          16 + bytes.length / 8,
        );
      }
      default:
        return this.#text(part);
    }
  }

  #put(token: unknown, size: number): boolean {
    this.tape.push(token);
    this.size += size;
    return this.size <= this.#sizeMax;
  }

  get #isRoot(): boolean {
    return this.tape.length === 0;
  }

  #text(part: object): boolean {
    // Comparing its text would take as long as hashing it.
    if (this.#isRoot) return false;
    const text = this.#looks.textOf(part);
    return text !== null && this.#put({ is: 'text', text } satisfies Token, 8 + text.length / 8);
  }

  #sized(is: 'list' | 'map' | 'set', size: number): boolean {
    const key = `${is} ${size}`;
    let token = this.#sizes.get(key);
    if (token === undefined) this.#sizes.set(key, (token = { is, size }));
    return this.#put(token, 1);
  }

  #list(list: readonly unknown[]): boolean {
    if (this.size + list.length > this.#sizeMax) return false;
    // Holes and named properties.
    if (Object.keys(list).length !== list.length) return this.#text(list);
    if (list.length > 0 && list.every(isPrimitive))
      return this.#put({ is: 'flat', items: [...list] } satisfies Token, 8 + list.length);
    return this.#sized('list', list.length) && list.every((item) => this.part(item));
  }

  #record(record: object, kind: 'Object' | 'NullObject'): boolean {
    const keys = Object.keys(record);
    // Properties that `Object.keys` omits, and getters, which may change.
    if (
      ownCount(record) !== keys.length ||
      keys.some((key) => !('value' in (Object.getOwnPropertyDescriptor(record, key) ?? {})))
    )
      return this.#text(record);
    let shape = this.#shape;
    if (shape?.kind !== kind || !areSame(shape.keys, keys)) {
      this.#shape = shape = { is: 'record', kind, keys };
      this.size += keys.length;
    }
    return this.#put(shape, 1) && keys.every((key) => this.part((record as Readonly<Record<string, unknown>>)[key]));
  }

  #map(map: ReadonlyMap<unknown, unknown>): boolean {
    if (!this.#sized('map', map.size)) return false;
    for (const [key, item] of map) if (!this.part(key) || !this.part(item)) return false;
    return true;
  }

  #set(set: ReadonlySet<unknown>): boolean {
    if (!this.#sized('set', set.size)) return false;
    for (const item of set) if (!this.part(item)) return false;
    return true;
  }
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

class Comparison {
  readonly #tape: readonly unknown[];
  readonly #looks: PartReader;
  #at = 0;

  constructor(tape: readonly unknown[], looks: PartReader) {
    this.#tape = tape;
    this.#looks = looks;
  }

  part(value: unknown): boolean {
    const token = this.#tape[this.#at++];
    if (typeof token !== 'object' || token === null) return Object.is(token, value);
    return typeof value === 'object' && value !== null && this.#isAs(token as Token, value);
  }

  #isAs(token: Token, value: object): boolean {
    switch (token.is) {
      case 'record':
        return kindOf(value) === token.kind && this.#record(value as Readonly<Record<string, unknown>>, token.keys);
      case 'list':
        return this.#isList(value, token.size) && this.#elements(value);
      case 'flat':
        return this.#isList(value, token.items.length) && areElements(value, token.items);
      case 'map':
        return (
          kindOf(value) === 'Map' &&
          ownCount(value) === 0 &&
          this.#map(value as ReadonlyMap<unknown, unknown>, token.size)
        );
      case 'set':
        return kindOf(value) === 'Set' && ownCount(value) === 0 && this.#set(value as ReadonlySet<unknown>, token.size);
      case 'bytes':
        return (
          ['Bytes', 'ArrayBuffer', 'DataView'].includes(kindOf(value) ?? '') &&
          className(value) === token.className &&
          areBytes(viewBytes(value as ArrayBuffer | ArrayBufferView), token.bytes)
        );
      case 'text':
        return this.#looks.textOf(value) === token.text;
    }
  }

  #isList(value: object, size: number): value is readonly unknown[] {
    if (kindOf(value) !== 'Array' || (value as readonly unknown[]).length !== size) return false;
    return size < LONG_LIST ? Object.keys(value).length === size : !this.#looks.hasNames(value as readonly unknown[]);
  }

  #elements(list: readonly unknown[]): boolean {
    for (let index = 0; index < list.length; index += 1) {
      const item = list[index];
      if (!this.part(item) || (item === undefined && !Object.hasOwn(list, index))) return false;
    }
    return true;
  }

  #record(record: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
    const now = Object.keys(record);
    if (!areSame(now, keys) || ownCount(record) !== keys.length) return false;
    for (let index = 0; index < now.length; index += 1) if (!this.part(record[now[index] as string])) return false;
    return true;
  }

  #map(map: ReadonlyMap<unknown, unknown>, size: number): boolean {
    if (map.size !== size) return false;
    for (const [key, item] of map) if (!this.part(key) || !this.part(item)) return false;
    return true;
  }

  #set(set: ReadonlySet<unknown>, size: number): boolean {
    if (set.size !== size) return false;
    for (const item of set) if (!this.part(item)) return false;
    return true;
  }
}

function areElements(list: readonly unknown[], items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index += 1) {
    const item = list[index];
    const then = items[index];
    if (
      item === then
        ? (item === 0 && !Object.is(item, then)) || (item === undefined && !Object.hasOwn(list, index))
        : !Object.is(item, then)
    )
      return false;
  }
  return true;
}

/** Compares four bytes at a time where alignment allows: a million bytes take a millisecond. */
function areBytes(now: Uint8Array, then: Uint8Array): boolean {
  if (now.length !== then.length) return false;
  const words = now.byteOffset % 4 === 0 && then.byteOffset % 4 === 0 ? now.length >> 2 : 0;
  const [nowWords, thenWords] =
    words === 0
      ? [NO_WORDS, NO_WORDS]
      : [new Int32Array(now.buffer, now.byteOffset, words), new Int32Array(then.buffer, then.byteOffset, words)];
  for (let index = 0; index < words; index += 1) if (nowWords[index] !== thenWords[index]) return false;
  for (let index = words * 4; index < now.length; index += 1) if (now[index] !== then[index]) return false;
  return true;
}

const NO_WORDS = new Int32Array(0);
