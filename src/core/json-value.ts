/** Values that go over the wire and into the store as plain JSON: variables, artifacts. */

import { OstinatoError } from './errors.ts';
import { mayHaveIndex, withIndices, withoutIndices } from './written-order.ts';

/** Deeper nesting is a mistake, and would overflow the reader's stack. */
const DEPTH_MAX = 100;

/** Whether the text is JSON, of whatever value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The JSON text of the value. `bad-input` names the place of the first part that JSON would drop or change
 * (undefined, functions, NaN, dates, maps, cycles), or says that the text is longer than `charactersMax`.
 */
export function jsonText(value: unknown, what: string, charactersMax: number): string {
  const problem = findProblem(value, '', 0);
  if (problem !== null) {
    throw new OstinatoError('bad-input', `${what} is not JSON: ${problem}.`, {
      remedy: 'Use text, finite numbers, true, false, null, and lists and plain objects of these.',
    });
  }
  const text = JSON.stringify(value);
  if (text.length > charactersMax) {
    throw new OstinatoError(
      'bad-input',
      `${what} is ${text.length} characters of JSON; at most ${charactersMax} are kept.`,
      { remedy: 'Keep large values as results or files and refer to them.' },
    );
  }
  return text;
}

function findProblem(value: unknown, path: string, depth: number): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : at(path, String(value));
  if (typeof value !== 'object') return at(path, typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`);
  if (depth >= DEPTH_MAX) return at(path, `nested deeper than ${DEPTH_MAX} levels, or in itself`);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const problem = findProblem(value[index], `${path}[${index}]`, depth + 1);
      if (problem !== null) return problem;
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (a worker's, a test runner's) are plain when their prototype has no prototype.
  const isPlain = prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
  if (!isPlain)
    return at(path, `a ${(value as { constructor?: { name?: string } }).constructor?.name ?? 'special object'}`);
  for (const [key, part] of Object.entries(value)) {
    const problem = findProblem(part, path === '' ? key : `${path}.${key}`, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function at(path: string, what: string): string {
  return path === '' ? `it is ${what}` : `"${path}" is ${what}`;
}

/** Source text access (ECMAScript 2026), which TypeScript's libraries do not describe yet. */
interface ExactJson {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
const exactJson = JSON as unknown as ExactJson;

/** A value that `JSON.stringify` writes with exactly the text's numbers, and its members in the text's order. */
export function exactValue(text: string): unknown {
  return mayHaveIndex(text)
    ? exactJson.parse(withoutIndices(text), (_key, value, { source }) =>
        isObject(value) ? withIndices(value) : exactNumber(value, source),
      )
    : exactJson.parse(text, (_key, value, { source }) => exactNumber(value, source));
}

/** What is sent of the values: dates as text, a `bigint` as the whole number that it is. */
export function sentValues(values: object): Record<string, unknown> {
  const text = JSON.stringify(values, (_key, part: unknown) =>
    typeof part === 'bigint' ? exactJson.rawJSON(part.toString()) : part,
  );
  return exactValue(text) as Record<string, unknown>;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !exactJson.isRawJSON(value);
}

function exactNumber(value: unknown, source: string | undefined): unknown {
  return typeof value === 'number' && source !== undefined && String(value) !== source
    ? exactJson.rawJSON(source)
    : value;
}
