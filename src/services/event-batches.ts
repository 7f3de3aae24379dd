/**
 * Gathers events of all clients into batches: while one batch is written the next one fills, so that under load more
 * events share a transaction, and a single event does not wait.
 *
 * 1. An event is given up only when it can never be written. While the database cannot be written at all (busy, a full
 *    disk, no access), everything waits for it: clients keep what was not confirmed, and stop sending.
 * 2. Closing does not wait for that: what cannot be written in a second is not confirmed, and its client sends it
 *    again.
 */

import { OstinatoError } from '../core/errors.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { EventReport, EventStorage } from '../store/port/events.ts';

/**
 * Longer batches hold the write lock for more than some milliseconds; shorter ones flush more often (256: a tenth more
 * time an event).
 */
const BATCH_MAX = 512;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1000;
/** Milliseconds; shorter interruptions are normal. */
const TELL_AFTER_MS = 1000;

interface Waiting {
  readonly report: EventReport;
  readonly settle: Settle;
}

/** Called with the error, or with `null` when the event is on the disk, with the task run that it reports on. */
export type Settle = (error: unknown) => void;

export class EventBatches {
  readonly #storage: Pick<EventStorage, 'recordEvents'>;
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #onNotice: (message: string) => void;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #isClosing = false;

  /**
   * @param onNotice called with messages when events begin to wait for the database, and when they are written again
   */
  constructor(
    storage: Pick<EventStorage, 'recordEvents'>,
    clock: Pick<Clock, 'now' | 'setTimer'>,
    onNotice: (message: string) => void,
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.#onNotice = onNotice;
  }

  /** Settled in a later turn, in the order of the calls. */
  record(report: EventReport, settle: Settle): void {
    this.#waiting.push({ report, settle });
    this.#writing ??= this.#write();
  }

  /** Resolves when all waiting events are written, or cannot be written now. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#writing !== null) await this.#writing;
  }

  async #write(): Promise<void> {
    // Events of the same turn share the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      await this.#writeBatch(batch);
    }
    // In the same turn in which nothing waits: a later event starts anew.
    this.#writing = null;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#insist(batch.map(({ report }) => report));
    } catch (error) {
      if (mayPass(error)) return this.#giveUp(batch, error);
      if (batch.length === 1) return batch[0]?.settle(error);
      // One event cannot be written: it must not take the others with it.
      for (const one of batch) await this.#writeBatch([one]);
      return;
    }
    for (const { settle } of batch) settle(null);
  }

  /** Events behind them would fail, too. */
  #giveUp(batch: readonly Waiting[], error: OstinatoError): void {
    const all = [...batch, ...this.#waiting.splice(0)];
    this.#onNotice(
      `${all.length} events were not written; clients that are still there send them again: ${error.message}`,
    );
    for (const { settle } of all) settle(error);
  }

  async #insist(reports: readonly EventReport[]): Promise<void> {
    let waitedMs = 0;
    let isTold = false;
    for (let pauseMs = RETRY_MS_MIN; ; pauseMs = Math.min(RETRY_MS_MAX, pauseMs * 2)) {
      try {
        await this.#storage.recordEvents(reports);
        if (isTold) this.#onNotice('Events are written again.');
        return;
      } catch (error) {
        if (!mayPass(error) || (this.#isClosing && waitedMs >= TELL_AFTER_MS)) throw error;
        if (!isTold && waitedMs >= TELL_AFTER_MS) {
          isTold = true;
          this.#onNotice(`Events wait, and their clients with them: ${error.message} ${error.remedy}`);
        }
        await sleep(this.#clock as Clock, pauseMs);
        waitedMs += pauseMs;
      }
    }
  }
}

/** Whether the database may work again in a moment: it is busy, full or locked. */
function mayPass(error: unknown): error is OstinatoError {
  return (
    OstinatoError.is(error) &&
    (error.code === 'store-unavailable' || error.code === 'store-full' || error.code === 'store-read-only')
  );
}
