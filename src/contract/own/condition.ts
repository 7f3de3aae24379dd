/** Conditions of lists (`core/query.ts`) on our own wire. What a noun can be asked by, the store says. */

import { OstinatoError } from '../../core/errors.ts';
import type { Condition, Scalar } from '../../core/query.ts';
import { refined, type SchemaOf } from '../codec.ts';
import { Type, type TSchema } from '../type.ts';
import { Bool, list, oneOf, optional, recursive, Text } from './typed.ts';

/** Conditions that one may be made of: each is a piece of a statement. */
const PARTS_MAX = 100;
/** Ids of the largest page, several times; 5,000 ids are found in some 30 ms. */
const VALUES_MAX = 5_000;
/**
 * Longer than any name that people look for. Where every place nearly fits, looking takes its length times the text's.
 */
const PATTERN_CHARACTERS_MAX = 500;

const scalar: SchemaOf<Scalar> = Type.Unsafe<Scalar>({ type: ['string', 'number', 'boolean'] });

type Operator = Condition['op'];
const VALUE = { field: Text, value: scalar };
const VALUES = { field: Text, values: list(scalar) };
const TEXT = { field: Text, text: Text };
const TEXTS = { field: Text, values: list(Text) };

const membersOf = (itself: SchemaOf<Condition>): Readonly<Record<Operator, Readonly<Record<string, TSchema>>>> => ({
  and: { of: list(itself) },
  or: { of: list(itself) },
  not: { of: itself },
  in: VALUES,
  notIn: VALUES,
  eq: VALUE,
  lt: VALUE,
  le: VALUE,
  gt: VALUE,
  ge: VALUE,
  contains: TEXT,
  startsWith: TEXT,
  hasPrefix: TEXT,
  hasAnyPrefix: TEXTS,
  like: { field: Text, pattern: Text },
  glob: { field: Text, patterns: list(Text) },
  isNull: { field: Text, is_null: Bool },
  hasAll: TEXTS,
  hasAny: TEXTS,
  isEmpty: { field: Text, is_empty: Bool },
  exists: { noun: Text, where: itself, by: optional(oneOf('parent', 'child', 'own', 'related')) },
});

export const condition: SchemaOf<Condition> = refined(
  recursive<Condition>(
    'Condition',
    (itself) =>
      Type.Union(
        Object.entries(membersOf(itself)).map(([op, members]) =>
          Type.Object({ op: oneOf(op), ...members }, { additionalProperties: false }),
        ),
      ) as TSchema as SchemaOf<Condition>,
  ),
  (given, place) => {
    if (partsOf(given, place) <= PARTS_MAX) return given;
    throw tooLarge(place, `more than ${PARTS_MAX} parts`);
  },
);

function partsOf(given: Condition, place: string): number {
  switch (given.op) {
    case 'and':
    case 'or':
      return given.of.reduce((sum, part) => sum + partsOf(part, place), 1);
    case 'not':
      return 1 + partsOf(given.of, place);
    case 'exists':
      return 1 + partsOf(given.where, place);
    case 'in':
    case 'notIn':
    case 'hasAll':
    case 'hasAny':
      if (given.values.length > VALUES_MAX) throw tooLarge(place, `more than ${VALUES_MAX} values`);
      return 1;
    case 'contains':
    case 'startsWith':
    case 'hasPrefix':
      return patterns([given.text], place);
    case 'like':
      return patterns([given.pattern], place);
    case 'hasAnyPrefix':
      return patterns(given.values, place);
    case 'glob':
      return patterns(given.patterns, place);
    default:
      return 1;
  }
}

/** Each of them is looked for by itself. */
function patterns(texts: readonly string[], place: string): number {
  if (texts.some((text) => text.length > PATTERN_CHARACTERS_MAX))
    throw tooLarge(place, `a text of more than ${PATTERN_CHARACTERS_MAX} characters`);
  return Math.max(1, texts.length);
}

function tooLarge(place: string, what: string): OstinatoError {
  return new OstinatoError('bad-input', `${place} has ${what}.`, { remedy: 'Ask for less at once.' });
}
