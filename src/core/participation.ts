/**
 * What a task run has to do with the transactions around it, recorded with it: enough to end them in another process.
 *
 * It is written with the state that finishes the task, so that what the task kept is never recorded without its task, nor the
 * task without that. What is decided later is written over it.
 */

import type { ValueRef } from './value.ts';

export interface Participation {
  /** Ids of the transactions around its call, outermost first. Every opening of a transaction has an id of its own. */
  readonly within: readonly string[];
  /** Its arguments, as a list, for its hooks; `null` without hooks, and when they could not be kept. */
  readonly inputs: ValueRef | null;
  /** What it kept with `set`, by name, and what the tasks around it had kept; `null` for nothing. */
  readonly values: ValueRef | null;
  /** Names whose values were in this process only: what reads them in another must say so. */
  readonly unkept: readonly string[];
  /** Tells apart the tasks of one key that have other hooks (`.with(…)`); `null` without hooks. */
  readonly hooks: string | null;
  readonly decision: TransactionDecision | null;
}

/** `left`: an attempt that did not call it any more committed; neither its commit hooks nor its rollback hooks run. */
export type TransactionOutcome = 'committed' | 'rolled-back' | 'left';

export interface TransactionDecision {
  readonly outcome: TransactionOutcome;
  /** The transaction that decided, under every id that it had in the attempts of its run. */
  readonly ids: readonly string[];
  /** For people. */
  readonly by: string;
  /** Hooks that have run to their end, those that threw included; they run in order. */
  readonly hooksDone: number;
  readonly hooksFailed: number;
  readonly isFinished: boolean;
  /** What the transactions themselves kept, by id and name: on the first task run that hears of the decision. */
  readonly values: ValueRef | null;
  /** Its result, which a state of a rolled-back run does not have any more. */
  readonly result: ValueRef | null;
}
