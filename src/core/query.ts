/**
 * Queries of lists over the API: conditions as data, which the contract makes from any of the wire's filters, and every
 * dialect of the store compiles.
 *
 * Fields are named as the entities in this room name them (`startTime`, `stateType`); `store/queries/fields.ts` has the
 * table of what each noun can be asked by. Conditions about a field that is null do not hold, as in SQL.
 */

import type { Artifact } from './artifact.ts';
import type { Automation } from './automation.ts';
import type { Backfill } from './backfills/backfill.ts';
import type { BlockDocument, BlockSchema, BlockType } from './blocks/block.ts';
import type { ConcurrencyLimit } from './concurrency/limit.ts';
import type { Deployment } from './deployment.ts';
import type { Flow, FlowRun, FlowSummary } from './flow-run.ts';
import type { FlowRunInput } from './flow-run-input.ts';
import type { LogRecord } from './log.ts';
import type { SavedSearch } from './saved-search.ts';
import type { TaskRun } from './task-run.ts';
import type { Variable } from './variable.ts';
import type { Worker, WorkPool, WorkQueue } from './work-pool.ts';

/** What a row of each noun is read as. */
export interface EntityByNoun {
  readonly flow: Flow;
  /** As `flow`, with figures of its runs. */
  readonly flow_summary: FlowSummary;
  readonly flow_run: FlowRun;
  readonly task_run: TaskRun;
  readonly log: LogRecord & { readonly seq: number };
  readonly flow_run_input: FlowRunInput;
  readonly concurrency_limit: ConcurrencyLimit;
  readonly artifact: Artifact;
  /** The newest artifact of a key. */
  readonly artifact_collection: Artifact;
  readonly variable: Variable;
  readonly automation: Automation;
  readonly backfill: Backfill;
  readonly deployment: Deployment;
  readonly block_type: BlockType;
  readonly block_schema: BlockSchema;
  readonly block_document: BlockDocument;
  readonly saved_search: SavedSearch;
  readonly work_pool: WorkPool;
  readonly work_queue: WorkQueue;
  readonly worker: Worker;
}

export type Noun = keyof EntityByNoun;

export type Scalar = string | number | boolean;

export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  /** An empty list matches nothing. */
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'eq' | 'lt' | 'le' | 'gt' | 'ge'; readonly field: string; readonly value: Scalar }
  /** The text contains it, or begins with it, case-insensitive (see `foldCase`). */
  | { readonly op: 'contains' | 'startsWith'; readonly field: string; readonly text: string }
  /** The text begins with exactly this. */
  | { readonly op: 'hasPrefix'; readonly field: string; readonly text: string }
  /** The whole text matches the pattern: `%` stands for any text, `_` for one character; case-insensitive. */
  | { readonly op: 'like'; readonly field: string; readonly pattern: string }
  | { readonly op: 'isNull'; readonly field: string; readonly isNull: boolean }
  /** On a list (tags): has all of these, has one of these, is empty. */
  | { readonly op: 'hasAll' | 'hasAny'; readonly field: string; readonly values: readonly string[] }
  | { readonly op: 'isEmpty'; readonly field: string; readonly isEmpty: boolean }
  /**
   * There is a related row of that noun that meets the condition. `by` names the relation where there are several:
   * `parent` is the task run that a flow run was started from, `child` the flow run that a task run represents.
   */
  | { readonly op: 'exists'; readonly noun: Noun; readonly where: Condition; readonly by?: 'parent' | 'child' };

/** Holds for everything. */
export const EVERYTHING: Condition = Object.freeze({ op: 'and', of: [] });
/** Holds for nothing. */
export const NOTHING: Condition = Object.freeze({ op: 'or', of: [] });

/** All of them must hold; a single one is returned as it is. */
export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 1 ? (conditions[0] as Condition) : { op: 'and', of: conditions };
}

/**
 * The text for a case-insensitive comparison: with an ASCII pattern only ASCII letters are folded (as in SQL's LIKE),
 * with others all letters.
 */
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
