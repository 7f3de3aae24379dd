/** Pages and figures of events, by the conditions of lists. */

import { OstinatoError } from '../../core/errors.ts';
import type { EventFilter } from '../../core/event-filter.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { allOf, piecesOf, type Condition } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import { EVENT_COLUMNS } from '../logic/events.ts';
import type { EventCountKey, EventCountRow, EventQuery } from '../port/events.ts';
import type { EventRow } from '../rows/event.ts';
import { columnOf, Slots } from './condition.ts';
import type { TableName } from './fields.ts';
import { countPlan, findPlan, orderOf, planOf, whereOf, type Plan } from './find.ts';
import type { PlanRunner } from './lists-by-condition.ts';
import { addCondition, fieldOf, shapeOfCount, shapeOfQuery, type Shape } from './shape.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { sql, type Sql } from './sql.ts';
import { storedEvents } from './stored-events.ts';

type Stored = Condition<TableName>;

const PAGE_ROWS_MAX = 1000;
const BODY = 'left join event_body on event_body.seq = event.seq';

export class EventLists {
  readonly #runner: PlanRunner;
  readonly #dialect: SqlDialect;

  constructor(runner: PlanRunner) {
    this.#runner = runner;
    this.#dialect = runner.dialect;
  }

  find(query: EventQuery): MaybePromise<readonly EventRow[]> {
    const { filter, limit, offset = 0, after, seqMax } = query;
    const { order: direction } = filter;
    const where = whereOfEvents(after === undefined ? filter : upTo(filter, after), [
      ...(after === undefined ? [] : [isPast(after, direction)]),
      ...(seqMax === undefined ? [] : [{ op: 'le', field: 'seq', value: seqMax } as const]),
    ]);
    const page = {
      where,
      sort: [{ field: 'occurred', direction }] as const,
      limit: Math.min(limit, PAGE_ROWS_MAX),
      offset,
    };
    const shape = shapeOfQuery(this.#dialect, 'event', page, filter.isDistinct ? 'newest' : 'condition');
    const plan = (): Plan =>
      filter.isDistinct
        ? newestPlan(this.#dialect, where, direction)
        : findPlan({ dialect: this.#dialect }, 'event', page, 'condition');
    return this.#run<EventRow>(filter, shape, plan);
  }

  count(filter: EventFilter): MaybePromise<number> {
    const where = whereOfEvents(filter);
    const shape = shapeOfCount(this.#dialect, 'event', where);
    if (filter.isDistinct) shape.key += 'resources';
    const plan = (): Plan =>
      filter.isDistinct
        ? planOf(
            sql`select count(distinct ${resourceId(this.#dialect)}) as count from event where ${whereOf(this.#dialect, new Slots(), 'event', where)}`,
          )
        : countPlan({ dialect: this.#dialect }, 'event', where);
    return chain(this.#run<{ readonly count: number }>(filter, shape, plan), ([row]) => Number(row?.count));
  }

  countBy(filter: EventFilter, key: EventCountKey): MaybePromise<readonly EventCountRow[]> {
    const where = whereOfEvents(filter);
    const shape: Shape = { key: `count event by ${key.by} `, values: [] };
    addCondition(shape, this.#dialect, 'event', where);
    if (key.by === 'time') shape.values.push(BigInt(key.from), BigInt(key.bucketUs));
    return chain(
      this.#run<CountRow>(filter, shape, () => countByPlan(this.#dialect, where, key.by)),
      (rows) => rows.map(readCountRow),
    );
  }

  #run<Row>(filter: EventFilter, shape: Shape, compile: () => Plan): MaybePromise<readonly Row[]> {
    checkParts(filter);
    return this.#runner.run({ ...shape, isSearch: isSearch(filter) }, compile) as MaybePromise<readonly Row[]>;
  }
}

function whereOfEvents({ since, until, where }: EventFilter, more: readonly Condition[] = []): Stored {
  const asked = allOf([
    { op: 'ge', field: 'occurred', value: since },
    { op: 'le', field: 'occurred', value: until },
    ...(where.op === 'and' ? where.of : [where]),
    ...more,
  ]);
  return storedEvents(asked);
}

type After = NonNullable<EventQuery['after']>;

/** The walk begins at the event after which the page comes. */
function upTo(filter: EventFilter, { occurred }: After): EventFilter {
  return filter.order === 'asc'
    ? { ...filter, since: Math.max(filter.since, occurred) as Instant }
    : { ...filter, until: Math.min(filter.until, occurred) as Instant };
}

function isPast({ occurred, seq }: After, direction: EventFilter['order']): Condition {
  const op = direction === 'asc' ? 'gt' : 'lt';
  return {
    op: 'or',
    of: [
      { op, field: 'occurred', value: occurred },
      { op, field: 'seq', value: seq },
    ],
  };
}

/** A long list is one part. More parts take seconds to prepare, and a statement has no room for many more values. */
const PARTS_MAX = 200;

/** @throws `bad-input` when the filter has too many parts */
function checkParts({ where }: EventFilter): void {
  const parts = relationsIn(where).length;
  if (parts <= PARTS_MAX) return;
  throw new OstinatoError(
    'bad-input',
    `The filter of events has ${parts} parts; at most ${PARTS_MAX} can be looked for at once.`,
    { remedy: 'Ask for a part of them at a time.' },
  );
}

function relationsIn(where: Condition): readonly Extract<Condition, { readonly op: 'exists' }>[] {
  return [...piecesOf(where)].filter((piece) => piece.op === 'exists');
}

const PREFIXES_MAX = 10;
const RELATIONS_MAX = 5;

/** Whether no index leads to the events: all of the period are read, some of them with all that they say. */
function isSearch({ where, isDistinct }: EventFilter): boolean {
  const relations = relationsIn(where);
  return (
    isDistinct ||
    relations.length > RELATIONS_MAX ||
    relations.some((relation) => [...piecesOf(relation.where)].some(({ op }) => op === 'hasAnyPrefix')) ||
    [...piecesOf(where)].some(
      (piece) =>
        piece.op === 'contains' ||
        piece.op === 'glob' ||
        (piece.op === 'hasAnyPrefix' && piece.values.length > PREFIXES_MAX),
    )
  );
}

function resourceId(dialect: SqlDialect): Sql {
  return sql.raw(columnOf(dialect, fieldOf('own_resource', 'id')));
}

/** Of each resource the first event in the order. */
function newestPlan(dialect: SqlDialect, where: Stored, direction: EventFilter['order']): Plan {
  const slots = new Slots();
  const order = orderOf(dialect, 'event', [{ field: 'occurred', direction }]);
  const condition = whereOf(dialect, slots, 'event', where);
  const [limit, offset] = slots.take(2);
  return planOf(sql`select ${sql.raw(EVENT_COLUMNS)} from event ${sql.raw(BODY)} where event.seq in (select seq from
    (select event.seq, row_number() over (partition by ${resourceId(dialect)} order by ${order}) as place from event
    where ${condition}) as ranked where place = 1) order by ${order} limit ${limit} offset ${offset}`);
}

/** One row a value: `value`, `label`, `count`, `oldest`, `newest`. */
function countByPlan(dialect: SqlDialect, where: Stored, by: EventCountKey['by']): Plan {
  const slots = new Slots();
  const condition = whereOf(dialect, slots, 'event', where);
  const name = sql.raw(columnOf(dialect, fieldOf('event', 'name')));
  const resource = resourceId(dialect);
  const figures = sql.raw('count(*) as count, min(event.occurred) as oldest, max(event.occurred) as newest');
  const ofNewest = ({ texts }: Sql): Sql => sql.raw(dialect.ofNewestEvent(texts.join('')));
  switch (by) {
    case 'time': {
      const [from, bucket] = slots.take(2);
      return planOf(sql`select cast(floor((event.occurred - ${from}) / (${bucket} * 1.0)) as bigint) as value, '' as label,
        ${figures} from event where ${condition} group by 1 order by 1`);
    }
    case 'event':
      return planOf(sql`select ${name} as value, ${ofNewest(name)} as label, ${figures} from event
        where ${condition} group by 1 order by count desc, label`);
    case 'resource': {
      const named = (label: string): Sql => sql.raw(dialect.jsonText('event_body.labels', [label]));
      const label = sql`coalesce(${named('prefect.resource.name')}, ${named('prefect.name')}, ${resource})`;
      return planOf(sql`select ${resource} as value, ${ofNewest(label)} as label, ${figures} from event ${sql.raw(BODY)}
        where ${condition} group by 1 order by count desc, label`);
    }
  }
}

interface CountRow {
  readonly value: string | number;
  readonly label: string | number;
  readonly count: number;
  readonly oldest: number;
  readonly newest: number;
}

function readCountRow({ value, label, count, oldest, newest }: CountRow): EventCountRow {
  return { value: `${value}`, label: `${label}`, count, oldest: oldest as Instant, newest: newest as Instant };
}
