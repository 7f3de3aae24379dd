/**
 * The input of a block schema's checksum: the text that Python's `json.dumps([[fields], {}], sort_keys=True)` writes,
 * byte for byte, since clients compute the checksum themselves and search by it.
 *
 * Source: Prefect 3 `blocks/core.py` (`_calculate_schema_checksum`) and Python's `json` module.
 */

import { OstinatoError } from '../errors.ts';
import { isRecord, numberText, type JsonRecord } from './json.ts';

/** Real bodies are shallower; this keeps others from overflowing the stack. */
const DEPTH_MAX = 300;

export function checksumText(fields: JsonRecord): string {
  return `[[${pythonJson(fieldsOfChecksum(fields))}], {}]`;
}

/** Without what the server adds or computes: the paths of secrets, and the definitions of nested blocks. */
function fieldsOfChecksum(fields: JsonRecord): JsonRecord {
  const { definitions, ...rest } = withoutSecretFields(fields);
  if (definitions === undefined) return rest;
  if (!isFilled(definitions)) return { ...rest, definitions };
  const kept = definitionsBesideBlocks({ ...rest, definitions }, definitions);
  return Object.keys(kept).length === 0 ? rest : { ...rest, definitions: kept };
}

function isFilled(value: unknown): value is JsonRecord {
  return isRecord(value) && Object.keys(value).length > 0;
}

function withoutSecretFields(value: JsonRecord): JsonRecord {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      key === 'secret_fields' ? [] : [[key, isRecord(item) ? withoutSecretFields(item) : item]],
    ),
  );
}

/** The definitions that the value refers to, directly or through others, except those of blocks. */
function definitionsBesideBlocks(value: unknown, definitions: JsonRecord): JsonRecord {
  const found = new Map<string, unknown>();
  const waiting = [value];
  // Iterative: a schema may have thousands of definitions that refer to each other in turn.
  while (waiting.length > 0) {
    for (const reference of referencesIn(waiting.pop())) {
      const key = reference.replaceAll('#/definitions/', '');
      const definition = definitions[key];
      if (found.has(key) || !isFilled(definition) || !isAbsent(definition['block_type_slug'])) continue;
      found.set(key, definition);
      waiting.push(definition);
    }
  }
  return Object.fromEntries(found);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** The values of all `$ref`, however deep. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  const own = value['$ref'];
  return [...(typeof own === 'string' && own !== '' ? [own] : []), ...Object.values(value).flatMap(referencesIn)];
}

/** As Python's `json.dumps(value, sort_keys=True)` writes it: `", "` and `": "`, ASCII only, keys by code point. */
export function pythonJson(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX)
    throw new OstinatoError('bad-input', `The fields of a block schema are nested deeper than ${DEPTH_MAX} levels.`);
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return pythonString(value);
  const number = numberText(value);
  if (number !== null) return pythonNumber(number);
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, depth + 1)).join(', ')}]`;
  const entries = Object.entries(value as JsonRecord).sort(([a], [b]) => byCodePoint(a, b));
  return `{${entries.map(([key, item]) => `${pythonString(key)}: ${pythonJson(item, depth + 1)}`).join(', ')}}`;
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [one, other] = [left.next(), right.next()];
    if (one.done || other.done) return (one.done ? 0 : 1) - (other.done ? 0 : 1);
    const difference = (one.value.codePointAt(0) as number) - (other.value.codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

function pythonString(text: string): string {
  // By UTF-16 code units, as Python writes characters above U+FFFF.
  const escaped = text.replaceAll(/["\\]|[^ -~]/g, (unit) => SHORT_ESCAPES[unit] ?? unicodeEscapes(unit));
  return `"${escaped}"`;
}

function unicodeEscapes(text: string): string {
  return Array.from(
    { length: text.length },
    (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** What is written with a point or an exponent is a float in Python, everything else an integer of any size. */
function pythonNumber(text: string): string {
  if (!/[.eE]/.test(text)) return /^-0+$/.test(text) ? '0' : text;
  return pythonFloat(Number(text));
}

/** Python's `repr`: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 ? '-' : '';
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '');
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
