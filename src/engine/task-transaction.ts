/** A finished task and the transaction that it was called in: what commits it, and what takes it back. */

import { LOG_LEVELS } from '../core/log.ts';
import type { CacheClaimHeld } from './caching.ts';
import type { TaskDefinition, TransactionHook } from './definitions.ts';
import type { LiveTask } from './live-task.ts';
import type { JoinAnswer, Transaction } from './transaction.ts';

export interface FinishedTask {
  readonly definition: TaskDefinition;
  readonly name: string;
  readonly value: unknown;
  readonly claim: CacheClaimHeld | null;
  /** Opens its record once more, to say that it was rolled back. */
  readonly record: () => LiveTask;
  readonly onRolledBack: (live: LiveTask) => void;
}

const NO_HOOKS: readonly TransactionHook[] = Object.freeze([]);

function list(hooks: TransactionHook | readonly TransactionHook[] | undefined): readonly TransactionHook[] {
  return hooks === undefined ? NO_HOOKS : typeof hooks === 'function' ? [hooks] : hooks;
}

/** @param keep makes its result count for others; does nothing for one that is not cached */
export function joinTransaction(transaction: Transaction, task: FinishedTask, keep: () => Promise<void>): Promise<JoinAnswer> {
  const { definition, claim, value } = task;
  const release = async (): Promise<void> => { if (claim) await settleQuietly(task.record(), () => claim.giveBack()); };
  const state = claim ? task.record().run.state : null;
  const entry = claim && state?.type === 'COMPLETED' && state.data ? claim.entry(state.data) : null;
  return transaction.join({
    name: task.name,
    onCommit: list(definition.options.onCommit),
    onRollback: list(definition.options.onRollback),
    staged: entry ? { key: entry.key, entry, value } : null,
    calledIn: transaction,
    commit: async () => { if (claim) await settleQuietly(task.record(), keep); },
    release,
    rollback: async () => {
      await release();
      const live = task.record();
      live.enter({ type: 'COMPLETED', name: 'RolledBack', data: null, message: `${transaction.name} was rolled back.` }, null, true);
      await live.ports.recorder.settle(live.record, live.run.durability);
      task.onRolledBack(live);
    },
  });
}

/** A cache that cannot be written is no reason to lose what was computed. */
export async function settleQuietly({ ports, run }: LiveTask, settle: () => Promise<void>): Promise<void> {
  try {
    await settle();
  } catch (error) {
    for (const observer of ports.observers) observer.noticed?.(LOG_LEVELS.warning, `The result of ${run.name} is not in the cache: ${error instanceof Error ? error.message : String(error)}`);
  }
}
