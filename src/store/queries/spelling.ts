/** What a dialect says of conditions about one field: how values are bound, and how the comparison is spelled. */

import type { Condition } from '../../core/query.ts';
import type { ColumnSpelling, FieldKind } from './fields.ts';
import type { Sql } from './sql.ts';

export type LeafCondition = Exclude<Condition, { readonly op: 'and' | 'or' | 'not' | 'exists' }>;

/** What the driver binds. */
export type Bindable = string | number | bigint | null | Uint8Array;

export interface LeafSpelling {
  /** Tells spellings of one operator and kind apart: conditions with equal tags have equal SQL. */
  readonly tag: string;
  /** In the order of the slots that `sql` is given. */
  readonly values: readonly Bindable[];
  sql(column: Sql, slots: readonly Sql[]): Sql;
}

export interface Spelling extends ColumnSpelling {
  leaf(condition: LeafCondition, kind: FieldKind): LeafSpelling;
  /** A join before `on` whose left side is gone through first. */
  readonly orderedJoin: string;
}
