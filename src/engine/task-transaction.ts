/** A finished task and the transaction that it was called in: what commits it, and what takes it back. */

import { LOG_LEVELS } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Participation } from '../core/participation.ts';
import type { CacheClaimHeld } from './caching.ts';
import type { TaskDefinition } from './definitions.ts';
import type { LiveTask } from './live-task.ts';
import type { JoinAnswer, OpenTransaction } from './open-transaction.ts';
import { Participant } from './participant.ts';
import type { TaskRunId } from '../core/ids.ts';
import type { HookFacts, TransactionHook } from './transaction-hook.ts';

export interface FinishedTask {
  readonly id: TaskRunId;
  readonly definition: TaskDefinition;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly value: unknown;
  readonly kept: HookFacts['kept'];
  readonly unkept: HookFacts['unkept'];
  readonly participation: Participation;
  readonly claim: CacheClaimHeld | null;
  /** Opens its record, to say what was decided about it. */
  readonly record: () => MaybePromise<LiveTask>;
  readonly onRolledBack: (live: LiveTask) => void;
  readonly isCommitted: boolean;
}

const NO_HOOKS: readonly TransactionHook[] = Object.freeze([]);

export function hooksOf(hooks: TransactionHook | readonly TransactionHook[] | undefined): readonly TransactionHook[] {
  return hooks === undefined ? NO_HOOKS : typeof hooks === 'function' ? [hooks] : hooks;
}

/** @param keep makes its result count for others; does nothing for one that is not cached */
export async function joinTransaction(transaction: OpenTransaction, task: FinishedTask, keep: () => Promise<void>): Promise<JoinAnswer> {
  const { definition, claim, value, id, name, kept, unkept, participation, record, onRolledBack, isCommitted } = task;
  const { onCommit, onRollback } = definition.options;
  const state = claim ? (await record()).run.state : null;
  const entry = claim && state?.type === 'COMPLETED' && state.data ? claim.entry(state.data) : null;
  const settle = async (how: () => Promise<void>): Promise<void> => { if (claim) await settleQuietly(await record(), how); };
  return await transaction.join(new Participant({
    id, name, onCommit: hooksOf(onCommit), onRollback: hooksOf(onRollback), participation, record, onRolledBack, isCommitted,
    facts: { taskName: definition.name, around: transaction, kept, unkept, inputNames: definition.inputs, inputs: { ok: true, value: task.args }, result: { ok: true, value } },
    frame: transaction.hookFrame,
    staged: entry ? { key: entry.key, entry, value } : null,
    keep: () => settle(keep),
    giveBack: () => settle(async () => claim?.giveBack()),
  }));
}

/** A cache that cannot be written is no reason to lose what was computed. */
export async function settleQuietly({ ports, run }: LiveTask, settle: () => Promise<void>): Promise<void> {
  try {
    await settle();
  } catch (error) {
    for (const observer of ports.observers) observer.noticed?.(LOG_LEVELS.warning, `The result of ${run.name} is not in the cache: ${error instanceof Error ? error.message : String(error)}`);
  }
}
