/**
 * The life of one task run: inputs → identity → reuse or cache → slot → attempts → record → future.
 *
 * 1. The future settles only after the record is as durable as the run promises.
 * 2. A slot taken is given back on every way out. Tasks called inside a task take none: they run on their caller's, so
 *    a full gate cannot wait for itself.
 * 3. Whatever happens, the run ends in one terminal state; a defect in this room ends it Crashed.
 */

import { isErrorObject, toFailureInfo } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import { isAlike, isUnsure } from '../core/step-identity.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { State, TerminalState } from '../core/state.ts';
import type { RecordedStep } from '../core/task-run.ts';
import { isSeveral } from './alike.ts';
import { findFutures, UpstreamFailed, type FoundFutures } from './arguments.ts';
import { runAttempts, type TaskEnd } from './attempts.ts';
import type { CacheClaimHeld } from './caching.ts';
import { Cancellation, StopReason } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import { hookMark } from './hook-book.ts';
import { LiveTask } from './live-task.ts';
import { branching, caching, joining, recalling } from './loaded-later.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { EnginePorts } from './ports.ts';
import { takeBackReplaced } from './replaced-run.ts';
import { loadValue } from './results.ts';
import type { Frame } from './run-context.ts';
import { describeTaskRun, type PreparedStep } from './prepared-step.ts';
import type { TaskCall } from './task-call.ts';
import { hasBranches } from './task-facts.ts';
import { isolationOf, refusedInside, sessionFor } from './task-session.ts';
import { endWith, settle, stopped } from './task-end.ts';
import {
  comparedInput,
  identifyStep,
  isFailedForGood,
  isReusable,
  opaqueParts,
  takeRecorded,
  type TakenStep,
} from './step.ts';
import { promiseAround, TaskScope } from './task-scope.ts';
import { shareIn } from './task-share.ts';

export async function runTask(call: TaskCall, ports: EnginePorts): Promise<void> {
  const flow = call.frame?.scope.flow ?? null;
  const parent = call.around;
  flow?.started();
  try {
    if (!call.isPlain && hasBranches(call.definition.options)) {
      await branching(({ runWithBranches }) => runWithBranches(call, ports));
      return;
    }
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
    // An item of a fan-out: its failure is reported by the future of the fan-out.
    flow?.ended(call.itemIndex === null ? call.future : null);
  }
}

/** Starts the task when its inputs are there or have failed. Settles when the future has. */
function begin(
  call: TaskCall,
  ports: EnginePorts,
  flow: FlowScope | null,
  found: FoundFutures | null,
): MaybePromise<void> {
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
  const identify = (inputs: readonly unknown[] | null): string =>
    identifyStep(ports, {
      site: call.site,
      key: definition.options.key,
      taskKey: definition.taskKey,
      alike: definition.alike,
      args: inputs,
      hasOpaque: hasOpaque && inputs !== null,
      parentStep: call.frame?.scope.taskRun?.step ?? '',
      flow,
      shared: call.shared,
    });
  // A step whose upstream fails never gets its inputs: it is identified without them when the flow continues.
  const step = call.branch?.step ?? identify(upstream ? null : compared);
  const prepared: PreparedStep = { call, ports, flow, step, args, found, upstream };
  const waited = found?.hasFutures ?? false;
  // Steps of an isolated body are numbered and looked up in the process of its flow.
  if (flow?.stepRegistry) {
    return flow.stepRegistry
      .open(definition.taskKey, waited ? [step, identify(null)] : [step])
      .then(({ recorded, ordinal }) => goOn(prepared, recorded, ordinal));
  }
  const take = (name: string): TakenStep | undefined =>
    takeRecorded(flow, name, call.frame?.transaction ?? null, definition.sourceHash);
  return goOn(prepared, take(step) ?? (waited ? take(identify(null)) : undefined), null);
}

