/** Events and logs as clients send and hear them, on one connection. */

import type { EventStorage } from '../../port/events.ts';
import type { Connection } from './connection.ts';
import { listScheduledTaskRuns } from './deferred-task-runs.ts';
import { eventQueriesOn } from './event-queries.ts';
import { deleteEventsBefore } from './event-retention.ts';
import { newestEventSeq, newestLogSeq } from './events.ts';
import { writeLogs } from './logs.ts';
import type { ReaderThread } from './reader-thread.ts';
import { eventRecorder } from './recorded-events.ts';
import type { TaskShapes } from './task-shapes.ts';
import { readWholeEvents } from './whole-events.ts';

export function eventStorageOn(connection: Connection, shapes: TaskShapes, reader: ReaderThread | null): EventStorage {
  return {
    recordEvents: eventRecorder(connection, shapes),
    newestEventSeq: () => newestEventSeq(connection),
    readWholeEvents: (page) => readWholeEvents(connection, page),
    deleteEventsBefore: (occurred, limit) => deleteEventsBefore(connection, occurred, limit),
    ...eventQueriesOn(connection, reader),
    listScheduledTaskRuns: (page) => listScheduledTaskRuns(connection, page),
    writeLogs: (logs) => writeLogs(connection, logs),
    newestLogSeq: () => newestLogSeq(connection),
  };
}
