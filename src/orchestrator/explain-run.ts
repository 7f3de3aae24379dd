import { crashRetryKey } from '../core/after-crash.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { allOf } from '../core/query.ts';
import type { TaskRun } from '../core/task-run.ts';
import { explainRun as explain, type Explanation } from '../core/why.ts';
import { inputIds } from '../core/why-phrases.ts';
import { countByState } from './count-by-state.ts';
import { readHeartbeats } from './heartbeats.ts';
import { whatGoesOn } from './deployments/on-crash.ts';
import { inspectHolder } from './holder.ts';
import type { OrchestratorPorts } from './ports.ts';
import { readTagWaits, readWaitReasons } from './waiting.ts';

/** Enough to find a root cause and to name what runs; counts cover the others. */
const TASKS_MAX = 200;

/** Reads the recorded facts of a flow run or a task run and explains them; `null` when there is no such run. */
export async function explainRun(ports: OrchestratorPorts, id: FlowRunId | TaskRunId): Promise<Explanation | null> {
  const flowRun = await ports.storage.readFlowRun(id as FlowRunId);
  if (flowRun !== null) return explainFlow(ports, flowRun);
  const taskRun = await ports.storage.readTaskRun(id as TaskRunId);
  return taskRun === null ? null : explainTask(ports, taskRun);
}

async function explainFlow(ports: OrchestratorPorts, run: FlowRun): Promise<Explanation> {
  const { storage } = ports;
  const tasks = (stateType: readonly TaskRun['state']['type'][]) =>
    storage.list('task_run', { where: matching({ flowRunId: run.id, stateType }), direction: 'asc', limit: TASKS_MAX });
  const states = await storage.listFlowRunStates(run.id);
  return explain({
    kind: 'flow-run',
    run,
    states,
    taskCounts: await countByState(storage, 'task_run', matching({ flowRunId: run.id })),
    failedTasks: await tasks(['FAILED', 'CRASHED']),
    activeTasks: await tasks(['RUNNING', 'SCHEDULED']),
    holder: await inspectHolder(ports, run),
    heardAt:
      run.lease === null && (run.state.type === 'RUNNING' || run.state.type === 'CANCELLING')
        ? ((await readHeartbeats(ports, run.id, ports.clock.now()))[0] ?? null)
        : null,
    waitsFor: await readWaitReasons(ports, run),
    goesOn: await whatGoesOn(ports, run, states),
    begunAnew: run.state.type === 'CRASHED' ? await begunFor(ports, run) : null,
    now: ports.clock.now(),
  });
}

async function begunFor({ storage }: OrchestratorPorts, run: FlowRun): Promise<FlowRun | null> {
  if ((run.submission?.deploymentId ?? null) === null) return null;
  const [found = null] = await storage.find('flow_run', {
    where: allOf([
      { op: 'eq', field: 'flowId', value: run.flowId },
      { op: 'eq', field: 'idempotencyKey', value: crashRetryKey(run) },
    ]),
    sort: [{ field: 'id', direction: 'asc' }],
    limit: 1,
    offset: 0,
  });
  return found;
}

async function explainTask(ports: OrchestratorPorts, run: TaskRun): Promise<Explanation> {
  const { storage } = ports;
  const ids = inputIds(run).slice(0, TASKS_MAX) as TaskRunId[];
  return explain({
    kind: 'task-run',
    run,
    states: await storage.listTaskRunStates(run.id),
    upstream:
      ids.length === 0 ? [] : await storage.list('task_run', { where: matching({ id: ids }), limit: TASKS_MAX }),
    flowRun: run.flowRunId === null ? null : await storage.readFlowRun(run.flowRunId),
    waitsFor: await readTagWaits(ports, run),
    now: ports.clock.now(),
  });
}
