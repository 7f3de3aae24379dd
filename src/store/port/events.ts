/** Events and logs as clients send them, and as subscribers receive them. */

import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Event, OutboxEvent } from '../../core/event.ts';
import type { FeedPosition } from '../../core/feed-position.ts';
import type { EventFilter } from '../../core/event-filter.ts';
import type { TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { TaskRunReport } from '../../core/task-run-report.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';

/** An event that a client sent, with its report on a task run that the client moves by itself. */
export interface EventReport {
  readonly event: OutboxEvent;
  readonly taskRun: TaskRunReport | null;
}

export type SequencedEvent = Event & { readonly seq: number };

export interface EventStorage extends EventQueries {
  /**
   * One batch: inserts the events whose id is not known yet, and brings the task runs that they speak of up to the
   * newest state; every state is kept. Safe to repeat. Answers for each event whether it was new.
   */
  recordEvents(reports: readonly EventReport[]): MaybePromise<readonly boolean[]>;
  /** The number of the last committed event; 0: none. */
  newestEventSeq(): MaybePromise<number>;
  /** Whether the event with this number exists and has this id. */
  hasEventAt(position: FeedPosition): MaybePromise<boolean>;
  /** In commit order; compact events are composed from the rows of their runs. */
  readFullEvents(page: { readonly afterSeq: number; readonly limit: number }): MaybePromise<readonly SequencedEvent[]>;
  /**
   * Looks at the `limit` oldest of the events that occurred before, and removes those that every cursor has passed,
   * never the newest one; returns how many.
   * @param cursors `givenUpBefore`: cursors that have held events back since before then hold them no more, and are
   * told what they miss
   */
  deleteEventsBefore(
    occurred: Instant,
    limit: number,
    cursors: { readonly now: Instant; readonly givenUpBefore: Instant },
  ): MaybePromise<number>;
  /** In the order of their ids; 1 to 1,000 a page. */
  listScheduledTaskRuns(page: {
    readonly after?: TaskRunId | undefined;
    readonly limit: number;
  }): MaybePromise<readonly TaskRun[]>;
  /** Records that exist already are skipped. */
  writeLogs(logs: readonly LogRecord[]): MaybePromise<void>;
  /** As `hasEventAt`, for log records. */
  hasLogAt(position: FeedPosition): MaybePromise<boolean>;
  newestLogSeq(): MaybePromise<number>;
}

/** Which events, in which order (`filter.order`, by time of occurrence). */
export interface EventQuery {
  readonly filter: EventFilter;
  readonly limit: number;
  readonly offset?: number;
  /** Only events after this one in that order. */
  readonly after?: Pick<SequencedEvent, 'occurred' | 'seq'> | undefined;
  /** Only events committed up to this number. */
  readonly seqMax?: number | undefined;
}

export type EventCountKey =
  | { readonly by: 'event' | 'resource' }
  | { readonly by: 'time'; readonly from: Instant; readonly bucketUs: number };

export interface EventCountRow {
  /** The event's name, the resource's id, or the number of the bucket. */
  readonly value: string;
  /** The name of a resource, where it has one. */
  readonly label: string;
  readonly count: number;
  readonly oldest: Instant;
  readonly newest: Instant;
}

export interface EventQueries {
  findEvents(query: EventQuery): MaybePromise<readonly SequencedEvent[]>;
  /** With `isDistinct` filters: the number of resources. */
  countEvents(filter: EventFilter): MaybePromise<number>;
  /** Most frequent first; buckets of time in their order. */
  countEventsBy(filter: EventFilter, key: EventCountKey): MaybePromise<readonly EventCountRow[]>;
}
