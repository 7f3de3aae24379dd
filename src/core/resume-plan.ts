/**
 * What happens to a recorded step when its flow run continues: one decision for the engine and for `flow-run retry
 * --plan`.
 *
 * The engine decides a step when the flow calls it; a plan decides all of them from the record and from the code as it
 * is now. What only the run itself can tell (new inputs, new calls) a plan names as a condition instead of guessing.
 */

import { ROLLED_BACK } from './participation.ts';
import { isTerminal } from './state.ts';
import { branchStep, isAlike, isBranch, isUnsure, OPTION_BRANCH } from './step-identity.ts';
import type { RecordedStep, TaskRun } from './task-run.ts';
import { clause, failureOf, inputIds } from './why-phrases.ts';

export type StepVerdict = { readonly reuse: true } | { readonly reuse: false; readonly reason: string };

const ALIKE_REASON =
  'several tasks of its name are made from one source, and what their functions close over cannot be compared';
const REUSE: StepVerdict = Object.freeze({ reuse: true });

/**
 * Whether the recorded step makes the work unnecessary: it completed, was not rolled back, its input can be compared,
 * its code is the same, and its value was kept.
 */
export function judgeStep(
  { state, sourceHash, step }: Pick<RecordedStep, 'state' | 'sourceHash' | 'step'>,
  sourceHashNow: string,
): StepVerdict {
  if (!isTerminal(state)) return { reuse: false, reason: `it had not finished: ${state.name}` };
  if (state.type !== 'COMPLETED') {
    const failure = failureOf(state);
    return { reuse: false, reason: `it ended ${state.name}${failure === null ? '' : `: ${clause(failure)}`}` };
  }
  if (isUnsure(step) && isAlike(step)) return { reuse: false, reason: ALIKE_REASON };
  if (isUnsure(step))
    return {
      reuse: false,
      reason: 'what it was called with holds something that cannot be compared (a function, an instance of a class)',
    };
  if (state.name === ROLLED_BACK) return { reuse: false, reason: 'its transaction was rolled back' };
  if (sourceHash !== sourceHashNow) return { reuse: false, reason: "the task's source changed" };
  if (state.data === null || state.data.kind === 'unpersisted')
    return { reuse: false, reason: 'its result was not kept' };
  return REUSE;
}

/** What is known of one recorded step and of the code that would call it. */
export interface StepOnRecord {
  readonly run: TaskRun;
  /**
   * Current source hashes of the tasks with this step's key; empty: no code defines it any more. `null`: the code was
   * not read.
   */
  readonly sourceHashes: readonly string[] | null;
  /** Whether the calling line is still in its file; `unknown` when the file cannot be determined. */
  readonly callSite: 'present' | 'missing' | 'unknown';
  /** The code makes several tasks of this key that look the same. */
  readonly isOneOfSeveral: boolean;
  /** `false`: the value is missing in the result store. */
  readonly isResultReadable: boolean;
}

export type StepAction = 'reuse' | 'run_again' | 'orphaned';

export interface PlannedStep {
  readonly run: TaskRun;
  readonly action: StepAction;
  readonly reason: string;
  /** Names of steps that run again and feed this one: reused only if they give the same values as before. */
  readonly ifUnchanged: readonly string[];
}

/** Steps in the order given; every step gets exactly one action. */
export function planResume(steps: readonly StepOnRecord[]): PlannedStep[] {
  const names = new Set(steps.map(({ run }) => run.step));
  const hasBranch = ({ id, state }: TaskRun): boolean =>
    [OPTION_BRANCH, OPTION_BRANCH + 1].some((nth) => names.has(branchStep(state.details.childFlowRunId ?? id, nth)));
  const alike = new Set(
    steps.filter(({ run, isOneOfSeveral }) => isOneOfSeveral || isAlike(run.step)).map(({ run }) => run.taskKey),
  );
  const first = new Map<string, PlannedStep>(
    steps.map((step) => [step.run.id, planAlone(step, alike.has(step.run.taskKey), hasBranch(step.run))]),
  );
  const planned = steps.map(({ run }) => insideParent(first.get(run.id) as PlannedStep, first));
  const again = new Map<string, string>();
  const againMaps = new Map<string, string>();
  for (const { run, action } of planned) {
    if (action !== 'run_again') continue;
    again.set(run.id, run.name);
    if (run.mapId !== null) againMaps.set(run.mapId, run.taskName);
  }
  return planned.map((step) =>
    step.action === 'reuse' ? { ...step, ifUnchanged: feeding(step.run, again, againMaps) } : step,
  );
}

