/**
 * Backfills: runs of a deployment for slots that are past, asked for by somebody.
 *
 * A backfill has all its slots from its beginning, and each of them one entry: the schedule may change meanwhile. A
 * slot has one run at most: the entry is changed in the transaction that makes the run.
 */

import type { Branded, DeploymentId, DeploymentScheduleId, FlowRunId } from '../ids.ts';
import type { Schedule, ScheduledDate } from '../schedules/schedule.ts';
import type { SlotRun } from '../schedules/slot.ts';
import type { StateType } from '../state.ts';
import type { Instant } from '../time.ts';

export type BackfillId = Branded<'BackfillId'>;

/**
 * - `running`: it makes runs.
 * - `paused`: it makes none; those that it has made go on.
 * - `completed`: of each slot is known what became of it.
 * - `aborted`: somebody ended it, or its deployment is gone.
 */
export const BACKFILL_STATES = ['running', 'paused', 'completed', 'aborted'] as const;
export type BackfillState = (typeof BACKFILL_STATES)[number];

export const SLOT_ORDERS = ['oldest', 'newest'] as const;
export type SlotOrder = (typeof SLOT_ORDERS)[number];

/** Which slots get a run that have had one: none, those whose last run did not complete, all. */
export const RERUNS = ['missing', 'failed', 'all'] as const;
export type Rerun = (typeof RERUNS)[number];

/** Slots of one backfill. */
export const SLOTS_MAX = 10_000;
export const CONCURRENCY_MAX = 1000;
/** Of those of a deployment that have ended, so many are kept. */
export const ENDED_KEPT = 100;

export interface Backfill {
  readonly id: BackfillId;
  /** One of a kind. */
  readonly name: string;
  readonly deploymentId: DeploymentId;
  /** FLOW/NAME, as it was called. */
  readonly deploymentName: string;
  /** `null`: its times were given with it. */
  readonly scheduleId: DeploymentScheduleId | null;
  readonly schedule: Schedule;
  readonly from: Instant;
  /** Itself not included. */
  readonly to: Instant;
  readonly order: SlotOrder;
  /** How many of its runs may be under way, or wait for a worker. */
  readonly concurrency: number;
  readonly rerun: Rerun;
  /** JSON object, with templates of the slot: over those of the deployment and the schedule. */
  readonly parameters: string;
  readonly state: BackfillState;
  /** Why it is so; `null`: nothing is to be said. */
  readonly reason: string | null;
  /** Aborted: whether runs that had begun are cancelled, too. */
  readonly cancelsBegun: boolean;
  readonly createdBy: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly endedAt: Instant | null;
  /** Nobody has to look at it until somebody changes it. */
  readonly isSettled: boolean;
}

/**
 * - `waiting`: it has no run yet.
 * - `open`: it has one that has not ended.
 * - `left-out`: it has had one before.
 */
export const BACKFILL_SLOT_STATES = [
  'waiting',
  'open',
  'completed',
  'failed',
  'crashed',
  'cancelled',
  'left-out',
] as const;
export type BackfillSlotState = (typeof BACKFILL_SLOT_STATES)[number];

export interface BackfillSlot extends Pick<ScheduledDate, 'nominal' | 'fold'> {
  readonly backfillId: BackfillId;
  readonly dueAt: Instant;
  /** When the next slot of its schedule is due; `null`: there is none. */
  readonly endsAt: Instant | null;
  readonly state: BackfillSlotState;
  readonly reason: string | null;
  /** Of a slot that is left out: the run that it has had. */
  readonly flowRunId: FlowRunId | null;
  readonly decidedAt: Instant;
}

export interface BackfillSlotRecord {
  readonly slot: BackfillSlot;
  /** `null`: it has none, or it was deleted. */
  readonly run: SlotRun | null;
}

/** How many slots are in each state. */
export type BackfillProgress = Readonly<Record<BackfillSlotState, number>>;

export const NO_PROGRESS: BackfillProgress = {
  waiting: 0,
  open: 0,
  completed: 0,
  failed: 0,
  crashed: 0,
  cancelled: 0,
  'left-out': 0,
};

/** A run that a slot has had, of its schedule or of another backfill. */
export interface EarlierRun {
  readonly dueAt: Instant;
  readonly id: FlowRunId;
  readonly createdAt: Instant | null;
  /** `null`: the run was deleted. */
  readonly stateType: StateType | null;
}
