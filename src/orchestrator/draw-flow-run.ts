import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { flowRunGraph, type FlowRunGraph } from '../core/flow-run-graph.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Larger graphs cannot be read (Prefect's `max_flow_run_graph_nodes` and `…_artifacts`). */
export const GRAPH_NODES_MAX = 10_000;
export const GRAPH_ARTIFACTS_MAX = 1000;
const PAGE = 1000;

/** The graph of a flow run; `null` when there is no such run; `bad-input` when the graph would be too large. */
export async function drawFlowRun(
  ports: OrchestratorPorts,
  id: FlowRunId,
  since: Instant | null,
): Promise<FlowRunGraph | null> {
  const { storage } = ports;
  const flowRun = await storage.readFlowRun(id);
  if (flowRun === null) return null;
  const taskRuns = await taskRunsOf(ports, id, GRAPH_NODES_MAX + 1);
  if (taskRuns.length > GRAPH_NODES_MAX)
    throw new OstinatoError('bad-input', `The graph of flow run ${id} has more than ${GRAPH_NODES_MAX} nodes.`);
  const artifacts = await storage.find('artifact', {
    where: { op: 'eq', field: 'flowRunId', value: id },
    sort: [{ field: 'id', direction: 'desc' }],
    limit: GRAPH_ARTIFACTS_MAX,
    offset: 0,
  });
  return flowRunGraph({
    flowRun,
    taskRuns,
    since,
    states: await storage.listFlowRunStates(id),
    subflows: await subflowsOf(ports, taskRuns),
    artifacts: artifacts.filter(({ type }) => type !== 'result').toReversed(),
  });
}

/** Oldest first. */
export async function taskRunsOf(
  { storage }: OrchestratorPorts,
  id: FlowRunId,
  max: number,
): Promise<readonly TaskRun[]> {
  const found: TaskRun[] = [];
  let after: TaskRunId | undefined;
  while (found.length < max) {
    const page = await storage.list('task_run', {
      where: matching({ flowRunId: id }),
      direction: 'asc',
      limit: PAGE,
      after,
    });
    found.push(...page);
    if (page.length < PAGE) break;
    after = page.at(-1)?.id;
  }
  return found;
}

/** The flow runs of the placeholders among these task runs. */
export async function subflowsOf(
  { storage }: OrchestratorPorts,
  taskRuns: readonly TaskRun[],
): Promise<readonly FlowRun[]> {
  const found: FlowRun[] = [];
  for (let start = 0; start < taskRuns.length; start += PAGE) {
    const values = taskRuns.slice(start, start + PAGE).map(({ id }) => id);
    found.push(
      ...(await storage.find('flow_run', {
        where: { op: 'in', field: 'parentTaskRunId', values },
        sort: [],
        limit: PAGE,
        offset: 0,
      })),
    );
  }
  return found;
}
