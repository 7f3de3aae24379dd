/**
 * When nobody has a run any more although the process lives that had it last.
 *
 * A worker, and a program that serves, take one run after the other: that the process is there says nothing of a run
 * that it has done with. So the last state that a holder gives a run says under which lease it did, and when the run is
 * scheduled again by others after that very lease, it is nobody's: any worker may take it. A run that others have ended
 * by force stays its holder's as long as that one lives, since its body may still be running.
 */

import type { FlowRun } from '../core/flow-run.ts';
import { isTerminal, isTerminalType, type ProposedState, type State } from '../core/state.ts';
import type { Transition } from '../core/transition.ts';
import type { FlowRunChange } from '../store/port.ts';

/** @param token of the lease under which the state is given */
export function markedByHolder<S extends ProposedState | State>(
  { runner }: Pick<FlowRun, 'runner'>,
  state: S,
  token: number | undefined,
): S {
  // Other runs are never taken from a queue.
  if (runner !== 'worker' || token === undefined) return state;
  const letsGo = isTerminalType(state.type) || (state.type === 'PAUSED' && state.details?.pauseReschedule === true);
  return letsGo ? { ...state, details: { ...state.details, endedUnder: token } } : state;
}

/** @param change of a run that somebody else than its holder moves */
export function freedWhenScheduled(
  before: FlowRun,
  change: FlowRunChange<Transition<FlowRun>>,
): FlowRunChange<Transition<FlowRun>> {
  const { run, answer } = change;
  const isRest = isTerminal(before.state) || before.state.type === 'PAUSED';
  if (run === undefined || run.state.type !== 'SCHEDULED' || before.runner !== 'worker' || !isRest) return change;
  const isOver = before.lease === null || before.state.details.endedUnder === before.lease.token;
  // What its last process has said of its attempts must not hide the run from those that ask for what is due.
  const freed: FlowRun = {
    ...run,
    policy: { ...run.policy, retryType: 'reschedule' },
    ...(isOver ? { lease: null } : {}),
  };
  return { ...change, run: freed, ...(answer === undefined ? {} : { answer: { ...answer, run: freed } }) };
}
