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

/** Whether the event's resource and its related resources fit. */
export function fitsResources(match: ResourceMatch, event: Pick<Event, 'resource' | 'related'>): boolean {
  return unmetLabel(match, event) === null;
}

/** The first thing that an event has otherwise than a trigger asks for it. */
export interface Unmet {
  readonly what: 'name' | 'label' | 'related-label';
  /** The label; empty for the name. */
  readonly label: string;
  /** Patterns, of which one had to fit. */
  readonly expected: readonly string[];
  /** `null`: it has no such label, or nothing that is related. */
  readonly actual: string | null;
}

/** `null`: the trigger looks at events of this name. */
export function unmetName(trigger: EventTrigger, name: string): Unmet | null {
  if (looksAtName(trigger, name)) return null;
  return { what: 'name', label: '', expected: [...trigger.expect, ...trigger.after], actual: name };
}

/** `null`: the trigger looks at the event, if it does by its name. */
export function unmetLabel(trigger: ResourceMatch, event: Pick<Event, 'resource' | 'related'>): Unmet | null {
  const own = unmetIn(trigger.match, [event.resource], 'label');
  if (own !== null) return own;
  for (const match of trigger.matchRelated) {
    const unmet = unmetIn(match, event.related, 'related-label');
    if (unmet !== null) return unmet;
  }
  return null;
}

/** Of several resources, what the one that comes furthest has otherwise. */
function unmetIn(match: LabelMatch, resources: readonly ResourceLabels[], what: Unmet['what']): Unmet | null {
  if (match.length === 0) return null;
  let furthest = -1;
  let actual: string | null = null;
  for (const resource of resources) {
    const at = match.findIndex(
      ([label, patterns]) => !patterns.some((pattern) => fitsPattern(pattern, resource[label])),
    );
    if (at < 0) return null;
    if (at > furthest) {
      furthest = at;
      actual = resource[match[at]?.[0] ?? ''] ?? null;
    }
  }
  const [label, expected] = match[Math.max(furthest, 0)] ?? ['', []];
  return { what, label, expected, actual };
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
