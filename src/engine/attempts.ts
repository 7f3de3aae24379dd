/**
 * The attempts of one task run: enters RUNNING, runs the body, and lets the rules say whether a failure gets another
 * try.
 */

import { toFailureInfo } from '../core/codec.ts';
import { OstinatoError, TerminalError } from '../core/errors.ts';
import { failureLine } from '../core/failure-line.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { chain, isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import { checkResultName } from '../core/result-name.ts';
import { RETRY_AFTER_SECONDS_MAX, retryAfterSeconds } from '../core/retry.ts';
import { thrownText } from '../core/show-value.ts';
import { isTerminal, type ProposedState, type State, type TerminalState } from '../core/state.ts';
import { renderTemplate } from '../core/template.ts';
import { secondsBetween, sleep } from '../core/time.ts';
import type { ValueRef } from '../core/value.ts';
import { runBody, runIsolatedBody } from './body.ts';
import { StopReason } from './cancellation.ts';
import type { TaskDefinition, TaskOptions } from './definitions.ts';
import { runHooks } from './hooks.ts';
import type { LiveTask } from './live-task.ts';
import type { EnginePorts, FaultInjector } from './ports.ts';
import type { Kept } from './kept-values.ts';
import { keepResult, UNPERSISTED } from './results.ts';
import { labelsOf, ReturnedState } from './returned-state.ts';
import { awaitReturned } from './returned-futures.ts';
import { runInFrame, type Frame } from './run-context.ts';
import { writeLog } from './run-logger.ts';
import type { Slots } from './slots.ts';
import { takeTags } from './tag-slots.ts';
import type { TaskRunnerSession } from './task-runner.ts';
import { participationOf, type TaskShare } from './task-share.ts';
import type { TaskScope } from './task-scope.ts';
import { collectStream, type OnYield } from './stream.ts';

export interface TaskEnd {
  readonly state: TerminalState;
  readonly value: unknown;
  readonly error: unknown;
  /** The value is only a part of what the work would have given: it is not cached. */
  readonly partial?: boolean;
  /** Inside a transaction: what its hooks get. */
  readonly took?: { readonly args: readonly unknown[]; readonly kept: Kept };
}

export interface TaskWorkContext {
  readonly definition: TaskDefinition;
  readonly thisArg: unknown;
  readonly args: readonly unknown[];
  readonly live: LiveTask;
  readonly scope: TaskScope;
  readonly frame: Frame;
  readonly session: TaskRunnerSession;
  /** Called with each value that a generator yields. */
  readonly onYield: OnYield | null;
  /** What the task keeps inside a transaction; recorded with its end. */
  readonly share: TaskShare | null;
  /** The gate whose slot the run holds. The slot is given back while the run waits for its next attempt. */
  readonly slots: Slots | null;
}

export async function runAttempts(work: TaskWorkContext): Promise<TaskEnd> {
  const { live, scope, definition, frame } = work;
  for (;;) {
    const tags = live.run.tags.length === 0 ? null : await takeTags(work);
    if (tags instanceof OstinatoError) return refused(work, tags);
    const running = live.enter({ type: 'RUNNING' });
    if (running.status === 'wait') {
      await tags?.end();
      await sleep(live.ports.clock, running.delaySeconds * 1000, scope.signal);
      continue;
    }
    live.ports.recorder.touch(live.record);
    if (definition.options.onRunning !== undefined)
      await runHooks(definition.options.onRunning, 'running', live.run, live.run.state, frame);
    const attempted = tags === null ? attempt(work) : tags.run(() => attempt(work));
    const {
      proposed,
      value,
      error,
      retryDelaySeconds,
      partial = false,
    } = isPromise(attempted) ? await attempted : attempted;
    const decision = live.enter(proposed, retryDelaySeconds);
    if (tags !== null) await tags.end();
    const { state } = live.run;
    if (isTerminal(state)) return { state, value, error, partial };
    if (decision.status !== 'reject' || state.type !== 'SCHEDULED') return { state: state as never, value, error };
    live.ports.recorder.touch(live.record);
    await waitForRetry(work, state, error);
  }
}

/** The end of a run that a limit of 0 on one of its tags keeps from starting. */
function refused({ live }: TaskWorkContext, error: OstinatoError): TaskEnd {
  live.enter(
    { type: 'FAILED', message: error.message, failure: toFailureInfo(error), details: { retriable: false } },
    null,
    true,
  );
  return { state: live.run.state as TerminalState, value: undefined, error };
}

