/** Carries a decision about a flow run out: from a decision to the rows that are committed together, and the answer. */

import { OstinatoError } from '../core/errors.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { ProposeFlowRunState } from '../core/flow-run-request.ts';
import type { FlowRunId, IdSource, StateId } from '../core/ids.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import { applyToTaskRun } from '../core/rules/apply-task-run.ts';
import { timestampAfter } from '../core/rules/decide.ts';
import type { Decision } from '../core/rules/decision.ts';
import type { FlowRunFacts } from '../core/rules/facts.ts';
import type { State } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Transition } from '../core/transition.ts';
import { isUnpersisted } from '../core/value.ts';
import type { FlowRunChange, PlaceholderMove } from '../store/port.ts';
import { flowRunMoveEvent } from './flow-run-event.ts';

export function factsOf(run: FlowRun, request: Pick<ProposeFlowRunState, 'retryDelaySeconds' | 'client'> = {}): FlowRunFacts {
  const { submission } = run;
  return {
    runCount: run.runCount,
    policy: run.policy,
    hasDeployment: submission !== null && submission.deploymentId !== null,
    hasInfrastructure: run.lease !== null || Boolean(submission?.infrastructurePid),
    isSubflow: run.parentTaskRunId !== null || run.parentFlowRunId !== null,
    retryDelaySeconds: request.retryDelaySeconds,
    waitsInWholeSeconds: request.client !== undefined,
  };
}

export function moveFlowRun(run: FlowRun, flow: Flow | null, decision: Decision, ids: IdSource): FlowRunChange<Transition<FlowRun>> {
  switch (decision.status) {
    case 'accept': {
      const moved = entered(run, decision);
      return { ...written(remembered(moved), flow, run.state, ids), answer: { status: 'accept', state: moved.state, run: moved } };
    }
    case 'reject': {
      const { reason } = decision;
      if (!decision.written) return { answer: { status: 'reject', state: run.state, written: false, reason, run } };
      const moved = entered(run, decision);
      return { ...written(remembered(moved), flow, run.state, ids), answer: { status: 'reject', state: moved.state, written: true, reason, run: moved } };
    }
    case 'wait':
      return { answer: { status: 'wait', delaySeconds: decision.delaySeconds, reason: decision.reason, run } };
    case 'abort':
      return { answer: { status: 'abort', reason: decision.reason, run } };
  }
}

function entered(run: FlowRun, decision: Extract<Decision, { readonly state: State; readonly effects: unknown }>): FlowRun {
  return applyToFlowRun(run, ofRun(run, decision.state), decision.effects);
}

/** The client hears its own words; of a value that nobody kept, nothing is remembered. */
export function remembered<Run extends { readonly state: State }>(run: Run): Run {
  return isUnpersisted(run.state.data) ? { ...run, state: { ...run.state, data: null } } : run;
}

/** States of runs that were asked for over the API name their run, as their clients expect; ours are found by it. */
export function ofRun(run: Pick<FlowRun, 'id' | 'submission' | 'parentTaskRunId'>, state: State): State {
  if (run.submission === null) return state;
  return { ...state, details: { ...state.details, flowRunId: run.id, taskRunId: run.parentTaskRunId ?? undefined } };
}

/** The rows of a run that has just entered its state. */
export function written(run: FlowRun, flow: Flow | null, previous: State | null, ids: IdSource): Omit<FlowRunChange<never>, 'answer'> {
  const rows = { run, states: [run.state] };
  const placeholder = placeholderMove(run, flow, previous, ids);
  return placeholder ? { ...rows, placeholder } : { ...rows, events: [flowRunMoveEvent(run, flow, previous, null)] };
}

/** The task run that stands for a run of another client in its parent takes every state of it; our own engine does so itself. */
export function placeholderMove(run: FlowRun, flow: Flow | null, previous: State | null, ids: IdSource): PlaceholderMove | undefined {
  if (run.submission === null || run.parentTaskRunId === null) return undefined;
  return {
    id: run.parentTaskRunId,
    move: (task) => ({
      run: task === null || task.foreign === null ? null : mirrored(task, run, ids.next<StateId>()),
      events: [flowRunMoveEvent(run, flow, previous, task)],
    }),
  };
}

function mirrored(task: TaskRun, run: FlowRun, id: StateId): TaskRun {
  const { state } = run;
  const details = { ...state.details, flowRunId: task.flowRunId ?? undefined, taskRunId: task.id, childFlowRunId: run.id };
  return applyToTaskRun(task, { ...state, id, timestamp: timestampAfter(task.state, state.timestamp), details });
}

export function flowRunMissing(id: FlowRunId): OstinatoError {
  return new OstinatoError('not-found', `Flow run with id ${id} not found`, { remedy: '`ostinato flow-run ls` shows the runs there are.' });
}
