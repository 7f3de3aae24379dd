/**
 * The life of one flow run in this process: its attempts, from RUNNING to a final state.
 *
 * 1. Every transition is asked of the orchestrator under the run's lease; losing the lease stops the run without a
 *    record.
 * 2. A final state is proposed only after every step is over and recorded.
 * 3. Each attempt has a scope of its own: signal, counters and ledger are fresh.
 */

import { OstinatoError } from '../core/errors.ts';
import { attemptStart } from '../core/flow-deadline.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { thrownTrace } from '../core/show-value.ts';
import { isTerminal, type ProposedState, type State } from '../core/state.ts';
import { secondsBetween, sleep } from '../core/time.ts';
import { runBody, type BodyLimits } from './body.ts';
import { Cancellation, RunLost, StopReason } from './cancellation.ts';
import type { FlowDefinition, Hook } from './definitions.ts';
import { endOfReturn, endOfThrow, type FlowEnd } from './final-state.ts';
import { FlowScope } from './flow-scope.ts';
import { runHooks } from './hooks.ts';
import { past } from './loaded-later.ts';
import type { EnginePorts } from './ports.ts';
import { keepResult, UNPERSISTED } from './results.ts';
import { runInFrame, type Frame } from './run-context.ts';
import { collectStream, type OnYield } from './stream.ts';
import { supervisorOf } from './supervisor.ts';
import type { TaskShare } from './task-share.ts';
import { recordEnd } from './unrecorded-end.ts';

export interface FlowWork {
  readonly ports: EnginePorts;
  readonly definition: FlowDefinition;
  readonly thisArg: unknown;
  readonly parameters: unknown;
  readonly parent: FlowScope | null;
  /** Calls the run off: the task or flow that called it. */
  readonly around: Cancellation | undefined;
  readonly tags: readonly string[];
  /** Of a subflow inside a transaction: its tasks belong to that transaction. */
  readonly share: TaskShare | null;
  /** See `FlowScope.replaced`. */
  readonly replaced: FlowRun['id'] | null;
  /** An earlier attempt exists: finished steps are looked up. */
  readonly resumed: boolean;
  readonly onYield: OnYield | null;
  /** Called with every committed state. */
  readonly onState: (run: FlowRun, state: State) => void;
}

export interface FlowOutcome {
  readonly run: FlowRun;
  readonly value: unknown;
  /** What a run that did not complete throws at its caller; may be `undefined` if that was thrown. */
  readonly error: unknown;
}

export async function runFlowAttempts(work: FlowWork, created: FlowRun): Promise<FlowOutcome> {
  const { ports } = work;
  let run = created;
  let look = work.resumed;
  for (;;) {
    const scope = new FlowScope(ports, work.definition, run, work.parameters, work.parent, work.around);
    const supervisor = supervisorOf(ports);
    supervisor.enter(scope);
    try {
      scope.isContinued = work.resumed && run === created;
      scope.replaced = work.replaced;
      scope.depth = work.share?.transaction.within().length ?? 0;
      if (look) ({ ledger: scope.ledger, book: scope.book } = await past(({ loadPast }) => loadPast(ports, run.id)));
      const end = await runAttempt(work, scope);
      run = scope.flowRun;
      if (isTerminal(run.state)) {
        await finalHooks(work, scope);
        return {
          run,
          value: end.value,
          error: end.proposed.type === 'COMPLETED' && run.state.type !== 'COMPLETED' ? endedOtherwise(run) : end.error,
        };
      }
      if (run.state.type !== 'SCHEDULED')
        throw new OstinatoError('invariant', `Flow run ${run.name} is ${run.state.type} after an attempt.`);
      const seconds = Math.max(0, secondsBetween(ports.clock.now(), run.state.scheduledTime));
      scope.log(
        LOG_LEVELS.warning,
        `Attempt ${run.runCount} of ${(run.policy.retries ?? 0) + 1} failed: ${(run.state.message ?? '').replace(/\.$/, '')}. Trying again in ${Number(secondsBetween(run.state.timestamp, run.state.scheduledTime).toFixed(2))} s.`,
      );
      await waitCancellable(work, scope, seconds);
      run = scope.flowRun;
      if (isTerminal(run.state)) {
        await finalHooks(work, scope);
        return { run, value: undefined, error: scope.cancellation.reason ?? endedOtherwise(run) };
      }
      look = true;
    } finally {
      supervisor.leave(scope);
      await scope.close();
    }
  }
}

/** The error for a run that somebody else has put into another state. */
function endedOtherwise({ name, state }: FlowRun): OstinatoError {
  return new OstinatoError('run-failed', `Flow run ${name} ended ${state.name}.`);
}

async function waitCancellable(work: FlowWork, scope: FlowScope, seconds: number): Promise<void> {
  try {
    await sleep(work.ports.clock, seconds * 1000, scope.signal);
  } catch (reason) {
    await propose(work, scope, endOfThrow(reason, scope.cancellation).proposed);
  }
}

