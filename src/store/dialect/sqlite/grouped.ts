/**
 * Group commit, for a server with many callers: writes that arrive in one turn of the event loop share a transaction
 * and one flush to the disk, and each caller is answered when that is done. Measured: a flush takes 0.1 to 0.6 ms, a
 * write 30 µs.
 *
 * 1. The flush is another thread's: meanwhile requests are read and answered, and what they write gathers for the next
 *    group.
 * 2. A write that throws takes back its own rows only (its savepoint). When the transaction itself fails, all its
 *    callers hear it.
 * 3. While another process holds the lock, writes wait here and the event loop goes on; those that waited too long are
 *    refused, and nothing of them was done.
 * 4. Others may read what is committed before it is flushed, as they may in any database that two processes share; that
 *    it is on the disk is told to nobody before it is.
 */

import { WRITES as NOUN_WRITES } from '../../nouns/table.ts';
import type { Storage } from '../../port.ts';
import type { Connection } from './connection.ts';
import { isLocked } from './failure.ts';
import { LOCK_WAIT_MS, type LockPatience } from './lock-patience.ts';

/** Writes in one transaction: its lock is held for some milliseconds at most. */
const GROUP_MAX = 128;

const LOCK_PAUSE_MS_MIN = 5;
const LOCK_PAUSE_MS_MAX = 50;

/** The methods of the port that write. */
export const WRITES = [
  'ensureFlow',
  'changeFlow',
  'insertFlowRun',
  'changeFlowRun',
  'deleteFlowRun',
  'writeTaskRuns',
  'changeTaskRun',
  'deleteTaskRun',
  'claimCacheKey',
  'settleCacheClaim',
  'writeProcess',
  'beat',
  'deleteProcess',
  'changeHeldTaskRuns',
  'insertArtifact',
  'changeArtifact',
  'changeSlots',
  'moveArtifact',
  'changeBlockType',
  'insertBlockSchema',
  'deleteBlockSchema',
  'changeBlockDocument',
  'changeAlert',
  'takeAlerts',
  'deleteAlertsBefore',
  'changeWebhook',
  'changeWorkPool',
  'changeWorker',
  'changeDeployment',
  'pollDeployments',
  'changeVersionedDeployments',
  'insertBackfill',
  'changeBackfill',
  'insertActionOrders',
  'takeActionOrders',
  'endActionAttempt',
  'deleteActionRecordsBefore',
  'writeConfiguration',
  'writeCsrfToken',
  'recordEvents',
  'deleteEventsBefore',
  'ensureCursor',
  'deleteCursor',
  'advanceCursor',
  'stepAutomations',
  'writeLogs',
  'compactFlowRun',
  'deleteTaskRunsBefore',
  'deleteLogsBefore',
  ...NOUN_WRITES,
] as const satisfies readonly (keyof Storage)[];

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** When it first met a lock; 0: not yet. */
  lockedAtMs: number;
}

type Outcome = { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly error: unknown };

export class CommitGroup {
  readonly #connection: Pick<Connection, 'group' | 'flush'>;
  readonly #onFailure: () => void;
  readonly #patience: LockPatience | null;
  #waiting: Waiting[] = [];
  /** Timer of the next try while another process holds the lock; `null` otherwise. */
  #retry: NodeJS.Timeout | null = null;
  #retryMs = LOCK_PAUSE_MS_MIN;
  #isPlanned = false;
  /** Committed writes that may not be on the disk yet. */
  #unflushed: Committed[] = [];
  #isFlushing = false;

  /** @param onFailure called when a whole transaction was rolled back: caches of its rows are void */
  constructor(
    connection: Pick<Connection, 'group' | 'flush'>,
    onFailure: () => void,
    patience: LockPatience | null = null,
  ) {
    this.#connection = connection;
    this.#onFailure = onFailure;
    this.#patience = patience;
  }

  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (answer: unknown) => void, reject, lockedAtMs: 0 });
      this.#plan();
    });
  }

  /** Commits what waits; `close` flushes it. */
  close(close: () => void): void {
    while (this.#waiting.length > 0 && this.#retry === null) this.#commit();
    if (this.#retry !== null) clearTimeout(this.#retry);
    for (const one of this.#waiting.splice(0))
      one.reject(this.#patience?.lockedError(null, performance.now() - one.lockedAtMs));
    const unflushed = this.#unflushed.splice(0);
    try {
      close();
    } catch (error) {
      for (const { one } of unflushed) one.reject(error);
      throw error;
    }
    unflushed.forEach(settle);
  }

  /** While the disk is busy with one group, writes gather for the next. */
  #plan(): void {
    if (
      this.#isPlanned ||
      this.#retry !== null ||
      this.#waiting.length === 0 ||
      (this.#isFlushing && this.#waiting.length < GROUP_MAX)
    )
      return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#commit();
      this.#plan();
    });
  }

  #commit(): void {
    const group = this.#waiting.slice(0, GROUP_MAX);
    this.#waiting = this.#waiting.slice(GROUP_MAX);
    if (group.length === 0) return;
    const committed: Committed[] = [];
    try {
      this.#connection.group(group.map((one) => () => void committed.push({ one, outcome: outcomeOf(one.work) })));
    } catch (error) {
      if (this.#patience !== null && committed.length === 0 && isLocked(error))
        return this.#waitForLock(group, error, this.#patience);
      this.#onFailure();
      for (const { reject } of group) reject(error);
      return;
    }
    if (this.#retryMs > LOCK_PAUSE_MS_MIN) this.#gotLock();
    this.#unflushed.push(...committed);
    if (!this.#isFlushing) void this.#flush();
  }

  /** The transaction did nothing: its writes go back to the head of the queue. */
  #waitForLock(group: readonly Waiting[], error: unknown, patience: LockPatience): void {
    const nowMs = performance.now();
    this.#waiting = [...group, ...this.#waiting];
    for (const one of this.#waiting) if (one.lockedAtMs === 0) one.lockedAtMs = nowMs;
    const late = this.#waiting.filter((one) => nowMs - one.lockedAtMs >= LOCK_WAIT_MS);
    if (late.length > 0) this.#waiting = this.#waiting.filter((one) => nowMs - one.lockedAtMs < LOCK_WAIT_MS);
    for (const one of late) one.reject(patience.lockedError(error, nowMs - one.lockedAtMs));
    patience.waits(nowMs - (group[0]?.lockedAtMs ?? nowMs));
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#commit();
      this.#plan();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LOCK_PAUSE_MS_MAX);
  }

  #gotLock(): void {
    this.#retryMs = LOCK_PAUSE_MS_MIN;
    this.#patience?.gotIt();
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true;
    while (this.#unflushed.length > 0) {
      const count = this.#unflushed.length;
      try {
        await this.#connection.flush();
        this.#unflushed.splice(0, count).forEach(settle);
      } catch (error) {
        for (const { one } of this.#unflushed.splice(0, count)) one.reject(error);
      }
    }
    this.#isFlushing = false;
    this.#plan();
  }
}

interface Committed {
  readonly one: Waiting;
  readonly outcome: Outcome;
}

function settle({ one, outcome }: Committed): void {
  if (outcome.ok) one.resolve(outcome.answer);
  else one.reject(outcome.error);
}

function outcomeOf(work: () => unknown): Outcome {
  try {
    return { ok: true, answer: work() };
  } catch (error) {
    return { ok: false, error };
  }
}
