/** Which events a trigger looks at, and which of its windows they count in. */

import { fitsGlob } from '../condition-match.ts';
import type { Event, ResourceLabels } from '../event.ts';
import { RESOURCE_ROLE } from '../event.ts';
import type { LabelMatch, ResourceMatch } from './label-match.ts';
import type { EventTrigger } from './trigger.ts';

/**
 * Whether the trigger looks at events of this name. As in Prefect, a leading `!` turns nothing here, and a `*` stands
 * for one character at least.
 */
export function looksAtName({ expect, after }: EventTrigger, name: string): boolean {
  if (expect.length === 0) return true;
  const fits = (pattern: string): boolean => fitsGlob(pattern.replaceAll('*', '?*'), name);
  return expect.some(fits) || after.some(fits);
}

/** Whether the trigger looks at the event: by its name, its resource and its related resources. */
export function looksAt(trigger: EventTrigger, event: Event): boolean {
  return looksAtName(trigger, event.name) && fitsResources(trigger, event);
}

/** Whether the event's resource and its related resources fit. */
export function fitsResources(trigger: ResourceMatch, event: Pick<Event, 'resource' | 'related'>): boolean {
  return (
    fitsLabels(trigger.match, [event.resource]) &&
    trigger.matchRelated.every((match) => fitsLabels(match, event.related))
  );
}

function fitsLabels(match: LabelMatch, resources: readonly ResourceLabels[]): boolean {
  if (match.length === 0) return true;
  return resources.some((resource) =>
    match.every(([label, patterns]) => patterns.some((pattern) => fitsPattern(pattern, resource[label]))),
  );
}

/** Whether the event opens a window. */
export function opensWindow({ after }: EventTrigger, { name }: Pick<Event, 'name'>): boolean {
  return after.some((pattern) => fitsPattern(pattern, name));
}

/** Whether the event counts. */
export function isExpected({ expect }: EventTrigger, { name }: Pick<Event, 'name'>): boolean {
  return expect.length === 0 || expect.some((pattern) => fitsPattern(pattern, name));
}

/** What `for_each` names, with the values of this event; a label that it does not have is empty. */
export function labelsOf({ forEach }: EventTrigger, event: Event): Readonly<Record<string, string>> {
  return Object.fromEntries(forEach.map((label) => [label, labelIn(event, label) ?? '']));
}

const RELATED = /^related:(?<role>.*):(?<label>[^:]*)$/s;

function labelIn(event: Event, label: string): string | undefined {
  const found = RELATED.exec(label)?.groups;
  const related = found && event.related.find((resource) => resource[RESOURCE_ROLE] === found['role']);
  return related ? related[found['label'] ?? ''] : event.resource[label];
}

/** An absent label matches no pattern, not even a negated one. */
function fitsPattern(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  const isTurned = pattern.startsWith('!');
  return fitsGlob(isTurned ? pattern.slice(1) : pattern, value) !== isTurned;
}
