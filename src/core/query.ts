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
  /** The text occurs in it, or it begins with the text, whatever the case of the letters (see `foldCase`). */
  | { readonly op: 'contains' | 'startsWith'; readonly field: string; readonly text: string }
  /** All of it fits the pattern: `%` stands for any text, `_` for one character; whatever the case of the letters. */
  | { readonly op: 'like'; readonly field: string; readonly pattern: string }
  | { readonly op: 'isNull'; readonly field: string; readonly isNull: boolean }
  /** Of a list (tags): has all of these, has one of these, is empty. */
  | { readonly op: 'hasAll' | 'hasAny'; readonly field: string; readonly values: readonly string[] }
  | { readonly op: 'isEmpty'; readonly field: string; readonly isEmpty: boolean }
  /**
   * There is a related row of that noun for which the condition holds. `by` says by which tie, where there is more than one:
   * `parent` is the task run that a flow run was started from, `child` the flow run that a task run stands for.
   */
  | { readonly op: 'exists'; readonly noun: Noun; readonly where: Condition; readonly by?: 'parent' | 'child' };

/** Holds for everything. */
export const EVERYTHING: Condition = Object.freeze({ op: 'and', of: [] });
/** Holds for nothing. */
export const NOTHING: Condition = Object.freeze({ op: 'or', of: [] });

/** All of them must hold; one alone stays as it is. */
export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 1 ? (conditions[0] as Condition) : { op: 'and', of: conditions };
}

/** The text for a comparison that the case does not count in: a pattern of ASCII folds ASCII letters only (as SQL's LIKE), one with others all letters. */
export function foldCase(text: string, pattern: string): string {
  return isAscii(pattern) ? text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}

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
