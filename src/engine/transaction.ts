/**
 * Transactions: tasks that count together or not at all.
 *
 * 1. Inside one, what a task computed is cached only when the outermost transaction commits (`lazy`), at once (`eager`),
 *    or never (`off`).
 * 2. A body that throws rolls back: the rollback hooks of its finished tasks run in reverse order, their states become
 *    `RolledBack`, and a resumed run does them again.
 * 3. Commit and rollback happen once; a hook that throws is logged and the others still run.
 */

import type { CacheEntry } from '../core/cache-record.ts';
import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { RunLost } from './cancellation.ts';
import type { TransactionHook } from './definitions.ts';
import { runEach } from './hooks.ts';
import { currentFrame, runInFrame, type Frame } from './run-context.ts';

export type CommitMode = 'lazy' | 'eager' | 'off';

export interface TransactionOptions {
  /** For logs. */
  readonly name?: string;
  readonly commit?: CommitMode;
}

/** What a finished task leaves with its transaction. */
export interface Participant {
  readonly name: string;
  readonly onCommit: readonly TransactionHook[];
  readonly onRollback: readonly TransactionHook[];
  /** Its result, by its cache key; `null` when it has none. */
  readonly staged: (Staged & { readonly key: string }) | null;
  /** The transaction that the task was called in: what its hooks see. */
  readonly calledIn: Transaction;
  /** Makes its result count. */
  readonly commit: () => Promise<void>;
  /** Makes sure that its result never counts for others. */
  readonly release: () => Promise<void>;
  /** Takes it back in the record. */
  readonly rollback: () => Promise<void>;
}

/** `rolled-back`: the transaction was over before the task was, and the task has been taken back, too. */
export type JoinAnswer = 'joined' | 'rolled-back';

/** What a task computed in a transaction that is not committed. */
export interface Staged {
  readonly entry: CacheEntry;
  readonly value: unknown;
}

export class Transaction {
  readonly name: string;
  readonly mode: CommitMode;
  readonly parent: Transaction | null;
  #status: 'active' | 'committed' | 'rolled-back' = 'active';
  readonly #values = new Map<string, unknown>();
  readonly #participants: Participant[] = [];
  readonly #staged = new Map<string, Staged>();
  readonly #frame: Frame;

  constructor(frame: Frame, options: TransactionOptions) {
    this.parent = frame.transaction;
    this.name = options.name ?? 'transaction';
    this.mode = options.commit ?? this.parent?.mode ?? 'lazy';
    this.#frame = { ...frame, transaction: this };
  }

  get status(): 'active' | 'committed' | 'rolled-back' {
    return this.#status;
  }

  /** Keeps something for the hooks, for instance the path of a file to remove. */
  set(key: string, value: unknown): void {
    this.#values.set(key, value);
  }

  /** What this transaction, or one around it, keeps under the key. */
  get(key: string): unknown {
    return this.#values.has(key) ? this.#values.get(key) : this.parent?.get(key);
  }

  /** @internal What this transaction, or one around it, has computed for the key. */
  staged(key: string): Staged | undefined {
    return this.#staged.get(key) ?? this.parent?.staged(key);
  }

  /** @internal */
  async join(participant: Participant): Promise<JoinAnswer> {
    if (this.#status === 'rolled-back') {
      await this.#takeBack(participant);
      return 'rolled-back';
    }
    if (this.#status === 'committed') {
      // It ended after the commit: nothing can take it back any more.
      await this.#count(participant);
      return 'joined';
    }
    const { staged } = participant;
    if (staged) this.#staged.set(staged.key, staged);
    if (this.mode === 'eager') await participant.commit();
    if (this.mode === 'off') await participant.release();
    this.#participants.push(this.mode === 'off' ? { ...participant, commit: participant.release } : participant);
    return 'joined';
  }

  /** @internal */
  run<T>(body: (transaction: Transaction) => T): T {
    return runInFrame(this.#frame, () => body(this));
  }

  /** @internal An inner lazy transaction hands its tasks to the one around it. */
  async commit(): Promise<void> {
    if (this.#status !== 'active') return;
    this.#status = 'committed';
    if (this.parent && this.mode !== 'eager') {
      for (const participant of this.#participants) await this.parent.join(participant);
      return;
    }
    for (const participant of this.#participants) await this.#count(participant);
  }

  /** @internal */
  async rollback(): Promise<void> {
    if (this.#status !== 'active') return;
    this.#status = 'rolled-back';
    for (const participant of this.#participants.reverse()) await this.#takeBack(participant);
  }

  async #count(participant: Participant): Promise<void> {
    const { calledIn, onCommit } = participant;
    if (this.mode === 'lazy') await participant.commit();
    await runEach(onCommit, 'commit', (hook) => hook(calledIn), calledIn.#frame);
  }

  async #takeBack(participant: Participant): Promise<void> {
    const { calledIn, onRollback } = participant;
    // The record first: a process that is killed in between leaves a step that is done again, not one that counts as done
    // although its effect was taken back.
    await participant.rollback();
    await runEach(onRollback, 'rollback', (hook) => hook(calledIn), calledIn.#frame);
  }
}

/** The transaction around the caller, if there is one. */
export function currentTransaction(): Transaction | null {
  return currentFrame()?.transaction ?? null;
}

/**
 * Runs the body; commits when it returns, rolls back when it throws (and throws on).
 *
 * `not-in-run` outside a flow or task.
 */
export async function transaction<T>(body: (transaction: Transaction) => T | Promise<T>, options: TransactionOptions = {}): Promise<T> {
  const frame = currentFrame();
  if (!frame) throw new OstinatoError('not-in-run', 'A transaction was opened outside a flow or task.', { remedy: 'Open it inside the body of a flow.' });
  const opened = new Transaction(frame, options);
  let result: T;
  try {
    result = await opened.run(body);
  } catch (error) {
    if (frame.scope.cancellation.reason instanceof RunLost) throw error;
    frame.scope.log(LOG_LEVELS.warning, `Rolling ${opened.name} back: ${error instanceof Error ? error.message : String(error)}`);
    await opened.rollback();
    throw error;
  }
  await opened.commit();
  return result;
}