async function waitForRetry(
  work: TaskWorkContext,
  state: Extract<State, { type: 'SCHEDULED' }>,
  error: unknown,
): Promise<void> {
  const { live, scope } = work;
  const seconds = Math.max(0, secondsBetween(live.ports.clock.now(), state.scheduledTime));
  const { retries } = live.run.policy;
  const planned = secondsBetween(state.timestamp, state.scheduledTime);
  scope.log(
    LOG_LEVELS.warning,
    `Attempt ${live.run.runCount} of ${retries + 1} failed: ${(state.message ?? thrownText(error)).replace(/\.$/, '')}. Trying again in ${Number(planned.toFixed(2))} s.`,
  );
  work.slots?.give();
  try {
    await sleep(live.ports.clock, seconds * 1000, scope.signal);
  } finally {
    await work.slots?.take();
  }
}

/** Failures of the program itself, which another attempt would only repeat. */
const NEVER_RETRIED: ReadonlySet<string> = new Set(['unserialisable-value', 'cannot-isolate', 'unsupported']);

interface AttemptResult {
  readonly proposed: ProposedState;
  readonly value: unknown;
  readonly error: unknown;
  readonly retryDelaySeconds: number | null;
  readonly partial?: boolean;
}

/** Never throws. Synchronous when the body's value is there at once: a short task must not cost further promises. */
function attempt(work: TaskWorkContext): MaybePromise<AttemptResult> {
  try {
    const result = chain(startBody(work), (value) => succeed(work, value));
    return isPromise(result) ? result.catch((error: unknown) => fail(work, error)) : result;
  } catch (error) {
    return fail(work, error);
  }
}

function startBody(work: TaskWorkContext): MaybePromise<unknown> {
  const { live, scope, definition, args, session, frame } = work;
  const { ports } = live;
  const what = `Task run "${live.run.name}"`;
  // A timeout belongs to one attempt: each gets a cancellation of its own.
  const timeoutSeconds = definition.options.timeoutSeconds ?? null;
  const body = (): unknown =>
    collectStream(definition, definition.fn.apply(work.thisArg, args as unknown[]), work.onYield);
  // Elsewhere futures in a result are found when it cannot be encoded: nothing is spent on looking for them.
  const isLookedThrough = timeoutSeconds !== null || definition.options.persistResult === false;
  const inline = (): unknown => runInFrame(frame, isLookedThrough ? () => awaitReturned(body()) : body);
  const log = (level: number, message: string, printed?: boolean): void =>
    writeLog(ports, scope, level, message, printed);
  const run = (started: () => void): unknown =>
    session.run({
      definition,
      args,
      run: live.run,
      cancellation: scope.cancellation,
      inline,
      log,
      share: work.share,
      onYield: work.onYield,
      started,
    });
  const struck = ports.injectFault === undefined ? run : withFaults(ports.injectFault, work, run);
  const limits = {
    clock: ports.clock,
    cancellation: scope.cancellation,
    what,
    timeoutSeconds,
    cancelGraceSeconds: ports.settings.cancelGraceSeconds,
  };
  return live.run.isolation === 'signal' ? runBody(() => struck(() => {}), limits) : runIsolatedBody(struck, limits);
}

/** Faults strike inside the body, so that its timeout and cancellation reach them. */
function withFaults(
  inject: FaultInjector,
  { live, scope, definition }: TaskWorkContext,
  run: (started: () => void) => unknown,
): (started: () => void) => unknown {
  return (started) => {
    const struck = inject({ name: definition.name, attempt: live.run.runCount, run: live.run });
    if (!struck) return run(started);
    started();
    return struck.then(() => {
      if (scope.cancellation.reason) throw scope.cancellation.reason;
      return run(started);
    });
  };
}

function succeed(work: TaskWorkContext, value: unknown): MaybePromise<AttemptResult> {
  try {
    return keep(work, value);
  } catch (error) {
    if (!OstinatoError.is(error) || error.code !== 'unserialisable-value') throw error;
    return settleReturned(work, value, error);
  }
}

/** A result with futures in it cannot be encoded as it is: they are awaited first. */
async function settleReturned(work: TaskWorkContext, value: unknown, refusal: OstinatoError): Promise<AttemptResult> {
  const { cancellation } = work.scope;
  const settled = await new Promise<unknown>((resolve, reject) => {
    const stopListening = cancellation.onAbort(reject);
    void Promise.resolve(awaitReturned(value)).then(resolve, reject).finally(stopListening);
  });
  if (settled === value) throw refusal;
  return await keep(work, settled);
}

