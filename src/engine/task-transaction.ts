/** How a finished task belongs to its transaction: what commits it, and what takes it back. */

import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Participation } from '../core/participation.ts';
import type { CacheClaimHeld } from './caching.ts';
import type { TaskDefinition } from './definitions.ts';
import type { LiveTask } from './live-task.ts';
import type { JoinAnswer, OpenTransaction } from './open-transaction.ts';
import { Participant } from './participant.ts';
import type { ValueRef } from '../core/value.ts';
import type { TaskRunId } from '../core/ids.ts';
import { loadValues } from './kept-values.ts';
import { loadValue } from './results.ts';
import { settleQuietly } from './task-end.ts';
import type { Given, HookFacts, TransactionHook } from './transaction-hook.ts';

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
  /** Opens its record, to write what was decided about it. */
  readonly record: () => MaybePromise<LiveTask>;
  readonly onRolledBack: (live: LiveTask) => void;
  readonly isCommitted: boolean;
}

const NO_HOOKS: readonly TransactionHook[] = Object.freeze([]);

export function hooksOf(hooks: TransactionHook | readonly TransactionHook[] | undefined): readonly TransactionHook[] {
  return hooks === undefined ? NO_HOOKS : typeof hooks === 'function' ? [hooks] : hooks;
}

/** @param keep makes its result usable for others; does nothing for a task without a cache */
export async function joinTransaction(
  transaction: OpenTransaction,
  task: FinishedTask,
  keep: () => Promise<void>,
): Promise<JoinAnswer> {
  const { definition, claim, value, id, name, kept, unkept, participation, record, onRolledBack, isCommitted } = task;
  const { onCommit, onRollback } = definition.options;
  const state = claim ? (await record()).run.state : null;
  const entry = claim && state?.type === 'COMPLETED' && state.data ? claim.entry(state.data) : null;
  const settle = async (how: () => Promise<void>): Promise<void> => {
    if (claim) await settleQuietly(await record(), how);
  };
  const facts: HookFacts = {
    taskName: definition.name,
    around: transaction,
    kept,
    unkept,
    inputNames: definition.inputs,
    inputs: { ok: true, value: task.args },
    result: { ok: true, value },
  };
  return await transaction.join(
    new Participant({
      id,
      name,
      onCommit: hooksOf(onCommit),
      onRollback: hooksOf(onRollback),
      missing: null,
      participation,
      record,
      onRolledBack,
      isCommitted,
      facts,
      asRecorded: async (result) => await factsOnRecord(facts, await record(), participation, result),
      frame: transaction.hookFrame,
      staged: entry ? { key: entry.key, entry, value } : null,
      keep: () => settle(keep),
      giveBack: () => settle(async () => claim?.giveBack()),
    }),
  );
}

/** The arguments and result as recorded. What cannot be recorded or read is given as this process has it. */
async function factsOnRecord(
  facts: HookFacts,
  { ports, run }: LiveTask,
  { inputs, values }: Participation,
  decided: ValueRef | null,
): Promise<HookFacts> {
  const data = decided ?? (run.state.type === 'COMPLETED' ? run.state.data : null);
  const read = async (ref: ValueRef | null, given: Given): Promise<Given> => {
    if (ref === null || ref.kind === 'unpersisted') return given;
    try {
      return { ok: true, value: await loadValue(ports, ref, run.name) };
    } catch {
      return given;
    }
  };
  const kept = await loadValues(ports, values, run.name).catch(() => facts.kept);
  return {
    ...facts,
    inputs: await read(inputs, facts.inputs),
    result: await read(data, facts.result),
    kept: new Map([...facts.kept, ...kept]),
  };
}
