/**
 * Events of all clients, gathered into batches: while one batch is written the next one fills, so that the more comes in,
 * the more events share a transaction, and a single event does not wait.
 */

import { OstinatoError } from '../core/errors.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { EventReport, EventStorage } from '../store/port/events.ts';

/** Longer batches hold the write lock for more than some milliseconds. */
const BATCH_MAX = 256;
/** A database that is busy or full may be well again in a moment. */
const ATTEMPTS_MAX = 5;
const RETRY_MS = 200;

interface Waiting {
  readonly report: EventReport;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class EventBatches {
  readonly #storage: Pick<EventStorage, 'recordEvents'>;
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;

  constructor(storage: Pick<EventStorage, 'recordEvents'>, clock: Pick<Clock, 'now' | 'setTimer'>) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Resolves when the event is on the disk, with the task run that it speaks of. */
  record(report: EventReport): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ report, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** When all that waits is written. */
  async drain(): Promise<void> {
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
      await this.#attempt(batch.map(({ report }) => report));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error);
      // One of them cannot be written: it must not take the others with it.
      for (const one of batch) await this.#writeBatch([one]);
    }
  }

  async #attempt(reports: readonly EventReport[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#storage.recordEvents(reports);
        return;
      } catch (error) {
        if (!(OstinatoError.is(error) && isPassing(error)) || attempt >= ATTEMPTS_MAX) throw error;
        await sleep(this.#clock as Clock, RETRY_MS * attempt);
      }
    }
  }
}

function isPassing({ code }: OstinatoError): boolean {
  return code === 'store-unavailable' || code === 'store-full';
}
