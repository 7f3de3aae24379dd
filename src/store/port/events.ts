/** Events and logs as they come in from clients, and as subscribers hear of them. */

import type { Event, OutboxEvent } from '../../core/event.ts';
import type { LogRecord } from '../../core/log.ts';
import type { TaskRunReport } from '../../core/task-run-report.ts';
import type { Instant } from '../../core/time.ts';
import type { Stored } from '../port.ts';

/** An event that a client sent, with what it says of a task run that the client moves by itself. */
export interface EventReport {
  readonly event: OutboxEvent;
  readonly taskRun: TaskRunReport | null;
}

export type SequencedEvent = Event & { readonly seq: number };

export interface EventStorage {
  /**
   * One batch: inserts the events whose id is not known yet, and brings the task runs that they speak of up to the newest
   * state; every state is kept. Safe to repeat. Answers for each event whether it was new.
   */
  recordEvents(reports: readonly EventReport[]): Stored<readonly boolean[]>;
  /** The number of the last event that was committed, 0 for none. */
  newestEventSeq(): Stored<number>;
  /** In the order of commits; thin ones are put together from the rows of their runs. */
  readWholeEvents(page: { readonly afterSeq: number; readonly limit: number }): Stored<readonly SequencedEvent[]>;
  /** Removes at most `limit` of the events that occurred before, never the newest one; answers how many. */
  deleteEventsBefore(occurred: Instant, limit: number): Stored<number>;
  /** Records that are there already are left out. */
  writeLogs(logs: readonly LogRecord[]): Stored<void>;
  newestLogSeq(): Stored<number>;
}
