/** Explains a run's state from what any server answers; its holder is not known there. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import { matching } from '../../core/list-query.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';
import { explainRun, type Explanation } from '../../core/why.ts';
import { inputIds } from '../../core/why-phrases.ts';
import type { RunClient } from '../port.ts';

/** Enough to find a root cause and to name what runs; counts cover the others. */
const TASKS_MAX = 200;

type Reads = Pick<
  RunClient,
  'readFlowRun' | 'readTaskRun' | 'listFlowRunStates' | 'listTaskRunStates' | 'list' | 'countByState'
>;

export async function explainFromReads(
  client: Reads,
  id: FlowRunId | TaskRunId,
  now: Instant,
): Promise<Explanation | null> {
  const flowRun = await client.readFlowRun(id as FlowRunId);
  if (flowRun !== null) return await explainFlow(client, flowRun, now);
  const taskRun = await client.readTaskRun(id as TaskRunId);
  return taskRun === null ? null : await explainTask(client, taskRun, now);
}

async function explainFlow(client: Reads, run: FlowRun, now: Instant): Promise<Explanation> {
  const tasks = async (stateType: readonly TaskRun['state']['type'][]) =>
    await client.list('task_run', {
      where: matching({ flowRunId: run.id, stateType }),
      direction: 'asc',
      limit: TASKS_MAX,
    });
  return explainRun({
    kind: 'flow-run',
    run,
    holder: null,
    now,
    states: await client.listFlowRunStates(run.id),
    taskCounts: await client.countByState('task_run', matching({ flowRunId: run.id })),
    failedTasks: await tasks(['FAILED', 'CRASHED']),
    activeTasks: await tasks(['RUNNING', 'SCHEDULED']),
  });
}

async function explainTask(client: Reads, run: TaskRun, now: Instant): Promise<Explanation> {
  const ids = inputIds(run).slice(0, TASKS_MAX) as TaskRunId[];
  return explainRun({
    kind: 'task-run',
    run,
    now,
    states: await client.listTaskRunStates(run.id),
    upstream: ids.length === 0 ? [] : await client.list('task_run', { where: matching({ id: ids }), limit: TASKS_MAX }),
    flowRun: run.flowRunId === null ? null : await client.readFlowRun(run.flowRunId),
  });
}
