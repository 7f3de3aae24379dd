/**
 * The stay of a flow run in a state: from the event that tells of the state to the first that tells of another one.
 *
 * 1. It fires once, when it has lasted as long as said: when time has passed, or with the event that ends it, whichever
 *    is looked at first. So it fires when it has lasted as long, and only then, however late anybody looks.
 * 2. What fired resolves with its end.
 */

import type { Event } from '../event.ts';
import { isTerminalType } from '../state.ts';
import { clampInstant, type Instant } from '../time.ts';
import type { RunNews } from './run-state.ts';
import type { StayTrigger, UsualTime } from './run-trigger.ts';

export interface Stay {
  /** By which it began. */
  readonly event: Event;
  readonly since: Instant;
  /** When it has lasted as long as said. */
  readonly endsAt: Instant;
  readonly hasFired: boolean;
}

export interface StayFiring {
  readonly state: 'Triggered' | 'Resolved';
  readonly at: Instant;
  readonly event: Event;
  /** The same for the same cause, within a trigger. */
  readonly cause: string;
}

export interface StayOutcome {
  /** `null`: it is over. */
  readonly stay: Stay | null;
  readonly firings: readonly StayFiring[];
}

/** Whether the state is one of the trigger's. Nobody leaves a terminal one. */
export function isStayIn({ states }: StayTrigger, { state }: RunNews): boolean {
  return state !== null && states.includes(state.name) && !isTerminalType(state.type);
}

/** Microseconds; `null`: nothing is usual yet. @param runTimes of `longerThan`, in microseconds, in any order */
export function stayLengthUs({ forUs, longerThan }: StayTrigger, runTimes: readonly number[]): number | null {
  const usual = longerThan && usualUs(longerThan, runTimes);
  return usual === null ? forUs : Math.max(forUs ?? 0, usual);
}

/** By the nearest rank: the smallest of them that so many per cent do not exceed. */
function usualUs({ percentile, times, runsMin }: UsualTime, runTimes: readonly number[]): number | null {
  if (runTimes.length < runsMin) return null;
  const sorted = runTimes.toSorted((a, b) => a - b);
  const rank = Math.ceil((percentile / 100) * sorted.length);
  return Math.round((sorted[Math.max(rank, 1) - 1] ?? 0) * times);
}

export function beginStay(event: Event, since: Instant, lengthUs: number): Stay {
  return { event, since, endsAt: clampInstant(since + lengthUs), hasFired: false };
}

/** From when on time has to be looked at. */
export function stayDueAt({ endsAt, hasFired }: Stay): Instant | null {
  return hasFired ? null : endsAt;
}

/** What comes of the passing of time, at or after `stayDueAt`. */
export function afterStayTime(stay: Stay): StayOutcome {
  return stay.hasFired ? { stay, firings: [] } : { stay: { ...stay, hasFired: true }, firings: [triggered(stay)] };
}

/** What comes of an event by which the run has left. One from before the stay ends nothing. */
export function afterLeaving(stay: Stay, event: Event, at: Instant): StayOutcome {
  if (at < stay.since) return { stay, firings: [] };
  if (!stay.hasFired && at < stay.endsAt) return { stay: null, firings: [] };
  const over: StayFiring = { state: 'Resolved', at, event, cause: `over ${stay.event.id}` };
  return { stay: null, firings: stay.hasFired ? [over] : [triggered(stay), over] };
}

function triggered({ event, endsAt }: Stay): StayFiring {
  return { state: 'Triggered', at: endsAt, event, cause: `stay ${event.id}` };
}
