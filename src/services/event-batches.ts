/**
 * Events of all clients, gathered into batches: while one batch is written the next one fills, so that the more comes in,
 * the more events share a transaction, and a single event does not wait.
 *
 * 1. An event is given up only when it can never be written. While the database cannot be written at all (busy, a full disk,
 *    no access), everything waits for it: clients keep what was not confirmed, and stop sending.
 * 2. Closing does not wait for that: what cannot be written in a second is not confirmed, and its client sends it again.
 */

import { OstinatoError } from '../core/errors.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { EventReport, EventStorage } from '../store/port/events.ts';

/** Longer batches hold the write lock for more than some milliseconds; shorter ones flush more often (256: a tenth more time an event). */
const BATCH_MAX = 512;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1000;
/** Shorter interruptions are everyday. */
const TELL_AFTER_MS = 1000;

interface Waiting {
  readonly report: EventReport;
  readonly settle: Settle;
}

/** Called with what went wrong, or with `null` when the event is on the disk, with the task run that it speaks of. */
export type Settle = (error: unknown) => void;

export class EventBatches {
  readonly #storage: Pick<EventStorage, 'recordEvents'>;
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #onNotice: (message: string) => void;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #isClosing = false;

  /** @param onNotice hears that events wait for the database, and that they are written again */
  constructor(storage: Pick<EventStorage, 'recordEvents'>, clock: Pick<Clock, 'now' | 'setTimer'>, onNotice: (message: string) => void) {
    this.#storage = storage;
    this.#clock = clock;
    this.#onNotice = onNotice;
  }

  /** Settled in a later turn, in the order in which they were given. */
  record(report: EventReport, settle: Settle): void {
    this.#waiting.push({ report, settle });
    this.#writing ??= this.#write();
  }

  /** When all that waits is written, or cannot be written now. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#writing !== null) await this.#writing;
  }

  async #write(): Promise<void> {
    // What comes in the same turn shares the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      await this.#writeBatch(batch);
    }
    // In the same turn in which nothing waits: what comes later begins anew.
    this.#writing = null;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#insist(batch.map(({ report }) => report));
    } catch (error) {
      if (mayPass(error)) return this.#giveUp(batch, error);
      if (batch.length === 1) return batch[0]?.settle(error);
      // One of them cannot be written: it must not take the others with it.
      for (const one of batch) await this.#writeBatch([one]);
      return;
    }
    for (const { settle } of batch) settle(null);
  }

  /** What waits behind them would fare no better. */
  #giveUp(batch: readonly Waiting[], error: OstinatoError): void {
    const all = [...batch, ...this.#waiting.splice(0)];
    this.#onNotice(`${all.length} events were not written; clients that are still there send them again: ${error.message}`);
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

/** A database that is busy, full or locked away may be well again in a moment. */
function mayPass(error: unknown): error is OstinatoError {
  return OstinatoError.is(error) && (error.code === 'store-unavailable' || error.code === 'store-full' || error.code === 'store-read-only');
}
