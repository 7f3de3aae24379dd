import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { ACTIVE_TYPES } from '../core/rules/policy.ts';
import type { OrchestratorPorts } from './ports.ts';
import { setFlowRunState } from './set-flow-run-state.ts';
import { setTaskRunState } from './set-task-run-state.ts';

const MESSAGE = 'The parent flow run was cancelled.';
/** As many at a time; what is left comes with the next call. */
const TASKS_MAX = 100;

/**
 * Cancels what is still open below a cancelled run of another client: subflows (with infrastructure of their own they are
 * asked to stop) and task runs. Answers how much was cancelled.
 */
export async function cancelBelow(ports: OrchestratorPorts, id: FlowRunId): Promise<number> {
  const { storage } = ports;
  let cancelled = 0;
  let after: TaskRunId | undefined;
  for (;;) {
    const open = await storage.listTaskRuns({ flowRunId: id, stateTypes: ACTIVE_TYPES }, { limit: TASKS_MAX, order: 'oldest', after });
    for (const task of open) {
      const child = task.state.details.childFlowRunId;
      if (child !== undefined) cancelled += await cancelSubflow(ports, child);
      else if (task.foreign !== null) {
        await setTaskRunState(ports, { id: task.id, state: { type: 'CANCELLED', message: MESSAGE }, force: true });
        cancelled += 1;
      }
    }
    if (open.length < TASKS_MAX) return cancelled;
    after = open.at(-1)?.id;
  }
}

/** Its placeholder follows it. */
async function cancelSubflow(ports: OrchestratorPorts, id: FlowRunId): Promise<number> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null || run.submission === null || run.endTime !== null) return 0;
  const hasDeployment = run.submission.deploymentId !== null;
  if (hasDeployment && run.state.type === 'CANCELLING') return 0;
  const type = hasDeployment ? 'CANCELLING' : 'CANCELLED';
  const answer = await setFlowRunState(ports, { id, state: { type, message: MESSAGE }, onlyFrom: run.state.id });
  return answer.status === 'accept' ? 1 : 0;
}
