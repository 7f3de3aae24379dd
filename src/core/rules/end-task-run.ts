/** Ends a task run whose body is gone, on behalf of its engine. */

import type { StateId } from '../ids.ts';
import type { ProposedState } from '../state.ts';
import type { TaskRun, TaskRunRecord } from '../task-run.ts';
import type { Instant } from '../time.ts';
import { applyToTaskRun } from './apply-task-run.ts';
import { decide } from './decide.ts';
import { minimalTaskPolicy } from './task-policy.ts';

/** `null` when it has already ended. */
export function endTaskRun(run: TaskRun, end: ProposedState, now: Instant, stateId: StateId): TaskRunRecord | null {
  const { runCount, policy, flowRunRunCount, state } = run;
  // The placeholder of a subflow keeps the id of its flow run: a new attempt continues that run.
  const { childFlowRunId } = state.details;
  const proposed = childFlowRunId === undefined ? end : { ...end, details: { ...end.details, childFlowRunId } };
  const decision = decide(
    minimalTaskPolicy,
    state,
    proposed,
    { runCount, policy, flowRunAttempt: flowRunRunCount, flowRunRunCount },
    now,
    stateId,
  );
  if (decision.status !== 'accept') return null;
  return { run: applyToTaskRun(run, decision.state, decision.effects), states: [decision.state] };
}
