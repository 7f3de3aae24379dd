/**
 * The inside of a flow run for a page: complete if small, else in groups. The answer is bounded whatever ran: at most
 * 10,000 runs or 200 groups, and of a group one page.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { needsStateMarks, runsInside, type InsideRun } from '../core/run-inside.ts';
import { STATE_TYPES, type StateType } from '../core/state.ts';
import type { ShapeSpan, TaskRunGroup } from '../core/task-run-groups.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Storage } from '../store/port.ts';
import { GRAPH_NODES_MAX, subflowsOf, taskRunsOf } from './draw-flow-run.ts';
import type { OrchestratorPorts } from './ports.ts';

export const GROUPS_MAX = 200;
/** Fewer runs take no more room than a group. */
export const GROUP_FROM = 5;

export interface RunInside {
  readonly flowRun: FlowRun;
  readonly taskRunCount: number;
  /** Empty if grouped. */
  readonly runs: readonly InsideRun[];
  /** Ordered by start; empty if not grouped. */
  readonly groups: readonly TaskRunGroup[];
}

/** `null` when there is no such run. */
export async function readInside(ports: OrchestratorPorts, id: FlowRunId): Promise<RunInside | null> {
  const { storage } = ports;
  const flowRun = await storage.readFlowRun(id);
  if (flowRun === null) return null;
  const taskRunCount = await storage.count('task_run', { op: 'eq', field: 'flowRunId', value: id });
  if (taskRunCount > GRAPH_NODES_MAX) return { flowRun, taskRunCount, runs: [], groups: await groupsOf(ports, id) };
  // Some may have been added meanwhile.
  const taskRuns = (await taskRunsOf(ports, id, GRAPH_NODES_MAX)).slice(0, GRAPH_NODES_MAX);
  return { flowRun, taskRunCount, runs: await inside(ports, flowRun, taskRuns), groups: [] };
}

async function inside(
  ports: OrchestratorPorts,
  flowRun: FlowRun,
  taskRuns: readonly TaskRun[],
): Promise<readonly InsideRun[]> {
  const marks = await ports.storage.listStateMarks(taskRuns.filter(needsStateMarks).map((run) => run.id));
  return runsInside(
    { flowRun, taskRuns, states: [], subflows: await subflowsOf(ports, taskRuns), artifacts: [], since: null },
    marks,
  );
}

/**
 * By flow run: chart and table of one page, and pages of several readers, share one count when they ask at the same
 * time.
 */
const counting = new WeakMap<Storage, Map<FlowRunId, Promise<readonly TaskRunGroup[]>>>();

/** Ordered by start. */
async function groupsOf({ storage }: OrchestratorPorts, id: FlowRunId): Promise<readonly TaskRunGroup[]> {
  const underWay = counting.get(storage) ?? new Map<FlowRunId, Promise<readonly TaskRunGroup[]>>();
  counting.set(storage, underWay);
  const known = underWay.get(id);
  if (known !== undefined) return known;
  const count = Promise.resolve(storage.groupTaskRuns(id, GROUPS_MAX))
    .then(byStart)
    .finally(() => underWay.delete(id));
  underWay.set(id, count);
  return count;
}

function byStart(groups: readonly TaskRunGroup[]): readonly TaskRunGroup[] {
  return groups.toSorted((a, b) => a.start - b.start);
}

const BAD: readonly StateType[] = ['FAILED', 'CRASHED'];
const OTHERS: readonly StateType[] = STATE_TYPES.filter((type) => !BAD.includes(type));

/** The place at which a page of a group continues: among failed runs, which come first, or among the others. */
export interface GroupPlace {
  readonly isBad: boolean;
  readonly after: TaskRunId | '';
}

export interface GroupPart {
  readonly runs: readonly InsideRun[];
  readonly next: GroupPlace | null;
}

/**
 * The runs of a group, failed ones first, each kind in the order in which they were made. `null` when there is no such
 * flow run.
 */
export async function readGroup(
  ports: OrchestratorPorts,
  id: FlowRunId,
  shapes: ShapeSpan,
  place: GroupPlace,
  limit: number,
): Promise<GroupPart | null> {
  const { storage } = ports;
  const flowRun = await storage.readFlowRun(id);
  if (flowRun === null) return null;
  const found: TaskRun[] = [];
  let { isBad, after }: GroupPlace = place;
  // One more than is shown tells whether there are more.
  for (; found.length <= limit; isBad = false, after = '') {
    const part = { flowRunId: id, shapes, stateTypes: isBad ? BAD : OTHERS, after, limit: limit + 1 - found.length };
    found.push(...(await storage.listGroupedTaskRuns(part)));
    if (!isBad) break;
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next =
    found.length > limit && last !== undefined ? { isBad: BAD.includes(last.state.type), after: last.id } : null;
  return { runs: inOrder(shown, await inside(ports, flowRun, shown)), next };
}

/** In the order of their start, as a chart needs them. */
function inOrder(taskRuns: readonly TaskRun[], runs: readonly InsideRun[]): readonly InsideRun[] {
  const place = new Map<string, number>(taskRuns.map(({ id }, at) => [id, at]));
  return runs.toSorted((a, b) => (place.get(a.taskRunId) ?? 0) - (place.get(b.taskRunId) ?? 0));
}

export type InsideRow =
  | { readonly kind: 'group'; readonly group: TaskRunGroup }
  | { readonly kind: 'run'; readonly run: InsideRun };

export interface InsideRows {
  readonly rows: readonly InsideRow[];
  /** Number of all groups, including small ones. */
  readonly groupCount: number;
}

/**
 * Rows of a table, newest first: a group is one row, fewer than five runs of a task are a row each. A page has this
 * many groups.
 */
export async function readInsideRows(
  ports: OrchestratorPorts,
  id: FlowRunId,
  page: { readonly limit: number; readonly offset: number },
): Promise<InsideRows | null> {
  const { storage } = ports;
  const flowRun = await storage.readFlowRun(id);
  if (flowRun === null) return null;
  const groups = (await groupsOf(ports, id)).toReversed();
  const shown = groups.slice(page.offset, page.offset + page.limit);
  const small = shown.filter((group) => !isFolded(group));
  const taskRuns =
    small.length === 0
      ? []
      : await storage.listGroupedTaskRuns({
          flowRunId: id,
          shapes: small.map(({ first }) => first),
          stateTypes: STATE_TYPES,
          after: '',
          limit: small.reduce((sum, { count }) => sum + count, 0),
        });
  const rows: InsideRow[] = [
    ...shown.filter(isFolded).map((group) => ({ kind: 'group' as const, group })),
    ...(await inside(ports, flowRun, taskRuns)).map((run) => ({ kind: 'run' as const, run })),
  ];
  return { rows: rows.sort((a, b) => startOf(b) - startOf(a)), groupCount: groups.length };
}

function isFolded({ count, first, last }: TaskRunGroup): boolean {
  return count >= GROUP_FROM || first !== last;
}

function startOf(row: InsideRow): number {
  return row.kind === 'group' ? row.group.start : row.run.startTime;
}
