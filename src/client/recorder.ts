/**
 * Records what the engine does, in batches, without making the engine wait.
 *
 * 1. When `settle` lets its caller go on, the finished step is as safe as its durability says: in the journal
 *    (`process`), flushed (`sync`), or only queued (`none`). Without a working journal the store itself has to take it.
 * 2. Everything queued reaches the client within `FLUSH_MS`, or sooner when a batch is full. A synchronous client costs
 *    no turn of the event loop; with an asynchronous one callers wait when too many batches are on their way.
 * 3. A store that fails does not fail the run. The trouble is told once; records wait in memory and in the journal.
 * 4. A journal file is removed only when the store has committed and flushed all that was written to it.
 */

import type { Durability } from '../core/durability.ts';
import { type ErrorCode, OstinatoError } from '../core/errors.ts';
import type { IdSource, TaskRunId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import { isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import type { State } from '../core/state.ts';
import type { TaskRun, TaskRunRecord } from '../core/task-run.ts';
import type { Clock, Timer } from '../core/time.ts';
import { deliver, type RecordSink } from './delivery.ts';
import type { Journal } from './journal.ts';
import type { JournalBatch } from './journal-reader.ts';
import { LogBuffer } from './log-buffer.ts';
import type { RunClient } from './port.ts';
import { Shipping } from './shipping.ts';

/** Measured on SQLite: larger transactions gain little, smaller ones cost more a record (HOUSE decision 5). */
const BATCH_RECORDS = 128;
const BATCH_RECORDS_MAX = 512;
const BATCH_LOGS_MAX = 1_000;
/** Milliseconds after which people and other processes see a change, at most. */
const FLUSH_MS = 20;
/** Bytes; keeps what a recovery reads small. */
const JOURNAL_BYTES_MAX = 4 * 1024 * 1024;
/** With more records that the store refuses, the journal files are kept instead. */
const REFUSED_MAX = 100;

/** One task run while the engine moves it: `run` is replaced with every change, `states` grows until they are taken. */
export interface LiveRecord {
  run: TaskRun;
  states: State[];
  /** Whether it is in the queue for the next batch; set by the recorder only. */
  queued: boolean;
}

export interface RecorderParts {
  readonly client: Pick<RunClient, 'recordTaskRuns'>;
  /**
   * `null` or absent (stores in memory): only `sync` waits for the store; `process` promises no more than the store
   * does.
   */
  readonly journal?: Journal | null;
  /** Makes what the client recorded survive a power loss. */
  readonly flushStore?: () => MaybePromise<void>;
  /** Absent: nothing is written before a batch is full or `flush` is called. */
  readonly clock?: Clock;
  /** A journal file is finished and replaced at this size; 4 MiB when absent. */
  readonly journalBytesMax?: number;
  /**
   * For a store that may be replaced by one that knows less (a server's): keeps the newest finished file until the next
   * one is finished.
   */
  readonly keepsFinished?: boolean;
  readonly ids?: IdSource;
  /**
   * Called when an outage begins, for records that were refused, and at the end for records that are not in the store.
   */
  readonly onProblem?: (error: OstinatoError) => void;
  readonly onRecovered?: () => void;
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #journal: Journal | null;
  readonly #shipping: Shipping;
  readonly #logs = new LogBuffer();
  #queue: LiveRecord[] = [];
  #queuedSince = 0;
  #timer: Timer | null = null;
  #journalFails = false;
  /** The store's error when it stopped taking records; `null` when it works. */
  #outage: unknown = null;
  /** Records that the store will never take: copied from journal to journal, for people to look at. */
  #refused: JournalBatch[] = [];
  /** Number of the last batch with records of finished journal files; 0 when there are none. */
  #finishedUpTo = 0;
  #flushingStore = false;
  #closing: Promise<void> | null = null;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    const journal = (this.#journal = parts.journal ?? null);
    this.#shipping = new Shipping({
      sink: (records, logs) => parts.client.recordTaskRuns(records, logs),
      overflow:
        journal === null
          ? null
          : { keep: (batch) => this.#keepBatch(journal, batch), read: () => journal.read(BATCH_RECORDS_MAX) },
      clock: parts.clock,
      onCommitted: () => this.#tendJournal(),
      onRefused: (error, refused) => {
        this.#refused.push(refused);
        this.#tell(error, 'The store refused a record');
      },
      onOutage: (error) => {
        this.#outage = error;
        this.#tell(error, 'Recording is interrupted, the runs go on');
      },
      onRecovered: () => {
        undisturbed(() => parts.onRecovered?.());
        // Logs have waited in the buffer.
        void this.#ship();
      },
    });
  }

  /** The run has changed: it goes into the next batch. */
  touch(record: LiveRecord): void {
    // Ships before the new record is queued: a record that has only begun would be written again when it ends.
    if (this.#queue.length >= BATCH_RECORDS && !record.queued && !this.#shipping.isBusy) void this.#ship();
    this.#enqueue(record);
  }

  /**
   * The run has ended. Returns a promise only when its `durability` needs waiting. Never rejects: when neither journal
   * nor store take the record, it waits in memory, and `sync` waits with it.
   */
  settle(record: LiveRecord, durability: Durability): MaybePromise<void> {
    const { clock } = this.#parts;
    const now = clock === undefined ? 0 : clock.now();
    const journaled = durability !== 'none' && this.#journal !== null && this.#keep(this.#journal, record, now);
    this.#enqueue(record, now);
    const mustShip = this.#journal !== null && durability !== 'none' && !journaled;
    const isDue = this.#queue.length >= BATCH_RECORDS || now - this.#queuedSince >= FLUSH_MS * 1000;
    const shipped = mustShip || (isDue && !this.#shipping.isBusy) ? this.#ship() : undefined;
    if (durability === 'sync') return this.#flushed(journaled);
    if (mustShip && isPromise(shipped)) return shipped;
    return this.#shipping.isBusy ? this.#shipping.room() : undefined;
  }

  /** Never throws, never waits; when far too many come, the oldest are dropped, and a notice says how many. */
  log(record: LogRecord): void {
    this.#logs.push(record);
    if (this.#logs.length >= BATCH_LOGS_MAX && this.#shipping.healthy && !this.#shipping.isBusy) void this.#ship();
    else this.#arm();
  }

  /** The newest record of the run, when the store does not have it yet. */
  recordOf(id: TaskRunId): TaskRun | undefined {
    return this.#queue.find(({ run }) => run.id === id)?.run;
  }

  /**
   * The error for which records would be lost if the process ended now: neither store nor journal takes them. `null`
   * when none would be lost.
   */
  get trouble(): unknown {
    return !this.#shipping.healthy && (this.#journal === null || this.#journalFails) ? this.#outage : null;
  }

  /** Resolves when everything is in the store, or the problem was reported; never rejects. */
  flush(): MaybePromise<void> {
    const shipped = this.#ship();
    return isPromise(shipped) || !this.#shipping.healthy || !this.#shipping.hasCommitted(this.#shipping.sent)
      ? this.#shipping.settle()
      : undefined;
  }

  /** Sends everything that the journal still holds to another store, which may lack it. Repeating is harmless. */
  async retell(sink: RecordSink): Promise<void> {
    for (const { records, logs } of this.#journal?.read(BATCH_RECORDS) ?? [])
      await deliver(sink, records, logs, () => undefined);
  }

  /**
   * Continues in a new journal file. Also called after the process was silent for long: others may have taken it for
   * dead and claimed its file.
   */
  renewJournal(): void {
    if (this.#journal === null || this.#journal.size === 0) return;
    this.#journal.rotate();
    // Records that are journaled but still queued go with the next batches.
    this.#finishedUpTo = this.#shipping.sent + Math.ceil(this.#queue.length / BATCH_RECORDS);
  }

  /** Records what is queued and ends the journal: removes it, or says what is left in it. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  #enqueue(record: LiveRecord, now?: number): void {
    if (record.queued) return;
    record.queued = true;
    if (this.#queue.length === 0) this.#queuedSince = now ?? this.#parts.clock?.now() ?? 0;
    this.#queue.push(record);
    if (this.#timer === null) this.#arm();
  }

  #arm(): void {
    if (this.#closing !== null) return;
    this.#timer ??=
      this.#parts.clock?.setTimer(FLUSH_MS, () => {
        this.#timer = null;
        void this.#ship();
      }) ?? null;
  }

  /** Sends all queued records. With an asynchronous client the returned promise is that of the last batch. */
  #ship(): MaybePromise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    let shipped: MaybePromise<void> = undefined;
    while (this.#queue.length > 0 || (this.#logs.length > 0 && this.#shipping.healthy)) {
      const queue = this.#queue.length <= BATCH_RECORDS_MAX ? this.#queue : this.#queue.slice(0, BATCH_RECORDS_MAX);
      this.#queue = queue === this.#queue ? [] : this.#queue.slice(BATCH_RECORDS_MAX);
      // In an outage logs stay in their bounded buffer.
      const logs = this.#shipping.healthy ? this.#logs.take(BATCH_LOGS_MAX, this.#parts.ids) : [];
      shipped = this.#shipping.send(queue.map(takeRecord), logs);
    }
    return shipped;
  }

  #keep(journal: Journal, record: LiveRecord, now: number): boolean {
    try {
      journal.append(record, this.#logs.length === 0 ? undefined : this.#logs.unjournaled(), now);
      this.#logs.markJournaled();
      this.#journalFails = false;
      return true;
    } catch (error) {
      if (!this.#journalFails)
        this.#tell(error, 'The journal takes no more steps: each is written to the store at once');
      this.#journalFails = true;
      return false;
    }
  }

  #keepBatch(journal: Journal, { records, logs }: JournalBatch): void {
    if (logs.length > 0) journal.appendLogs(logs);
    for (const record of records) journal.append(record);
  }

  async #flushed(journaled: boolean): Promise<void> {
    if (journaled && this.#journal !== null) {
      try {
        return await this.#journal.flush();
      } catch (error) {
        this.#tell(error, 'The journal cannot be flushed: the store is');
      }
    }
    void this.#ship();
    await this.#shipping.committed(this.#shipping.sent);
    await this.#parts.flushStore?.();
  }

  /**
   * After a commit: finishes the journal file when it is long, and removes finished files when all their records are
   * stored.
   */
  #tendJournal(): void {
    const journal = this.#journal;
    if (journal === null || !this.#shipping.healthy || this.#refused.length > REFUSED_MAX) return;
    if (this.#finishedUpTo === 0 && journal.size >= (this.#parts.journalBytesMax ?? JOURNAL_BYTES_MAX)) {
      journal.rotate();
      // Records that are journaled but still queued go with the next batches.
      this.#finishedUpTo = this.#shipping.sent + Math.ceil(this.#queue.length / BATCH_RECORDS_MAX);
    }
    if (
      this.#finishedUpTo === 0 ||
      this.#flushingStore ||
      this.#shipping.sent < this.#finishedUpTo ||
      !this.#shipping.hasCommitted(this.#finishedUpTo)
    )
      return;
    this.#flushingStore = true;
    void this.#dropFinished(journal);
  }

  async #dropFinished(journal: Journal): Promise<void> {
    try {
      await this.#parts.flushStore?.();
      if (this.#closing === null) {
        this.#dropJournal(journal, this.#parts.keepsFinished === true ? 1 : 0);
        this.#finishedUpTo = 0;
      }
    } catch (error) {
      this.#tell(error, 'The journal cannot be shortened');
    } finally {
      this.#flushingStore = false;
    }
  }

  /** Removes the finished files; refused records are copied into the current one. */
  #dropJournal(journal: Journal, kept = 0): void {
    for (const batch of this.#refused) this.#keepBatch(journal, batch);
    journal.dropFinished(kept);
  }

  async #close(): Promise<void> {
    void this.#ship();
    await this.#shipping.settle();
    this.#shipping.close();
    this.#timer?.cancel();
    const journal = this.#journal;
    if (!this.#shipping.healthy) await this.#leaveBehind();
    else if (journal !== null && this.#refused.length <= REFUSED_MAX) {
      try {
        await this.#parts.flushStore?.();
        journal.rotate();
        this.#dropJournal(journal);
      } catch (error) {
        this.#tell(error, 'The journal stays until the next start');
      }
    }
    journal?.close();
  }

  /** The store takes nothing: records that are only in memory go to the journal, and its path is reported. */
  async #leaveBehind(): Promise<void> {
    const parked = this.#shipping.parked.flatMap(({ records }) => records);
    const kept = parked.length + this.#shipping.overflowedRecords;
    const lost = this.#journal === null ? parked.length : this.#saveMissing(this.#journal, parked);
    await this.#journal?.flush().catch(() => undefined);
    if (kept === 0) return;
    const message = [
      kept > lost
        ? `${kept - lost} task runs are kept in ${this.#journal?.description ?? 'the journal'}; they are recorded at the next start.`
        : '',
      lost > 0 ? `${lost} task runs could not be recorded anywhere.` : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' ');
    this.#report(
      new OstinatoError('store-unavailable', message, {
        remedy: `Repair the store (see the message before); ${lost > 0 ? 'then run the flow again.' : 'the next command records them.'}`,
      }),
    );
  }

  /** Returns how many could not be journaled. Most are there already: steps are journaled when they finish. */
  #saveMissing(journal: Journal, parked: readonly TaskRunRecord[]): number {
    const saved = new Set<string>();
    let lost = 0;
    try {
      for (const { records } of journal.read(BATCH_RECORDS_MAX)) for (const { run } of records) saved.add(run.state.id);
    } catch {
      /* A journal that cannot be read counts as no journal. */
    }
    for (const record of parked) {
      if (saved.has(record.run.state.id)) continue;
      try {
        journal.append(record);
      } catch {
        lost += 1;
      }
    }
    try {
      const logs = [...this.#shipping.parked.flatMap((batch) => batch.logs), ...this.#logs.unjournaled()];
      if (logs.length > 0) journal.appendLogs(logs);
    } catch {
      /* The same error as for the steps, which is reported. */
    }
    return lost;
  }

  #tell(error: unknown, what: string): void {
    const known = OstinatoError.is(error) ? error : null;
    const code: ErrorCode = known?.code ?? 'store-unavailable';
    const why = error instanceof Error ? error.message : String(error);
    this.#report(new OstinatoError(code, `${what}: ${why}`, { cause: error, remedy: known?.remedy ?? '' }));
  }

  #report(error: OstinatoError): void {
    undisturbed(() => this.#parts.onProblem?.(error));
  }
}

/** A listener that throws must not break the recorder. */
function undisturbed(tell: () => void): void {
  try {
    tell();
  } catch {
    /* The listener's own fault; ignored. */
  }
}

/** Takes the states out of the record: later ones belong to the next batch. */
function takeRecord(record: LiveRecord): TaskRunRecord {
  const { run, states } = record;
  record.states = [];
  record.queued = false;
  return { run, states };
}
