/** Chooses the faster way to a page of rows: see `find.ts`. */

import { conjuncts, type Condition, type Noun, type Query } from '../../core/query.ts';
import { isOneValue, isSelective, isSingle } from './condition.ts';
import { NOUN_TABLES, RELATIONS } from './fields.ts';
import type { AccessPath } from './find.ts';
import { fieldOf } from './shape.ts';

/** So few rows are sorted faster than searched along an order. */
export const FEW_ROWS = 500;

/** Probes: the choice depends on whether few rows meet one of these parts of the condition. */
export type AccessPathChoice = AccessPath | { readonly probes: readonly Condition[] };

export function accessPathTo(noun: Noun, { where, sort }: Query): AccessPathChoice {
  const parts = conjuncts(where);
  if (parts.some((part) => isSelective(noun, part))) return 'condition';
  const along = sort[0]?.field ?? 'id';
  if (fieldOf(noun, along).index === undefined) return 'condition';
  // The rows of one value are in the order already, few or many.
  if (along === 'id' && parts.some((part) => isPieceById(noun, part))) return 'condition';
  const probes = parts.filter((part) => isIndexed(noun, part, along));
  return probes.length === 0 ? 'order' : { probes };
}

function isPieceById(noun: Noun, condition: Condition): boolean {
  if (isOneValue(condition)) return fieldOf(noun, condition.field).isById === true;
  if (condition.op !== 'exists' || condition.by !== undefined) return false;
  const relation = RELATIONS[`${noun}>${condition.noun}`];
  return (
    relation !== undefined &&
    relation.isToOne &&
    isSingle(condition.noun, condition.where) &&
    Object.values(NOUN_TABLES[noun].fields).some(({ column, isById }) => column === relation.from && isById)
  );
}

function isIndexed(noun: Noun, condition: Condition, along: string): boolean {
  switch (condition.op) {
    case 'in':
    case 'eq':
      return fieldOf(noun, condition.field).index !== undefined;
    // A range of the sort field is applied by the walk itself.
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return condition.field !== along && fieldOf(noun, condition.field).index !== undefined;
    case 'exists':
      return condition.by === undefined && (RELATIONS[`${noun}>${condition.noun}`]?.isToOne ?? false);
    default:
      return false;
  }
}
