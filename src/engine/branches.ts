/**
 * How a flow goes on from a failure: fallbacks, optional steps, and what `onFailure` was told.
 *
 * 1. A branch is a step of its own, fed by the run that failed. It is promised before its body begins.
 * 2. A failure that has a branch on record stands: a run that is continued does not do the failed work again, and takes
 *    what the branch gave from its record.
 * 3. Work that was called off takes no branch: whoever called it off wanted nothing in its place.
 */

import { describeFailure, thrownFrom, toFailureInfo } from '../core/codec-failure.ts';
import type { Failure } from '../core/failure.ts';
import { failureLine } from '../core/failure-line.ts';
import type { TaskRunId } from '../core/ids.ts';
import type { State } from '../core/state.ts';
import { branchStep, OPTION_BRANCH } from '../core/step-identity.ts';
import type { TaskInput } from '../core/task-run.ts';
import { ALONE } from './alike.ts';
import { holdOutside } from './call-task.ts';
import type { Cancellation } from './cancellation.ts';
import type { Fallback, FlowDefinition, TaskDefinition } from './definitions.ts';
import { currentDoor } from './door.ts';
import type { FlowCall } from './flow-call.ts';
import type { FlowScope } from './flow-scope.ts';
import { FlowFuture, TaskFuture, type BranchFuture, type RunFuture } from './future.ts';
import { inputNames } from './input-names.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import { ReturnedState } from './returned-state.ts';
import { awaitReturned } from './returned-futures.ts';
import { currentFrame, surroundingTags, type Frame } from './run-context.ts';
import { runTask } from './run-task.ts';
import type { TakenStep } from './step.ts';
import { runSubflow } from './subflow.ts';
import type { TaskCall } from './task-call.ts';

/** What a branch is begun with, besides what it does. */
interface Surroundings {
  readonly ports: EnginePorts;
  readonly frame: Frame | null;
  readonly tags: readonly string[];
  readonly around: Cancellation;
  readonly site: CallSite;
}

interface Branch {
  /** For instance `load fallback`; one for all runs of a task. */
  readonly taskName: string;
  /** For instance `load-3 fallback`. */
  readonly name: string;
  readonly nth: number;
  /** Of the code that it runs. */
  readonly source: string;
  readonly options: Pick<TaskDefinition['options'], 'durability' | 'persistResult'>;
  readonly body: (failure: Failure) => unknown;
  /** Name and message of its final state. */
  readonly told: { readonly name?: string; readonly message: string };
}

/** Futures whose failure was taken from the record. */
const recalled = new WeakSet<RunFuture<unknown>>();
const NO_INPUTS = inputNames(() => ({ names: [], hasRest: false }));

/** Settles the future with the failure that an earlier attempt recorded. */
export function recallFailure(
  future: RunFuture<unknown>,
  { state }: TakenStep,
  flow: FlowScope | null,
  taskKey: string,
): void {
  const failure = 'failure' in state ? (state.failure ?? null) : null;
  recalled.add(future);
  flow?.countReused(taskKey);
  future.settle(
    { ok: false, error: failure === null ? new Error(state.message ?? state.name) : thrownFrom(failure) },
    state,
  );
}

/** Runs a task whose options say what happens when it fails. */
export async function runWithBranches(call: TaskCall, ports: EnginePorts): Promise<void> {
  const { definition, future, around, frame } = call;
  const inner = new TaskFuture<unknown>(future.taskRunId, future.name, ports.clock);
  inner.observe();
  await runTask({ ...call, future: inner, isPlain: true }, ports);
  future.rename(inner.taskRunId, inner.name);
  const { fallback, optional } = definition.options;
  const surroundings: Surroundings = { ports, frame, tags: call.tags, around, site: call.site };
  let failed: TaskFuture<unknown> = inner;
  if (fallback !== undefined && isBranchable(failed, around)) {
    ({ future: failed } = await runBranch(failed, surroundings, standIn(fallback, call, failed)));
    if (failed.outcome?.ok) frame?.scope.flow?.detours.fallback.push(inner.name);
    future.rename(failed.taskRunId, failed.name);
  }
  if (optional === true && isBranchable(failed, around))
    await goOnWithout(failed, inner.name, surroundings, definition, (state) =>
      future.settle({ ok: true, value: undefined }, state),
    );
  if (!future.done) settleAs(future, failed);
}

/** Runs a subflow whose failure its caller can do without. */
export async function runOptionalFlow(call: FlowCall, parent: FlowScope): Promise<void> {
  const { future, frame, site, tags, definition } = call;
  const inner = new FlowFuture<unknown>(future.flowRunId, future.name, parent.ports.clock);
  inner.observe();
  await runSubflow({ ...call, future: inner, isPlain: true }, parent);
  future.become(inner.flowRunId, inner.name);
  const around = frame?.around ?? frame?.scope.cancellation ?? parent.cancellation;
  if (isBranchable(inner, around))
    await goOnWithout(inner, inner.name, { ports: parent.ports, frame, tags, around, site }, definition, (state) =>
      future.settle({ ok: true, value: undefined }, state),
    );
  if (!future.done) settleAs(future, inner);
}

