/**
 * The life of one task run: inputs → identity → reuse or cache → slot → attempts → record → future.
 *
 * 1. The future settles only after the record is as durable as the run promises.
 * 2. A slot taken is given back on every way out. Tasks called inside a task take none: they run on their caller's, so a
 *    full gate cannot wait for itself.
 * 3. Whatever happens, the run ends in one terminal state; a defect in this room ends it Crashed.
 */

import { isErrorObject, toFailureInfo } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import { thrownText, thrownTrace } from '../core/show-value.ts';
import { isAlike, isUnsure } from '../core/step-identity.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { NewTaskRun } from '../core/rules/apply-task-run.ts';
import type { ProposedState, State, TerminalState } from '../core/state.ts';
import type { Isolation, MapId, RecordedStep, TaskInput } from '../core/task-run.ts';
import { isSeveral } from './alike.ts';
import { findFutures, UpstreamFailed, type FoundFutures } from './arguments.ts';
import { runAttempts, type TaskEnd } from './attempts.ts';
import { lookUpCache, type CacheClaimHeld } from './caching.ts';
import { Cancellation, StopReason } from './cancellation.ts';
import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { TaskFuture } from './future.ts';
import { hookMark } from './hook-book.ts';
import { runHooks } from './hooks.ts';
import { isolatedSession } from './isolation/isolated-session.ts';
import { NO_VALUES } from './kept-values.ts';
import { LiveTask } from './live-task.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import { keptBy, recordOf } from './recalled-task.ts';
import { loadValue } from './results.ts';
import type { Frame } from './run-context.ts';
import { aboutOf, nameOf, policyOf, previewItem } from './task-facts.ts';
import type { SharedInputs } from './shared-inputs.ts';
import { comparedInput, identifyStep, isReusable, opaqueParts, takeRecorded } from './step.ts';
import type { OnYield } from './stream.ts';
import type { TaskRunnerSession } from './task-runner.ts';
import { promiseAround, TaskScope } from './task-scope.ts';
import { shareIn } from './task-share.ts';
import { joinTransaction, settleQuietly } from './task-transaction.ts';

export interface TaskCall {
  readonly definition: TaskDefinition;
  readonly thisArg: unknown;
  readonly args: readonly unknown[];
  readonly site: CallSite;
  readonly future: TaskFuture<unknown>;
  /** What surrounds the call; `null` outside any run. */
  readonly frame: Frame | null;
  readonly tags: readonly string[];
  /** What calls it off: the run around it, or the process outside any. */
  readonly around: Cancellation;
  readonly mapId: MapId | null;
  /** Which item of the fan-out it is of; `null` outside any. */
  readonly itemIndex: number | null;
  /** Edges that every item of a fan-out shares. */
  readonly mapEdges: Readonly<Record<string, readonly TaskInput[]>> | null;
  readonly onYield: OnYield | null;
  /** Arguments that all items of a fan-out share. */
  readonly shared?: SharedInputs;
}

const NO_INPUTS: Readonly<Record<string, never>> = Object.freeze({});
const inlineSession: TaskRunnerSession = { run: (work) => work.inline(), close: async () => {} };

export async function runTask(call: TaskCall, ports: EnginePorts): Promise<void> {
  const flow = call.frame?.scope.flow ?? null;
  const parent = call.around;
  flow?.started();
  try {
    const found = findFutures(call.args, call.definition.inputs.at, call.definition.options.waitFor, call.shared);
    if (found?.hasFutures) await untilDoneOrAborted(found, parent);
    const breath = flow?.breathe();
    if (breath) await breath;
    await begin(call, ports, flow, found);
  } catch (defect) {
    const error = isErrorObject(defect) ? defect : new Error(thrownText(defect));
    flow?.log(LOG_LEVELS.critical, `${call.future.name} could not be run: ${error.stack ?? error.message}`);
    call.future.settle({ ok: false, error }, call.future.state as State);
  } finally {
    // Who looks at a fan-out looks at its items: what became of them is told by its own future.
    flow?.ended(call.itemIndex === null ? call.future : null);
  }
}

