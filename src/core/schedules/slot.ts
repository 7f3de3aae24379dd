/**
 * Slots: the times at which a schedule was, or is, to make a run, and what became of each.
 *
 * A slot is a schedule, a nominal local time in a zone, and a fold. It is written once, and ends in one outcome.
 */

import type { DeploymentId, DeploymentScheduleId, FlowRunId } from '../ids.ts';
import type { StateType } from '../state.ts';
import type { Instant } from '../time.ts';
import type { Schedule, ScheduledDate } from './schedule.ts';

/**
 * - `run`: it has a run.
 * - `skipped`: a run before it was still under way.
 * - `collapsed`: it was missed, and a later one runs for it.
 * - `expired`: it was missed, and it is too late for it.
 * - `held`: it passed while its deployment was paused, or its schedule was not active.
 * - `cancelled`: somebody took it away.
 */
export type SlotOutcome = 'run' | 'skipped' | 'collapsed' | 'expired' | 'held' | 'cancelled';

export interface ScheduleSlot extends Pick<ScheduledDate, 'nominal' | 'fold'> {
  readonly scheduleId: DeploymentScheduleId;
  readonly deploymentId: DeploymentId;
  /** Whose local time the nominal one is; `UTC` where the schedule names none. */
  readonly zone: string;
  readonly dueAt: Instant;
  /** Of many that were missed: the last of them; they are one entry from `dueAt` on. `null`: it is one slot. */
  readonly through: Instant | null;
  readonly outcome: SlotOutcome;
  readonly reason: string;
  readonly flowRunId: FlowRunId | null;
  readonly decidedAt: Instant;
}

export function zoneOfSlots({ timezone }: Pick<Schedule, 'timezone'>): string {
  return timezone || 'UTC';
}

/** What the store knows of a slot's run. */
export interface SlotRun {
  readonly id: FlowRunId;
  readonly name: string;
  readonly stateType: StateType;
  readonly stateName: string;
  readonly startTime: Instant | null;
  /** How often it has begun. */
  readonly runCount: number;
}

/** A slot as people read of it. */
export interface ShownSlot extends Omit<ScheduleSlot, 'outcome'> {
  /** `null`: it is not known yet; its run has not begun. */
  readonly outcome: SlotOutcome | null;
  readonly run: SlotRun | null;
}

/** What is told of a slot, from its entry and its run as it is now. */
export function shownSlot(slot: ScheduleSlot, run: SlotRun | null, now: Instant): ShownSlot {
  if (slot.outcome !== 'run') return { ...slot, run };
  if (run === null) return { ...slot, run, reason: 'Its run was deleted.' };
  if (run.runCount > 0) return { ...slot, run };
  if (run.stateType === 'CANCELLED')
    return { ...slot, run, outcome: 'cancelled', reason: 'Its run was cancelled before it began.' };
  if (run.stateType !== 'SCHEDULED') return { ...slot, run };
  const reason = slot.dueAt > now ? 'It is not due yet.' : 'No worker has begun its run yet.';
  return { ...slot, run, outcome: null, reason };
}

/** How often a schedule says, and how often it does. */
export interface Cadence {
  /** Seconds between slots, in the middle of those looked at. */
  readonly writtenSeconds: number;
  /** Seconds between slots that ran. `null`: fewer than two did. */
  readonly effectiveSeconds: number | null;
}

/**
 * Of the slots of one schedule that are past.
 *
 * `null` for fewer than two.
 */
export function cadenceOf(slots: readonly Pick<ShownSlot, 'dueAt' | 'outcome'>[]): Cadence | null {
  const ordered = slots.toSorted((a, b) => a.dueAt - b.dueAt);
  const written = middleGap(ordered);
  if (written === null) return null;
  return { writtenSeconds: written, effectiveSeconds: middleGap(ordered.filter(({ outcome }) => outcome === 'run')) };
}

function middleGap(ordered: readonly { readonly dueAt: Instant }[]): number | null {
  const gaps = ordered
    .slice(1)
    .map(({ dueAt }, index) => dueAt - (ordered[index]?.dueAt ?? dueAt))
    .sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)];
  return middle === undefined ? null : middle / 1_000_000;
}
