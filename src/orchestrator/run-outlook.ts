/** Predicts from the record what an action on a flow run would do. */

import { foretellCancel, type CancelOutlook } from '../core/cancel-outlook.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import type { Condition } from '../core/query.ts';
import { planResume, type PlannedStep } from '../core/resume-plan.ts';
import { assertNever, isTerminal } from '../core/state.ts';
import { taskRunsOf } from './draw-flow-run.ts';
import { inspectHolder } from './holder.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Of a run with more steps, only the first ones are planned. */
export const PLANNED_STEPS_MAX = 10_000;
/** Subflow runs are counted up to this number. */
const FAMILY_MAX = 2000;
const PAGE = 1000;

export interface RetryOutlook {
  readonly run: FlowRun;
  /**
   * `process`: somebody has to start one, with a command. `worker`: the run waits for a worker. `never`: this run
   * cannot be retried.
   */
  readonly way: 'process' | 'worker' | 'never';
  /** Why not, for `never`; a sentence. */
  readonly reason: string | null;
  /** For a run inside others: the outermost of them, which is retried instead. */
  readonly root: FlowRun | null;
  /**
   * The plan of `core/resume-plan.ts`, assuming that the code is unchanged and every stored result exists; `null`: only
   * the run's client knows.
   */
  readonly plan: readonly PlannedStep[] | null;
}

export interface DeletionOutlook {
  /** Number of task runs in it and in all subflow runs. */
  readonly taskRuns: number;
  readonly subflowRuns: number;
  readonly logs: number;
  readonly artifacts: number;
  /** There are more subflow runs, whose rows are not counted. */
  readonly isMore: boolean;
}

/** `null`: there is no such run. */
export async function foretellRetry(ports: OrchestratorPorts, id: FlowRunId): Promise<RetryOutlook | null> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null) return null;
  const never = (reason: string, root: FlowRun | null = null): RetryOutlook => ({
    run,
    way: 'never',
    reason,
    root,
    plan: null,
  });
  if (run.state.type === 'COMPLETED') return never(`It is ${run.state.name}: run the flow anew instead.`);
  const holder = isTerminal(run.state) ? null : await inspectHolder(ports, run);
  if (
    !isTerminal(run.state) &&
    (holder?.alive === true || run.state.type === 'RUNNING' || run.state.type === 'CANCELLING')
  )
    return never(`It is ${run.state.name}.`);
  const root = await rootOf(ports, run);
  if (root.id !== run.id)
    return never(`It is part of flow run ${root.name}, which waits for its result: retry that one.`, root);
  switch (run.runner) {
    case 'ostinato':
      return { run, way: 'process', reason: null, root: null, plan: await planned(ports, id) };
    case 'worker':
      return { run, way: 'worker', reason: null, root: null, plan: null };
    case 'prefect-client':
      return never('Only the client that it came from can run its flow again, as a new run.');
    default:
      return assertNever(run.runner, 'runner');
  }
}

async function planned(ports: OrchestratorPorts, id: FlowRunId): Promise<readonly PlannedStep[]> {
  const steps = await taskRunsOf(ports, id, PLANNED_STEPS_MAX);
  return planResume(
    steps.map((run) => ({
      run,
      sourceHashes: null,
      callSite: 'unknown',
      isOneOfSeveral: false,
      isResultReadable: true,
    })),
  );
}

async function rootOf({ storage }: OrchestratorPorts, run: FlowRun): Promise<FlowRun> {
  const seen = new Set<string>([run.id]);
  for (let at = run; ;) {
    const parentId =
      at.parentFlowRunId ??
      (at.parentTaskRunId === null ? null : ((await storage.readTaskRun(at.parentTaskRunId))?.flowRunId ?? null));
    const parent = parentId === null || seen.has(parentId) ? null : await storage.readFlowRun(parentId);
    if (parent === null) return at;
    seen.add(parent.id);
    at = parent;
  }
}

/** `null`: there is no such run. */
export async function foretellCancelling(ports: OrchestratorPorts, id: FlowRunId): Promise<CancelOutlook | null> {
  const run = await ports.storage.readFlowRun(id);
  return run === null ? null : foretellCancel(run, await inspectHolder(ports, run));
}

/** `null`: there is no such run. */
export async function foretellDeletion(ports: OrchestratorPorts, id: FlowRunId): Promise<DeletionOutlook | null> {
  const { storage } = ports;
  if ((await storage.readFlowRun(id)) === null) return null;
  const { ids, isMore } = await familyOf(ports, id);
  const ofThem: Condition = { op: 'in', field: 'flowRunId', values: ids };
  return {
    taskRuns: await storage.count('task_run', ofThem),
    subflowRuns: ids.length - 1,
    logs: await storage.count('log', ofThem),
    artifacts: await storage.count('artifact', ofThem),
    isMore,
  };
}

/** The run and those below it that are deleted with it: a subflow run belongs to its placeholder task run. */
async function familyOf(
  { storage }: OrchestratorPorts,
  id: FlowRunId,
): Promise<{ readonly ids: readonly FlowRunId[]; readonly isMore: boolean }> {
  const ids = new Set<FlowRunId>([id]);
  for (let generation: readonly FlowRunId[] = [id]; generation.length > 0;) {
    const ofParent: Condition = { op: 'in', field: 'flowRunId', values: generation };
    const children = await storage.find('flow_run', {
      where: { op: 'exists', noun: 'task_run', by: 'parent', where: ofParent },
      sort: [],
      limit: PAGE,
      offset: 0,
    });
    generation = children.map((child) => child.id).filter((child) => !ids.has(child));
    for (const child of generation) ids.add(child);
    if (children.length === PAGE || ids.size > FAMILY_MAX) return { ids: [...ids], isMore: true };
  }
  return { ids: [...ids], isMore: false };
}
