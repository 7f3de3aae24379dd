/** Events by filter: pages and counts. */

import { OstinatoError } from '../../core/errors.ts';
import type { EventFilter } from '../../core/event-filter.ts';
import type { Instant } from '../../core/time.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Database } from '../driver.ts';
import { EVENT_COLUMNS } from '../logic/events.ts';
import { fullEvents } from '../logic/full-events.ts';
import type { EventCountKey, EventCountRow, EventQueries, EventQuery } from '../port/events.ts';
import type { EventRow } from '../rows/event.ts';
import { all, type Clause } from './clause.ts';
import { EventConditions, NAME, readsBodies } from './event-conditions.ts';
import type { EventDialect } from './event-dialect.ts';

const BODY = 'LEFT JOIN event_body ON event_body.seq = event.seq';
const PAGE_ROWS_MAX = 1000;

/** Runs one query. @param mayTakeLong no index fits: every event is read */
export type RunEventQuery = (question: Clause, mayTakeLong: boolean) => MaybePromise<readonly unknown[]>;

export function eventQueriesOn(database: Database, dialect: EventDialect, ask: RunEventQuery): EventQueries {
  const questions = new EventQuestions(dialect);
  const run = (filter: EventFilter, question: () => Clause): MaybePromise<readonly unknown[]> => {
    checkParts(filter);
    return ask(question(), mayTakeLong(filter));
  };
  return {
    findEvents(query) {
      if (query.limit === 0) return [];
      const rows = run(query.filter, () => questions.page(query)) as MaybePromise<readonly EventRow[]>;
      return chain(rows, (found) => database.read((db) => fullEvents(db, found)));
    },
    countEvents(filter) {
      const rows = run(filter, () => questions.count(filter)) as MaybePromise<readonly { readonly count: number }[]>;
      return chain(rows, ([row]) => Number(row?.count));
    },
    countEventsBy(filter, key) {
      const rows = run(filter, () => questions.countBy(filter, key)) as MaybePromise<readonly CountRow[]>;
      return chain(rows, (found) => found.map(countRow));
    },
  };
}

/** Queries that no index fits read every event, some of them with its content: they run on the other thread. */
function mayTakeLong({
  text,
  resource,
  related,
  anyResource,
  isDistinct,
  prefixes,
  excludedPrefixes,
}: EventFilter): boolean {
  const parts = [...(resource === null ? [] : [resource]), ...related, ...anyResource];
  return (
    text !== null ||
    isDistinct ||
    prefixes.length + excludedPrefixes.length > 10 ||
    parts.length > 5 ||
    parts.some(({ idPrefixes, labels }) => idPrefixes.length > 0 || labels.length > 0)
  );
}

/** A long list is one part. More parts take seconds to prepare, and a statement has no room for many more values. */
const PARTS_MAX = 200;

/** @throws `bad-input` when the filter has too many parts */
function checkParts({ resource, related, anyResource }: EventFilter): void {
  const resources = [...(resource === null ? [] : [resource]), ...related, ...anyResource];
  const parts = resources.length + resources.reduce((sum, { labels }) => sum + labels.length, 0);
  if (parts <= PARTS_MAX) return;
  throw new OstinatoError(
    'bad-input',
    `The filter of events has ${parts} parts; at most ${PARTS_MAX} can be looked for at once.`,
    { remedy: 'Ask for a part of them at a time.' },
  );
}

class EventQuestions {
  readonly #dialect: EventDialect;
  readonly #conditions: EventConditions;

  constructor(dialect: EventDialect) {
    this.#dialect = dialect;
    this.#conditions = new EventConditions(dialect);
  }

  page({ filter, limit, offset = 0, after, seqMax }: EventQuery): Clause {
    const isAscending = filter.order === 'asc';
    const where = all([
      ...this.#conditions.of(filter),
      ...(after === undefined
        ? []
        : [
            {
              sql: `(event.occurred, event.seq) ${isAscending ? '>' : '<'} (?, ?)`,
              values: [after.occurred, after.seq],
            },
          ]),
      ...(seqMax === undefined ? [] : [{ sql: 'event.seq <= ?', values: [seqMax] }]),
    ]);
    const direction = isAscending ? 'ASC' : 'DESC';
    const order = `ORDER BY event.occurred ${direction}, event.seq ${direction}`;
    const page = [Math.min(limit, PAGE_ROWS_MAX), offset];
    if (!filter.isDistinct) {
      return {
        sql: `SELECT ${EVENT_COLUMNS} FROM event ${BODY} WHERE ${where.sql} ${order} LIMIT ? OFFSET ?`,
        values: [...where.values, ...page],
      };
    }
    const ranked =
      `SELECT event.seq, row_number() OVER (PARTITION BY ${this.#conditions.resource} ORDER BY event.occurred ${direction}, event.seq ${direction}) AS place ` +
      `FROM event ${BODY} WHERE ${where.sql}`;
    return {
      sql: `SELECT ${EVENT_COLUMNS} FROM event ${BODY} WHERE event.seq IN (SELECT seq FROM (${ranked}) AS ranked WHERE place = 1) ${order} LIMIT ? OFFSET ?`,
      values: [...where.values, ...page],
    };
  }

  count(filter: EventFilter): Clause {
    const where = all(this.#conditions.of(filter));
    const counted = filter.isDistinct ? `count(DISTINCT ${this.#conditions.resource})` : 'count(*)';
    return {
      sql: `SELECT ${counted} AS count FROM event ${readsBodies(filter) ? BODY : ''} WHERE ${where.sql}`,
      values: where.values,
    };
  }

  countBy(filter: EventFilter, key: EventCountKey): Clause {
    const where = all(this.#conditions.of(filter));
    const { resource } = this.#conditions;
    const named = (name: string): string => this.#dialect.jsonText('event_body.labels', [name]);
    const label =
      key.by === 'resource'
        ? `COALESCE(${named('prefect.resource.name')}, ${named('prefect.name')}, ${resource})`
        : key.by === 'event'
          ? NAME
          : "''";
    const value =
      key.by === 'time'
        ? 'CAST(floor((event.occurred - ?) / (? * 1.0)) AS BIGINT)'
        : key.by === 'event'
          ? NAME
          : resource;
    const bucket = key.by === 'time' ? [key.from, key.bucketUs] : [];
    const needsBody = key.by === 'resource' || readsBodies(filter);
    return {
      sql:
        `SELECT ${value} AS value, ${this.#dialect.ofOne(label)} AS label, count(*) AS count, min(event.occurred) AS oldest, max(event.occurred) AS newest ` +
        `FROM event ${needsBody ? BODY : ''} WHERE ${where.sql} GROUP BY 1 ORDER BY ${key.by === 'time' ? '1' : 'count DESC, label'}`,
      values: [...bucket, ...where.values],
    };
  }
}

interface CountRow {
  readonly value: string | number;
  readonly label: string | number;
  readonly count: number;
  readonly oldest: number;
  readonly newest: number;
}

function countRow({ value, label, count, oldest, newest }: CountRow): EventCountRow {
  return { value: `${value}`, label: `${label}`, count, oldest: oldest as Instant, newest: newest as Instant };
}
