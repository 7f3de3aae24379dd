/**
 * A value as one recognisable line of bounded length: the input of a mapped run. Made for every item of every fan-out,
 * so numbers and texts take a short path. Only plain data is shown; a class instance may hold secrets or connections
 * and is named by its class.
 */

import { viewBytes } from './codec-bytes.ts';
import { className, isErrorObject, kindOf } from './codec-kinds.ts';

/** Characters of a preview without the mark that it was cut. */
export const PREVIEW_CHARS_MAX = 120;
const DEPTH_MAX = 4;
const GOES_ON = '…';

export function previewValue(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'string':
      return bounded(textOf(value));
    case 'object': {
      if (value === null) return 'null';
      const parts = new Parts();
      parts.object(value, 0);
      return bounded(parts.text);
    }
    default:
      return bounded(primitiveText(value));
  }
}

function bounded(text: string): string {
  return text.length <= PREVIEW_CHARS_MAX ? text : `${text.slice(0, PREVIEW_CHARS_MAX).toWellFormed()}${GOES_ON}`;
}

/** Cut before it is processed: a text may be a whole file. */
function textOf(text: string): string {
  return JSON.stringify(text.length <= PREVIEW_CHARS_MAX ? text : text.slice(0, PREVIEW_CHARS_MAX + 1));
}

function primitiveText(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'symbol':
      return value.toString();
    default:
      return String(value);
  }
}

class Parts {
  text = '';

  get #isFull(): boolean {
    return this.text.length > PREVIEW_CHARS_MAX;
  }

  #part(value: unknown, depth: number): void {
    if (typeof value === 'object' && value !== null) this.object(value, depth);
    else this.text += typeof value === 'string' ? textOf(value) : primitiveText(value);
  }

  /** Never throws: an unreadable part (a getter that throws, a revoked proxy) is skipped. */
  object(object: object, depth: number): void {
    try {
      this.#whole(object, depth);
    } catch {
      this.text += GOES_ON;
    }
  }

  #whole(object: object, depth: number): void {
    const kind = kindOf(object);
    switch (kind) {
      case 'Array':
        return depth >= DEPTH_MAX
          ? this.#add(`[${GOES_ON}]`)
          : this.#list('[', object as readonly unknown[], ']', depth);
      case 'Set':
        return depth >= DEPTH_MAX ? this.#add('Set') : this.#list('Set {', object as ReadonlySet<unknown>, '}', depth);
      case 'Map':
        return depth >= DEPTH_MAX ? this.#add('Map') : this.#map(object as ReadonlyMap<unknown, unknown>, depth);
      case 'Object':
      case 'NullObject':
        return depth >= DEPTH_MAX ? this.#add(`{${GOES_ON}}`) : this.#record(object, depth);
      case 'Date':
        return this.#add(Number.isNaN((object as Date).getTime()) ? 'Invalid Date' : (object as Date).toISOString());
      case 'RegExp':
      case 'URLSearchParams':
      case 'Temporal':
        return this.#add(String(object));
      // User and password of a URL are not recorded.
      case 'URL':
        return this.#add(
          (object as URL).origin === 'null'
            ? (object as URL).protocol
            : `${(object as URL).origin}${(object as URL).pathname}`,
        );
      case 'ArrayBuffer':
      case 'DataView':
      case 'Bytes':
        return this.#add(
          `${className(object)}(${ArrayBuffer.isView(object) && 'length' in object ? String(object.length) : viewBytes(object as ArrayBuffer).length})`,
        );
      default:
        return this.#add(isErrorObject(object) ? `${object.name}: ${object.message}` : className(object));
    }
  }

  #add(text: string): void {
    this.text += text.length > PREVIEW_CHARS_MAX ? text.slice(0, PREVIEW_CHARS_MAX + 1) : text;
  }

  #list(open: string, items: Iterable<unknown>, close: string, depth: number): void {
    this.text += open;
    let separator = '';
    for (const item of items) {
      if (this.#isFull) return;
      this.text += separator;
      separator = ', ';
      this.#part(item, depth + 1);
    }
    this.text += close;
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    this.text += 'Map {';
    let separator = '';
    for (const [key, item] of map) {
      if (this.#isFull) return;
      this.text += separator;
      separator = ', ';
      this.#part(key, depth + 1);
      this.text += ' => ';
      this.#part(item, depth + 1);
    }
    this.text += '}';
  }

  #record(object: object, depth: number): void {
    this.text += '{';
    let separator = '';
    // Not `Object.keys`: an object may have a million of them.
    for (const key in object) {
      if (!Object.hasOwn(object, key)) continue;
      if (this.#isFull) return;
      this.text += `${separator}${IDENTIFIER.test(key) ? key : textOf(key)}: `;
      separator = ', ';
      this.#part((object as Readonly<Record<string, unknown>>)[key], depth + 1);
    }
    this.text += '}';
  }
}

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,79}$/;
