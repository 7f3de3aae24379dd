/**
 * JSON that loses nothing. What users put into parameters, results, variables or events comes back to the letter: `1.0`
 * stays `1.0` and `12345678901234567890` stays whole, though JavaScript's numbers can say neither.
 *
 * Out: `RawJson` holds a piece of JSON text that `wireText` puts in place as it is. In: `parseWire` gives two views of
 * one body, `plain` for the fields that the contract knows and `exact` for users' values, in which each number that a
 * JavaScript number would change is kept by its source text (`JSON.rawJSON`), so that `JSON.stringify` gives it back,
 * and members keep their order (`core/written-order.ts`).
 */

import { exactValue } from '../core/json-value.ts';
import { mayHaveIndex } from '../core/written-order.ts';

/** Source text access (ECMAScript 2026), which TypeScript's libraries do not describe yet. */
interface ExactJson {
  isRawJSON(value: unknown): boolean;
}
const exactJson = JSON as unknown as ExactJson;

/** A finished piece of JSON. `JSON.stringify` (the command line) sees the value, `wireText` (the API) the text. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return exactValue(this.text);
  }
}

/** Typed as what stands there, since the schemas speak of values. */
export function rawJson<Value>(text: string): Value {
  return new RawJson(text) as Value;
}

/** Keys of the wire are few and known: their quoted form is made once. */
const quotedKeys = new Map<string, string>();
const QUOTED_KEYS_MAX = 5000;

function quotedKey(key: string): string {
  let quoted = quotedKeys.get(key);
  if (quoted === undefined) {
    quoted = `${JSON.stringify(key)}:`;
    if (quotedKeys.size < QUOTED_KEYS_MAX) quotedKeys.set(key, quoted);
  }
  return quoted;
}

/** As `JSON.stringify`, with `RawJson` put in place. */
export function wireText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) {
    let text = '[';
    for (let index = 0; index < value.length; index += 1) text += (index === 0 ? '' : ',') + wireText(value[index]);
    return `${text}]`;
  }
  if (typeof value !== 'object' || exactJson.isRawJSON(value)) return JSON.stringify(value) ?? 'null';
  let text = '';
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    text += (text === '' ? '{' : ',') + quotedKey(key) + wireText(item);
  }
  return text === '' ? '{}' : `${text}}`;
}

export interface WireBody {
  /** As `JSON.parse` reads it: what the schemas check. */
  readonly plain: unknown;
  /** The same with exact numbers, members in their order: what users' values are taken from. */
  readonly exact: unknown;
}

/** What the contract knows of a `WireBody`. */
export interface BothViews<Known> {
  readonly plain: Known;
  readonly exact: Known;
}

/**
 * A number, where a value may stand, that JavaScript would write otherwise. May err on text inside strings: that costs
 * time only.
 */
const INEXACT =
  /(?:"\s*:|[,[])\s*-?(?:\d+\.\d*0(?!\d)|\d+(?:\.\d+)?[eE]|\d{16,}|\d+\.\d{15,}|0(?<=-0)(?![.\d]))|^\s*-?\d/;

/** @throws SyntaxError when the text is not JSON */
export function parseWire(text: string): WireBody {
  const plain: unknown = JSON.parse(text);
  return { plain, exact: INEXACT.test(text) || mayHaveIndex(text) ? exactValue(text) : plain };
}

export { exactValue as parseExact };
