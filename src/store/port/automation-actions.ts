/** The outbox of automations: orders leave it at least once, and a receipt ends each. */

import type { ActionReceipt, ActionRecord, ActionStatus, TakenOrder } from '../../core/action-receipt.ts';
import type { AutomationId } from '../../core/automation.ts';
import type { ActionOrder } from '../../core/automation-firing.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';

export interface TakeActions {
  readonly now: Instant;
  /** Whoever takes one has it until then; after that another may take it. */
  readonly leaseUntil: Instant;
  readonly limit: number;
  /** Of one automation at most so many at a time: one whose actions hang does not keep others waiting. */
  readonly automationMax: number;
  /** How many of an automation's the caller acts on already. */
  readonly underWay: ReadonlyMap<AutomationId, number>;
}

/** How an attempt ended: for good, or to be made again. */
export type ActionOutcome =
  | { readonly receipt: ActionReceipt; readonly at: Instant; readonly events: readonly OutboxEvent[] }
  | { readonly retryAt: Instant; readonly problem: string };

export interface ActionRecordCount {
  readonly automationId: AutomationId;
  readonly status: ActionStatus;
  readonly count: number;
}

export interface AutomationActionStorage {
  /** Due at once. One that is there already, whatever became of it, stays as it is. */
  insertActionOrders(orders: readonly ActionOrder[], now: Instant): MaybePromise<void>;
  /** When the first that has not ended is due; `null`: all have ended. */
  nextActionOrderAt(): MaybePromise<Instant | null>;
  /** Those that have been due the longest. */
  takeActionOrders(request: TakeActions): MaybePromise<readonly TakenOrder[]>;
  /**
   * Ends the attempt, with its events. Answers whether it still was the caller's: of one that has ended, or that
   * another has taken, nothing is written.
   */
  endActionAttempt(id: string, attempt: number, outcome: ActionOutcome): MaybePromise<boolean>;
  /** Of an automation, the newest first. */
  listActionRecords(automationId: AutomationId, limit: number): MaybePromise<readonly ActionRecord[]>;
  /** Of these automations, what became of the orders made since then; those that have not ended are left out. */
  countActionRecords(
    automationIds: readonly AutomationId[],
    since: Instant,
  ): MaybePromise<readonly ActionRecordCount[]>;
  /** Deletes at most so many that ended before then; answers how many. Without any, nothing is written. */
  deleteActionRecordsBefore(before: Instant, limit: number): MaybePromise<number>;
}
