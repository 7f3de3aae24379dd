/** Filters of events, and whether an event matches one. */

import { resourceIdOf, type Event, type ResourceLabels } from './event.ts';
import type { EventId } from './ids.ts';
import type { Instant } from './time.ts';

/**
 * One of the patterns must match: `*` and `?` stand for any characters and for one; a leading `!` negates the pattern.
 */
export interface LabelPatterns {
  readonly label: string;
  readonly patterns: readonly string[];
}

/**
 * Everything that is given must hold for one resource. An empty list is no condition, except for a label's patterns: no
 * value matches those.
 */
export interface ResourceFilter {
  readonly ids: readonly string[];
  readonly idPrefixes: readonly string[];
  readonly labels: readonly LabelPatterns[];
}

export interface RelatedFilter extends ResourceFilter {
  readonly roles: readonly string[];
  readonly resourcesInRoles: readonly (readonly [id: string, role: string])[];
}

/** One of `oneOf` must occur, all of `required`, none of `excluded`; case-insensitive. */
export interface EventText {
  readonly oneOf: readonly string[];
  readonly required: readonly string[];
  readonly excluded: readonly string[];
}

export interface EventFilter {
  /** Both are included. */
  readonly since: Instant;
  readonly until: Instant;
  readonly prefixes: readonly string[];
  readonly excludedPrefixes: readonly string[];
  readonly names: readonly string[];
  readonly excludedNames: readonly string[];
  readonly resource: ResourceFilter | null;
  /** Only the newest (or oldest, by `order`) event of each resource. */
  readonly isDistinct: boolean;
  /** Each of them must hold for some related resource. */
  readonly related: readonly RelatedFilter[];
  /** Each of them must hold for the resource or a related one. */
  readonly anyResource: readonly ResourceFilter[];
  readonly ids: readonly EventId[];
  readonly text: EventText | null;
  readonly order: 'asc' | 'desc';
}

/**
 * Whether an event matches, apart from its time. As in Prefect's live streams, conditions on related resources alone
 * are ignored.
 */
export function includesEvent(filter: EventFilter, event: Event): boolean {
  return (
    includesName(filter, event.name) &&
    (filter.resource === null || fitsResource(filter.resource, event.resource)) &&
    filter.anyResource.every(
      (part) => fitsResource(part, event.resource) || event.related.some((related) => fitsResource(part, related)),
    ) &&
    (filter.ids.length === 0 || filter.ids.includes(event.id)) &&
    (filter.text === null || fitsText(filter.text, event))
  );
}

export function isInTime(filter: EventFilter, { occurred }: Pick<Event, 'occurred'>): boolean {
  return filter.since <= occurred && occurred <= filter.until;
}

function includesName({ prefixes, excludedPrefixes, names, excludedNames }: EventFilter, name: string): boolean {
  if (prefixes.length > 0 && !prefixes.some((prefix) => name.startsWith(prefix))) return false;
  if (names.length > 0 && !names.includes(name)) return false;
  return !excludedPrefixes.some((prefix) => name.startsWith(prefix)) && !excludedNames.includes(name);
}

function fitsResource({ ids, idPrefixes, labels }: ResourceFilter, resource: ResourceLabels): boolean {
  const id = resourceIdOf({ resource });
  if (ids.length > 0 && !ids.includes(id)) return false;
  if (idPrefixes.length > 0 && !idPrefixes.some((prefix) => id.startsWith(prefix))) return false;
  return labels.every(({ label, patterns }) => patterns.some((pattern) => fitsPattern(pattern, resource[label])));
}

/** An absent label matches no pattern, not even a negated one. */
export function fitsPattern(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  const isTurned = pattern.startsWith('!');
  return fitsGlob(isTurned ? pattern.slice(1) : pattern, value) !== isTurned;
}

/** Backtracks to the last star only, so that matching takes at most pattern length times value length. */
function fitsGlob(pattern: string, value: string): boolean {
  let at = 0;
  let star = -1;
  let resumed = 0;
  for (let index = 0; index < value.length;) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resumed = index;
    } else if (wanted !== undefined && (wanted === '?' || wanted === value[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resumed;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function fitsText({ oneOf, required, excluded }: EventText, event: Event): boolean {
  const text = [
    event.name,
    ...Object.values(event.resource),
    ...event.related.flatMap((related) => Object.values(related)),
    event.payload,
  ]
    .join(' ')
    .toLowerCase();
  const occurs = (term: string): boolean => text.includes(term.toLowerCase());
  return (oneOf.length === 0 || oneOf.some(occurs)) && required.every(occurs) && !excluded.some(occurs);
}
