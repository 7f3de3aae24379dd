/**
 * The end of a task run: recorded, then applied to its transaction and cache, then to its hooks, then to its future.
 */

import { toFailureInfo } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import { thrownText, thrownTrace } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { ProposedState, TerminalState } from '../core/state.ts';
import type { TaskEnd } from './attempts.ts';
import type { CacheClaimHeld } from './caching.ts';
import type { StopReason } from './cancellation.ts';
import { runHooks } from './hooks.ts';
import { NO_VALUES } from './kept-values.ts';
import type { LiveTask } from './live-task.ts';
import { joining } from './loaded-later.ts';
import type { Frame } from './run-context.ts';
import type { TaskCall } from './task-call.ts';
import type { TaskScope } from './task-scope.ts';

export function endWith(live: LiveTask, proposed: ProposedState, error: unknown): TaskEnd {
  live.enter(proposed, null, true);
  return { state: live.run.state as TerminalState, value: undefined, error };
}

export function stopped(live: LiveTask, reason: StopReason): TaskEnd {
  return endWith(
    live,
    {
      type: reason.kind === 'crash' ? 'CRASHED' : 'CANCELLED',
      message: reason.message,
      failure: toFailureInfo(reason),
    },
    reason,
  );
}

/** Records the end and settles the future; synchronous when there is nothing to wait for. */
export function settle(
  call: TaskCall,
  live: LiveTask,
  end: TaskEnd,
  scope: TaskScope | null,
  claim: CacheClaimHeld | null,
): MaybePromise<void> {
  const { onCompletion, onFailure } = call.definition.options;
  const durable = live.ports.recorder.settle(live.record, live.run.durability);
  const isTold = claim !== null || call.frame?.transaction || onCompletion !== undefined || onFailure !== undefined;
  if (durable || (scope && isTold)) return settleAfter(durable, call, live, end, scope, claim);
  conclude(call, live, end, scope, false);
}

async function settleAfter(
  durable: MaybePromise<void>,
  call: TaskCall,
  live: LiveTask,
  end: TaskEnd,
  scope: TaskScope | null,
  claim: CacheClaimHeld | null,
): Promise<void> {
  await durable;
  const { onCompletion, onFailure } = call.definition.options;
  const transaction = call.frame?.transaction ?? null;
  const { type } = end.state;
  const takenBack =
    scope !== null &&
    (claim !== null || (type === 'COMPLETED' && transaction !== null)) &&
    (await account(call, live, end, claim));
  if (scope) {
    const hookFrame: Frame = { scope, tags: call.tags, transaction, share: call.frame?.share ?? null };
    if (type === 'COMPLETED') await runHooks(onCompletion, 'completion', live.run, end.state, hookFrame);
    else if (type === 'FAILED') await runHooks(onFailure, 'failure', live.run, end.state, hookFrame);
  }
  conclude(call, live, end, scope, takenBack);
}

function conclude(
  { future }: TaskCall,
  live: LiveTask,
  { state, value, error }: TaskEnd,
  scope: TaskScope | null,
  takenBack: boolean,
): void {
  if (state.type === 'FAILED') scope?.log(LOG_LEVELS.error, failureText(live, error));
  if (takenBack) future.settle({ ok: false, error: rolledBack(live) }, live.run.state);
  else future.settle(state.type === 'COMPLETED' ? { ok: true, value } : { ok: false, error }, state);
}

/** Applies the end to the transaction and the cache. Returns whether the transaction took it back at once. */
async function account(call: TaskCall, live: LiveTask, end: TaskEnd, claim: CacheClaimHeld | null): Promise<boolean> {
  const { definition, future, frame } = call;
  const transaction = frame?.transaction ?? null;
  const data = end.state.type === 'COMPLETED' && !end.partial ? end.state.data : null;
  const keep = async (): Promise<void> => {
    if (claim) await (data ? claim.keep(data) : claim.giveBack());
  };
  // A cached result was not computed in this transaction, so it is not undone with it.
  const joins = end.state.type === 'COMPLETED' && transaction !== null && live.run.cache?.outcome !== 'hit';
  if (!joins) {
    if (claim) await settleQuietly(live, keep);
    return false;
  }
  const participation = live.run.participation ?? {
    within: transaction.within(),
    inputs: null,
    values: null,
    unkept: [],
    hooks: null,
    decision: null,
  };
  const task = {
    id: live.run.id,
    definition,
    name: live.run.name,
    args: end.took?.args ?? call.args,
    value: end.value,
    kept: end.took?.kept ?? NO_VALUES,
    unkept: [],
    participation,
    claim: end.partial ? null : claim,
    record: () => live,
    onRolledBack: () => future.moveTo(live.run.state),
    isCommitted: false,
  };
  const answer = await joining(({ joinTransaction }) => joinTransaction(transaction, task, keep));
  if (end.partial) await settleQuietly(live, keep);
  claim?.land();
  return answer === 'rolled-back';
}

function rolledBack(live: LiveTask): OstinatoError {
  return new OstinatoError(
    'rolled-back',
    `${live.run.name} ended after the transaction around it was rolled back, so it was taken back, too.`,
    { remedy: 'Await every task inside the transaction.' },
  );
}

function failureText(live: LiveTask, error: unknown): string {
  const what = `Task run "${live.run.name}" failed after ${live.run.runCount} ${live.run.runCount === 1 ? 'attempt' : 'attempts'}`;
  return `${what}: ${thrownTrace(error)}`;
}

/** A failing cache is logged, and the computed value is kept. */
export async function settleQuietly({ ports, run }: LiveTask, settle: () => Promise<void>): Promise<void> {
  try {
    await settle();
  } catch (error) {
    for (const observer of ports.observers)
      observer.noticed?.(LOG_LEVELS.warning, `The result of ${run.name} is not in the cache: ${thrownText(error)}`);
  }
}
