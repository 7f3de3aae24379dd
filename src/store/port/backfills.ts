/** Backfills with their slots, and the runs that are made for them. */

import type {
  Backfill,
  BackfillId,
  BackfillProgress,
  BackfillSlot,
  BackfillSlotRecord,
  BackfillSlotState,
  EarlierRun,
} from '../../core/backfills/backfill.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentId, DeploymentScheduleId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { DeploymentRecord } from './deployments.ts';

/** As they are in the transaction that changes them. */
export interface BackfillFacts {
  readonly backfill: Backfill | null;
  readonly deployment: DeploymentRecord | null;
  readonly open: readonly BackfillSlotRecord[];
  /** The next of those that wait, in the backfill's order. */
  readonly waiting: readonly { readonly slot: BackfillSlot; readonly earlier: readonly EarlierRun[] }[];
  readonly hasMore: boolean;
}

export interface BackfillChange<Answer> {
  readonly backfill?: Backfill | undefined;
  /** Written over their rows. */
  readonly slots?: readonly BackfillSlot[];
  readonly runs?: readonly FlowRun[];
  /** All that wait end as cancelled; after the slots are written. */
  readonly cancelWaiting?: { readonly reason: string; readonly at: Instant } | undefined;
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface BackfillSlotPage {
  readonly states?: readonly BackfillSlotState[] | undefined;
  /** In the order of time; only those that are due later. */
  readonly after: Instant | null;
  readonly limit: number;
}

/** Whose runs are looked for. */
export interface SlotOwner {
  readonly deploymentId: DeploymentId;
  /** `null`: of whatever schedule. */
  readonly scheduleId: DeploymentScheduleId | null;
}

export interface BackfillStorage {
  /**
   * With its slots. One with its id is answered as it is. `conflict`: its name is another's. Of the deployment's
   * backfills that have ended, all but the newest `endedKept` are removed.
   */
  insertBackfill(
    backfill: Backfill,
    slots: readonly BackfillSlot[],
    events: readonly OutboxEvent[],
    endedKept: number,
  ): MaybePromise<{ readonly backfill: Backfill; readonly created: boolean }>;
  /** @param waitingMax how many of those that wait are handed over */
  changeBackfill<Answer>(
    id: BackfillId,
    waitingMax: number,
    change: (facts: BackfillFacts) => BackfillChange<Answer>,
  ): MaybePromise<Answer>;
  /** By id. */
  listUnsettledBackfills(after: BackfillId | null, limit: number): MaybePromise<readonly BackfillId[]>;
  /** As `changeBackfill` hands it over, to see whether there is something to do. */
  readBackfill(id: BackfillId, waitingMax: number): MaybePromise<BackfillFacts>;
  countBackfillSlots(ids: readonly BackfillId[]): MaybePromise<ReadonlyMap<BackfillId, BackfillProgress>>;
  listBackfillSlots(id: BackfillId, page: BackfillSlotPage): MaybePromise<readonly BackfillSlotRecord[]>;
  /** Runs that slots at these times have had, of schedules and of backfills; of those without one, nothing. */
  findSlotRuns(owner: SlotOwner, dueAt: readonly Instant[]): MaybePromise<ReadonlyMap<Instant, readonly EarlierRun[]>>;
}
