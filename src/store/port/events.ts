/** Events and logs as they come in from clients, and as subscribers hear of them. */

import type { Event, OutboxEvent } from '../../core/event.ts';
import type { EventFilter } from '../../core/event-filter.ts';
import type { TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { TaskRunReport } from '../../core/task-run-report.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';
import type { Stored } from '../port.ts';

/** An event that a client sent, with what it says of a task run that the client moves by itself. */
export interface EventReport {
  readonly event: OutboxEvent;
  readonly taskRun: TaskRunReport | null;
}

export type SequencedEvent = Event & { readonly seq: number };

export interface EventStorage extends EventQueries {
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
  /** In the order of their ids; 1 to 1,000 a page. */
  listScheduledTaskRuns(page: { readonly after?: TaskRunId | undefined; readonly limit: number }): Stored<readonly TaskRun[]>;
  /** Records that are there already are left out. */
  writeLogs(logs: readonly LogRecord[]): Stored<void>;
  newestLogSeq(): Stored<number>;
}

/** Which events, in which order (`filter.order`, by the time they occurred). */
export interface EventQuery {
  readonly filter: EventFilter;
  readonly limit: number;
  readonly offset?: number;
  /** Only what comes after this event in the order. */
  readonly after?: Pick<SequencedEvent, 'occurred' | 'seq'> | undefined;
  /** Only what was committed up to this number. */
  readonly seqMax?: number | undefined;
}

export type EventCountKey = { readonly by: 'event' | 'resource' } | { readonly by: 'time'; readonly from: Instant; readonly bucketUs: number };

export interface EventCountRow {
  /** The event's name, the resource's id, or the number of the bucket. */
  readonly value: string;
  /** Of a resource: its name where it has one. */
  readonly label: string;
  readonly count: number;
  readonly oldest: Instant;
  readonly newest: Instant;
}

export interface EventQueries {
  findEvents(query: EventQuery): Stored<readonly SequencedEvent[]>;
  /** Of `isDistinct` filters: how many resources. */
  countEvents(filter: EventFilter): Stored<number>;
  /** Most frequent first; buckets of time in their order. */
  countEventsBy(filter: EventFilter, key: EventCountKey): Stored<readonly EventCountRow[]>;
}