/** Takes the branch that a caller has asked for, if the run fails. Never throws. */
export async function branchOff(
  source: RunFuture<unknown>,
  branch: BranchFuture<unknown>,
  body: (failure: Failure) => unknown,
  frame: Frame | null,
  site: CallSite,
  nth: number,
): Promise<void> {
  const flow = frame?.scope.flow ?? null;
  flow?.started();
  try {
    await new Promise<void>((resolve) => source.onDone(resolve));
    branch.standFor(source);
    const take = async (ports: EnginePorts, around: Cancellation): Promise<void> => {
      const tags = frame?.tags ?? surroundingTags();
      const told = { message: `Taken because ${reasonOf(source)}.` };
      const { future: taken } = await runBranch(
        source,
        { ports, frame, tags, around, site },
        {
          taskName: 'onFailure',
          name: `${source.name} onFailure`,
          nth,
          source: Function.prototype.toString.call(body),
          options: {},
          body,
          told,
        },
      );
      branch.standFor(taken);
      settleAs(branch, taken);
    };
    if (frame) {
      const around = frame.around ?? frame.scope.cancellation;
      if (isBranchable(source, around)) await take(frame.scope.ports, around);
    } else if (isBranchable(source, null)) await holdOutside(await currentDoor().open(), take);
    if (!branch.done) settleAs(branch, source);
  } catch (error) {
    branch.settle({ ok: false, error }, source.state as State);
  } finally {
    flow?.ended(branch);
  }
}

function standIn(fallback: Fallback<readonly unknown[], unknown>, call: TaskCall, failed: RunFuture<unknown>): Branch {
  const { definition, args } = call;
  const isTask = 'taskName' in fallback;
  const answer = fallback as (...args: readonly unknown[]) => unknown;
  const { durability, persistResult } = definition.options;
  return {
    taskName: `${definition.name} fallback`,
    name: `${failed.name} fallback`,
    nth: OPTION_BRANCH,
    source: Function.prototype.toString.call(isTask ? fallback.fn : fallback),
    options: {
      ...(durability === undefined ? {} : { durability }),
      ...(persistResult === undefined ? {} : { persistResult }),
    },
    body: (failure) => (isTask ? answer(...args) : answer(failure, ...args)),
    told: {
      name: 'FellBack',
      message: `Fell back${isTask ? ` to task "${fallback.taskName}"` : ''} because ${reasonOf(failed)}.`,
    },
  };
}

/** Records that the flow goes on without what failed. */
async function goOnWithout(
  failed: RunFuture<unknown>,
  name: string,
  surroundings: Surroundings,
  { name: taskName, options: { durability } }: Pick<TaskDefinition | FlowDefinition, 'name' | 'options'>,
  onDone: (state: State) => void,
): Promise<void> {
  const { future: taken } = await runBranch(failed, surroundings, {
    taskName: `${taskName} optional`,
    name: `${name} optional`,
    nth: OPTION_BRANCH,
    source: '',
    options: durability === undefined ? {} : { durability },
    body: () => undefined,
    told: { name: 'WentOn', message: `Went on without "${name}", which is optional: ${reasonOf(failed)}.` },
  });
  if (!taken.outcome?.ok) return;
  surroundings.frame?.scope.flow?.detours.optional.push(name);
  onDone(taken.state as State);
}

async function runBranch(
  failed: RunFuture<unknown>,
  { ports, frame, tags, around, site }: Surroundings,
  branch: Branch,
): Promise<{ readonly future: TaskFuture<unknown> }> {
  const { edge } = failed;
  const future = new TaskFuture<unknown>(ports.ids.next<TaskRunId>(), branch.name, ports.clock);
  future.observe();
  const fn = async (): Promise<unknown> => {
    await promise(frame);
    const given = await awaitReturned(branch.body(describeFailure(errorOf(failed), failed.state ?? null)));
    return given instanceof ReturnedState ? given : new ReturnedState('COMPLETED', { ...branch.told, value: given });
  };
  const definition: TaskDefinition = {
    fn,
    name: branch.taskName,
    taskKey: `branch:${branch.taskName}`,
    sourceHash: ports.hash(branch.source).slice(0, 16),
    alike: ALONE,
    inputs: NO_INPUTS,
    streams: false,
    file: '',
    options: { ...branch.options, isolation: 'signal', runName: () => branch.name },
    retryDelays: [],
  };
  await runTask(
    {
      definition,
      thisArg: undefined,
      args: [],
      site,
      future,
      frame,
      tags,
      around,
      mapId: null,
      itemIndex: null,
      mapEdges: edge === null ? {} : { failure: [edge] },
      onYield: null,
      branch: { step: branchStep(idIn(edge), branch.nth), isFresh: !recalled.has(failed) },
    },
    ports,
  );
  // Not the future itself: it would be awaited.
  return { future };
}

/** A branch that may have begun is on record, whatever ends the process. */
async function promise(around: Frame | null): Promise<void> {
  const scope = currentFrame()?.scope;
  if (scope === undefined || scope === around?.scope || !('record' in scope) || scope.ports.within) return;
  await scope.ports.recorder.settle(scope.record, scope.record.run.durability);
}

function isBranchable({ outcome, state }: RunFuture<unknown>, around: Cancellation | null): boolean {
  if (outcome === undefined || outcome.ok || around?.reason) return false;
  return state === undefined || state.type === 'FAILED' || state.type === 'CRASHED';
}

function settleAs(future: RunFuture<unknown>, { outcome, state }: RunFuture<unknown>): void {
  if (outcome) future.settle(outcome, state as State);
}

function errorOf({ outcome }: RunFuture<unknown>): unknown {
  return outcome?.ok === false ? outcome.error : undefined;
}

function reasonOf(failed: RunFuture<unknown>): string {
  return `"${failed.name}" failed with ${failureLine(toFailureInfo(errorOf(failed))).replace(/\.$/, '')}`;
}

function idIn(edge: TaskInput | null): string {
  return edge !== null && 'id' in edge ? edge.id : '';
}
