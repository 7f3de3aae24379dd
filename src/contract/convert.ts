/**
 * What a schema asks for, from what a caller sent that means the same: `"5"` for 5, `"true"` for true, 1 for true, a
 * date or a count of seconds for a point in time, an id without dashes. Nothing else: a number is no text, and no null
 * stands for an empty text. Query parameters, which are always text, live on it.
 *
 * Source of the pairs: Pydantic's lax mode, by which Prefect's server reads bodies.
 */

import { readUuid } from '../core/ids.ts';
import { clampInstant, formatInstant } from '../core/time.ts';
import type { TSchema } from './type.ts';

interface SchemaFacts {
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly TSchema[];
  readonly items?: TSchema;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
}

const NUMBER = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  t: true,
  f: false,
  yes: true,
  no: false,
  y: true,
  n: false,
  on: true,
  off: false,
  1: true,
  0: false,
};

/**
 * The value itself where nothing is to be converted.
 * @param fits whether a value fits a schema: tells which part of a union is meant
 */
export function convert(schema: TSchema, value: unknown, fits: (schema: TSchema, value: unknown) => boolean): unknown {
  const facts = schema as SchemaFacts;
  if (facts.anyOf) return convertUnion(facts.anyOf, value, fits);
  switch (facts.type) {
    case 'integer':
    case 'number':
      if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
      return typeof value === 'boolean' ? Number(value) : value;
    case 'boolean':
      return typeof value === 'string' || typeof value === 'number'
        ? (BOOLEANS[String(value).toLowerCase()] ?? value)
        : value;
    case 'array': {
      const { items } = facts;
      return Array.isArray(value) && items ? convertList(items, value, fits) : value;
    }
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? convertObject(facts, value as Record<string, unknown>, fits)
        : value;
    case 'string':
      return convertText(facts.format, value);
    default:
      return value;
  }
}

function convertText(format: string | undefined, value: unknown): unknown {
  if (format === 'any-uuid') return typeof value === 'string' ? (readUuid(value) ?? value) : value;
  return format === 'lenient-date-time' ? (timeIn(value) ?? value) : value;
}

/** Above this many seconds, a number counts milliseconds. Source: Pydantic. */
const SECONDS_MAX = 20_000_000_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Of a day (its first moment in UTC), or of a count of seconds or milliseconds since 1970, as number or text. */
function timeIn(value: unknown): string | null {
  if (typeof value === 'string' && DATE.test(value)) return `${value}T00:00:00Z`;
  const count = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  if (typeof count !== 'number') return null;
  return formatInstant(clampInstant(Math.round(count * (Math.abs(count) > SECONDS_MAX ? 1000 : 1_000_000))));
}

function convertUnion(
  parts: readonly TSchema[],
  value: unknown,
  fits: (schema: TSchema, value: unknown) => boolean,
): unknown {
  if (parts.some((part) => fits(part, value))) return value;
  for (const part of parts) {
    const converted = convert(part, value, fits);
    if (fits(part, converted)) return converted;
  }
  return value;
}

/** A copy is made with the first member that is another now: most of what does not fit has none. */
function convertList(
  items: TSchema,
  list: readonly unknown[],
  fits: (schema: TSchema, value: unknown) => boolean,
): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < list.length; index += 1) {
    const converted = convert(items, list[index], fits);
    if (converted !== list[index]) (copy ??= [...list])[index] = converted;
  }
  return copy ?? list;
}

function convertObject(
  facts: SchemaFacts,
  value: Record<string, unknown>,
  fits: (schema: TSchema, value: unknown) => boolean,
): Record<string, unknown> {
  const { properties = {} } = facts;
  const [rest] = Object.values(facts.patternProperties ?? {});
  let copy: Record<string, unknown> | null = null;
  for (const key of rest === undefined ? Object.keys(properties) : Object.keys(value)) {
    const schema = (Object.hasOwn(properties, key) ? properties[key] : undefined) ?? rest;
    if (schema === undefined || !Object.hasOwn(value, key)) continue;
    const converted = convert(schema, value[key], fits);
    if (converted !== value[key]) (copy ??= { ...value })[key] = converted;
  }
  return copy ?? value;
}
