/** Filters of events: from the wire to the core. */

import type { EventFilter, LabelPatterns, RelatedFilter, ResourceFilter } from '../../core/event-filter.ts';
import type { EventId } from '../../core/ids.ts';
import { addSeconds, parseInstant, type Instant } from '../../core/time.ts';
import type { EventFilterIn } from '../body/event-filter.ts';
import { parseTextSearch } from '../filter/text-search.ts';

const DAY_SECONDS = 24 * 60 * 60;
const SINCE_DAYS = 180;

type Labels = Readonly<Record<string, string | readonly string[]>>;
interface ResourceIn {
  readonly id?: readonly string[] | null;
  readonly id_prefix?: readonly string[] | null;
  readonly labels?: Labels | null;
}

/**
 * @param now until when events are looked for that does not say until when, and 180 days after the start of what does
 * not say since when
 */
export function eventFilter(filter: EventFilterIn, now: Instant): EventFilter {
  const { occurred, event, resource, related, any_resource, id, text } = filter;
  return {
    since: timeOf(occurred?.since) ?? addSeconds(startOfDay(now), -SINCE_DAYS * DAY_SECONDS),
    until: timeOf(occurred?.until) ?? now,
    prefixes: event?.prefix ?? [],
    excludedPrefixes: event?.exclude_prefix ?? [],
    names: event?.name ?? [],
    excludedNames: event?.exclude_name ?? [],
    resource: resource ? resourceFilter(resource) : null,
    isDistinct: resource?.distinct ?? false,
    related: listOf(related)
      .map(relatedFilter)
      .filter((part) => !isEmpty(part)),
    anyResource: listOf(any_resource).map(resourceFilter),
    ids: (id?.id ?? []).map((text) => text.toLowerCase() as EventId),
    text: text ? parseTextSearch(text.query) : null,
    order: filter.order === 'ASC' ? 'asc' : 'desc',
  };
}

function resourceFilter({ id, id_prefix, labels }: ResourceIn): ResourceFilter {
  return { ids: id ?? [], idPrefixes: id_prefix ?? [], labels: patternsOf(labels) };
}

function relatedFilter(
  filter: ResourceIn & {
    readonly role?: readonly string[] | null;
    readonly resources_in_roles?: readonly [string, string][] | null;
  },
): RelatedFilter {
  return { ...resourceFilter(filter), roles: filter.role ?? [], resourcesInRoles: filter.resources_in_roles ?? [] };
}

function isEmpty({ ids, idPrefixes, labels, roles, resourcesInRoles }: RelatedFilter): boolean {
  return [ids, idPrefixes, labels, roles, resourcesInRoles].every((part) => part.length === 0);
}

function patternsOf(labels: Labels | null | undefined): readonly LabelPatterns[] {
  return Object.entries(labels ?? {}).map(([label, patterns]) => ({
    label,
    patterns: typeof patterns === 'string' ? [patterns] : patterns,
  }));
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
