/** Filters of events: from the wire to the conditions of lists (`core/query.ts`). */

import { RESOURCE_ID } from '../../core/event.ts';
import type { EventFilter } from '../../core/event-filter.ts';
import { allOf, anyOf, type Condition } from '../../core/query.ts';
import { addSeconds, parseInstant, type Instant } from '../../core/time.ts';
import type { EventFilterIn } from '../body/event-filter.ts';
import { textSearchCondition } from '../filter/text-search.ts';

const DAY_SECONDS = 24 * 60 * 60;
const SINCE_DAYS = 180;

type Texts = readonly string[] | null | undefined;
interface ResourceIn {
  readonly id?: Texts;
  readonly id_prefix?: Texts;
  readonly role?: Texts;
  readonly resources_in_roles?: readonly (readonly [id: string, role: string])[] | null;
  readonly labels?: Readonly<Record<string, string | readonly string[]>> | null;
}

/**
 * An empty list is no condition, except for a label's patterns: no value matches those.
 *
 * @param now until when events are looked for that does not say until when, and 180 days after the start of what does
 * not say since when
 */
export function eventFilter(filter: EventFilterIn, now: Instant): EventFilter {
  const { occurred, event, resource, related, any_resource, id, text } = filter;
  return {
    since: timeOf(occurred?.since) ?? addSeconds(startOfDay(now), -SINCE_DAYS * DAY_SECONDS),
    until: timeOf(occurred?.until) ?? now,
    where: allOf([
      ...oneOf('name', event?.name),
      ...beginsWith('name', event?.prefix),
      ...oneOf('name', event?.exclude_name).map(not),
      ...beginsWith('name', event?.exclude_prefix).map(not),
      ...resourceWith(resource ?? {}, 'own'),
      // Each of them for some related resource; for the resource or a related one.
      ...listOf(related).flatMap((part) => resourceWith(part, 'related')),
      ...listOf(any_resource).flatMap((part) => resourceWith(part)),
      ...oneOf(
        'id',
        id?.id?.map((one) => one.toLowerCase()),
      ),
      ...(text ? [textSearchCondition('text', text.query)] : []),
    ]),
    isDistinct: resource?.distinct ?? false,
    order: filter.order === 'ASC' ? 'asc' : 'desc',
  };
}

/**
 * What a live stream takes from the filter: as in Prefect's, conditions on related resources alone are ignored, and
 * every event comes, in its order.
 */
export function liveEventFilter(filter: EventFilterIn, now: Instant): EventFilter {
  return { ...eventFilter({ ...filter, related: null }, now), isDistinct: false, order: 'asc' };
}

/** Everything that is said must hold for one and the same resource. */
function resourceWith(filter: ResourceIn, by?: 'own' | 'related'): readonly Condition[] {
  const said: readonly Condition[] = [
    ...oneOf('id', filter.id),
    ...beginsWith('id', filter.id_prefix),
    ...oneOf('role', filter.role),
    ...inRoles(filter.resources_in_roles ?? []),
    ...Object.entries(filter.labels ?? {}).map(([label, patterns]) => labelled(label, patterns)),
  ];
  if (said.length === 0) return [];
  return [{ op: 'exists', noun: 'event_resource', where: allOf(said), ...(by === undefined ? {} : { by }) }];
}

/** One list of ids a role: a filter may name a thousand resources, which have few roles. */
function inRoles(pairs: readonly (readonly [id: string, role: string])[]): readonly Condition[] {
  if (pairs.length === 0) return [];
  const byRole = Map.groupBy(pairs, ([, role]) => role);
  return [
    anyOf(
      Array.from(byRole, ([role, found]) =>
        allOf([
          { op: 'eq', field: 'role', value: role },
          { op: 'in', field: 'id', values: found.map(([id]) => id) },
        ]),
      ),
    ),
  ];
}

function labelled(label: string, said: string | readonly string[]): Condition {
  const patterns = typeof said === 'string' ? [said] : said;
  if (label === RESOURCE_ID) return fits('id', patterns);
  return {
    op: 'exists',
    noun: 'resource_label',
    where: allOf([{ op: 'eq', field: 'name', value: label }, fits('value', patterns)]),
  };
}

/** One of the patterns must match; a leading `!` negates a pattern. */
function fits(field: string, patterns: readonly string[]): Condition {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!'));
  const turned = patterns.filter((pattern) => pattern.startsWith('!'));
  return anyOf([
    ...(wanted.length > 0 || turned.length === 0 ? [{ op: 'glob', field, patterns: wanted } as const] : []),
    ...turned.map((pattern) => not({ op: 'glob', field, patterns: [pattern.slice(1)] })),
  ]);
}

function oneOf(field: string, values: Texts): readonly Condition[] {
  return values && values.length > 0 ? [{ op: 'in', field, values }] : [];
}

function beginsWith(field: string, values: Texts): readonly Condition[] {
  return values && values.length > 0 ? [{ op: 'hasAnyPrefix', field, values }] : [];
}

function not(condition: Condition): Condition {
  return { op: 'not', of: condition };
}

function listOf<Part>(parts: Part | readonly Part[] | null | undefined): readonly Part[] {
  if (parts === null || parts === undefined) return [];
  return Array.isArray(parts) ? (parts as readonly Part[]) : [parts as Part];
}

function timeOf(text: string | undefined): Instant | null {
  return text === undefined ? null : parseInstant(text);
}

function startOfDay(now: Instant): Instant {
  return (now - (now % (DAY_SECONDS * 1_000_000))) as Instant;
}