/** Its inputs are there, or will never be. Settles when the future has. */
function begin(call: TaskCall, ports: EnginePorts, flow: FlowScope | null, found: FoundFutures | null): MaybePromise<void> {
  const { definition } = call;
  let args = call.args;
  let given = args;
  let upstream: OstinatoError | null = null;
  if (found && !call.around.reason) {
    try {
      args = found.values();
      given = found.compared();
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      upstream = error;
    }
  }
  const { args: compared, hasOpaque } = comparedInput(definition, call.thisArg, given, found?.hasOpaque ?? false);
  const identify = (inputs: readonly unknown[] | null): string => identifyStep(ports, {
    site: call.site, key: definition.options.key, taskKey: definition.taskKey, alike: definition.alike, args: inputs, hasOpaque: hasOpaque && inputs !== null,
    parentStep: call.frame?.scope.taskRun?.step ?? '', flow, shared: call.shared,
  });
  // A step whose upstream fails never learns its inputs: it is found by the rest when the flow goes on.
  const step = identify(upstream ? null : compared);
  const prepared: PreparedStep = { call, ports, flow, step, args, found, upstream };
  const waited = found?.hasFutures ?? false;
  // The steps of a body that runs elsewhere are kept where its flow is.
  if (flow?.desk) {
    return flow.desk.open(definition.taskKey, waited ? [step, identify(null)] : [step]).then(({ recorded, ordinal }) => goOn(prepared, recorded, ordinal));
  }
  return goOn(prepared, takeRecorded(flow, step) ?? (waited ? takeRecorded(flow, identify(null)) : undefined), null);
}

interface PreparedStep {
  readonly call: TaskCall;
  readonly ports: EnginePorts;
  readonly flow: FlowScope | null;
  readonly step: string;
  readonly args: readonly unknown[];
  readonly found: FoundFutures | null;
  /** Why the body cannot be given its arguments. */
  readonly upstream: OstinatoError | null;
}

/** It is known what became of the step in earlier attempts. */
function goOn(prepared: PreparedStep, recorded: RecordedStep | undefined, ordinal: number | null): MaybePromise<void> {
  const { call, ports, flow, args, upstream } = prepared;
  const { definition, around } = call;
  const open = (): LiveTask => {
    promiseAround(call.frame);
    return new LiveTask(ports, describe(prepared, recorded, ordinal), recorded);
  };
  const carryOut = (): MaybePromise<void> => {
    const live = open();
    call.future.rename(live.run.id, live.run.name);
    if (upstream) return settle(call, live, endWith(live, { type: 'FAILED', ...(upstream instanceof UpstreamFailed ? { name: 'UpstreamFailed' } : {}), message: upstream.message, failure: toFailureInfo(upstream), details: { retriable: false } }, upstream), null, null);
    const refused = refusedInside(ports, definition);
    if (refused) return settle(call, live, endWith(live, { type: 'FAILED', message: refused.message, failure: toFailureInfo(refused), details: { retriable: false } }, refused), null, null);
    // What finishes a run (a hook of a transaction) goes on when the run is over.
    const stop = around.reason ?? (call.frame?.around ? undefined : flow?.over);
    if (stop) return settle(call, live, stopped(live, stop), null, null);
    return execute(call, live, flow, around, args);
  };
  if (!recorded) {
    if (flow?.ledger && isSeveral(definition.alike) && flow.ledger.hasAlike(definition.taskKey)) flow.tellAlike(definition.name, 'tasks');
    return carryOut();
  }
  const redo = (): MaybePromise<void> => {
    const undone = flow?.book?.beforeItIsDoneAgain(recorded.id, definition, hookFrameOf(call, flow), flow.depth);
    return undone ? undone.then(carryOut) : carryOut();
  };
  if (flow?.book?.isWaiting(recorded.id)) return redo();
  if (!isReusable(recorded, definition.sourceHash)) {
    if (isAlike(recorded.step)) flow?.tellAlike(definition.name, 'tasks');
    else if (isUnsure(recorded.step) && recorded.state.type === 'COMPLETED') flow?.tellUnsure(definition.name, opaqueParts(definition, call.thisArg, args));
    return redo();
  }
  return reuse(call, ports, recorded, args).then((reused) => (reused ? undefined : redo()));
}

