/** The segments of a run's time: attempts, and the waits before and between them. Pure. */

import { isTerminalType, type StateType } from './state.ts';
import type { Instant } from './time.ts';

/** A state that a run entered, reduced to what a chart needs. */
export interface StateMark {
  readonly type: StateType;
  readonly name: string;
  readonly timestamp: Instant;
}

/** A period in one state that does not end the run. */
export interface RunSegment {
  readonly stateType: StateType;
  readonly stateName: string;
  /** Of an attempt: its number, from 1. Of a wait: how many attempts came before it. */
  readonly attempt: number;
  readonly startTime: Instant;
  /** `null` while it lasts. */
  readonly endTime: Instant | null;
}

/** Newest segments that are shown: more are too thin to be told apart. */
const SEGMENTS_MAX = 40;
/** Microseconds; a shorter wait is the normal start of a run. */
export const WAIT_SHOWN_US = 20_000;

/**
 * @param marks oldest first
 * @returns the newest 40 at most; none for a run that began at once and had one attempt: its bar shows all
 */
export function segmentsOf(marks: readonly StateMark[]): readonly RunSegment[] {
  const segments: RunSegment[] = [];
  let attempt = 0;
  marks.forEach(({ type, name, timestamp }, at) => {
    if (isTerminalType(type)) return;
    if (type === 'RUNNING') attempt += 1;
    const endTime = marks[at + 1]?.timestamp ?? null;
    const last = segments.at(-1);
    // Repeated waits for a slot are one wait.
    if (last !== undefined && type !== 'RUNNING' && last.stateName === name && last.endTime === timestamp)
      segments[segments.length - 1] = { ...last, endTime };
    else segments.push({ stateType: type, stateName: name, attempt, startTime: timestamp, endTime });
  });
  const told = segments.filter(isTold);
  return told.length > 1 || told.some(({ stateType, endTime }) => stateType !== 'RUNNING' && endTime !== null)
    ? told.slice(-SEGMENTS_MAX)
    : [];
}

function isTold({ stateType, startTime, endTime }: RunSegment): boolean {
  return stateType === 'RUNNING' || endTime === null || endTime - startTime >= WAIT_SHOWN_US;
}
