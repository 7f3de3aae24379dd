/**
 * States that people set when nothing else will, and other changes to a run that they have looked at.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, StateId, TaskRunId } from '../core/ids.ts';
import { isTerminal, type ProposedState, type TerminalStateType } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Transition } from '../core/transition.ts';
import { flowRunMissing } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';
import { setFlowRunState } from './set-flow-run-state.ts';
import { setTaskRunState } from './set-task-run-state.ts';
import { taskRunMissing } from './task-run-move.ts';

export interface MarkRun<Id> {
  readonly id: Id;
  /** The state that the person saw: if the run has another one now, nothing is done. */
  readonly seen: StateId;
  readonly type: TerminalStateType;
  readonly message: string | null;
  /** Mark the run even while a process holds it; later writes of that process are refused. */
  readonly force: boolean;
}

/**
 * Does not stop anything that runs. `not-found`; `conflict` when the state has changed, when a process holds the run,
 * or when its result would be lost.
 */
export async function markFlowRun(
  ports: OrchestratorPorts,
  { id, seen, type, message, force }: MarkRun<FlowRunId>,
): Promise<FlowRun> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null) throw flowRunMissing(id);
  if (run.state.id !== seen) throw stateHasChanged(run);
  if (!force && run.lease !== null && !isTerminal(run.state))
    throw new OstinatoError(
      'conflict',
      'A process has it, and will say itself what becomes of it. Cancel it instead, or mark it all the same.',
    );
  return accepted(
    await setFlowRunState(ports, {
      id,
      state: markedAs(type, message ?? 'Marked by hand.'),
      force: true,
      onlyFrom: seen,
    }),
  );
}

/** As `markFlowRun`; refused while a process holds the flow run, since that process decides about its task runs. */
export async function markTaskRun(
  ports: OrchestratorPorts,
  { id, seen, type, message, force }: MarkRun<TaskRunId>,
): Promise<TaskRun> {
  const run = await ports.storage.readTaskRun(id);
  if (run === null) throw taskRunMissing(id);
  const flowRun = run.flowRunId === null ? null : await ports.storage.readFlowRun(run.flowRunId);
  if (!force && flowRun !== null && flowRun.lease !== null && !isTerminal(flowRun.state)) {
    throw new OstinatoError(
      'conflict',
      `The process that has flow run ${flowRun.name} will say itself what becomes of it.`,
    );
  }
  return accepted(
    await setTaskRunState(ports, {
      id,
      state: markedAs(type, message ?? 'Marked by hand.'),
      force: true,
      onlyFrom: seen,
    }),
  );
}

/**
 * Lets a run of a deployment wait for a worker again, if it is in the state that the person saw. `not-found`;
 * `conflict`.
 */
export async function rescheduleFlowRun(ports: OrchestratorPorts, id: FlowRunId, seen: StateId): Promise<FlowRun> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null) throw flowRunMissing(id);
  const state: ProposedState = {
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    scheduledTime: ports.clock.now(),
    message: 'A new attempt was asked for.',
  };
  return accepted(await setFlowRunState(ports, { id, state, onlyFrom: seen }));
}

/** Cancels without waiting until the run's process confirms. `not-found`; `conflict` when it has ended. */
export async function cancelByForce(ports: OrchestratorPorts, id: FlowRunId): Promise<FlowRun> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null) throw flowRunMissing(id);
  if (isTerminal(run.state)) throw new OstinatoError('conflict', `It is over already: ${run.state.name}.`);
  return accepted(
    await setFlowRunState(ports, {
      id,
      state: { type: 'CANCELLED', message: 'Cancelled by force: nobody confirmed that it has stopped.' },
      force: true,
      onlyFrom: run.state.id,
    }),
  );
}

export function stateHasChanged({ state }: Pick<FlowRun | TaskRun, 'state'>): OstinatoError {
  return new OstinatoError('conflict', `It has moved on meanwhile: it is ${state.name} now. Nothing was done.`);
}

function accepted<Run extends FlowRun | TaskRun>(answer: Transition<Run>): Run {
  if (answer.status === 'accept' || (answer.status === 'reject' && answer.written)) return answer.run;
  throw new OstinatoError('conflict', answer.reason);
}

function markedAs(type: TerminalStateType, message: string): ProposedState {
  switch (type) {
    case 'COMPLETED':
      return { type, data: null, message };
    case 'FAILED':
      return { type, failure: null, message };
    case 'CRASHED':
      return { type, message, evidence: message };
    case 'CANCELLED':
      return { type, message };
  }
}