/** Continues when the step's record of earlier attempts is known. */
function goOn(prepared: PreparedStep, recorded: TakenStep | undefined, ordinal: number | null): MaybePromise<void> {
  const { call, ports, flow, args, upstream } = prepared;
  const { definition, around } = call;
  const open = (since: State | null): LiveTask => {
    promiseAround(call.frame);
    return new LiveTask(
      ports,
      describeTaskRun(prepared, recorded, ordinal),
      recorded && since ? { ...recorded, state: since } : recorded,
    );
  };
  /** @param since what its record has entered since it was read: states of one run grow in time */
  const carryOut = (since: State | null): MaybePromise<void> => {
    const live = open(since);
    call.future.rename(live.run.id, live.run.name);
    if (upstream)
      return settle(
        call,
        live,
        endWith(
          live,
          {
            type: 'FAILED',
            ...(upstream instanceof UpstreamFailed ? { name: 'UpstreamFailed' } : {}),
            message: upstream.message,
            failure: toFailureInfo(upstream),
            details: { retriable: false },
          },
          upstream,
        ),
        null,
        null,
      );
    const refused = refusedInside(ports, definition);
    if (refused)
      return settle(
        call,
        live,
        endWith(
          live,
          { type: 'FAILED', message: refused.message, failure: toFailureInfo(refused), details: { retriable: false } },
          refused,
        ),
        null,
        null,
      );
    // Code that finishes a run (a transaction's hook) continues after the run has ended.
    const stop = around.reason ?? (call.frame?.around ? undefined : flow?.over);
    if (stop) return settle(call, live, stopped(live, stop), null, null);
    return execute(call, live, flow, around, args);
  };
  if (!recorded) {
    if (flow?.ledger && isSeveral(definition.alike) && flow.ledger.hasAlike(definition.taskKey))
      flow.tellAlike(definition.name, 'tasks');
    const undone = flow ? takeBackReplaced(flow, prepared.step, definition, hookFrameOf(call, flow)) : undefined;
    return undone ? undone.then(() => carryOut(null)) : carryOut(null);
  }
  const redo = (): MaybePromise<void> => {
    const undone = flow?.book?.beforeItIsDoneAgain(recorded.id, definition, hookFrameOf(call, flow), flow.depth);
    return undone ? undone.then(carryOut) : carryOut(null);
  };
  if (call.branch?.isFresh || flow?.book?.waitingFor(recorded.id, flow.depth) === 'rolled-back') return redo();
  if (isFailedForGood(recorded, definition.sourceHash))
    return branching(({ recallFailure }) => {
      recallFailure(call.future, recorded, flow, definition.taskKey);
      call.future.rename(recorded.id, definition.name);
    });
  if (!isReusable(recorded, definition.sourceHash)) {
    if (isAlike(recorded.step)) flow?.tellAlike(definition.name, 'tasks');
    else if (isUnsure(recorded.step) && recorded.state.type === 'COMPLETED')
      flow?.tellUnsure(definition.name, opaqueParts(definition, call.thisArg, args));
    return redo();
  }
  return reuse(call, ports, recorded, args).then((reused) => (reused ? undefined : redo()));
}

/** Waits for upstream work, or until the task is called off. */
function untilDoneOrAborted(found: FoundFutures, parent: Cancellation): Promise<void> {
  return new Promise((resolve) => {
    const stop = parent.onAbort(() => resolve());
    void found.whenDone().then(() => {
      stop();
      resolve();
    });
  });
}

/** Hands the recorded values of a generator to the reader of the stream. */
function replay({ onYield }: TaskCall, value: unknown): void {
  if (onYield && Array.isArray(value)) for (const item of value) void onYield(item);
}

function hookFrameOf({ tags }: TaskCall, flow: FlowScope): Frame {
  return { scope: flow, tags, transaction: null, share: null, around: new Cancellation() };
}

async function reuse(
  call: TaskCall,
  ports: EnginePorts,
  recorded: RecordedStep,
  args: readonly unknown[],
): Promise<boolean> {
  const { definition, future, frame } = call;
  const state = recorded.state as TerminalState;
  try {
    const value = await loadValue(
      ports,
      state.type === 'COMPLETED' ? state.data : null,
      `The result of ${definition.name}`,
    );
    future.rename(recorded.id, definition.name);
    replay(call, value);
    frame?.scope.flow?.countReused(definition.taskKey);
    if (frame?.transaction && state.name !== 'Cached')
      await joinAgain(call, ports, frame.transaction, recorded, args, value);
    const flow = frame?.scope.flow;
    if (flow?.book)
      await flow.book.calledAgain(
        recorded.id,
        definition,
        Boolean(frame?.transaction),
        hookFrameOf(call, flow),
        flow.depth,
      );
    future.settle({ ok: true, value }, state);
    return true;
  } catch (error) {
    frame?.scope.log(
      LOG_LEVELS.warning,
      `${definition.name} finished in an earlier attempt, but its result cannot be read, so it runs again: ${thrownText(error)}`,
    );
    return false;
  }
}