/** Waits for upstream work, but not longer than somebody wants this task at all. */
function untilDoneOrAborted(found: FoundFutures, parent: Cancellation): Promise<void> {
  return new Promise((resolve) => {
    const stop = parent.onAbort(() => resolve());
    void found.whenDone().then(() => {
      stop();
      resolve();
    });
  });
}

/** A generator's values from the record, for whoever reads them as they come. */
function replay({ onYield }: TaskCall, value: unknown): void {
  if (onYield && Array.isArray(value)) for (const item of value) void onYield(item);
}

/** Its hooks could not run in the thread or process of the body that calls it, nor here, where they do not belong. */
function refusedInside({ within }: EnginePorts, { name, options }: TaskDefinition): OstinatoError | null {
  if (!within?.transaction || (options.onCommit === undefined && options.onRollback === undefined)) return null;
  return new OstinatoError('unsupported', `Task "${name}" has hooks of transactions, and is called in a thread or process of its own inside transaction "${within.transaction.name}", where they cannot run.`, {
    remedy: "Call it from the flow, or run the task that calls it with isolation: 'signal'.",
  });
}

function hookFrameOf({ tags }: TaskCall, flow: FlowScope): Frame {
  return { scope: flow, tags, transaction: null, share: null, around: new Cancellation() };
}

async function reuse(call: TaskCall, ports: EnginePorts, recorded: RecordedStep, args: readonly unknown[]): Promise<boolean> {
  const { definition, future, frame } = call;
  const state = recorded.state as TerminalState;
  try {
    const value = await loadValue(ports, state.type === 'COMPLETED' ? state.data : null, `The result of ${definition.name}`);
    future.rename(recorded.id, definition.name);
    replay(call, value);
    frame?.scope.flow?.countReused(definition.taskKey);
    if (frame?.transaction && state.name !== 'Cached') await joinAgain(call, ports, frame.transaction, recorded, args, value);
    future.settle({ ok: true, value }, state);
    return true;
  } catch (error) {
    frame?.scope.log(LOG_LEVELS.warning, `${definition.name} finished in an earlier attempt, but its result cannot be read, so it runs again: ${thrownText(error)}`);
    return false;
  }
}

/** What an earlier attempt did inside the transaction counts with it, with what it kept. */
async function joinAgain({ definition, future, frame }: TaskCall, ports: EnginePorts, transaction: OpenTransaction, recorded: RecordedStep, args: readonly unknown[], value: unknown): Promise<void> {
  const participation = recorded.participation ?? { within: transaction.within(), inputs: null, values: null, unkept: [], hooks: hookMark(definition, ports.hash), decision: null };
  const isCommitted = transaction.continues(participation.within);
  for (const nested of (await frame?.scope.flow?.book?.inside(recorded.id, transaction)) ?? []) await transaction.join(nested);
  const { kept, unkept } = await keptBy(ports, participation.values, participation.unkept, definition.name);
  await joinTransaction(transaction, {
    id: recorded.id, definition, name: definition.name, args, value, kept, unkept, participation, claim: null,
    record: recordOf(ports, recorded.id), onRolledBack: (live) => future.moveTo(live.run.state), isCommitted,
  }, async () => {});
}

/** @param given the step's number where it is known already */
function describe({ call, ports, flow, step, args, found, upstream }: PreparedStep, recorded: RecordedStep | undefined, given: number | null): NewTaskRun {
  const { definition, future, frame } = call;
  const ordinal = given ?? (flow ? flow.nextOrdinal(definition.taskKey) : 0);
  const inputs = found ? { ...call.mapEdges, ...found.edges() } : (call.mapEdges ?? NO_INPUTS);
  return {
    id: recorded?.id ?? future.taskRunId,
    flowRunId: flow?.flowRun.id ?? null,
    processId: flow ? null : ports.process.id,
    parentTaskRunId: frame?.scope.taskRun?.id ?? null,
    name: nameOf(ports, call, flow, args, ordinal),
    taskName: definition.name,
    taskKey: definition.taskKey,
    dynamicKey: recorded?.dynamicKey ?? (flow ? `${flow.flowRun.runCount}-${ordinal}` : future.taskRunId),
    step,
    callSite: call.site.label,
    sourceHash: definition.sourceHash,
    mapId: call.mapId,
    item: call.itemIndex === null ? undefined : { index: call.itemIndex, input: upstream ? null : previewItem(call, args) },
    about: aboutOf(definition),
    tags: call.tags,
    inputs,
    policy: policyOf(definition),
    durability: definition.options.durability ?? flow?.flowRun.durability ?? ports.settings.durability,
    isolation: ports.within ? 'signal' : isolationOf(definition, flow),
    cache: null,
    foreign: null,
    flowRunRunCount: flow?.flowRun.runCount ?? 0,
    createdAt: recorded?.createdAt ?? call.future.createdAt,
  };
}

