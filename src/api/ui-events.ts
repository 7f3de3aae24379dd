/** What our own pages ask for of events: see `contract/routes/ui-events.ts`. */

import { eventFilter } from '../contract/decode/event-filter.ts';
import { textSearchCondition } from '../contract/filter/text-search.ts';
import { UI_EVENTS_PAGE, type EventRow } from '../contract/routes/ui-events.ts';
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID, RESOURCE_NAME, type Event } from '../core/event.ts';
import type { EventFilter } from '../core/event-filter.ts';
import { isUuid } from '../core/ids.ts';
import { allOf, anyOf, type Condition } from '../core/query.ts';
import { formatInstant, parseInstant, type Instant } from '../core/time.ts';
import { ok, operation, type Operation } from './operation.ts';
import type { PageParts } from './ui-rows.ts';

const BARS_MAX = 500;
const EVENTS_DEFAULT = 50;
const TEXT_SHOWN = 300;

export function uiEventPageOperations({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_EVENTS_PAGE, async ({ body }) => {
      const now = clock.now();
      const filter = { ...timeOf(body, now), where: conditionOf(body), isDistinct: false, order: 'desc' } as const;
      const limit = body.limit ?? EVENTS_DEFAULT;
      const events = limit === 0 ? [] : await useCases.findEvents({ filter, limit, offset: body.offset ?? 0 });
      // One event alone needs no chart.
      const bucketUs = body.id ? 0 : (body.step_seconds ?? 0) * 1_000_000;
      return ok({
        as_of: formatInstant(now),
        events: events.map(rowOf),
        count: await useCases.countEvents(filter),
        bars: bucketUs === 0 ? [] : await barsOf(useCases, filter, bucketUs),
      });
    }),
  ];
}

interface Asked {
  readonly name?: string | null;
  readonly resource?: string | null;
  readonly related?: string | null;
  readonly text?: string | null;
  readonly id?: string | null;
  readonly since?: string | null;
  readonly after?: string | null;
  readonly until?: string | null;
}

function timeOf({ since, after, until, id }: Asked, now: Instant): Pick<EventFilter, 'since' | 'until'> {
  const kept = eventFilter({}, now);
  if (id) return { since: kept.since, until: now };
  const time = (text: string | null | undefined): Instant | null => (text ? parseInstant(text) : null);
  const behind = time(after);
  const from = time(since) ?? kept.since;
  return { since: behind === null ? from : (Math.max(from, behind + 1) as Instant), until: time(until) ?? now };
}

function conditionOf({ name, resource, related, text, id }: Asked): Condition {
  if (id) return { op: 'in', field: 'id', values: [id.toLowerCase()] };
  return allOf([
    ...(name ? [named(name)] : []),
    ...(resource ? [{ op: 'exists', noun: 'event_resource', by: 'own', where: isResource(resource) } as const] : []),
    ...(related
      ? [
          {
            op: 'exists',
            noun: 'event_resource',
            by: 'related',
            where: isById(related)
              ? isResource(related)
              : anyOf([isResource(related), { op: 'eq', field: 'role', value: related }]),
          } as const,
        ]
      : []),
    ...(text ? [textSearchCondition('text', text)] : []),
  ]);
}

function named(name: string): Condition {
  return name.includes('*')
    ? { op: 'glob', field: 'name', patterns: [name] }
    : { op: 'hasAnyPrefix', field: 'name', values: [name] };
}

/** `prefect.flow-run.<id>`: an index knows it. */
function isById(text: string): boolean {
  return isUuid(text.slice(text.lastIndexOf('.') + 1)) && text.startsWith('prefect.');
}

function isResource(text: string): Condition {
  if (isById(text)) return { op: 'in', field: 'id', values: [text] };
  const label = (value: Condition): Condition => ({
    op: 'exists',
    noun: 'resource_label',
    where: allOf([{ op: 'eq', field: 'name', value: RESOURCE_NAME }, value]),
  });
  return text.includes('*')
    ? anyOf([{ op: 'glob', field: 'id', patterns: [text] }, label({ op: 'glob', field: 'value', patterns: [text] })])
    : anyOf([{ op: 'hasAnyPrefix', field: 'id', values: [text] }, label({ op: 'contains', field: 'value', text })]);
}

async function barsOf({ countEventsBy }: PageParts['useCases'], filter: EventFilter, bucketUs: number) {
  const { since, until } = filter;
  const bars = Math.ceil((until - since) / bucketUs);
  if (bars > BARS_MAX)
    throw new OstinatoError('bad-input', `The chart would have ${bars} bars; it has ${BARS_MAX} at most.`, {
      remedy: 'Ask for longer ones, or for a shorter time.',
    });
  const rows = await countEventsBy(filter, { by: 'time', from: since, bucketUs });
  return rows.map(({ value, count }) => ({
    start: formatInstant((since + Number(value) * bucketUs) as Instant),
    count,
  }));
}

function rowOf({ id, name, occurred, resource }: Event): EventRow {
  const label = resource[RESOURCE_NAME];
  return {
    id,
    event: shortened(name),
    occurred: formatInstant(occurred),
    resource_id: shortened(resource[RESOURCE_ID] ?? ''),
    resource_name: label === undefined ? null : shortened(label),
  };
}

function shortened(text: string): string {
  return text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}…`;
}
