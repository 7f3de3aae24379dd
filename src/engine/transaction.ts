/** Transactions: tasks that count together or not at all. How they end: `open-transaction.ts`. */

import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { RunLost } from './cancellation.ts';
import { OpenTransaction } from './open-transaction.ts';
import { currentFrame } from './run-context.ts';

/**
 * When the results of its tasks are in the cache: when the outermost transaction commits (`lazy`, the default), at once
 * (`eager`), or never (`off`).
 */
export type CommitMode = 'lazy' | 'eager' | 'off';
export type TransactionStatus = 'active' | 'committed' | 'rolled-back';

export interface TransactionOptions {
  /** For logs. */
  readonly name?: string;
  readonly commit?: CommitMode;
}

export interface Transaction {
  readonly name: string;
  readonly mode: CommitMode;
  readonly status: TransactionStatus;
  /** The transaction around it. */
  readonly parent: Transaction | null;
  /**
   * Keeps something for the hooks, for instance the path of a file to remove. Inside a task it is the task's own: its
   * hooks see it, those of its siblings do not. It is recorded when the task ends, so values that can be recorded
   * survive the process.
   */
  set(key: string, value: unknown): void;
  /**
   * What the task keeps under the key, or the tasks and transactions around it; in the body of a transaction also what
   * its finished tasks keep, the newest first.
   */
  get(key: string): unknown;
}

/** The transaction around the caller, as the task that the caller is in sees it; `null` outside any. */
export function currentTransaction(): Transaction | null {
  const frame = currentFrame();
  return frame?.share ?? frame?.transaction ?? frame?.scope.ports.within?.transaction ?? null;
}

/** Length of the hash of the place where a transaction is opened, as a part of its id. */
const PLACE_CHARS = 8;

/**
 * Runs the body; commits when it returns, rolls back when it throws (and throws on).
 *
 * Tasks and subflows that the body calls, and what they call, count with it. Whatever is killed when: it ends once, and
 * each hook completes once. `not-in-run` outside a flow or task.
 */
export async function transaction<T>(
  body: (transaction: Transaction) => T | Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const frame = currentFrame();
  if (!frame)
    throw new OstinatoError('not-in-run', 'A transaction was opened outside a flow or task.', {
      remedy: 'Open it inside the body of a flow.',
    });
  const { scope } = frame;
  const { callSites, hash } = scope.ports;
  const opened = new OpenTransaction(
    frame,
    options,
    hash(`${callSites.capture(transaction).id}|${options.name ?? ''}`).slice(0, PLACE_CHARS),
  );
  scope.flow?.transactions.add(opened);
  try {
    return await runOpened(opened, body);
  } finally {
    scope.flow?.transactions.delete(opened);
    opened.close();
  }
}

async function runOpened<T>(opened: OpenTransaction, body: (transaction: Transaction) => T | Promise<T>): Promise<T> {
  const { scope } = opened.hookFrame;
  let result: T;
  try {
    result = await opened.run(body);
  } catch (error) {
    if (scope.cancellation.reason instanceof RunLost) throw error;
    if (opened.status === 'active') scope.log(LOG_LEVELS.warning, `Rolling ${opened.name} back: ${thrownText(error)}`);
    await opened.rollback();
    throw error;
  }
  if (opened.status === 'rolled-back') {
    throw new OstinatoError(
      'rolled-back',
      `Transaction ${opened.name} was rolled back with its flow run, which ended before its body did.`,
      { remedy: 'Await the transaction in the flow, and pass runContext().signal on to what takes long.' },
    );
  }
  await opened.commit();
  return result;
}