async function execute(call: TaskCall, live: LiveTask, flow: FlowScope | null, parent: Cancellation, args: readonly unknown[]): Promise<void> {
  const { definition, frame } = call;
  const { ports } = live;
  const scope = new TaskScope(ports, live.record, flow, parent, definition.options.logPrints);
  // Only a flow's own calls are gated: a nested task runs on the slot of the task that called it.
  const slots = flow && frame?.scope.taskRun === null ? flow.slots : null;
  const queued = slots?.take();
  if (queued) {
    ports.recorder.touch(live.record);
    await queued;
  }
  let claim: CacheClaimHeld | null = null;
  const share = frame?.transaction ? shareIn(frame) : null;
  try {
    let end: TaskEnd;
    const lookup = definition.options.cache ? await lookUpCache({ task: definition, args, thisArg: call.thisArg, live, flow, scope, transaction: frame?.transaction ?? null, slots }) : null;
    if (lookup) live.amend({ cache: lookup.record });
    if (lookup?.outcome === 'hit') {
      replay(call, lookup.value);
      end = { ...endWith(live, { type: 'COMPLETED', name: 'Cached', data: lookup.entry.data, details: { cacheKey: lookup.entry.key } }, undefined), value: lookup.value };
    } else {
      if (lookup?.outcome === 'claimed') claim = lookup.claim;
      if (ports.within && isolationOf(definition, flow) !== 'signal') {
        scope.log(LOG_LEVELS.info, 'Runs in the thread or process of the task that called it, and can be ended by force with that only.');
      }
      const session = sessionFor(definition, flow, ports);
      const taskFrame: Frame = { scope, tags: frame?.tags ?? call.tags, transaction: frame?.transaction ?? null, share };
      end = scope.cancellation.reason ? stopped(live, scope.cancellation.reason) : await runAttempts({ definition, thisArg: call.thisArg, args, live, scope, frame: taskFrame, session, onYield: call.onYield, slots, share });
    }
    if (share) end = { ...end, took: { args, kept: share.kept() } };
    const settled = settle(call, live, end, scope, claim);
    if (settled) await settled;
    claim = null;
  } catch (error) {
    await settle(call, live, StopReason.is(error) ? stopped(live, error) : endWith(live, { type: 'CRASHED', message: thrownText(error), failure: toFailureInfo(error) }, error), scope, claim);
  } finally {
    slots?.give();
    scope.cancellation.release();
  }
}

function isolationOf(definition: TaskDefinition, flow: FlowScope | null): Isolation {
  return definition.options.isolation ?? flow?.definition.options.taskRunner?.isolation ?? 'signal';
}

function sessionFor(definition: TaskDefinition, flow: FlowScope | null, ports: EnginePorts): TaskRunnerSession {
  if (ports.within) return inlineSession;
  const { isolation } = definition.options;
  if (isolation === 'thread' || isolation === 'process') return isolatedSession(ports, isolation);
  if (isolation === 'signal') return inlineSession;
  return flow?.session ?? inlineSession;
}

function endWith(live: LiveTask, proposed: ProposedState, error: unknown): TaskEnd {
  live.enter(proposed, null, true);
  return { state: live.run.state as TerminalState, value: undefined, error };
}

