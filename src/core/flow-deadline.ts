/**
 * When the time of a flow's timeout began.
 *
 * It is the time of one attempt, by the clock on the wall. A process that is gone does not end the attempt: whoever
 * continues the run has what is left of its time, and the time that the run was down counts. An attempt that ended by
 * itself (it failed, timed out, was cancelled) gives the next one the whole of it, whether that was a retry of the flow
 * or of a person.
 */

import type { State } from './state.ts';
import type { Instant } from './time.ts';

/**
 * @param states of the flow run, oldest first;
 * @returns when its newest attempt first ran, `null` when it has not run
 */
export function attemptStart(states: readonly Pick<State, 'type' | 'timestamp'>[]): Instant | null {
  let start: Instant | null = null;
  let isContinued = true;
  for (const { type, timestamp } of states.toReversed()) {
    switch (type) {
      case 'RUNNING': {
        if (!isContinued) return start;
        start = timestamp;
        isContinued = false;
        break;
      }
      case 'CRASHED': {
        isContinued = true;
        break;
      }
      // On the way: waiting to go on, told to stop.
      case 'SCHEDULED':
      case 'PENDING':
      case 'PAUSED':
      case 'CANCELLING':
        break;
      case 'COMPLETED':
      case 'FAILED':
      case 'CANCELLED':
        return start;
    }
  }
  return start;
}
