/** A run inside a flow run as a page shows it: a bar or a row. Pure. */

import { flowRunGraph, type GraphFacts } from './flow-run-graph.ts';
import type { FlowRun } from './flow-run.ts';
import type { TaskRunId } from './ids.ts';
import { segmentsOf, WAIT_SHOWN_US, type RunSegment, type StateMark } from './run-segments.ts';
import type { StateType } from './state.ts';
import type { TaskRun } from './task-run.ts';
import type { Instant } from './time.ts';

export interface InsideRun {
  readonly kind: 'flow-run' | 'task-run';
  readonly id: string;
  /** Its own id; of a subflow, the task run that represents it. */
  readonly taskRunId: string;
  /** A subflow's is `flow / run`. */
  readonly label: string;
  /** Name of the task; of a subflow, of the flow. */
  readonly name: string;
  /** Equal for runs that are folded together: those of one map, else of one task. */
  readonly group: string;
  readonly mapIndex: number | null;
  readonly stateType: StateType;
  readonly stateName: string;
  /** Why it failed, crashed, was cancelled or waits; cut to a beginning. */
  readonly message: string | null;
  readonly runCount: number;
  readonly startTime: Instant;
  readonly endTime: Instant | null;
  readonly totalRunTimeUs: number;
  /** Start of the current attempt; `null` when none is running. */
  readonly runningSince: Instant | null;
  /** Runs whose results it uses. */
  readonly parents: readonly string[];
  /** The run in whose body it was called. */
  readonly caller: string | null;
  /** Attempts and waits, see `segmentsOf`. */
  readonly segments: readonly RunSegment[];
}

const MESSAGE_MAX = 200;
const SILENT: ReadonlySet<StateType> = new Set(['COMPLETED', 'RUNNING', 'PENDING']);

/** Whether the run's states show more than the run itself. */
export function needsStateMarks({ state, runCount, startTime, createdAt }: TaskRun): boolean {
  return (
    runCount > 1 ||
    startTime === null ||
    startTime - createdAt >= WAIT_SHOWN_US ||
    state.type === 'SCHEDULED' ||
    state.type === 'PAUSED'
  );
}

/** In the order of their start. @param marks states of the runs that need them, see `needsStateMarks` */
export function runsInside(
  facts: GraphFacts,
  marks: ReadonlyMap<TaskRunId, readonly StateMark[]>,
): readonly InsideRun[] {
  const tasks = new Map(facts.taskRuns.map((run) => [run.id as string, run]));
  const subflows = new Map(facts.subflows.map((run) => [run.id as string, run]));
  return flowRunGraph(facts).nodes.flatMap(({ id, kind, label, startTime, endTime, parents, encapsulating }) => {
    const subflow = subflows.get(id);
    const run = subflow ?? tasks.get(id);
    if (run === undefined) return [];
    return [
      {
        kind,
        id,
        taskRunId: subflow?.parentTaskRunId ?? id,
        label,
        ...(subflow === undefined
          ? namesOf(run as TaskRun)
          : { name: subflow.flowName, group: `flow ${subflow.flowName}`, mapIndex: null }),
        ...standingOf(run),
        startTime,
        endTime,
        parents,
        caller: encapsulating.at(-1) ?? null,
        segments: subflow === undefined ? segmentsOf(marks.get(id as TaskRunId) ?? []) : [],
      },
    ];
  });
}

function namesOf({ taskName, taskKey, mapId, item }: TaskRun): Pick<InsideRun, 'name' | 'group' | 'mapIndex'> {
  return { name: taskName, group: mapId === null ? `task ${taskKey}` : `map ${mapId}`, mapIndex: item?.index ?? null };
}

function standingOf({
  state,
  runCount,
  totalRunTimeUs,
}: TaskRun | FlowRun): Pick<
  InsideRun,
  'stateType' | 'stateName' | 'message' | 'runCount' | 'totalRunTimeUs' | 'runningSince'
> {
  return {
    stateType: state.type,
    stateName: state.name,
    message: messageOf(state),
    runCount,
    totalRunTimeUs,
    runningSince: state.type === 'RUNNING' ? state.timestamp : null,
  };
}

function messageOf(state: TaskRun['state']): string | null {
  if (SILENT.has(state.type)) return null;
  const said = state.message ?? ('failure' in state ? (state.failure?.message ?? null) : null);
  return said === null || said.length <= MESSAGE_MAX ? said : `${said.slice(0, MESSAGE_MAX)}…`;
}
