/**
 * Evaluates a condition for one entity in memory: live streams select by the same conditions as lists in the database.
 */

import { foldCase, type Condition, type RelationName, type Scalar } from './query.ts';

/** By the names of the fields. The rows that a relation leads to lie beside them, under its name (`relationName`). */
export type Fields = Readonly<Record<string, unknown>>;

export function relationName(noun: string, by?: RelationName): string {
  return by === undefined ? noun : `${noun}:${by}`;
}

/** Related rows that are not known meet no condition. A field that is null meets no condition but `isNull`. */
export function holds(condition: Condition, entity: Fields): boolean {
  switch (condition.op) {
    case 'and':
      return condition.of.every((part) => holds(part, entity));
    case 'or':
      return condition.of.some((part) => holds(part, entity));
    case 'not':
      return !holds(condition.of, entity);
    case 'exists': {
      const rows = entity[relationName(condition.noun, condition.by)] as readonly Fields[] | undefined;
      return rows !== undefined && rows.some((row) => holds(condition.where, row));
    }
    case 'isNull':
      return (valueOf(entity, condition.field) === null) === condition.isNull;
    default: {
      const value = valueOf(entity, condition.field);
      return value !== null && fits(condition, value);
    }
  }
}

function valueOf(entity: Fields, field: string): unknown {
  return entity[field] ?? null;
}

type Leaf = Exclude<Condition, { readonly op: 'and' | 'or' | 'not' | 'exists' | 'isNull' }>;

function fits(leaf: Leaf, value: unknown): boolean {
  switch (leaf.op) {
    case 'in':
      return leaf.values.includes(value as Scalar);
    case 'notIn':
      return !leaf.values.includes(value as Scalar);
    case 'eq':
      return value === leaf.value;
    case 'lt':
      return (value as Scalar) < leaf.value;
    case 'le':
      return (value as Scalar) <= leaf.value;
    case 'gt':
      return (value as Scalar) > leaf.value;
    case 'ge':
      return (value as Scalar) >= leaf.value;
    case 'contains':
      return foldCase(String(value), leaf.text).includes(foldCase(leaf.text, leaf.text));
    case 'startsWith':
      return foldCase(String(value), leaf.text).startsWith(foldCase(leaf.text, leaf.text));
    case 'hasPrefix':
      return String(value).startsWith(leaf.text);
    case 'hasAnyPrefix':
      return leaf.values.some((text) => String(value).startsWith(text));
    case 'like':
      return fitsLike(leaf.pattern, foldCase(String(value), leaf.pattern));
    case 'glob':
      return leaf.patterns.some((pattern) => fitsGlob(pattern, String(value)));
    case 'hasAll':
      return leaf.values.every((item) => (value as readonly string[]).includes(item));
    case 'hasAny':
      return leaf.values.some((item) => (value as readonly string[]).includes(item));
    case 'isEmpty':
      return ((value as readonly string[]).length === 0) === leaf.isEmpty;
  }
}

/** `%` matches any text, `_` any character; `text` is folded as the pattern wants it. */
export function fitsLike(pattern: string, text: string): boolean {
  return fitsWildcards(foldCase(pattern, pattern), text, { any: '%', one: '_' });
}

/** `*` matches any text, `?` any character. */
export function fitsGlob(pattern: string, text: string): boolean {
  return fitsWildcards(pattern, text, { any: '*', one: '?' });
}

/**
 * Backtracks to the last wildcard for any text only, so that matching takes at most pattern length times text length; a
 * regular expression with as many wildcards would not end.
 */
function fitsWildcards(
  pattern: string,
  text: string,
  { any, one }: { readonly any: string; readonly one: string },
): boolean {
  if (!pattern.includes(any) && !pattern.includes(one)) return pattern === text;
  const wanted = Array.from(pattern);
  const units = Array.from(text);
  let at = 0;
  let afterAny = -1;
  let resumed = 0;
  for (let index = 0; index < units.length;) {
    if (wanted[at] === any) {
      at += 1;
      afterAny = at;
      resumed = index;
    } else if (at < wanted.length && (wanted[at] === one || wanted[at] === units[index])) {
      at += 1;
      index += 1;
    } else if (afterAny >= 0) {
      at = afterAny;
      resumed += 1;
      index = resumed;
    } else return false;
  }
  while (wanted[at] === any) at += 1;
  return at === wanted.length;
}
