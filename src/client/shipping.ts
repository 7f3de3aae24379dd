/**
 * Sends batches to the store, through outages.
 *
 * 1. A batch is uncommitted from `send` until the sink has answered for it, through any number of failures.
 * 2. In an outage batches are parked in memory, and tried again with growing pauses. What does not fit into memory goes
 *    to the overflow (the journal), and is read back from there when the store answers again.
 * 3. Nothing here rejects: an outage is told once, by `onOutage`, and its end by `onRecovered`.
 */

import { isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import type { Clock, Timer } from '../core/time.ts';
import { deliver, type OnRefused, type RecordSink } from './delivery.ts';
import type { JournalBatch } from './journal-reader.ts';

/** With an asynchronous sink: more concurrent round trips are no faster, but hold more in memory. */
const IN_FLIGHT_MAX = 4;
/** Parked records, at about 2 KB each: some 40 MB. */
const PARKED_RECORDS_MAX = 20_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

export interface Batch extends JournalBatch {
  readonly number: number;
}

/** Where parked batches go when memory is full. */
export interface Overflow {
  /** Throws when it cannot take them. */
  keep(batch: JournalBatch): void;
  read(): Iterable<JournalBatch>;
}

export interface ShippingParts {
  readonly sink: RecordSink;
  readonly overflow: Overflow | null;
  /** Absent: only `retry` tries again. */
  readonly clock: Clock | undefined;
  readonly onCommitted: () => void;
  readonly onRefused: OnRefused;
  readonly onOutage: (error: unknown) => void;
  readonly onRecovered: () => void;
}

interface Waiter {
  readonly until: () => boolean;
  readonly resolve: () => void;
}

export class Shipping {
  readonly #parts: ShippingParts;
  #sent = 0;
  readonly #inFlight = new Map<Batch, Promise<void>>();
  #parked: Batch[] = [];
  #parkedRecords = 0;
  /** Number of the last batch that was moved to the overflow and is not in the store yet; 0 when there is none. */
  #overflowed = 0;
  #overflowedRecords = 0;
  #overflowRefuses = false;
  #outage = false;
  #retryMs = RETRY_MS_MIN;
  #timer: Timer | null = null;
  #retrying: Promise<void> | null = null;
  #waiters: Waiter[] = [];
  #closed = false;

  constructor(parts: ShippingParts) {
    this.#parts = parts;
  }

  get healthy(): boolean {
    return !this.#outage;
  }

  /** The number of the newest batch. */
  get sent(): number {
    return this.#sent;
  }

  /** Batches that are in no store and only in memory, oldest first. */
  get parked(): readonly JournalBatch[] {
    return this.#parked;
  }

  /** Number of records that are only in the overflow. */
  get overflowedRecords(): number {
    return this.#overflowedRecords;
  }

  /** The sink is busy, or memory is full: a caller that can wait should (`room`). */
  get isBusy(): boolean {
    return this.#inFlight.size >= IN_FLIGHT_MAX || this.#isFull;
  }

  get #isFull(): boolean {
    return this.#parkedRecords >= PARKED_RECORDS_MAX && (this.#parts.overflow === null || this.#overflowRefuses);
  }

  hasCommitted(number: number): boolean {
    if (this.#overflowed > 0 || this.#parked.some((batch) => batch.number <= number)) return false;
    for (const batch of this.#inFlight.keys()) if (batch.number <= number) return false;
    return true;
  }

  send(records: Batch['records'], logs: Batch['logs']): MaybePromise<void> {
    this.#sent += 1;
    const batch: Batch = { number: this.#sent, records, logs };
    if (this.#outage) return this.#park(batch);
    try {
      const answer = deliver(this.#parts.sink, records, logs, this.#parts.onRefused);
      if (!isPromise(answer)) return this.#committed();
      const done = answer.then(
        () => this.#landed(batch),
        (error: unknown) => this.#landed(batch, error),
      );
      this.#inFlight.set(batch, done);
      return done;
    } catch (error) {
      return this.#interrupted(batch, error);
    }
  }

  room(): Promise<void> {
    return this.#when(() => !this.isBusy);
  }

  /** Resolves when every batch up to this number is in the store, however long that takes. */
  committed(number: number): Promise<void> {
    return this.#when(() => this.hasCommitted(number));
  }

  /** Waits for batches in flight, and tries once to end an outage. */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight.values());
    if (this.#outage) await this.retry();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Tries to end the outage now; concurrent calls share one attempt. */
  retry(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    this.#retrying ??= this.#tryAgain()
      .catch(() => {
        this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
        if (this.#overflowRefuses) this.#spill();
        this.#wake();
        this.#armRetry();
      })
      .finally(() => {
        this.#retrying = null;
      });
    return this.#retrying;
  }

  async #tryAgain(): Promise<void> {
    while (this.#overflowed > 0 || this.#parked.length > 0) {
      if (this.#overflowed > 0) await this.#readBack();
      else await this.#unpark(this.#parked[0] as Batch);
    }
    // No `await` before this line: the next batch may be the first of a new outage.
    this.#outage = false;
    this.#retryMs = RETRY_MS_MIN;
    this.#parts.onRecovered();
    this.#committed();
  }

  async #unpark(batch: Batch): Promise<void> {
    await this.#deliver(batch);
    const place = this.#parked.indexOf(batch);
    // It may have been moved to the overflow while the sink was working on it.
    if (place === -1) return;
    this.#parked.splice(place, 1);
    this.#parkedRecords -= batch.records.length;
  }

  async #readBack(): Promise<void> {
    const upTo = this.#overflowed;
    for (const batch of this.#parts.overflow?.read() ?? []) {
      await this.#deliver(batch);
      await this.#parts.clock?.yieldToEventLoop();
    }
    if (this.#overflowed !== upTo) return;
    this.#overflowed = 0;
    this.#overflowedRecords = 0;
  }

  #deliver({ records, logs }: JournalBatch): MaybePromise<void> {
    return deliver(this.#parts.sink, records, logs, this.#parts.onRefused);
  }

  #landed(batch: Batch, error?: unknown): void {
    this.#inFlight.delete(batch);
    if (error === undefined) this.#committed();
    else this.#interrupted(batch, error);
    this.#wake();
  }

  #committed(): void {
    this.#parts.onCommitted();
    if (this.#waiters.length > 0) this.#wake();
  }

  #interrupted(batch: Batch, error: unknown): void {
    const isNew = !this.#outage;
    this.#outage = true;
    this.#park(batch);
    if (!isNew) return;
    this.#parts.onOutage(error);
    this.#armRetry();
  }

  /** Keeps the order in which batches were sent: one in flight may fail after those that came later. */
  #park(batch: Batch): void {
    const place = this.#parked.findLastIndex((parked) => parked.number < batch.number) + 1;
    this.#parked.splice(place, 0, batch);
    this.#parkedRecords += batch.records.length;
    if (this.#parkedRecords >= PARKED_RECORDS_MAX) this.#spill();
  }

  #spill(): void {
    const { overflow } = this.#parts;
    if (overflow === null) return;
    try {
      for (let batch = this.#parked[0]; batch !== undefined; batch = this.#parked[0]) {
        overflow.keep(batch);
        this.#parked.shift();
        this.#parkedRecords -= batch.records.length;
        this.#overflowedRecords += batch.records.length;
        this.#overflowed = batch.number;
      }
      this.#overflowRefuses = false;
    } catch {
      this.#overflowRefuses = true;
    }
  }

  /** The timer does not keep the process alive unless somebody waits; `close` reports what cannot be recorded. */
  #armRetry(): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer =
      this.#parts.clock?.setTimer(
        this.#retryMs,
        () => {
          this.#timer = null;
          void this.retry();
        },
        { unref: this.#waiters.length === 0 },
      ) ?? null;
  }

  #when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ until, resolve });
      if (this.#outage && this.#retrying === null) this.#armRetry();
    });
  }

  #wake(): void {
    const waiting = this.#waiters;
    this.#waiters = waiting.filter(({ until }) => !until());
    for (const waiter of waiting) if (!this.#waiters.includes(waiter)) waiter.resolve();
  }
}
