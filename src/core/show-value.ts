/**
 * Any value as text for people: JSON where JSON can say it, and something readable for the rest. Never throws, ends on
 * cycles, and is bounded: a log line or a message must not fail, or lose the rest, because of one odd part.
 */

import { viewBytes } from './codec-bytes.ts';
import { asText, errorParts } from './codec-error.ts';
import { boxedPrimitive, className, isErrorObject, kindOf } from './codec-kinds.ts';

export interface ShowLimits {
  /** Characters; a longer text is cut, with a note. Default 64 KiB: a log line is for reading. */
  readonly charsMax?: number;
  /** Levels of nesting; deeper parts are only named. Default 20. */
  readonly depthMax?: number;
}

const UNREADABLE = '[cannot be read]';
const BYTES_SHOWN_MAX = 64;
const CAUSES_MAX = 10;

/** A text as it is; anything else as it would be written in a program. */
export function showValue(value: unknown, { charsMax = 64 * 1024, depthMax = 20 }: ShowLimits = {}): string {
  if (typeof value === 'string')
    return value.length > charsMax ? `${value.slice(0, charsMax)}… (${value.length} characters)` : value;
  const show = new Show(charsMax, depthMax);
  show.part(value);
  return show.text;
}

/** The message of an error, else the value as text. */
export function thrownText(thrown: unknown): string {
  return isErrorObject(thrown) ? errorParts(thrown).message : showValue(thrown, { charsMax: 16 * 1024 });
}

/** As `thrownText`, with the stack where there is one. */
export function thrownTrace(thrown: unknown): string {
  if (!isErrorObject(thrown)) return thrownText(thrown);
  const { name, message, stack } = errorParts(thrown);
  return stack ?? `${name}: ${message}`;
}

class Show {
  text = '';
  readonly #charsMax: number;
  readonly #depthMax: number;
  readonly #around: object[] = [];
  #isCut = false;

  constructor(charsMax: number, depthMax: number) {
    this.#charsMax = charsMax;
    this.#depthMax = depthMax;
  }

  part(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.#add(JSON.stringify(value.length > this.#charsMax ? value.slice(0, this.#charsMax) : value));
      case 'number':
        return this.#add(Object.is(value, -0) ? '-0' : String(value));
      case 'bigint':
        return this.#add(`${value}n`);
      case 'function':
        return this.#add(`[${isClass(value) ? 'class' : 'function'} ${nameOf(value)}]`);
      case 'object':
        return value === null ? this.#add('null') : this.#object(value);
      default:
        return this.#add(String(value));
    }
  }

  #add(text: string): void {
    if (this.#isCut) return;
    if (this.text.length + text.length <= this.#charsMax) {
      this.text += text;
      return;
    }
    this.#isCut = true;
    this.text += `${text.slice(0, this.#charsMax - this.text.length)}… (cut after ${this.#charsMax} characters)`;
  }

  #object(object: object): void {
    if (this.#isCut) return;
    if (this.#around.includes(object)) return this.#add('[circular]');
    if (this.#around.length >= this.#depthMax)
      return this.#add(`[${Array.isArray(object) ? 'list' : className(object)}]`);
    this.#around.push(object);
    try {
      this.#whole(object);
    } catch {
      this.#add(UNREADABLE);
    }
    this.#around.pop();
  }

  #whole(object: object): void {
    if (isErrorObject(object)) return this.#error(object);
    switch (kindOf(object)) {
      case 'Array':
        return this.#list('[', object as readonly unknown[], ']');
      case 'Map':
        return this.#map(object as ReadonlyMap<unknown, unknown>);
      case 'Set':
        return this.#list(`Set(${(object as ReadonlySet<unknown>).size}) {`, object as ReadonlySet<unknown>, '}');
      case 'Date':
        return this.#add(Number.isNaN((object as Date).getTime()) ? 'Invalid Date' : JSON.stringify(object));
      case 'RegExp':
      case 'URLSearchParams':
        return this.#add(asText(object));
      case 'Bytes':
      case 'ArrayBuffer':
      case 'DataView':
        return this.#bytes(object as ArrayBufferView | ArrayBuffer);
      default:
        return this.#other(object);
    }
  }

  #other(object: object): void {
    const boxed = boxedPrimitive(object);
    if (boxed !== undefined) return this.part(boxed);
    const { toJSON } = object as { readonly toJSON?: unknown };
    if (typeof toJSON === 'function') {
      const told: unknown = Reflect.apply(toJSON, object, ['']);
      return told === object ? this.#record(object) : this.part(told);
    }
    const kind = kindOf(object);
    if (kind !== 'Object' && kind !== 'NullObject') this.#add(`${className(object)} `);
    this.#record(object);
  }

  #record(object: object, open = '{', close = '}'): void {
    this.#add(open);
    let isFirst = true;
    for (const key of Object.keys(object)) {
      if (this.#isCut) return;
      this.#add(`${isFirst ? '' : ','}${JSON.stringify(key)}:`);
      isFirst = false;
      this.#property(object, key);
    }
    this.#add(close);
  }

  #property(object: object, key: string): void {
    let value: unknown;
    try {
      value = (object as Readonly<Record<string, unknown>>)[key];
    } catch {
      return this.#add(UNREADABLE);
    }
    this.part(value);
  }

  #list(open: string, items: Iterable<unknown>, close: string): void {
    this.#add(open);
    let isFirst = true;
    for (const item of items) {
      if (this.#isCut) return;
      if (!isFirst) this.#add(',');
      isFirst = false;
      this.part(item);
    }
    this.#add(close);
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    this.#add(`Map(${map.size}) {`);
    let isFirst = true;
    for (const [key, item] of map) {
      if (this.#isCut) return;
      if (!isFirst) this.#add(',');
      isFirst = false;
      this.part(key);
      this.#add(' => ');
      this.part(item);
    }
    this.#add('}');
  }

  #bytes(value: ArrayBufferView | ArrayBuffer): void {
    const items =
      ArrayBuffer.isView(value) && !(value instanceof DataView)
        ? (value as unknown as ArrayLike<number | bigint>)
        : viewBytes(value);
    const shown = Array.from({ length: Math.min(items.length, BYTES_SHOWN_MAX) }, (_, index) => String(items[index]));
    this.#add(
      `${className(value)}(${items.length}) [${shown.join(',')}${items.length > shown.length ? `,… ${items.length - shown.length} more` : ''}]`,
    );
  }

  /** With stack and cause at the top level; inside other values on one line. */
  #error(error: Error): void {
    const isInside = this.#around.some((one) => one !== error && !isErrorObject(one));
    const { name, message, stack, hasCause, cause, errors, fields } = errorParts(error);
    this.#add(isInside ? JSON.stringify(`${name}: ${message}`) : (stack ?? `${name}: ${message}`));
    if (Object.keys(fields).length > 0) this.#record(fields, ' {');
    if (errors !== undefined) this.#list(' [', errors, ']');
    if (!hasCause || this.#around.length > CAUSES_MAX) return;
    this.#add(isInside ? ' caused by ' : '\ncaused by: ');
    this.part(cause);
  }
}

function isClass(fn: object): boolean {
  return Function.prototype.toString.call(fn).startsWith('class');
}

function nameOf(fn: object): string {
  const { name } = fn as { readonly name?: unknown };
  return typeof name === 'string' && name !== '' ? name : '(anonymous)';
}
