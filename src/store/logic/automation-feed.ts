/** Events as automations look at them: in their order, those composed that a trigger looks at by its name. */

import type { EventId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Work } from '../driver.ts';
import { readId, type IdValue } from '../id-value.ts';
import type { FeedPage, NamedEntry } from '../port/automation-steps.ts';
import type { EventRow } from '../rows/event.ts';
import { eventRowsAfter } from './events.ts';
import { fullEvents } from './full-events.ts';

/** At most `limit` events, and at most so many that are composed. */
const COMPOSED_MAX = 500;

export function* readFeed(
  db: Statements,
  page: { readonly afterSeq: number; readonly limit: number },
  looksAtName: (name: string) => boolean,
): Work<FeedPage> {
  const read = yield* eventRowsAfter(db, page);
  let composed = 0;
  const end = read.findIndex((row) => looksAtName(nameOf(row)) && (composed += 1) > COMPOSED_MAX);
  const rows = end < 0 ? read : read.slice(0, end);
  return { entries: yield* feedEntries(db, rows, looksAtName), lastSeq: rows.at(-1)?.seq ?? null };
}

/** By the index on their times, which has nothing of the events themselves. */
export function* feedStart(db: Statements, since: Instant): Work<number | null> {
  const first = yield* db.one(
    'SELECT MIN(seq) AS seq FROM event WHERE occurred >= ?',
    ({ seq }: { readonly seq: number | null }) => (seq === null ? null : Number(seq)),
    since,
  );
  return first;
}

export function* feedEntries(
  db: Statements,
  rows: readonly EventRow[],
  looksAtName: (name: string) => boolean,
): Work<readonly NamedEntry[]> {
  const wanted = rows.filter((row) => looksAtName(nameOf(row)));
  const events = new Map((yield* fullEvents(db, wanted)).map((event) => [event.seq, event]));
  const leaders = yield* numbersOf(db, wanted);
  return rows.map((row) => {
    const leader = row.follows === null ? undefined : leaders.get(readId(row.follows));
    return {
      id: readId<EventId>(row.id),
      name: nameOf(row),
      received: (row.received ?? row.occurred) as Instant,
      event: events.get(row.seq) ?? null,
      // What is composed from states is written in their order.
      isInOrder: row.follows === null || (leader !== undefined && leader < row.seq),
    };
  });
}

function nameOf({ task_run_id: taskRunId, name }: EventRow): string {
  return taskRunId === null ? name : `prefect.task-run.${name}`;
}

/** Of the events that these follow. */
function* numbersOf(db: Statements, rows: readonly EventRow[]): Work<ReadonlyMap<string, number>> {
  const ids = rows.flatMap(({ follows }) => (follows === null ? [] : [readId<string>(follows)]));
  if (ids.length === 0) return new Map();
  const found = yield* db.all<{ readonly id: IdValue; readonly seq: number }>(
    `SELECT id, seq FROM event WHERE task_run_id IS NULL AND ${db.dialect.isOneOf('id', 'id')}`,
    db.dialect.list('id', ids),
  );
  return new Map(found.map(({ id, seq }) => [readId<string>(id), Number(seq)]));
}
