/**
 * The shape of a query: everything but its values. Queries of one shape have the same SQL, which is compiled and
 * prepared once; only the values are bound. Every list computes its shape, so it is one walk that appends text.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { Condition, Query } from '../../core/query.ts';
import { EVENT_TABLES } from '../nouns/event.ts';
import type { Field } from '../nouns/field.ts';
import { NOUN_TABLES, type TableName } from './fields.ts';
import type { Bindable, SqlDialect } from './sql-dialect.ts';

export interface Shape {
  key: string;
  /** In the order of the slots. */
  readonly values: Bindable[];
  /** No index leads to the rows: others should not wait for them. */
  readonly isSearch?: boolean;
}

/** Each is a part of the statement: lists are one value. */
const VALUES_MAX = 1000;

/** `bad-input` for one that compares with more values than a statement should have. */
export function checkSize({ values }: Shape): void {
  if (values.length > VALUES_MAX)
    throw new OstinatoError('bad-input', `The filter compares with more than ${VALUES_MAX} values.`, {
      remedy: 'Ask for less at once.',
    });
}

/** `bad-input` for a field that the noun does not have. */
export function fieldOf(noun: TableName, name: string): Field {
  if (!Object.hasOwn(NOUN_TABLES, noun))
    throw new OstinatoError('bad-input', `There are no lists of "${noun}".`, {
      remedy: `Choose one of ${Object.keys(NOUN_TABLES)
        .filter((name) => !Object.hasOwn(EVENT_TABLES, name))
        .join(', ')}.`,
    });
  const { fields } = NOUN_TABLES[noun];
  if (!Object.hasOwn(fields, name))
    throw new OstinatoError('bad-input', `Lists of ${noun} cannot be narrowed or ordered by "${name}".`, {
      remedy: `Choose one of ${Object.keys(fields).join(', ')}.`,
    });
  return fields[name] as Field;
}

export function addCondition(
  shape: Shape,
  dialect: SqlDialect,
  noun: TableName,
  condition: Condition<TableName>,
): void {
  switch (condition.op) {
    case 'and':
    case 'or':
      shape.key += condition.op === 'and' ? '&(' : '|(';
      for (const part of condition.of) addCondition(shape, dialect, noun, part);
      shape.key += ')';
      return;
    case 'not':
      shape.key += '!';
      addCondition(shape, dialect, noun, condition.of);
      return;
    case 'exists':
      shape.key += `${condition.noun}${condition.by ?? ''}[`;
      addCondition(shape, dialect, condition.noun, condition.where);
      shape.key += ']';
      return;
    default: {
      const { tag, values } = dialect.leaf(condition, fieldOf(noun, condition.field).kind);
      shape.key += `${condition.op}${tag}.${condition.field} `;
      for (const value of values) shape.values.push(value);
    }
  }
}

/** A query whose condition is said by what is stored. */
export type StoredQuery = Omit<Query, 'where'> & { readonly where: Condition<TableName> };

export function shapeOfQuery(dialect: SqlDialect, noun: TableName, query: StoredQuery, way: string): Shape {
  const shape: Shape = { key: `find ${noun} by ${way} `, values: [] };
  addCondition(shape, dialect, noun, query.where);
  for (const { field, direction } of query.sort) shape.key += ` ${direction} ${field}`;
  shape.values.push(query.limit, query.offset);
  return shape;
}

export function shapeOfProbe(dialect: SqlDialect, noun: TableName, condition: Condition<TableName>): Shape {
  const shape: Shape = { key: `probe ${noun} `, values: [] };
  addCondition(shape, dialect, noun, condition);
  return shape;
}

export function shapeOfCount(dialect: SqlDialect, noun: TableName, where: Condition<TableName>): Shape {
  const shape: Shape = { key: `count ${noun} `, values: [] };
  addCondition(shape, dialect, noun, where);
  return shape;
}
