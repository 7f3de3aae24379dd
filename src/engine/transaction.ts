/**
 * Transactions: tasks that count together or not at all.
 *
 * 1. Inside one, what a task computed is cached only when the outermost transaction commits (`lazy`), at once (`eager`),
 *    or never (`off`).
 * 2. A body that throws rolls back: the rollback hooks of its finished tasks run in reverse order, their states become
 *    `RolledBack`, and a resumed run does them again.
 * 3. Commit and rollback happen once; a hook that throws is logged and the others still run.
 */

import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
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
  /** Makes its result count. */
  readonly commit: () => Promise<void>;
  /** Takes it back in the record. */
  readonly rollback: () => Promise<void>;
}

export class Transaction {
  readonly name: string;
  readonly mode: CommitMode;
  readonly parent: Transaction | null;
  #status: 'active' | 'committed' | 'rolled-back' = 'active';
  readonly #values = new Map<string, unknown>();
  readonly #participants: Participant[] = [];
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

  /** @internal */
  async join(participant: Participant): Promise<void> {
    if (this.#status !== 'active') throw new OstinatoError('rolled-back', `${participant.name} ended after ${this.name} was over.`, { remedy: 'Await every task inside the transaction.' });
    if (this.mode === 'eager') await participant.commit();
    this.#participants.push(participant);
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
    for (const participant of this.#participants) {
      if (this.mode === 'lazy') await participant.commit();
      await runEach(participant.onCommit, 'commit', (hook) => hook(this), this.#frame);
    }
  }

  /** @internal */
  async rollback(): Promise<void> {
    if (this.#status !== 'active') return;
    this.#status = 'rolled-back';
    for (const participant of this.#participants.reverse()) {
      await runEach(participant.onRollback, 'rollback', (hook) => hook(this), this.#frame);
      await participant.rollback();
    }
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
    frame.scope.log(LOG_LEVELS.warning, `Rolling ${opened.name} back: ${error instanceof Error ? error.message : String(error)}`);
    await opened.rollback();
    throw error;
  }
  await opened.commit();
  return result;
}
