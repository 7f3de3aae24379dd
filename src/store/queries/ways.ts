/** Which way leads to a page of rows sooner: see `find.ts`. */

import type { Condition, Noun, Query } from '../../core/query.ts';
import { isSelective } from './condition.ts';
import { TIES } from './fields.ts';
import type { Way } from './find.ts';
import { fieldOf } from './shape.ts';

/** So few rows are sooner sorted than looked for along an order. */
export const FEW_ROWS = 500;

/** Probes: it depends on whether one of these parts of the condition is met by few rows. */
export type WayChoice = Way | { readonly probes: readonly Condition[] };

export function wayTo(noun: Noun, { where, sort }: Query): WayChoice {
  const parts = conjuncts(where);
  if (parts.some((part) => isSelective(noun, part))) return 'condition';
  const along = sort[0]?.field ?? 'id';
  if (fieldOf(noun, along).index === undefined) return 'condition';
  const probes = parts.filter((part) => isIndexed(noun, part, along));
  return probes.length === 0 ? 'order' : { probes };
}

/** Parts that must all hold. */
export function conjuncts(condition: Condition): readonly Condition[] {
  return condition.op === 'and' ? condition.of.flatMap(conjuncts) : [condition];
}

function isIndexed(noun: Noun, condition: Condition, along: string): boolean {
  switch (condition.op) {
    case 'in':
    case 'eq':
      return fieldOf(noun, condition.field).index !== undefined;
    // A range of the order itself is part of going along it.
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return condition.field !== along && fieldOf(noun, condition.field).index !== undefined;
    case 'exists':
      return condition.by === undefined && (TIES[`${noun}>${condition.noun}`]?.isToOne ?? false);
    default:
      return false;
  }
}
