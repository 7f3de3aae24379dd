/**
 * What events are asked by, as they are stored.
 *
 * 1. A row in full has its resources in `event_resource` (`id` and `role`, found by id), and all that it says in
 *    `event_body`, as JSON.
 * 2. A compact row (`core/event.ts`) has neither. That of a task run stands for a state: it is found by the rows of the
 *    run and its states.
 *
 * `queries/stored-events.ts` says a condition on events by these.
 */

import { RESOURCE_ID, RESOURCE_ROLE } from '../../core/event.ts';
import type { AskedNoun, Noun } from '../../core/query.ts';
import { sql } from '../queries/sql.ts';
import { few, id, number, text, type ColumnDialect, type NounTable, type Relation } from './field.ts';

/** The event's name, also for compact rows. */
const NAME = "case when event.task_run_id is null then event.name else 'prefect.task-run.' || event.name end";

/** The id of the event's own resource, also for compact rows. */
const resourceId = ({ idText }: ColumnDialect): string =>
  `coalesce(event.resource_id, 'prefect.task-run.' || ${idText('event.task_run_id')})`;

/** All that the event says. */
const saidBy = (dialect: ColumnDialect): string =>
  `(${NAME} || ' ' || coalesce(` +
  "(select event_body.labels || ' ' || event_body.related || ' ' || event_body.payload from event_body where event_body.seq = event.seq), " +
  `${resourceId(dialect)} || '  ' || coalesce(event.payload, '')))`;

const event: NounTable = {
  table: 'event',
  tieBreak: 'seq',
  fields: {
    seq: number('event.seq'),
    occurred: { ...number('event.occurred'), isNeverNull: true },
    name: text(`(${NAME})`),
    text: text(saidBy),
  },
};

/** An event by its id: looked up first, since all events of the period would be read otherwise. */
const eventById: NounTable = {
  table: 'by_id',
  fields: { id: few(id('by_id.id')), occurred: number('by_id.occurred'), taskRunId: id('by_id.task_run_id') },
};

const indexedResource: NounTable = {
  table: 'event_resource',
  fields: { id: few(text('event_resource.resource_id')), role: text('event_resource.role') },
};

/** The row of the event itself. */
const ownResource: NounTable = { table: 'event', fields: { id: text(resourceId), role: text("''") } };

const member = (name: string): ((dialect: ColumnDialect) => string) => {
  return ({ jsonText }) => jsonText('part.value', [name]);
};
const relatedResource: NounTable = {
  table: 'part',
  fields: { id: text(member(RESOURCE_ID)), role: text(member(RESOURCE_ROLE)) },
};

/** Users' labels may have any name: they are compared as values, not written into a path. */
const resourceLabel: NounTable = { table: 'entry', fields: { name: text('entry.key'), value: text('entry.value') } };

/** A compact row occurred when its state was entered: the index of times leads to it. */
const compactEvent: NounTable = {
  table: 'compact',
  fields: {
    taskRunId: few(id('state.run_id')),
    flowRunId: few({
      ...id('task_run.flow_run_id'),
      within: (condition, column) => sql`state.run_id in (select task_run.id from task_run where ${condition(column)})`,
    }),
  },
};

/** What stands for the resources of an event, and for an event that is asked for by its id. */
export type StoredPart = 'event_by_id' | 'own_resource' | 'related_resource' | 'compact_event';

export const EVENT_TABLES: Readonly<Record<Exclude<AskedNoun, Noun> | StoredPart, NounTable>> = {
  event,
  event_resource: indexedResource,
  resource_label: resourceLabel,
  event_by_id: eventById,
  own_resource: ownResource,
  related_resource: relatedResource,
  compact_event: compactEvent,
};

const ofEvent = (to: string, rows: (dialect: ColumnDialect) => string): Relation => ({
  from: 'event.seq',
  to,
  isToOne: false,
  rows,
});

export const EVENT_RELATIONS: Readonly<Record<string, Relation>> = {
  'event>event_by_id': ofEvent('by_id.seq', () => 'event as by_id'),
  'event>event_resource': ofEvent('event_resource.seq', () => 'event_resource'),
  'event>own_resource': { isToOne: true, rows: null },
  'event>related_resource': ofEvent(
    'event_body.seq',
    ({ elements }) => `event_body, ${elements('event_body.related', 'part')}`,
  ),
  'own_resource>resource_label': ofEvent(
    'event_body.seq',
    ({ entries }) => `event_body, ${entries('event_body.labels', 'entry')}`,
  ),
  'related_resource>resource_label': { isToOne: false, rows: ({ entries }) => entries('part.value', 'entry') },
  'event>compact_event': ofEvent(
    'compact.seq',
    () =>
      'task_run_state as state join event as compact on compact.occurred = state.timestamp ' +
      'and compact.task_run_id = state.run_id and compact.id = state.id',
  ),
};
