/**
 * How a task run takes part in the transactions around it, recorded with it: enough to end them in another process.
 *
 * It is written with the state that finishes the task, so that what the task kept is never recorded without its task,
 * nor the task without that. What is decided later is written over it.
 */

import type { ValueRef } from './value.ts';

export interface Participation {
  /** Ids of the transactions around its call, outermost first. Every opening of a transaction has an id of its own. */
  readonly within: readonly string[];
  /** Its arguments, as a list, for its hooks; `null` without hooks, and when they could not be kept. */
  readonly inputs: ValueRef | null;
  /** What it kept with `set`, by name, and what the tasks around it had kept; `null` for nothing. */
  readonly values: ValueRef | null;
  /** Names whose values existed in this process only: reading them in another is an error. */
  readonly unkept: readonly string[];
  /**
   * Mark of the task's hooks, which tells apart tasks of one key with different hooks (`.with(…)`): see
   * `engine/hook-mark.ts`. `null` without hooks.
   */
  readonly hooks: string | null;
  readonly decision: TransactionDecision | null;
}

/** Name of the state of a task that was taken back; done again by an attempt that calls it. */
export const ROLLED_BACK = 'RolledBack';
/** Taken back, but nobody has its rollback hooks: what the task did still stands. */
export const ROLLBACK_INCOMPLETE = 'RollbackIncomplete';
/** Committed, but nobody has its commit hooks. */
export const COMMIT_INCOMPLETE = 'CommitIncomplete';

/** `left`: the transaction was committed by an attempt that did not call the task; none of its hooks run. */
export type TransactionOutcome = 'committed' | 'rolled-back' | 'left';

export interface TransactionDecision {
  readonly outcome: TransactionOutcome;
  /** The transaction that decided, under every id that it had in the attempts of its run. */
  readonly ids: readonly string[];
  /** The transaction's name, for people. */
  readonly by: string;
  /** Number of hooks that have ended, including those that threw; they run in order. */
  readonly hooksDone: number;
  readonly hooksFailed: number;
  readonly isFinished: boolean;
  /** Values of the transactions themselves, by id and name: on the first task run whose decision is recorded. */
  readonly values: ValueRef | null;
  /** The task's result, which the state of a rolled-back run no longer has. */
  readonly result: ValueRef | null;
}
