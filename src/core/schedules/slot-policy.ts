/**
 * What becomes of slots that are due: one policy, whatever made them late (a pause, an outage, a schedule that was not
 * active, no worker) and whatever is still under way.
 *
 * First lateness, then overlap. Total: each slot gets one decision. Asked again, with nothing changed but the time, a
 * slot that has ended does not come back, since it is not asked about again.
 */

import type { Instant } from '../time.ts';
import type { SlotOutcome } from './slot.ts';

/** Which of the slots that were missed run after all. */
export const CATCH_UPS = ['latest', 'all', 'none'] as const;
/** What becomes of a slot while a run of an earlier one is under way. */
export const OVERLAPS = ['allow', 'skip', 'queue', 'cancelOldest', 'cancelNewest'] as const;

export interface SlotPolicy {
  readonly catchUp: (typeof CATCH_UPS)[number];
  /** Seconds. `null`: it is never too late. */
  readonly maxLatenessSeconds: number | null;
  readonly overlap: (typeof OVERLAPS)[number];
}

export const DEFAULT_SLOT_POLICY: SlotPolicy = { catchUp: 'latest', maxLatenessSeconds: null, overlap: 'allow' };

/** So late, a slot gives way to a later one that is due. */
export const LATE_SECONDS = 15;
/** So late, a slot counts as missed where nothing is caught up. */
export const MISSED_SECONDS = 60;

/** A slot that is due and has not begun. */
export interface DueSlot {
  readonly dueAt: Instant;
  /** It passed while its schedule rested. */
  readonly held: boolean;
}

export type SlotDecision =
  | { readonly kind: 'go' }
  /** Not now: a run before it has to end first. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'end'; readonly outcome: Exclude<SlotOutcome, 'run'>; readonly reason: string };

export interface SlotDecisions {
  /** One for each slot, in their order. */
  readonly decisions: readonly SlotDecision[];
  /** Whether the runs that are under way are to be cancelled. */
  readonly cancelsLive: boolean;
}

/**
 * @param due in the order of their times, none later than `now`
 * @param live the name of a run of the schedule that is under way; `null`: none is
 */
export function decideSlots(
  due: readonly DueSlot[],
  live: string | null,
  policy: SlotPolicy,
  now: Instant,
): SlotDecisions {
  const inTime = due.map((slot, index) => lateness(slot, index === due.length - 1, policy, now));
  const left = inTime.flatMap((decision, index) => (decision === null ? [index] : []));
  const first = left[0];
  const last = left.at(-1);
  const decisions = inTime.map(
    (decision, index) => decision ?? overlapping(policy.overlap, live, index === first, index === last),
  );
  return { decisions, cancelsLive: policy.overlap === 'cancelOldest' && live !== null && left.length > 0 };
}

/** `null`: it is not too late. */
function lateness(
  { dueAt, held }: DueSlot,
  isLast: boolean,
  { catchUp, maxLatenessSeconds }: SlotPolicy,
  now: Instant,
): SlotDecision | null {
  const late = (now - dueAt) / 1_000_000;
  if (maxLatenessSeconds !== null && late > maxLatenessSeconds)
    return end('expired', `It was more than ${maxLatenessSeconds} s late (max_lateness).`);
  switch (catchUp) {
    case 'all':
      return null;
    case 'latest':
      return isLast || late <= LATE_SECONDS ? null : end('collapsed', 'A later slot runs for it (catch_up: latest).');
    case 'none':
      if (late <= MISSED_SECONDS) return null;
      return held
        ? end('held', 'Its schedule rested, and nothing is caught up (catch_up: none).')
        : end('expired', 'It was missed, and nothing is caught up (catch_up: none).');
  }
}

function overlapping(
  overlap: SlotPolicy['overlap'],
  live: string | null,
  isFirst: boolean,
  isLast: boolean,
): SlotDecision {
  const isFree = live === null && isFirst;
  const before = live === null ? 'A slot before it was about to run' : `Run ${live} was still under way`;
  switch (overlap) {
    case 'allow':
      return { kind: 'go' };
    case 'queue':
      return { kind: isFree ? 'go' : 'wait' };
    case 'skip':
      return isFree ? { kind: 'go' } : end('skipped', `${before} (overlap: skip).`);
    case 'cancelNewest':
      return isFree ? { kind: 'go' } : end('cancelled', `${before} (overlap: cancelNewest).`);
    case 'cancelOldest':
      if (!isLast) return end('cancelled', 'A later slot took its place (overlap: cancelOldest).');
      return { kind: live === null ? 'go' : 'wait' };
  }
}

function end(outcome: Exclude<SlotOutcome, 'run'>, reason: string): SlotDecision {
  return { kind: 'end', outcome, reason };
}

/** When a slot that has not begun will be too late; `null`: it cannot be. */
export function tooLateAt({ dueAt }: Pick<DueSlot, 'dueAt'>, policy: SlotPolicy): Instant | null {
  const limits = [policy.maxLatenessSeconds, policy.catchUp === 'none' ? MISSED_SECONDS : null];
  const seconds = limits.filter((limit) => limit !== null);
  return seconds.length === 0 ? null : ((dueAt + Math.min(...seconds) * 1_000_000 + 1) as Instant);
}
