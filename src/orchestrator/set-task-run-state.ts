/**
 * States of task runs whose client lets the server decide (Prefect 2, and everybody's forced states).
 *
 * 1. A run of tags that are limited takes its slots before it enters RUNNING, and only when no rule is against that; they are
 *    given back when it does not enter after all, and with the first state that is neither RUNNING nor CANCELLING.
 * 2. What is found in the cache stands even when no slot is free.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { StateId } from '../core/ids.ts';
import { jitteredSeconds } from '../core/concurrency/slots.ts';
import { isPromise } from '../core/maybe-promise.ts';
import { decide } from '../core/rules/decide.ts';
import type { Decision } from '../core/rules/decision.ts';
import { backgroundTaskPolicy, minimalTaskPolicy, taskPolicy } from '../core/rules/task-policy.ts';
import type { CompletedState } from '../core/state.ts';
import type { SetTaskRunState } from '../core/task-run-request.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Transition } from '../core/transition.ts';
import { acquireTagSlots, releaseTagSlots, type TagSlotAnswer } from './concurrency/tag-limits.ts';
import type { OrchestratorPorts } from './ports.ts';
import { tellScheduled } from './scheduled-task.ts';
import { moveTaskRun, taskFactsOf, taskRunMissing } from './task-run-move.ts';

/** What a run waits at most before it asks for a slot again, on average (Prefect's `tag_concurrency_slot_wait_seconds`). */
const TAG_WAIT_SECONDS_MAX = 10;

/** `not-found` when there is no such run. */
export async function setTaskRunState(ports: OrchestratorPorts, request: SetTaskRunState): Promise<Transition<TaskRun>> {
  const { storage } = ports;
  const isForced = request.force === true && request.state.details?.deferred !== true;
  const isStart = request.state.type === 'RUNNING' && !isForced;
  const cached = isStart ? await cachedFor(ports, request) : null;
  const slots = isStart ? await secureSlots(ports, request, cached) : null;
  if (slots !== null && 'refusal' in slots) return slots.refusal;
  const changed = storage.changeTaskRun<Transition<TaskRun> | null>({ id: request.id, naturalKey: null, flowRunId: null }, (run, flowRun) => {
    if (run === null) return { answer: null };
    return moveTaskRun(run, flowRun, decideTask(ports, request, run, flowRun, cached), !isForced);
  });
  const answer = isPromise(changed) ? await changed : changed;
  if (answer === null) throw taskRunMissing(request.id);
  if (answer.run.tags.length > 0 && !mayHoldSlots(answer, slots !== null)) await releaseTagSlots(ports, { taskRunId: answer.run.id });
  if (answer.status === 'accept' || answer.status === 'reject') tellScheduled(ports, answer.run);
  return answer;
}

function decideTask(
  { clock, ids, random }: OrchestratorPorts, request: SetTaskRunState, run: TaskRun, flowRun: FlowRun | null, cached: CompletedState | null,
): Decision {
  const { state, force, client } = request;
  const policy = state.details?.deferred === true ? backgroundTaskPolicy : force === true ? minimalTaskPolicy : taskPolicy;
  const facts = { ...taskFactsOf(run, flowRun), cached, draw: random(), waitsInWholeSeconds: client !== undefined };
  return decide(policy, run.state, state, facts, clock.now(), ids.next<StateId>());
}

async function cachedFor({ storage, clock }: OrchestratorPorts, { state }: SetTaskRunState): Promise<CompletedState | null> {
  const key = state.details?.cacheKey;
  return key === undefined || state.details?.refreshCache === true ? null : storage.readCachedState(key, clock.now());
}

/** `null`: no slot is needed. */
async function secureSlots(
  ports: OrchestratorPorts, request: SetTaskRunState, cached: CompletedState | null,
): Promise<TagSlotAnswer | { readonly refusal: Transition<TaskRun> } | null> {
  if (request.state.details?.deferred === true) return null;
  const run = await ports.storage.readTaskRun(request.id);
  if (run === null || run.tags.length === 0) return null;
  const flowRun = run.flowRunId === null ? null : await ports.storage.readFlowRun(run.flowRunId);
  if (decideTask(ports, request, run, flowRun, cached).status !== 'accept') return null;
  const answer = await acquireTagSlots(ports, { tags: run.tags, taskRunId: run.id });
  switch (answer.outcome) {
    case 'acquired':
      return answer;
    case 'closed': {
      const reason = `The concurrency limit on tag "${answer.tag}" is 0 and will deadlock if the task tries to run again.`;
      return { refusal: { status: 'abort', reason, run } };
    }
    case 'full': {
      const reason = `Concurrency limit reached for tags: ${answer.tags.join(', ')}`;
      // Spread out, so that those who wait do not all come back at once; half a second and less is none at all on the wire.
      const delaySeconds = Math.max(1, Math.round(jitteredSeconds(Math.min(answer.waitSeconds, TAG_WAIT_SECONDS_MAX), ports.random())));
      return { refusal: { status: 'wait', delaySeconds, reason, run } };
    }
  }
}

/** What it had before a proposal that changed nothing, it keeps. */
function mayHoldSlots(answer: Transition<TaskRun>, hasJustAcquired: boolean): boolean {
  const { type } = answer.run.state;
  if (answer.status === 'accept' || (answer.status === 'reject' && answer.written)) return type === 'RUNNING' || type === 'CANCELLING';
  return !hasJustAcquired || type === 'RUNNING' || type === 'CANCELLING';
}
