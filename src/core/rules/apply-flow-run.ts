import type { FlowRun } from '../flow-run.ts';
import { isTerminal, type State } from '../state.ts';
import { NO_EFFECTS, type RunEffects } from './decision.ts';
import { endTimeAfter, startTimeAfter, totalRunTimeAfter } from './timing.ts';

/** The fields of a new flow run that do not depend on its state. */
export type NewFlowRun = Omit<
  FlowRun,
  'state' | 'runCount' | 'expectedStartTime' | 'startTime' | 'endTime' | 'totalRunTimeUs'
>;

/** The row of a new run in its first state. */
export function openFlowRun(fresh: NewFlowRun, state: State): FlowRun {
  const before = { runCount: 0, startTime: null, endTime: null, totalRunTimeUs: 0 };
  return {
    ...fresh,
    state,
    runCount: state.type === 'RUNNING' ? 1 : 0,
    expectedStartTime: state.type === 'SCHEDULED' ? state.scheduledTime : state.timestamp,
    startTime: startTimeAfter(before, state),
    endTime: endTimeAfter(before, state),
    totalRunTimeUs: 0,
  };
}

/**
 * The row after the run entered a state. A RUNNING that resumes a pause belongs to the same attempt: it is not counted,
 * and clears the mark `resuming`.
 */
export function applyToFlowRun(run: FlowRun, state: State, effects: RunEffects = NO_EFFECTS): FlowRun {
  let policy = effects.policy === undefined ? run.policy : { ...run.policy, ...effects.policy };
  const runCount = state.type === 'RUNNING' && policy.resuming !== true ? run.runCount + 1 : run.runCount;
  if (policy.resuming === true && (state.type === 'RUNNING' || isTerminal(state)))
    policy = { ...policy, resuming: false };
  if (effects.policyAfter !== undefined) policy = { ...policy, ...effects.policyAfter };
  return {
    ...run,
    state,
    policy,
    runCount,
    expectedStartTime: run.expectedStartTime ?? state.timestamp,
    startTime: startTimeAfter(run, state),
    endTime: endTimeAfter(run, state),
    totalRunTimeUs: totalRunTimeAfter(run, run.state, state),
  };
}
