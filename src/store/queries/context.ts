/** What the list queries need to know of a dialect. */

import type { IdValue } from '../id-value.ts';
import { sql, type Sql } from './sql.ts';

export interface QueryContext {
  /** An id as the dialect binds it; `bad-input` when the text is none. */
  id(uuid: string): IdValue;
  /** Whether a column that holds a JSON array of texts has this one. */
  jsonArrayHas(column: string, text: string): Sql;
  /** Whether the text occurs in the column, whatever the case of the letters. */
  containsText(column: string, text: string): Sql;
}

/** ` where …` of all conditions that are there; nothing when none is. */
export function whereAll(conditions: readonly (Sql | false | undefined)[]): Sql {
  const given = conditions.filter((condition): condition is Sql => condition !== false && condition !== undefined);
  return given.length === 0 ? sql.raw('') : sql` where ${sql.join(given, ' and ')}`;
}

/** The column has one of the values; of no values, none. */
export function isIn(column: string, values: readonly unknown[]): Sql {
  return values.length === 0 ? sql.raw('1 = 0') : sql`${sql.raw(column)} in (${sql.join(values)})`;
}

/** The ids between two, both included; of no range, none. */
export function isBetweenIds(context: QueryContext, column: string, range: { readonly from: string; readonly to: string } | null): Sql {
  return range === null ? sql.raw('1 = 0') : sql`${sql.raw(column)} between ${context.id(range.from)} and ${context.id(range.to)}`;
}
