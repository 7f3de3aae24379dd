/**
 * What lists over the API can ask: conditions as data, so that the contract can make them from any of the wire's filters
 * and every dialect of the store can spell them.
 *
 * Fields are named as the entities in this room name them (`startTime`, `stateType`); `store/queries/fields.ts` has the
 * table of what each noun can be asked by. Conditions about a field that is null do not hold, as in SQL.
 */

export type Noun =
  | 'flow' | 'flow_run' | 'task_run' | 'log' | 'artifact' | 'artifact_collection' | 'variable' | 'block_type' | 'block_schema'
  | 'block_document' | 'concurrency_limit' | 'saved_search' | 'deployment' | 'work_pool' | 'work_queue';

export type Scalar = string | number | boolean;

export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  /** An empty list matches nothing. */
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'eq' | 'lt' | 'le' | 'gt' | 'ge'; readonly field: string; readonly value: Scalar }
  /** The text occurs in it, whatever the case. */
  | { readonly op: 'contains'; readonly field: string; readonly text: string }
  | { readonly op: 'startsWith'; readonly field: string; readonly text: string }
  | { readonly op: 'isNull'; readonly field: string; readonly isNull: boolean }
  /** Of a list (tags): has all of these, has one of these, is empty. */
  | { readonly op: 'hasAll' | 'hasAny'; readonly field: string; readonly values: readonly string[] }
  | { readonly op: 'isEmpty'; readonly field: string; readonly isEmpty: boolean }
  /** There is a related row of that noun for which the condition holds. */
  | { readonly op: 'exists'; readonly noun: Noun; readonly where: Condition };

/** Holds for everything. */
export const EVERYTHING: Condition = Object.freeze({ op: 'and', of: [] });

export interface Sort {
  readonly field: string;
  readonly direction: 'asc' | 'desc';
}

export interface Query {
  readonly where: Condition;
  /** The id breaks ties, in the direction of the last field. */
  readonly sort: readonly Sort[];
  readonly limit: number;
  readonly offset: number;
}
