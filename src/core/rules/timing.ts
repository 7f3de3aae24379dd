/**
 * How a state changes the counters and times of its run; the same for flow runs and task runs (Prefect's global
 * transforms).
 */

import { isTerminalType, type State } from '../state.ts';
import type { Instant } from '../time.ts';

export interface RunTiming {
  readonly runCount: number;
  readonly startTime: Instant | null;
  readonly endTime: Instant | null;
  readonly totalRunTimeUs: number;
}

/** Set on the first RUNNING; a run that ends without running started when it ended. */
export function startTimeAfter(before: RunTiming, to: State): Instant | null {
  return before.startTime ?? (to.type === 'RUNNING' || isTerminalType(to.type) ? to.timestamp : null);
}

/** Set on a terminal state, kept when another terminal state takes its place, cleared when a new attempt leaves it. */
export function endTimeAfter(before: RunTiming, to: State): Instant | null {
  return isTerminalType(to.type) ? (before.endTime ?? to.timestamp) : null;
}

/** Time between entering RUNNING and entering the next state, all attempts together. */
export function totalRunTimeAfter(before: RunTiming, from: State | null, to: State): number {
  return from?.type === 'RUNNING' ? before.totalRunTimeUs + (to.timestamp - from.timestamp) : before.totalRunTimeUs;
}
