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

/**
 * What conditions speak of: the nouns of lists, and events, whose lists are `EventQueries`. An event has resources: its
 * own (whose role is empty) and the related ones; a resource has labels, each with a `name` and a `value`.
 */
export type AskedNoun = Noun | 'event' | 'event_resource' | 'resource_label';

export type Scalar = string | number | boolean;

/** @typeParam Related what `exists` may lead to; whoever compiles conditions adds what is stored in their place */
export type Condition<Related extends string = AskedNoun> =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition<Related>[] }
  | { readonly op: 'not'; readonly of: Condition<Related> }
  /** An empty list matches nothing. */
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'eq' | 'lt' | 'le' | 'gt' | 'ge'; readonly field: string; readonly value: Scalar }
  /** The text contains it, or begins with it, case-insensitive (see `foldCase`). */
  | { readonly op: 'contains' | 'startsWith'; readonly field: string; readonly text: string }
  /** The text begins with exactly this. */
  | { readonly op: 'hasPrefix'; readonly field: string; readonly text: string }
  /** The text begins with exactly one of these; an empty list matches nothing. */
  | { readonly op: 'hasAnyPrefix'; readonly field: string; readonly values: readonly string[] }
  /** The whole text matches the pattern: `%` stands for any text, `_` for one character; case-insensitive. */
  | { readonly op: 'like'; readonly field: string; readonly pattern: string }
  /**
   * The whole text matches one of the patterns: `*` stands for any text, `?` for one character, everything else for
   * itself. An empty list matches nothing.
   */
  | { readonly op: 'glob'; readonly field: string; readonly patterns: readonly string[] }
  | { readonly op: 'isNull'; readonly field: string; readonly isNull: boolean }
  /** On a list (tags): has all of these, has one of these, is empty. */
  | { readonly op: 'hasAll' | 'hasAny'; readonly field: string; readonly values: readonly string[] }
  | { readonly op: 'isEmpty'; readonly field: string; readonly isEmpty: boolean }
  /**
   * There is a related row of that noun that meets the condition. `by` names the relation where there are several:
   * `parent` is the task run that a flow run was started from, `child` the flow run that a task run represents; of an
   * event's resources, `own` is the one that it is about, `related` are the others.
   */
  | { readonly op: 'exists'; readonly noun: Related; readonly where: Condition<Related>; readonly by?: RelationName };

export type RelationName = 'parent' | 'child' | 'own' | 'related';

/** Holds for everything. */
export const EVERYTHING: Condition = Object.freeze({ op: 'and', of: [] });
/** Holds for nothing. */
export const NOTHING: Condition = Object.freeze({ op: 'or', of: [] });

/** All of them must hold; a single one is returned as it is. */
export function allOf<Related extends string = AskedNoun>(
  conditions: readonly Condition<Related>[],
): Condition<Related> {
  return conditions.length === 1 ? (conditions[0] as Condition<Related>) : { op: 'and', of: conditions };
}

/** One of them must hold; a single one is returned as it is. */
export function anyOf<Related extends string = AskedNoun>(
  conditions: readonly Condition<Related>[],
): Condition<Related> {
  return conditions.length === 1 ? (conditions[0] as Condition<Related>) : { op: 'or', of: conditions };
}

/** The parts of a condition that must all hold. */
export function conjuncts<Related extends string>(condition: Condition<Related>): readonly Condition<Related>[] {
  return condition.op === 'and' ? condition.of.flatMap(conjuncts) : [condition];
}

/** The condition, and all that it is made of. */
export function* piecesOf(condition: Condition): Generator<Condition, void> {
  yield condition;
  switch (condition.op) {
    case 'and':
    case 'or':
      for (const part of condition.of) yield* piecesOf(part);
      return;
    case 'not':
      return yield* piecesOf(condition.of);
    case 'exists':
      return yield* piecesOf(condition.where);
    default:
  }
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