function planAlone(
  { run, sourceHashes: read, callSite, isResultReadable }: StepOnRecord,
  isAmongAlike: boolean,
  hasBranch: boolean,
): PlannedStep {
  const decide = (action: StepAction, reason: string): PlannedStep => ({ run, action, reason, ifUnchanged: [] });
  // A branch is made where its failure is met: no definition has its key.
  const sourceHashes = isBranch(run.step) ? null : read;
  if (sourceHashes?.length === 0) return decide('orphaned', `nothing defines "${run.taskName}" any more`);
  if (callSite === 'missing') return decide('orphaned', 'the line that called it is gone');
  // Of two tasks with one key, the one that the record came from counts, if it still exists.
  const now =
    sourceHashes === null || sourceHashes.includes(run.sourceHash) ? run.sourceHash : (sourceHashes[0] as string);
  const { type } = run.state;
  if (hasBranch && (type === 'FAILED' || type === 'CRASHED') && !isUnsure(run.step) && run.sourceHash === now)
    return decide('reuse', 'it failed, and the flow has gone on from its failure');
  const verdict = judgeStep(run, now);
  if (!verdict.reuse) return decide('run_again', verdict.reason);
  if (isAmongAlike) return decide('run_again', ALIKE_REASON);
  if (!isResultReadable) return decide('run_again', 'its result is not in the result store any more');
  return decide(
    'reuse',
    sourceHashes === null ? 'it finished, and its result was kept' : 'it finished, and its source is the same',
  );
}

/** A step inside a task that is reused or gone is not called again: the outermost such task decides. */
function insideParent(step: PlannedStep, all: ReadonlyMap<string, PlannedStep>): PlannedStep {
  let outermost: PlannedStep | null = null;
  const seen = new Set<string>();
  for (let id = step.run.parentTaskRunId; id !== null && !seen.has(id);) {
    seen.add(id);
    const parent = all.get(id);
    if (parent === undefined) break;
    if (parent.action !== 'run_again') outermost = parent;
    id = parent.run.parentTaskRunId;
  }
  if (outermost === null) return step;
  const { action, run } = outermost;
  return {
    ...step,
    action,
    reason:
      action === 'reuse'
        ? `it belongs to "${run.name}", which is reused`
        : `"${run.name}", which led to its call, is orphaned`,
  };
}

/** Steps of one fan-out with the same outcome, as one line. */
export interface PlanLine {
  /** The first of these steps. */
  readonly step: PlannedStep;
  readonly runs: number;
  readonly reason: string;
}

/** In the order of their first steps. */
export function groupPlan(steps: readonly PlannedStep[]): PlanLine[] {
  const lines = new Map<string, PlanLine>();
  for (const step of steps) {
    const condition =
      step.ifUnchanged.length === 0 ? '' : ` (if ${step.ifUnchanged.join(', ')} gives the same value again)`;
    const reason = step.reason + condition;
    const key = step.run.mapId === null ? step.run.id : JSON.stringify([step.run.mapId, step.action, reason]);
    lines.set(key, { step: lines.get(key)?.step ?? step, runs: (lines.get(key)?.runs ?? 0) + 1, reason });
  }
  return [...lines.values()];
}

export function countSteps(steps: readonly PlannedStep[]): Readonly<Record<StepAction, number>> {
  const count = (action: StepAction): number => steps.filter((step) => step.action === action).length;
  return { reuse: count('reuse'), run_again: count('run_again'), orphaned: count('orphaned') };
}

function feeding(run: TaskRun, again: ReadonlyMap<string, string>, againMaps: ReadonlyMap<string, string>): string[] {
  const names = inputIds(run).flatMap((id) => again.get(id) ?? []);
  for (const edge of Object.values(run.inputs).flat()) {
    const name = edge.kind === 'map' ? againMaps.get(edge.id) : undefined;
    if (name !== undefined) names.push(name);
  }
  return [...new Set(names)];
}
