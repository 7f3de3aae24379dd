/** Carries a decision about a task run out: from a decision to the rows that are committed together, and the answer. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { TaskRunId } from '../core/ids.ts';
import { applyToTaskRun } from '../core/rules/apply-task-run.ts';
import { CACHE_KEY_CHARACTERS_MAX } from '../core/rules/caching.ts';
import type { Decision } from '../core/rules/decision.ts';
import type { TaskRunFacts } from '../core/rules/facts.ts';
import type { State } from '../core/state.ts';
import type { ForeignTaskFields, TaskRun } from '../core/task-run.ts';
import type { Transition } from '../core/transition.ts';
import type { TaskRunChange } from '../store/port.ts';
import { remembered } from './flow-run-move.ts';

export function taskFactsOf(run: TaskRun, flowRun: FlowRun | null): TaskRunFacts {
  const pause = flowRun?.state.type === 'PAUSED' ? flowRun.state.details : null;
  return {
    runCount: run.runCount,
    policy: run.policy,
    flowRunStateType: flowRun?.state.type ?? null,
    flowRunPause: flowRun && pause ? { id: flowRun.id, timeout: pause.pauseTimeout, reschedules: pause.pauseReschedule } : undefined,
    flowRunAttempt: flowRun?.runCount ?? run.flowRunRunCount,
    flowRunRunCount: run.flowRunRunCount,
  };
}

/** @param isTracked whether a RUNNING notes the attempt of the flow run, and a COMPLETED is kept by its cache key: not when it is forced */
export function moveTaskRun(run: TaskRun, flowRun: FlowRun | null, decision: Decision, isTracked: boolean): TaskRunChange<Transition<TaskRun>> {
  switch (decision.status) {
    case 'accept':
    case 'reject': {
      if (decision.status === 'reject' && !decision.written) {
        return { answer: { status: 'reject', state: run.state, written: false, reason: decision.reason, run } };
      }
      const state = ofTaskRun(run, decision.state as State);
      const attempt = isTracked && state.type === 'RUNNING' && flowRun !== null ? flowRun.runCount : run.flowRunRunCount;
      const applied = applyToTaskRun(run, state, decision.effects, attempt);
      const moved = applied.foreign === null ? applied : { ...applied, foreign: { ...applied.foreign, ...timesOf(applied.foreign, state) } };
      const cached = isTracked ? cachedBy(state) : null;
      const answer: Transition<TaskRun> =
        decision.status === 'accept'
          ? { status: 'accept', state, run: moved }
          : { status: 'reject', state, written: true, reason: decision.reason, run: moved };
      const kept = remembered(moved);
      return { run: kept, states: [kept.state], answer, ...(cached ? { cached } : {}) };
    }
    case 'wait':
      return { answer: { status: 'wait', delaySeconds: decision.delaySeconds, reason: decision.reason, run } };
    case 'abort':
      return { answer: { status: 'abort', reason: decision.reason, run } };
  }
}

/** A result that came from the cache is there already. */
function cachedBy({ type, name, details }: State): TaskRunChange<never>['cached'] | null {
  const { cacheKey, cacheExpiration } = details;
  if (type !== 'COMPLETED' || name === 'Cached' || cacheKey === undefined || cacheKey.length > CACHE_KEY_CHARACTERS_MAX) return null;
  return { key: cacheKey, expiresAt: cacheExpiration ?? null };
}

/** States of task runs name their run. */
export function ofTaskRun(run: Pick<TaskRun, 'id' | 'flowRunId'>, state: State): State {
  return { ...state, details: { ...state.details, flowRunId: run.flowRunId ?? undefined, taskRunId: run.id } };
}

/** When it is expected to start: of its first state; when it is due: while it is scheduled. */
export function timesOf(before: ForeignTaskFields | null, state: State): Pick<ForeignTaskFields, 'expectedStartTime' | 'nextScheduledStartTime'> {
  const scheduled = state.type === 'SCHEDULED' ? state.scheduledTime : null;
  return { expectedStartTime: before?.expectedStartTime ?? scheduled ?? state.timestamp, nextScheduledStartTime: scheduled };
}

export function taskRunMissing(id: TaskRunId): OstinatoError {
  return new OstinatoError('not-found', `Task run with id ${id} not found`);
}
