/** What the list queries need to know of a dialect. Kysely only compiles here: nothing is run through it. */

import type { Expression, Kysely, SqlBool } from 'kysely';
import type { IdValue } from '../id-value.ts';
import type { StoreTables } from './tables.ts';

export interface QueryContext {
  readonly db: Kysely<StoreTables>;
  /** An id as the dialect binds it; `bad-input` when the text is none. */
  id(uuid: string): IdValue;
  /** Whether a column that holds a JSON array of texts has this one. */
  jsonArrayHas(column: Expression<string>, text: string): Expression<SqlBool>;
  /** Whether the text occurs in the column, whatever the case of the letters. */
  containsText(column: Expression<string>, text: string): Expression<SqlBool>;
}

/** A statement ready to be run. */
export interface CompiledList {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
