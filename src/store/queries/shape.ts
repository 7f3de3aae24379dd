/**
 * The shape of a query: all of it but the values. Queries of one shape have one text of SQL, which is compiled once and
 * prepared once; what differs is bound. Taking the shape is what every list pays, so it is one walk that adds text.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { Condition, Noun, Query } from '../../core/query.ts';
import { NOUN_TABLES, type Field } from './fields.ts';
import type { Bindable, Spelling } from './spelling.ts';

export interface Shape {
  key: string;
  /** In the order of the slots. */
  readonly values: Bindable[];
}

/** `bad-input` for a field that the noun does not have. */
export function fieldOf(noun: Noun, name: string): Field {
  const field = NOUN_TABLES[noun]?.fields[name];
  if (field === undefined) {
    throw new OstinatoError('bad-input', `Lists of ${noun} cannot be narrowed or ordered by "${name}".`, {
      remedy: `Choose one of ${Object.keys(NOUN_TABLES[noun]?.fields ?? {}).join(', ')}.`,
    });
  }
  return field;
}

export function addCondition(shape: Shape, spelling: Spelling, noun: Noun, condition: Condition): void {
  switch (condition.op) {
    case 'and':
    case 'or':
      shape.key += condition.op === 'and' ? '&(' : '|(';
      for (const part of condition.of) addCondition(shape, spelling, noun, part);
      shape.key += ')';
      return;
    case 'not':
      shape.key += '!';
      addCondition(shape, spelling, noun, condition.of);
      return;
    case 'exists':
      shape.key += `${condition.noun}${condition.by ?? ''}[`;
      // Of a noun without a table there is nothing, whatever is asked of it.
      if (NOUN_TABLES[condition.noun] !== undefined) addCondition(shape, spelling, condition.noun, condition.where);
      shape.key += ']';
      return;
    default: {
      const { tag, values } = spelling.leaf(condition, fieldOf(noun, condition.field).kind);
      shape.key += `${condition.op}${tag}.${condition.field} `;
      for (const value of values) shape.values.push(value);
    }
  }
}

export function shapeOfQuery(spelling: Spelling, noun: Noun, query: Query, way: string): Shape {
  const shape: Shape = { key: `find ${noun} by ${way} `, values: [] };
  addCondition(shape, spelling, noun, query.where);
  for (const { field, direction } of query.sort) shape.key += ` ${direction} ${field}`;
  shape.values.push(query.limit, query.offset);
  return shape;
}

export function shapeOfProbe(spelling: Spelling, noun: Noun, condition: Condition): Shape {
  const shape: Shape = { key: `probe ${noun} `, values: [] };
  addCondition(shape, spelling, noun, condition);
  return shape;
}

export function shapeOfCount(spelling: Spelling, noun: Noun, where: Condition): Shape {
  const shape: Shape = { key: `count ${noun} `, values: [] };
  addCondition(shape, spelling, noun, where);
  return shape;
}
