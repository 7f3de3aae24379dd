/** The graph of a flow run: its runs as nodes, the flow of data as edges. */

import type { Artifact } from './artifact.ts';
import type { FlowRun } from './flow-run.ts';
import type { State, StateType } from './state.ts';
import type { TaskRun } from './task-run.ts';
import type { Instant } from './time.ts';

export interface GraphNode {
  readonly kind: 'flow-run' | 'task-run';
  readonly id: string;
  readonly label: string;
  readonly stateType: StateType;
  readonly startTime: Instant;
  readonly endTime: Instant | null;
  /** Nodes whose results this one uses; the reverse of `children`. */
  readonly parents: readonly string[];
  readonly children: readonly string[];
  /** Nodes in whose bodies it was called. */
  readonly encapsulating: readonly string[];
  readonly artifacts: readonly Artifact[];
}

export interface FlowRunGraph {
  readonly startTime: Instant | null;
  readonly endTime: Instant | null;
  readonly rootNodeIds: readonly string[];
  /** By time of start. */
  readonly nodes: readonly GraphNode[];
  /** Of the flow run itself. */
  readonly artifacts: readonly Artifact[];
  readonly states: readonly State[];
}

export interface GraphFacts {
  readonly flowRun: FlowRun;
  readonly states: readonly State[];
  readonly taskRuns: readonly TaskRun[];
  /** The flow runs of placeholder task runs. */
  readonly subflows: readonly FlowRun[];
  readonly artifacts: readonly Artifact[];
  /** Leaves out nodes that ended before. */
  readonly since: Instant | null;
}

/** Name of the input that records in whose body a task was called; it carries no value. */
const ENCLOSING_INPUT = '__parents__';
/** Fan-outs with more members are drawn without edges, which would overlap. */
const MAP_EDGES_MAX = 100;

export function flowRunGraph(facts: GraphFacts): FlowRunGraph {
  const { flowRun, taskRuns } = facts;
  const subflows = new Map(facts.subflows.map((run) => [run.parentTaskRunId, run]));
  // Edges name the placeholder; the graph shows the subflow in its place.
  const shownAs = new Map(taskRuns.map((run) => [run.id as string, subflows.get(run.id)?.id ?? run.id]));
  // An input may name the subflow's run itself.
  for (const { id } of facts.subflows) shownAs.set(id, id);
  const edges = edgesBetween(taskRuns, shownAs);
  const nodes = taskRuns.flatMap((run) => {
    const node = nodeOf(run, subflows.get(run.id));
    if (node === null) return [];
    const { id } = node;
    const linked = {
      parents: [...(edges.parents.get(id) ?? [])],
      children: [...(edges.children.get(id) ?? [])],
      encapsulating: [...(edges.encapsulating.get(id) ?? [])],
    };
    return [{ ...node, ...linked, artifacts: facts.artifacts.filter((artifact) => artifact.taskRunId === run.id) }];
  });
  const shown = nodes.filter(({ endTime }) => facts.since === null || endTime === null || endTime >= facts.since);
  shown.sort((a, b) => a.startTime - b.startTime || (a.endTime ?? Infinity) - (b.endTime ?? Infinity));
  return {
    startTime: flowRun.startTime ?? flowRun.expectedStartTime,
    endTime: flowRun.endTime,
    rootNodeIds: shown.filter(({ parents }) => parents.length === 0).map(({ id }) => id),
    nodes: shown,
    artifacts: facts.artifacts.filter(({ taskRunId }) => taskRunId === null),
    states: facts.states,
  };
}

type BareNode = Omit<GraphNode, 'parents' | 'children' | 'encapsulating' | 'artifacts'>;

/** `null` for a run that is not expected to start. */
function nodeOf(task: TaskRun, subflow: FlowRun | undefined): BareNode | null {
  const expected = task.prefectClient ? task.prefectClient.expectedStartTime : task.createdAt;
  const startTime = subflow?.startTime ?? subflow?.expectedStartTime ?? task.startTime ?? expected;
  if (startTime === null) return null;
  const endTime = subflow?.endTime ?? task.endTime ?? (task.state.type === 'COMPLETED' ? expected : null);
  if (subflow) {
    return {
      kind: 'flow-run',
      id: subflow.id,
      label: `${subflow.flowName} / ${subflow.name}`,
      stateType: subflow.state.type,
      startTime,
      endTime,
    };
  }
  return { kind: 'task-run', id: task.id, label: task.name, stateType: task.state.type, startTime, endTime };
}

type Links = Map<string, Set<string>>;

function edgesBetween(
  taskRuns: readonly TaskRun[],
  shownAs: ReadonlyMap<string, string>,
): { readonly parents: Links; readonly children: Links; readonly encapsulating: Links } {
  const [parents, children, encapsulating]: [Links, Links, Links] = [new Map(), new Map(), new Map()];
  const maps = mapMembers(taskRuns);
  for (const run of taskRuns) {
    const to = shownAs.get(run.id) as string;
    const enclosing = run.parentTaskRunId === null ? undefined : shownAs.get(run.parentTaskRunId);
    if (enclosing !== undefined) link(encapsulating, to, enclosing);
    for (const [name, inputs] of Object.entries(run.inputs)) {
      for (const input of inputs) {
        const sources =
          input.kind === 'map'
            ? (maps.get(input.id) ?? [])
            : input.kind === 'task_run' || input.kind === 'flow_run'
              ? [input.id]
              : [];
        for (const source of sources) {
          const from = shownAs.get(source);
          if (from === undefined || from === to) continue;
          if (name === ENCLOSING_INPUT) link(encapsulating, to, from);
          else {
            link(parents, to, from);
            link(children, from, to);
          }
        }
      }
    }
  }
  return { parents, children, encapsulating };
}

function mapMembers(taskRuns: readonly TaskRun[]): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  for (const { id, mapId } of taskRuns)
    if (mapId !== null) members.set(mapId, [...(members.get(mapId) ?? []).slice(0, MAP_EDGES_MAX), id]);
  for (const [mapId, ids] of members) if (ids.length > MAP_EDGES_MAX) members.delete(mapId);
  return members;
}

function link(links: Links, from: string, to: string): void {
  const known = links.get(from);
  if (known) known.add(to);
  else links.set(from, new Set([to]));
}