function keep(work: TaskWorkContext, value: unknown): MaybePromise<AttemptResult> {
  const { live, definition } = work;
  if (value instanceof ReturnedState && value.type !== 'COMPLETED') {
    const failure = value.error === undefined ? null : toFailureInfo(value.error);
    const labels = labelsOf(value);
    const error =
      value.error !== undefined ? value.error : new Error(value.message ?? `The task returned a ${value.type} state.`);
    return {
      proposed: { type: value.type, ...labels, failure: failure ?? toFailureInfo(error) } as ProposedState,
      value: undefined,
      error,
      retryDelaySeconds: null,
    };
  }
  const labels = value instanceof ReturnedState ? labelsOf(value) : undefined;
  const plain = value instanceof ReturnedState ? value.value : value;
  const partial = value instanceof ReturnedState && value.partial;
  const kept = !keepsResult(definition.options, live.ports)
    ? UNPERSISTED
    : keepResult(
        live.ports,
        plain,
        `result of task "${live.run.taskName}"`,
        live.run.durability,
        (message) => work.scope.log(LOG_LEVELS.error, message),
        resultNameOf(work),
      );
  const end = (data: ValueRef): AttemptResult => ({
    proposed: { type: 'COMPLETED', data, ...labels },
    value: plain,
    error: undefined,
    retryDelaySeconds: null,
    partial,
  });
  const { share } = work;
  return share ? chain(kept, (data) => chain(recordShare(work, share), () => end(data))) : chain(kept, end);
}

/** Whether the result is recorded: a cache or a name in the result store needs it. */
function keepsResult({ persistResult, cache, resultName }: TaskOptions, { settings }: EnginePorts): boolean {
  return persistResult ?? (settings.persistResults || cache !== undefined || resultName !== undefined);
}

/** Called before the final state, so that both are recorded together. */
function recordShare({ live, definition, args, scope }: TaskWorkContext, share: TaskShare): MaybePromise<void> {
  return chain(
    participationOf(live.ports, share, definition, args, live.run.durability, (level, message) =>
      scope.log(level, message),
    ),
    (participation) => live.amend({ participation }),
  );
}

/** @throws when the template or function gives no valid name: the task fails, since its result could not be found. */
function resultNameOf({ definition, args }: TaskWorkContext): string | undefined {
  const { resultName } = definition.options;
  if (resultName === undefined) return undefined;
  const inputs = definition.inputs.of(args);
  return checkResultName(
    typeof resultName === 'function' ? resultName(inputs) : renderTemplate('result name', resultName, inputs),
  );
}

async function fail(work: TaskWorkContext, error: unknown): Promise<AttemptResult> {
  const { live, definition, scope } = work;
  const failure = toFailureInfo(error);
  // The run's own reason to stop. A `StopReason` that came out of a task or subflow below is an ordinary failure.
  const stop = StopReason.is(error) && scope.cancellation.reason ? error : null;
  if (stop && (stop.kind !== 'timeout' || scope.cancellation.inherited)) {
    const type = stop.kind === 'crash' ? 'CRASHED' : 'CANCELLED';
    return { proposed: { type, message: stop.message, failure }, value: undefined, error, retryDelaySeconds: null };
  }
  const timedOut = stop !== null;
  const retriesLeft = live.run.runCount <= live.run.policy.retries;
  const retriable =
    retriesLeft &&
    !TerminalError.is(error) &&
    !(OstinatoError.is(error) && NEVER_RETRIED.has(error.code)) &&
    (await asksForRetry(definition, error, work));
  const proposed: ProposedState = {
    type: 'FAILED',
    message: failureLine(failure),
    failure,
    ...(timedOut ? { name: 'TimedOut' } : {}),
    ...(retriable || !retriesLeft ? {} : { details: { retriable: false } }),
  };
  if (timedOut && retriable) scope.renewCancellation();
  return { proposed, value: undefined, error, retryDelaySeconds: retriable ? askedFor(work, error) : null };
}

/** The delay that the failed call asked for (`Retry-After`). One that is too long is cut, and the log says so. */
function askedFor({ live, scope }: TaskWorkContext, error: unknown): number | null {
  const seconds = retryAfterSeconds(error, live.ports.clock.now());
  if (seconds === null || seconds <= RETRY_AFTER_SECONDS_MAX) return seconds;
  scope.log(
    LOG_LEVELS.warning,
    `The failed call asked to wait ${Math.round(seconds)} s (Retry-After); at most ${RETRY_AFTER_SECONDS_MAX} s are waited.`,
  );
  return RETRY_AFTER_SECONDS_MAX;
}

async function asksForRetry(definition: TaskDefinition, error: unknown, work: TaskWorkContext): Promise<boolean> {
  const { retryIf } = definition.options;
  if (!retryIf) return true;
  try {
    return await runInFrame(work.frame, () => retryIf(error, work.live.run));
  } catch (thrown) {
    work.scope.log(LOG_LEVELS.error, `retryIf threw, so the failure is taken as final: ${thrownText(thrown)}`);
    return false;
  }
}
