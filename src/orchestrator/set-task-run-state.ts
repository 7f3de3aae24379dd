/**
 * States of task runs whose client lets the server decide (Prefect 2, and everybody's forced states).
 *
 * 1. What the decision is taken on (the flow run, the cache, the slots of its tags) is read, and what follows from it
 *    written, in one transaction.
 * 2. A run of tags that are limited takes its slots with RUNNING, and only when no rule is against that; they are given
 *    back with the first state that is neither RUNNING nor CANCELLING.
 * 3. What is found in the cache stands even when no slot is free.
 */

import type { StateId } from '../core/ids.ts';
import { isPromise } from '../core/maybe-promise.ts';
import { decide } from '../core/rules/decide.ts';
import { backgroundTaskPolicy, minimalTaskPolicy, taskPolicy } from '../core/rules/task-policy.ts';
import type { SetTaskRunState } from '../core/task-run-request.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Transition } from '../core/transition.ts';
import type { TaskRunNeeds } from '../store/port.ts';
import { slotWaits } from './concurrency/ports.ts';
import type { OrchestratorPorts } from './ports.ts';
import { tellScheduled } from './scheduled-task.ts';
import { taskFactsOf, taskNeedsOf, type TaskRunProposal } from './task-run-facts.ts';
import { moveTaskRun, taskRunMissing } from './task-run-move.ts';

/** `not-found` when there is no such run. */
export async function setTaskRunState(
  ports: OrchestratorPorts,
  request: SetTaskRunState,
): Promise<Transition<TaskRun>> {
  const { storage, clock, ids, random } = ports;
  const proposal = proposalOf(request);
  const { policy, state } = proposal;
  const waits = slotWaits(ports);
  const changed = storage.changeTaskRun<Transition<TaskRun> | null, TaskRunNeeds>(
    { id: request.id, naturalKey: null, flowRunId: null },
    taskNeedsOf(proposal, () => clock.now()),
    (run, context) => {
      if (run === null) return { answer: null };
      if (request.onlyFrom !== undefined && request.onlyFrom !== run.state.id) {
        return { answer: { status: 'abort', reason: `The run has moved on: it is ${run.state.name} now.`, run } };
      }
      const now = clock.now();
      const waitsInWholeSeconds = request.client !== undefined;
      const facts = taskFactsOf(run, context, { now, waits, draw: random, waitsInWholeSeconds });
      const decision = decide(policy, run.state, state, facts, now, ids.next<StateId>());
      return moveTaskRun(run, context, decision, { isTracked: proposal.isTracked, ids, now, waits });
    },
  );
  const answer = isPromise(changed) ? await changed : changed;
  if (answer === null) throw taskRunMissing(request.id);
  if (answer.status === 'accept' || answer.status === 'reject') tellScheduled(ports, answer.run);
  return answer;
}

function proposalOf({ state, force }: SetTaskRunState): TaskRunProposal {
  if (state.details?.deferred === true) return { policy: backgroundTaskPolicy, state, isTracked: true };
  return force === true
    ? { policy: minimalTaskPolicy, state, isTracked: false }
    : { policy: taskPolicy, state, isTracked: true };
}