async function runAttempt(work: FlowWork, scope: FlowScope): Promise<FlowEnd> {
  const started = await propose(work, scope, { type: 'RUNNING' });
  if (!started) return await endUnstarted(work, scope);
  const frame: Frame = { scope, tags: work.tags, transaction: work.share?.transaction ?? null, share: work.share };
  await runHooks(work.definition.options.onRunning, 'running', scope.flowRun, scope.flowRun.state, frame);
  if (scope.book) await finishTransactions(work, scope);
  let end: FlowEnd;
  try {
    const { clock, settings } = work.ports;
    const what = `Flow run "${scope.flowRun.name}"`;
    const time = await timeLeft(work, scope, what);
    const returned = await runBody(() => runInFrame(frame, () => bodyWithSteps(work, scope)), {
      clock,
      cancellation: scope.cancellation,
      what,
      ...time,
      cancelGraceSeconds: settings.cancelGraceSeconds,
    });
    end = await runInFrame(frame, () => endOfReturn(returned, scope));
  } catch (error) {
    scope.bodyEnded();
    await scope.whenIdle();
    end = endOfThrow(error, scope.cancellation);
  }
  await endTransactions(work, scope, end);
  await scope.endSteps();
  // A body that ignored the request to stop and returned is stopped all the same.
  const { reason } = scope.cancellation;
  if (reason && reason.kind !== 'timeout' && end.error !== reason) end = endOfThrow(reason, scope.cancellation);
  return await finish(work, scope, end);
}

/**
 * What is left of the flow's timeout, in seconds: it continues over attempts of other processes. @throws the reason
 * when nothing is left
 */
async function timeLeft(
  work: FlowWork,
  scope: FlowScope,
  what: string,
): Promise<Pick<BodyLimits, 'timeoutSeconds' | 'timeoutText'>> {
  const timeoutSeconds = work.definition.options.timeoutSeconds ?? null;
  if (timeoutSeconds === null || !scope.isContinued) return { timeoutSeconds };
  const { clock, client } = work.ports;
  const start = attemptStart(await client.listFlowRunStates(scope.flowRun.id));
  const spent = start === null ? 0 : Math.max(0, secondsBetween(start, clock.now()));
  const began = start === null ? '' : `, which began at ${new Date(start / 1000).toISOString()}`;
  if (spent >= timeoutSeconds) {
    const reason = new StopReason(
      'timeout',
      `${what} was not done within its timeout of ${timeoutSeconds} s${began}: the time was over when the run was continued, for the time that it was down counts. Retried once more, it has all of its time again.`,
    );
    scope.cancellation.abort(reason);
    throw reason;
  }
  return { timeoutSeconds: timeoutSeconds - spent, timeoutText: `its timeout of ${timeoutSeconds} s${began}` };
}

/** Runs the function and waits for the steps that it left running: the flow's timeout covers both. */
async function bodyWithSteps(work: FlowWork, scope: FlowScope): Promise<unknown> {
  const { definition, thisArg, parameters, onYield } = work;
  const returned = await collectStream(definition, definition.fn.call(thisArg, parameters), onYield);
  scope.bodyEnded();
  await scope.whenDone();
  return returned;
}

/** The frame for hooks and clean-up: outside any transaction, and not called off with the run. */
function apart(work: FlowWork, scope: FlowScope): Frame {
  return { scope, tags: work.tags, transaction: null, share: null, around: new Cancellation() };
}

/** Carries out what earlier attempts decided about their transactions, then reads their steps. */
async function finishTransactions(work: FlowWork, scope: FlowScope): Promise<void> {
  while (scope.book && (await scope.book.finish(apart(work, scope), scope.depth))) {
    ({ ledger: scope.ledger, book: scope.book } = await past(({ loadPast }) => loadPast(work.ports, scope.flowRun.id)));
  }
}

/** Ends the transactions of a body that was given up: they end with the run, whatever the body does later. */
async function endTransactions(work: FlowWork, scope: FlowScope, { proposed }: FlowEnd): Promise<void> {
  if (scope.cancellation.reason instanceof RunLost) return;
  for (const open of [...scope.transactions].reverse()) {
    if (open.status !== 'active') continue;
    scope.log(
      LOG_LEVELS.warning,
      `Rolling ${open.name} back: flow run "${scope.flowRun.name}" ends before its body does.`,
    );
    await open.rollback();
  }
  await scope.book?.close(apart(work, scope), scope.depth, proposed.type === 'FAILED' || proposed.type === 'CANCELLED');
}

/** Ends a run that was cancelled before it began. */
async function endUnstarted(work: FlowWork, scope: FlowScope): Promise<FlowEnd> {
  const { name, state } = scope.flowRun;
  const reason =
    scope.cancellation.reason ?? new StopReason('cancel', `Flow run ${name} was ${state.name} before it started.`);
  const end = endOfThrow(reason, { reason, inherited: false });
  if (state.type === 'CANCELLING') await propose(work, scope, end.proposed);
  return end;
}

