/** Events by filter: pages and counts. */

import { OstinatoError } from '../../../core/errors.ts';
import type { EventFilter } from '../../../core/event-filter.ts';
import type { Instant } from '../../../core/time.ts';
import { chain } from '../../../core/maybe-promise.ts';
import type { Stored } from '../../port.ts';
import type { EventCountKey, EventCountRow, EventQueries, EventQuery } from '../../port/events.ts';
import type { EventRow } from '../../rows/event.ts';
import type { Connection } from './connection.ts';
import { all, eventClauses, FOLD, NAME, readsBodies, RESOURCE, type Clause } from './event-conditions.ts';
import { EVENT_COLUMNS } from './events.ts';
import { foldCase } from './fold-case.ts';
import type { ReaderThread } from './reader-thread.ts';
import { wholeEvent } from './whole-events.ts';

const BODY = 'LEFT JOIN event_body ON event_body.seq = event.seq';
const PAGE_ROWS_MAX = 1000;

/** @param reader `null`: everything is read on this thread, at once */
export function eventQueriesOn(connection: Connection, reader: ReaderThread | null): EventQueries {
  const run = (filter: EventFilter, clause: () => Clause): Stored<readonly unknown[]> => {
    prepare(connection, filter);
    const { sql, values } = clause();
    if (reader !== null && mayTakeLong(filter)) return reader.read(sql, values).then(({ rows }) => rows);
    return connection.read(() => connection.db.prepare(sql).all(...values));
  };
  return {
    findEvents(query) {
      if (query.limit === 0) return [];
      const rows = run(query.filter, () => pageOf(query)) as Stored<readonly EventRow[]>;
      return chain(rows, (found) => connection.read(() => found.map((row) => wholeEvent(connection, row))));
    },
    countEvents(filter) {
      const counted = filter.isDistinct ? `count(DISTINCT ${RESOURCE})` : 'count(*)';
      const rows = run(filter, () => {
        const where = all(eventClauses(filter));
        return { sql: `SELECT ${counted} AS count FROM event ${readsBodies(filter) ? BODY : ''} WHERE ${where.sql}`, values: where.values };
      });
      return chain(rows as Stored<readonly { readonly count: number }[]>, ([row]) => Number(row?.count));
    },
    countEventsBy(filter, key) {
      const rows = run(filter, () => countBy(filter, key)) as Stored<readonly CountRow[]>;
      return chain(rows, (found) => found.map(countRow));
    },
  };
}

/** What no index leads to is asked of each event, some of them with what they carry: beside, so that nobody waits who asks for something else. */
function mayTakeLong({ text, resource, related, anyResource, isDistinct, prefixes, excludedPrefixes }: EventFilter): boolean {
  const parts = [...(resource === null ? [] : [resource]), ...related, ...anyResource];
  return text !== null || isDistinct || prefixes.length + excludedPrefixes.length > 10 || parts.length > 5
    || parts.some(({ idPrefixes, labels }) => idPrefixes.length > 0 || labels.length > 0);
}

/** A long list is one part. More parts take seconds to prepare, and a statement has no room for many more values. */
const PARTS_MAX = 200;

/** @throws `bad-input` when it asks for too much at once */
function prepare(connection: Connection, filter: EventFilter): void {
  const { resource, related, anyResource } = filter;
  const resources = [...(resource === null ? [] : [resource]), ...related, ...anyResource];
  const parts = resources.length + resources.reduce((sum, { labels }) => sum + labels.length, 0);
  if (parts > PARTS_MAX) {
    throw new OstinatoError('bad-input', `The filter of events has ${parts} parts; at most ${PARTS_MAX} can be looked for at once.`, { remedy: 'Ask for a part of them at a time.' });
  }
  if (filter.text !== null) connection.db.function(FOLD, { deterministic: true }, foldCase);
}

function pageOf({ filter, limit, offset = 0, after, seqMax }: EventQuery): Clause {
  const isAscending = filter.order === 'asc';
  const where = all([
    ...eventClauses(filter),
    ...(after === undefined ? [] : [{ sql: `(event.occurred, event.seq) ${isAscending ? '>' : '<'} (?, ?)`, values: [after.occurred, after.seq] }]),
    ...(seqMax === undefined ? [] : [{ sql: 'event.seq <= ?', values: [seqMax] }]),
  ]);
  const direction = isAscending ? 'ASC' : 'DESC';
  const order = `ORDER BY event.occurred ${direction}, event.seq ${direction}`;
  const page = [Math.min(limit, PAGE_ROWS_MAX), offset];
  if (!filter.isDistinct) {
    return { sql: `SELECT ${EVENT_COLUMNS} FROM event ${BODY} WHERE ${where.sql} ${order} LIMIT ? OFFSET ?`, values: [...where.values, ...page] };
  }
  const ranked =
    `SELECT event.seq, row_number() OVER (PARTITION BY ${RESOURCE} ORDER BY event.occurred ${direction}, event.seq ${direction}) AS place ` +
    `FROM event ${BODY} WHERE ${where.sql}`;
  return {
    sql: `SELECT ${EVENT_COLUMNS} FROM event ${BODY} WHERE event.seq IN (SELECT seq FROM (${ranked}) WHERE place = 1) ${order} LIMIT ? OFFSET ?`,
    values: [...where.values, ...page],
  };
}

interface CountRow {
  readonly value: string | number;
  readonly label: string | number;
  readonly count: number;
  readonly oldest: number;
  readonly newest: number;
}

/** The label of a group is that of its newest or its oldest event: SQLite takes bare columns from a row that `min` or `max` has found. */
function countBy(filter: EventFilter, key: EventCountKey): Clause {
  const where = all(eventClauses(filter));
  const label = key.by === 'resource'
    ? `COALESCE(event_body.labels ->> '$."prefect.resource.name"', event_body.labels ->> '$."prefect.name"', ${RESOURCE})`
    : key.by === 'event' ? NAME : "''";
  const value = key.by === 'time' ? 'CAST(floor((event.occurred - ?) / (? * 1.0)) AS INTEGER)' : key.by === 'event' ? NAME : RESOURCE;
  const bucket = key.by === 'time' ? [key.from, key.bucketUs] : [];
  const needsBody = key.by === 'resource' || readsBodies(filter);
  return {
    sql:
      `SELECT ${value} AS value, ${label} AS label, count(*) AS count, min(event.occurred) AS oldest, max(event.occurred) AS newest ` +
      `FROM event ${needsBody ? BODY : ''} WHERE ${where.sql} GROUP BY 1 ORDER BY ${key.by === 'time' ? '1' : 'count DESC, label'}`,
    values: [...bucket, ...where.values],
  };
}

function countRow({ value, label, count, oldest, newest }: CountRow): EventCountRow {
  return { value: `${value}`, label: `${label}`, count, oldest: oldest as Instant, newest: newest as Instant };
}
