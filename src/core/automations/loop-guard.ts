/**
 * Stops an automation that sets itself off again and again: one whose firings are caused by what its own firings have
 * brought about, its events or those of its actions, directly or through other automations.
 */

import type { AutomationId } from '../automation.ts';
import { RESOURCE_ID, type Event } from '../event.ts';
import { addSeconds, type Instant } from '../time.ts';

/** So many firings that an automation has caused itself are let pass … */
export const OWN_FIRINGS_MAX = 10;
/** … in so many seconds; with the next one it is stopped. */
export const OWN_FIRINGS_SECONDS = 60;
/** Label of an automation's event: the automations that have led to it, besides its own, separated by spaces. */
export const CHAIN_LABEL = 'ostinato.automation.chain';
/** Of a longer chain, the newest. */
const CHAIN_MAX = 20;

const AUTOMATION = 'prefect.automation.';
/** What people do to automations. */
const CHANGE = /^prefect\.automation\.(?:created|updated|deleted)$/;

/** The automations whose firings have led to the event, the newest last. */
export function chainOf(event: Pick<Event, 'name' | 'resource' | 'related'> | null): readonly string[] {
  if (event === null || CHANGE.test(event.name)) return [];
  const ids = [event.resource, ...event.related].flatMap((resource) => {
    const id = resource[RESOURCE_ID] ?? '';
    return id.startsWith(AUTOMATION) ? [id.slice(AUTOMATION.length)] : [];
  });
  const before = event.resource[CHAIN_LABEL]?.split(' ') ?? [];
  return [...new Set([...before, ...ids])].slice(-CHAIN_MAX);
}

/** When it has set itself off, of late. */
export type OwnFirings = readonly Instant[];

export function withOwnFiring(before: OwnFirings, at: Instant): OwnFirings {
  return [...before.filter((earlier) => addSeconds(earlier, OWN_FIRINGS_SECONDS) > at), at];
}

export function isLoop(firings: OwnFirings): boolean {
  return firings.length > OWN_FIRINGS_MAX;
}

export function setsItselfOff(id: AutomationId, event: Event | null): boolean {
  return chainOf(event).includes(id);
}
