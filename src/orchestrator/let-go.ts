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

/** @param token of the lease under which the state is given; `undefined`: others give it, who change nothing of that */
export function markedByHolder<S extends ProposedState | State>(
  { runner, lease, state: before }: Pick<FlowRun, 'runner' | 'lease' | 'state'>,
  state: S,
  token = before.details.endedUnder === lease?.token ? lease?.token : undefined,
): S {
  // Other runs are never taken from a queue.
  if (runner !== 'worker' || token === undefined) return state;
  const isSuspended = state.type === 'PAUSED' && state.details?.pauseReschedule === true;
  const isStillOver = state.type === 'CANCELLING' && before.details.endedUnder === token;
  const letsGo = isTerminalType(state.type) || isSuspended || isStillOver;
  return letsGo ? { ...state, details: { ...state.details, endedUnder: token } } : state;
}

/** @param change of a run that somebody else than its holder moves */
export function freedWhenScheduled(
  before: FlowRun,
  change: FlowRunChange<Transition<FlowRun>>,
): FlowRunChange<Transition<FlowRun>> {
  const { run, answer } = change;
  const isRest = isTerminal(before.state) || before.state.type === 'PAUSED' || before.state.type === 'CANCELLING';
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

/** @param change what its holder is answered; that others have ended the run meanwhile it hears by that */
export function freedWhenEnded(
  before: FlowRun,
  change: FlowRunChange<Transition<FlowRun>>,
): FlowRunChange<Transition<FlowRun>> {
  const { answer } = change;
  const isKept = answer !== undefined && answer.status !== 'accept' && isTerminal(before.state);
  const isKnown = before.state.details.endedUnder === before.lease?.token;
  if (!isKept || before.runner !== 'worker' || isKnown) return change;
  const freed: FlowRun = { ...(change.run ?? before), lease: null };
  return { ...change, run: freed, answer: { ...answer, run: freed } };
}
