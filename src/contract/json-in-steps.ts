/**
 * A JSON parser that can be left off at any value and gone on with later: a body of 300,000 values is parsed in pieces,
 * between which others are served. What it takes and what it makes of it are `JSON.parse`'s (a property test compares
 * them).
 *
 * No recursion: what is open stands in a list.
 */

import { inWrittenOrder, isIndex } from '../core/written-order.ts';
import { stringEnd } from './json-bounds.ts';

const exactJson = JSON as unknown as { rawJSON(text: string): object };

interface Open {
  readonly list: unknown[] | null;
  readonly record: Record<string, unknown> | null;
  /** Names of the record in their order, when one of them is an index. */
  names: string[] | null;
  key: string;
}

/** What may stand at the place that is read next. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'comma-or-end' | 'nothing';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Ends a string, or has to be told from what it stands for. */
const NOT_PLAIN = /[^ -\uffff]|\\/;

export class JsonInSteps {
  readonly #text: string;
  readonly #isExact: boolean;
  readonly #open: Open[] = [];
  #at = 0;
  #expected: Expected = 'value';
  #value: unknown = undefined;
  #hasInexact = false;

  /** @param isExact whether a number that JavaScript would write otherwise is kept by its text, names in their order */
  constructor(text: string, isExact: boolean) {
    this.#text = text;
    this.#isExact = isExact;
  }

  /** Whether a number was seen that JavaScript would write otherwise, or a name that it would put elsewhere. */
  get hasInexact(): boolean {
    return this.#hasInexact;
  }

  /** When all is read. */
  get value(): unknown {
    return this.#value;
  }

  /** Reads on for so many tokens. @returns whether all is read. @throws SyntaxError */
  read(tokens: number): boolean {
    for (let count = 0; count < tokens; count += 1) {
      this.#skipSpace();
      if (this.#at >= this.#text.length) {
        if (this.#expected !== 'nothing') this.#wrong();
        return true;
      }
      this.#token(this.#text[this.#at] as string);
    }
    return false;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at += 1;
    }
  }

  #token(character: string): void {
    switch (this.#expected) {
      case 'key-or-end':
        return character === '}' ? this.#close() : this.#key(character);
      case 'key':
        return this.#key(character);
      case 'comma-or-end':
        return this.#afterValue(character);
      case 'value-or-end':
        return character === ']' ? this.#close() : this.#begin(character);
      case 'value':
        return this.#begin(character);
      default:
        return this.#wrong();
    }
  }

  #key(character: string): void {
    if (character !== '"') this.#wrong();
    const open = this.#open.at(-1) as Open;
    open.key = this.#string();
    this.#noteOrder(open);
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') this.#wrong("Expecting ':' delimiter");
    this.#at += 1;
    this.#expected = 'value';
  }

  #noteOrder(open: Open): void {
    if (open.names === null) {
      if (!isIndex(open.key)) return;
      this.#hasInexact = true;
      open.names = Object.keys(open.record as object);
    }
    open.names.push(open.key);
  }

  #afterValue(character: string): void {
    const isList = (this.#open.at(-1) as Open).list !== null;
    if (character === (isList ? ']' : '}')) return this.#close();
    if (character !== ',') this.#wrong();
    this.#at += 1;
    this.#expected = isList ? 'value' : 'key';
  }

  #begin(character: string): void {
    if (character === '[' || character === '{') {
      this.#at += 1;
      const isList = character === '[';
      this.#open.push({ list: isList ? [] : null, record: isList ? null : {}, names: null, key: '' });
      this.#expected = isList ? 'value-or-end' : 'key-or-end';
      return;
    }
    this.#take(
      character === '"'
        ? this.#string()
        : character === '-' || (character >= '0' && character <= '9')
          ? this.#number()
          : this.#word(),
    );
  }

  #close(): void {
    this.#at += 1;
    const { list, record, names } = this.#open.pop() as Open;
    if (record === null || names === null || !this.#isExact) return this.#take(list ?? record);
    this.#take(inWrittenOrder(names.map((name) => [name, record[name]])));
  }

  #take(value: unknown): void {
    const open = this.#open.at(-1);
    if (open === undefined) this.#value = value;
    else if (open.list !== null) open.list.push(value);
    else if (open.key === '__proto__')
      Object.defineProperty(open.record, open.key, { value, writable: true, enumerable: true, configurable: true });
    else (open.record as Record<string, unknown>)[open.key] = value;
    this.#expected = open === undefined ? 'nothing' : 'comma-or-end';
  }

  #string(): string {
    const start = this.#at;
    const end = stringEnd(this.#text, start);
    if (end < 0) this.#wrong('Unterminated string starting at');
    this.#at = end + 1;
    const inside = this.#text.slice(start + 1, end);
    return NOT_PLAIN.test(inside) ? this.#spelled(start, end + 1) : inside;
  }

  /** A text with escapes in it. */
  #spelled(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      this.#at = start;
      return this.#wrong('Invalid control character or \\escape in the string starting at');
    }
  }

  #number(): unknown {
    NUMBER.lastIndex = this.#at;
    const source = NUMBER.exec(this.#text)?.[0];
    if (source === undefined) return this.#wrong();
    this.#at += source.length;
    const value = Number(source);
    if (String(value) === source) return value;
    this.#hasInexact = true;
    return this.#isExact ? exactJson.rawJSON(source) : value;
  }

  #word(): boolean | null {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#wrong();
  }

  #wrong(expected = EXPECTED[this.#expected]): never {
    throw new JsonFault(this.#at, expected, this.#text[this.#at]);
  }
}

/** In the words of Python's parser. */
const EXPECTED: Readonly<Record<Expected, string>> = {
  value: 'Expecting value',
  'value-or-end': 'Expecting value',
  key: 'Expecting property name enclosed in double quotes',
  'key-or-end': 'Expecting property name enclosed in double quotes',
  'comma-or-end': "Expecting ',' delimiter",
  nothing: 'Extra data',
};

/** Text that is no JSON. */
export class JsonFault extends SyntaxError {
  /** In UTF-16 units, from 0; the text's length where it ends too early. */
  readonly position: number;
  /** What would go on there, in the words of Python's parser. */
  readonly expected: string;

  constructor(position: number, expected: string, found: string | undefined) {
    super(
      found === undefined
        ? 'Unexpected end of JSON input'
        : `Unexpected token ${JSON.stringify(found)} in JSON at position ${position}`,
    );
    this.position = position;
    this.expected = expected;
  }
}

/** Where a text stops being JSON, and what was expected there. Takes as long as reading it. */
export function jsonFault(text: string): Pick<JsonFault, 'position' | 'expected'> {
  try {
    new JsonInSteps(text, false).read(Infinity);
  } catch (error) {
    if (error instanceof JsonFault) return error;
  }
  return { position: 0, expected: EXPECTED.value };
}

const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
