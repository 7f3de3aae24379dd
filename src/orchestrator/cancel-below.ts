import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { ACTIVE_TYPES } from '../core/rules/policy.ts';
import type { OrchestratorPorts } from './ports.ts';
import { setFlowRunState } from './set-flow-run-state.ts';
import { setTaskRunState } from './set-task-run-state.ts';

const MESSAGE = 'The parent flow run was cancelled.';
/** Task runs in one call; the next call continues. */
const TASKS_MAX = 100;

/**
 * Cancels everything open below a cancelled run of another runner: subflows (those with infrastructure of their own are
 * asked to stop) and task runs. Returns how many were cancelled.
 */
export async function cancelBelow(ports: OrchestratorPorts, id: FlowRunId): Promise<number> {
  const { storage } = ports;
  let cancelled = 0;
  let after: TaskRunId | undefined;
  for (;;) {
    const open = await storage.list('task_run', {
      where: matching({ flowRunId: id, stateType: ACTIVE_TYPES }),
      direction: 'asc',
      limit: TASKS_MAX,
      after,
    });
    for (const task of open) {
      const child = task.state.details.childFlowRunId;
      if (child !== undefined) cancelled += await cancelSubflow(ports, child);
      else if (task.prefectClient !== null) {
        await setTaskRunState(ports, { id: task.id, state: { type: 'CANCELLED', message: MESSAGE }, force: true });
        cancelled += 1;
      }
    }
    if (open.length < TASKS_MAX) return cancelled;
    after = open.at(-1)?.id;
  }
}

/** Its placeholder task run gets the same state. */
async function cancelSubflow(ports: OrchestratorPorts, id: FlowRunId): Promise<number> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null || run.runner === 'ostinato' || run.endTime !== null) return 0;
  const isStopped = run.runner === 'worker';
  if (isStopped && run.state.type === 'CANCELLING') return 0;
  const type = isStopped ? 'CANCELLING' : 'CANCELLED';
  const answer = await setFlowRunState(ports, { id, state: { type, message: MESSAGE }, onlyFrom: run.state.id });
  return answer.status === 'accept' ? 1 : 0;
}
