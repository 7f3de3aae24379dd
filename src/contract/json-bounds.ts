/**
 * How deep and how large JSON from outside may be, told from its text before anything is made of it: `JSON.parse`
 * builds 4,000,000 nested lists from 8 MB without a word, and whoever walks them overflows the stack.
 *
 * One pass, no memory. What it accepts may still be no JSON: that is the parser's to say.
 */

/**
 * Levels of lists and objects. Python's encoders, which our answers go to, stop at 254; what people nest by hand stays
 * below 20.
 */
export const JSON_DEPTH_MAX = 250;

/** So short a text cannot hold enough values to take long (20 ms at worst), so that only its depth matters. */
export const SMALL_CHARACTERS = 32 * 1024;

/** What a body of an operation may be. */
export interface BodyLimits {
  readonly bytesMax: number;
  /** Texts, numbers, lists, objects and so on, however nested: what parsing, checking and writing take time for. */
  readonly valuesMax: number;
  /** Of values inside texts that are JSON themselves; absent: no text is looked into. */
  readonly innerValuesMax?: number;
}

/** Of what has no values of users in it: filters with some ten thousand ids stay below. */
export const PLAIN_BODY: BodyLimits = { bytesMax: 1024 * 1024, valuesMax: 50_000 };
/**
 * Of batches and of what holds users' values: Prefect's clients send 4 MB of logs and 512 KiB of parameters at most,
 * pictures are larger.
 */
export const BULKY_BODY: BodyLimits = { bytesMax: 32 * 1024 * 1024, valuesMax: 300_000 };
/** Of our own records, whose values travel as JSON in texts. */
export const RECORDS_BODY: BodyLimits = { ...BULKY_BODY, innerValuesMax: 500_000 };
/** Of blocks and what describes them: large texts may be in them, but they are walked through again and again. */
export const DOCUMENT_BODY: BodyLimits = { bytesMax: 8 * 1024 * 1024, valuesMax: PLAIN_BODY.valuesMax };
/** Of one event, which is 1.5 MB long at most. */
export const EVENT_VALUES_MAX = 50_000;

/** A text that is beyond its bounds. */
export class JsonExcess extends Error {
  readonly kind: 'depth' | 'values';

  constructor(kind: 'depth' | 'values', most: number) {
    super(kind === 'depth' ? `nested deeper than ${most} levels` : `more than ${most.toLocaleString('en-US')} values`);
    this.kind = kind;
  }
}

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * @returns about how many values there are, none too few; 0 for a small text, whose values are not counted.
 * @throws JsonExcess
 */
export function checkBounds(text: string, valuesMax: number, innerValuesMax = Infinity): number {
  if (text.length <= SMALL_CHARACTERS) {
    if (mayBeDeep(text)) countValues(text, Infinity, Infinity);
    return 0;
  }
  return countValues(text, valuesMax, innerValuesMax);
}

/** Jumps from bracket to bracket: an everyday body has some ten of them, and is not read for this. */
function mayBeDeep(text: string): boolean {
  if (text.length <= 2 * JSON_DEPTH_MAX) return false;
  let opened = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      opened += 1;
      if (opened > JSON_DEPTH_MAX) return true;
    }
  }
  return false;
}

/** Each value follows a comma or an opening bracket, or is the first. */
function countValues(text: string, most: number, innerMost: number): number {
  let count = 1;
  let innerCount = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (end < 0) return count;
      if (innerMost < Infinity) innerCount += innerValues(text, at, end);
      if (innerCount > innerMost) throw new JsonExcess('values', innerMost);
      at = end;
    } else if (code === COMMA) count += 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      count += 1;
      depth += 1;
      if (depth > JSON_DEPTH_MAX) throw new JsonExcess('depth', JSON_DEPTH_MAX);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    if (count > most) throw new JsonExcess('values', most);
  }
  return count;
}

function innerValues(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === OPEN_BRACE || code === OPEN_BRACKET) count += 1;
  }
  return count;
}

/** At the closing quote of the string that starts at `start`; -1 when there is none. */
export function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    if ((quote - first) % 2 === 0) return quote;
  }
  return -1;
}

const SPACE = /[ \n\r\t]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** What a string may hold; one with an escape is parsed by itself. */
const PLAIN_STRING = /^[ -\uffff]*$/;

/**
 * Whether it is JSON within the depth, told without making anything of it: for texts in texts, of which 32 MB may be in
 * a body.
 */
export function isJson(text: string): boolean {
  let brackets = '';
  let at = 0;
  const skipSpace = (): void => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  };
  const skipString = (): boolean => {
    const end = text.charCodeAt(at) === QUOTE ? stringEnd(text, at) : -1;
    if (end < 0) return false;
    const inside = text.slice(at + 1, end);
    if (!PLAIN_STRING.test(inside) || (inside.includes('\\') && !isString(text.slice(at, end + 1)))) return false;
    at = end + 1;
    return true;
  };
  const skipKey = (): boolean => {
    skipSpace();
    if (!skipString()) return false;
    skipSpace();
    return text[at++] === ':';
  };
  for (;;) {
    skipSpace();
    const character = text[at];
    if (character === '[' || character === '{') {
      at += 1;
      brackets += character;
      if (brackets.length > JSON_DEPTH_MAX) return false;
      skipSpace();
      if (text[at] !== (character === '[' ? ']' : '}')) {
        if (character === '{' && !skipKey()) return false;
        continue;
      }
    } else if (character === '"') {
      if (!skipString()) return false;
    } else {
      SCALAR.lastIndex = at;
      if (!SCALAR.test(text)) return false;
      at = SCALAR.lastIndex;
    }
    // After a value, or before the end of what is empty.
    for (;;) {
      skipSpace();
      if (brackets === '') return at === text.length;
      const isList = brackets.endsWith('[');
      if (text[at] === ',') {
        at += 1;
        if (!isList && !skipKey()) return false;
        break;
      }
      if (text[at] !== (isList ? ']' : '}')) return false;
      at += 1;
      brackets = brackets.slice(0, -1);
    }
  }
}

function isString(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'string';
  } catch {
    return false;
  }
}

/** As `JSON.parse`. @throws JsonExcess, SyntaxError */
export function parseBounded(text: string, valuesMax: number): unknown {
  checkBounds(text, valuesMax);
  return JSON.parse(text);
}