function stopped(live: LiveTask, reason: StopReason): TaskEnd {
  return endWith(live, { type: reason.kind === 'crash' ? 'CRASHED' : 'CANCELLED', message: reason.message, failure: toFailureInfo(reason) }, reason);
}

/** Records the end and lets the caller go on: at once when there is nothing to wait for. */
function settle(call: TaskCall, live: LiveTask, end: TaskEnd, scope: TaskScope | null, claim: CacheClaimHeld | null): MaybePromise<void> {
  const { onCompletion, onFailure } = call.definition.options;
  const durable = live.ports.recorder.settle(live.record, live.run.durability);
  const isTold = claim !== null || call.frame?.transaction || onCompletion !== undefined || onFailure !== undefined;
  if (durable || (scope && isTold)) return settleAfter(durable, call, live, end, scope, claim);
  conclude(call, live, end, scope, false);
}

async function settleAfter(durable: MaybePromise<void>, call: TaskCall, live: LiveTask, end: TaskEnd, scope: TaskScope | null, claim: CacheClaimHeld | null): Promise<void> {
  await durable;
  const { onCompletion, onFailure } = call.definition.options;
  const transaction = call.frame?.transaction ?? null;
  const { type } = end.state;
  const takenBack = scope !== null && (claim !== null || (type === 'COMPLETED' && transaction !== null)) && (await account(call, live, end, claim));
  if (scope) {
    const hookFrame: Frame = { scope, tags: call.tags, transaction, share: call.frame?.share ?? null };
    if (type === 'COMPLETED') await runHooks(onCompletion, 'completion', live.run, end.state, hookFrame);
    else if (type === 'FAILED') await runHooks(onFailure, 'failure', live.run, end.state, hookFrame);
  }
  conclude(call, live, end, scope, takenBack);
}

function conclude({ future }: TaskCall, live: LiveTask, { state, value, error }: TaskEnd, scope: TaskScope | null, takenBack: boolean): void {
  if (state.type === 'FAILED') scope?.log(LOG_LEVELS.error, failureText(live, error));
  if (takenBack) future.settle({ ok: false, error: rolledBack(live) }, live.run.state);
  else future.settle(state.type === 'COMPLETED' ? { ok: true, value } : { ok: false, error }, state);
}

/** Brings the end to the transaction and to the cache. Answers whether the transaction took it back at once. */
async function account(call: TaskCall, live: LiveTask, end: TaskEnd, claim: CacheClaimHeld | null): Promise<boolean> {
  const { definition, future, frame } = call;
  const transaction = frame?.transaction ?? null;
  const data = end.state.type === 'COMPLETED' && !end.partial ? end.state.data : null;
  const keep = async (): Promise<void> => { if (claim) await (data ? claim.keep(data) : claim.giveBack()); };
  // What came from the cache was not done in this transaction, so it is not undone with it.
  const joins = end.state.type === 'COMPLETED' && transaction !== null && live.run.cache?.outcome !== 'hit';
  if (!joins) {
    if (claim) await settleQuietly(live, keep);
    return false;
  }
  const participation = live.run.participation ?? { within: transaction.within(), inputs: null, values: null, unkept: [], hooks: null, decision: null };
  const task = {
    id: live.run.id, definition, name: live.run.name, args: end.took?.args ?? call.args, value: end.value, kept: end.took?.kept ?? NO_VALUES, unkept: [], participation,
    claim: end.partial ? null : claim, record: () => live, onRolledBack: () => future.moveTo(live.run.state), isCommitted: false,
  };
  const answer = await joinTransaction(transaction, task, keep);
  if (end.partial) await settleQuietly(live, keep);
  claim?.land();
  return answer === 'rolled-back';
}

function rolledBack(live: LiveTask): OstinatoError {
  return new OstinatoError('rolled-back', `${live.run.name} ended after the transaction around it was rolled back, so it was taken back, too.`, { remedy: 'Await every task inside the transaction.' });
}

function failureText(live: LiveTask, error: unknown): string {
  const what = `Task run "${live.run.name}" failed after ${live.run.runCount} ${live.run.runCount === 1 ? 'attempt' : 'attempts'}`;
  return `${what}: ${thrownTrace(error)}`;
}
