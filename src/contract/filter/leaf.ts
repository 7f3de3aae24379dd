/**
 * The leaves of the wire's filters: `any_`, `like_`, `before_` and so on. Each is a schema of what may stand there and
 * the condition that it becomes; `null` where it narrows nothing.
 *
 * Source of the meanings: Prefect 3.8, `server/schemas/filters.py`.
 */

import { Type, type TSchema } from '../type.ts';

import type { Condition, Scalar } from '../../core/query.ts';
import { parseInstant } from '../../core/time.ts';
import { TimeIn, UuidIn } from '../route.ts';
import { Whole } from '../schema/scalars.ts';

export interface Leaf {
  readonly schema: TSchema;
  readonly condition: (value: never) => Condition | null;
}

/**
 * Longer than any name that people look for. Where every place nearly fits, looking takes its length times the text's.
 */
const LIKE_LENGTH_MAX = 500;
/** Of ids, names and tags: 200 rows are a page, and 5,000 ids are found in some 30 ms. */
const LIST_ITEMS_MAX = 5_000;
/** Each is a condition of its own. */
const BEGINNINGS_MAX = 100;

export const Text = Type.String();

function leaf<Value>(schema: TSchema, condition: (value: Value) => Condition | null): Leaf {
  return { schema, condition };
}

function listOf(item: TSchema): TSchema {
  return Type.Array(item, { maxItems: LIST_ITEMS_MAX });
}

/** An empty list matches nothing. Ids are compared in lower case. */
export function anyOf(field: string, item: TSchema = Text): Leaf {
  return leaf(listOf(item), (values: Scalar[]) => ({
    op: 'in',
    field,
    values: item === UuidIn ? lowerCase(values) : values,
  }));
}

/** An empty list narrows nothing. */
export function noneOf(field: string, item: TSchema = Text): Leaf {
  return leaf(listOf(item), (values: Scalar[]) =>
    values.length === 0 ? null : { op: 'notIn', field, values: item === UuidIn ? lowerCase(values) : values },
  );
}

function lowerCase(values: readonly Scalar[]): readonly Scalar[] {
  return values.map((value) => (typeof value === 'string' ? value.toLowerCase() : value));
}

/**
 * A part of the text, whatever the case; `%` and `_` stand for any text and any character. An empty one narrows
 * nothing.
 */
export function like(field: string): Leaf {
  return leaf(Type.String({ maxLength: LIKE_LENGTH_MAX }), (text: string) =>
    text === '' ? null : partOf(field, text),
  );
}

export function partOf(field: string, text: string): Condition {
  return hasWildcard(text) ? { op: 'like', field, pattern: `%${text}%` } : { op: 'contains', field, text };
}

/** Begins with one of them, whatever the case; `%` and `_` as in `like`. */
export function startsWithOneOf(field: string): Leaf {
  return leaf(
    Type.Array(Type.String({ maxLength: LIKE_LENGTH_MAX }), { maxItems: BEGINNINGS_MAX }),
    (texts: string[]) =>
      texts.length === 0
        ? null
        : {
            op: 'or',
            of: texts.map((text) =>
              hasWildcard(text) ? { op: 'like', field, pattern: `${text}%` } : { op: 'startsWith', field, text },
            ),
          },
  );
}

function hasWildcard(text: string): boolean {
  return text.includes('%') || text.includes('_');
}

export function notAfter(field: string): Leaf {
  return leaf(TimeIn, (time: string) => ({ op: 'le', field, value: instantOf(time) }));
}

export function notBefore(field: string): Leaf {
  return leaf(TimeIn, (time: string) => ({ op: 'ge', field, value: instantOf(time) }));
}

function instantOf(time: string): number {
  return parseInstant(time) ?? 0;
}

export function isNull(field: string): Leaf {
  return leaf(Type.Boolean(), (value: boolean) => ({ op: 'isNull', field, isNull: value }));
}

export function isPresent(field: string): Leaf {
  return leaf(Type.Boolean(), (value: boolean) => ({ op: 'isNull', field, isNull: !value }));
}

export function equals(field: string, schema: TSchema): Leaf {
  return leaf(schema, (value: Scalar) => ({ op: 'eq', field, value }));
}

export function atLeast(field: string): Leaf {
  return leaf(Whole(), (value: number) => ({ op: 'ge', field, value }));
}

export function atMost(field: string): Leaf {
  return leaf(Whole(), (value: number) => ({ op: 'le', field, value }));
}

/** Of a list: an empty one narrows nothing. */
export function hasAll(field: string): Leaf {
  return leaf(listOf(Text), (values: string[]) => (values.length === 0 ? null : { op: 'hasAll', field, values }));
}

/** Of a list: an empty one matches nothing. */
export function hasAny(field: string): Leaf {
  return leaf(listOf(Text), (values: string[]) => ({ op: 'hasAny', field, values }));
}

export function isEmptyList(field: string): Leaf {
  return leaf(Type.Boolean(), (value: boolean) => ({ op: 'isEmpty', field, isEmpty: value }));
}

/** Is checked, and narrows nothing. */
export function ignored(schema: TSchema): Leaf {
  return leaf(schema, () => null);
}