/** Records all steps, then proposes the final state. A cancelled run passes through CANCELLING. */
async function finish(work: FlowWork, scope: FlowScope, end: FlowEnd): Promise<FlowEnd> {
  const { ports } = work;
  let settled = end;
  if (end.proposed.type === 'COMPLETED') settled = await withResult(work, scope, end);
  if (settled.proposed.type === 'FAILED') {
    const { error } = settled;
    scope.log(LOG_LEVELS.error, `Flow run "${scope.flowRun.name}" failed: ${thrownTrace(error)}`);
  }
  if (scope.reused > 0)
    scope.log(
      LOG_LEVELS.info,
      `${scope.reused} ${scope.reused === 1 ? 'step was' : 'steps were'} finished by an earlier attempt and not run again.`,
    );
  let recorded = settled;
  const isRecorded = await recordEnd(scope, settled.proposed, async () => {
    // A final state stands for all steps of the run, so they are recorded first.
    await ports.recorder.flush();
    if (ports.recorder.trouble !== null) throw ports.recorder.trouble;
    recorded = await proposeEnd(work, scope, settled);
  });
  if (!isRecorded) announce(work, scope.flowRun, scope.flowRun.state);
  return recorded;
}

async function proposeEnd(work: FlowWork, scope: FlowScope, settled: FlowEnd): Promise<FlowEnd> {
  if (settled.proposed.type === 'CANCELLED' && scope.flowRun.state.type === 'RUNNING')
    await propose(work, scope, { type: 'CANCELLING', message: settled.proposed.message ?? null });
  const accepted = await propose(work, scope, settled.proposed);
  if (accepted || scope.flowRun.state.type !== 'CANCELLING') return settled;
  // Somebody cancelled the run while it was ending.
  const reason = scope.cancellation.reason ?? new StopReason('cancel', 'Cancellation was asked for.');
  const cancelled = endOfThrow(reason, { reason, inherited: false });
  await propose(work, scope, cancelled.proposed);
  return cancelled;
}

function announce(work: FlowWork, run: FlowRun, state: State): void {
  work.onState(run, state);
  for (const observer of work.ports.observers) observer.flowRunChanged?.(run, state);
}

/** Stores the flow's result where possible; a result that cannot be stored is only given to the caller. */
async function withResult(work: FlowWork, scope: FlowScope, end: FlowEnd): Promise<FlowEnd> {
  let data = UNPERSISTED;
  if (work.definition.options.persistResult ?? work.ports.settings.persistResults) {
    try {
      data = await keepResult(
        work.ports,
        end.value,
        `result of flow "${work.definition.name}"`,
        scope.flowRun.durability,
        (message) => scope.log(LOG_LEVELS.error, message),
      );
    } catch (error) {
      if (!OstinatoError.is(error) || error.code !== 'unserialisable-value') throw error;
      scope.log(LOG_LEVELS.warning, `The flow's result is not kept: ${error.message}`);
    }
  }
  return { ...end, proposed: { ...end.proposed, data } as ProposedState };
}

/** Proposes until the answer is not WAIT. Returns `false` when the run is in another state than the proposed one. */
async function propose(work: FlowWork, scope: FlowScope, state: ProposedState): Promise<boolean> {
  const { ports } = work;
  for (;;) {
    const answer = await ports.client.setFlowRunState({
      id: scope.flowRun.id,
      state,
      leaseToken: scope.flowRun.lease?.token,
    });
    scope.flowRun = answer.run;
    if (answer.status === 'wait') {
      await sleep(ports.clock, answer.delaySeconds * 1000, scope.signal);
      continue;
    }
    if (answer.status === 'abort') {
      throw new OstinatoError(
        'transition-aborted',
        `Flow run ${scope.flowRun.name} may not become ${state.type}: ${answer.reason}`,
      );
    }
    if (answer.status === 'accept' || answer.written) announce(work, answer.run, answer.state);
    return answer.status === 'accept';
  }
}

async function finalHooks(work: FlowWork, scope: FlowScope): Promise<void> {
  const { options } = work.definition;
  const { state } = scope.flowRun;
  const chosen: readonly [string, Hook<FlowRun> | readonly Hook<FlowRun>[] | undefined] =
    state.type === 'COMPLETED'
      ? ['completion', options.onCompletion]
      : state.type === 'FAILED'
        ? ['failure', options.onFailure]
        : state.type === 'CANCELLED'
          ? ['cancellation', options.onCancellation]
          : ['crash', options.onCrashed];
  await runHooks(chosen[1], chosen[0], scope.flowRun, state, {
    scope,
    tags: work.tags,
    transaction: null,
    share: null,
  });
}