/** Adds a step that an earlier attempt finished, and what it kept, to the transaction. */
async function joinAgain(
  { definition, future, frame }: TaskCall,
  ports: EnginePorts,
  transaction: OpenTransaction,
  recorded: RecordedStep,
  args: readonly unknown[],
  value: unknown,
): Promise<void> {
  const participation = recorded.participation ?? {
    within: transaction.within(),
    inputs: null,
    values: null,
    unkept: [],
    hooks: hookMark(definition, ports.hash),
    decision: null,
  };
  const flow = frame?.scope.flow ?? null;
  const isSure = flow?.ledger?.isScattered(recorded.step) !== true;
  const isCommitted = transaction.continues(participation.within, isSure);
  for (let scope = flow; scope; scope = scope.parent) scope.book?.took(recorded.id);
  for (const nested of (await flow?.book?.inside(recorded.id, transaction, isSure)) ?? [])
    await transaction.join(nested);
  const task = await recalling(async ({ keptBy, recordOf }) => ({
    ...(await keptBy(ports, participation.values, participation.unkept, definition.name)),
    id: recorded.id,
    definition,
    name: definition.name,
    args,
    value,
    participation,
    claim: null,
    record: recordOf(ports, recorded.id),
    onRolledBack: (live: LiveTask) => future.moveTo(live.run.state),
    isCommitted,
  }));
  await joining(({ joinTransaction }) => joinTransaction(transaction, task, async () => {}));
}

async function execute(
  call: TaskCall,
  live: LiveTask,
  flow: FlowScope | null,
  parent: Cancellation,
  args: readonly unknown[],
): Promise<void> {
  const { definition, frame } = call;
  const { ports } = live;
  const scope = new TaskScope(ports, live.record, flow, parent, definition.options.logPrints);
  // Only a flow's own calls are gated: a nested task runs on the slot of the task that called it.
  const slots = flow && frame?.scope.taskRun === null && !call.isWaiting ? flow.slots : null;
  const queued = slots?.take();
  if (queued) {
    ports.recorder.touch(live.record);
    await queued;
  }
  let claim: CacheClaimHeld | null = null;
  const share = frame?.transaction ? shareIn(frame) : null;
  try {
    let end: TaskEnd;
    const lookup = definition.options.cache
      ? await caching(({ lookUpCache }) =>
          lookUpCache({
            task: definition,
            args,
            thisArg: call.thisArg,
            live,
            flow,
            scope,
            transaction: frame?.transaction ?? null,
            slots,
          }),
        )
      : null;
    if (lookup) live.amend({ cache: lookup.record });
    if (lookup?.outcome === 'hit') {
      replay(call, lookup.value);
      end = {
        ...endWith(
          live,
          { type: 'COMPLETED', name: 'Cached', data: lookup.entry.data, details: { cacheKey: lookup.entry.key } },
          undefined,
        ),
        value: lookup.value,
      };
    } else {
      if (lookup?.outcome === 'claimed') claim = lookup.claim;
      if (ports.within && isolationOf(definition, flow) !== 'signal') {
        scope.log(
          LOG_LEVELS.info,
          'Runs in the thread or process of the task that called it, and can be ended by force with that only.',
        );
      }
      const session = sessionFor(definition, flow, ports);
      const taskFrame: Frame = {
        scope,
        tags: frame?.tags ?? call.tags,
        transaction: frame?.transaction ?? null,
        share,
      };
      end = scope.cancellation.reason
        ? stopped(live, scope.cancellation.reason)
        : await runAttempts({
            definition,
            thisArg: call.thisArg,
            args,
            live,
            scope,
            frame: taskFrame,
            session,
            onYield: call.onYield,
            slots,
            share,
          });
    }
    if (share) end = { ...end, took: { args, kept: share.kept() } };
    const settled = settle(call, live, end, scope, claim);
    if (settled) await settled;
    claim = null;
  } catch (error) {
    await settle(
      call,
      live,
      StopReason.is(error)
        ? stopped(live, error)
        : endWith(live, { type: 'CRASHED', message: thrownText(error), failure: toFailureInfo(error) }, error),
      scope,
      claim,
    );
  } finally {
    slots?.give();
    scope.cancellation.release();
  }
}
