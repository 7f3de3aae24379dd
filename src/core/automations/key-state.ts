/**
 * What is kept of an event trigger for one key: its window, and events that were kept aside for later windows.
 *
 * Events of one key may come in another order than they occurred in. So a proactive trigger with `after` keeps each
 * event that is expected, and a window that opens later counts those that occurred in it. Source: Prefect 3.9.1,
 * `server/events/models/automation_held_events.py`.
 */

import type { Event } from '../event.ts';
import type { EventId } from '../ids.ts';
import { addSeconds, type Instant } from '../time.ts';
import { isExpected, labelsOf, opensWindow } from './match.ts';
import type { EventTrigger } from './trigger.ts';
import { closeWindow, openWindow, takeEvent, type CountKept, type Evaluated, type WindowFiring } from './window.ts';
import type { Happening, Window } from './window.ts';

export interface KeptEvent {
  readonly id: EventId;
  readonly occurred: Instant;
}

export interface KeyState {
  /** Of `for_each`: the names, and the values of this key. */
  readonly labels: Readonly<Record<string, string>>;
  readonly window: Window | null;
  /** By their time. */
  readonly kept: readonly KeptEvent[];
}

export interface KeyOutcome {
  /** `null`: nothing is to be kept of it. */
  readonly state: KeyState | null;
  readonly firings: readonly WindowFiring[];
  readonly trail: readonly Happening[];
}

/** Seconds before its first event that a window reaches back, for events that come late. */
export const LATE_SECONDS = 900;
/** Seconds after its end that a window of a reactive trigger is still known. */
export const ENDED_SECONDS = 60;
/** Seconds that an event is kept aside, at least. */
const KEPT_SECONDS = 2 * LATE_SECONDS;

export function stateForEvent(trigger: EventTrigger, event: Event): KeyState {
  return { labels: labelsOf(trigger, event), window: null, kept: [] };
}

/** From when on time has to be looked at; `null`: only events change it. */
export function isDueAt(trigger: EventTrigger, { window }: KeyState): Instant | null {
  return trigger.posture === 'Proactive' ? (window?.end ?? null) : null;
}

/** From when on it is as if it had never been; `null`: not by the passing of time. */
export function isGoneAt(trigger: EventTrigger, { window, kept }: KeyState): Instant | null {
  if (trigger.posture === 'Reactive') return window && addSeconds(window.end, ENDED_SECONDS);
  const newest = kept.at(-1);
  return window !== null || newest === undefined ? null : ((newest.occurred + keptUs(trigger)) as Instant);
}

/** What comes of an event at which the trigger looks. */
export function afterEvent(trigger: EventTrigger, before: KeyState, event: Event): KeyOutcome {
  const [opens, isCounted] = [opensWindow(trigger, event), isExpected(trigger, event)];
  let { window, kept } = before;
  let firings: readonly WindowFiring[] = [];
  const trail: Happening[] = [];
  let isOpener = false;
  const countKept = countOf(before.kept);
  const take = (evaluated: Evaluated): void => {
    window = evaluated.window;
    firings = [...firings, ...evaluated.firings];
    trail.push(...evaluated.trail);
  };
  if (opens) {
    if (window !== null && window.end <= event.occurred) take(ended(trigger, window, event, countKept));
    const isOpen = window !== null;
    isOpener = !isOpen && isCounted;
    window ??= openWindow(trigger, event.occurred, {
      count: isCounted ? -1 : 0,
      lastEvent: last(trigger, event),
      countKept,
    });
    if (!isCounted) trail.push({ what: isOpen ? 'open-already' : 'opened', window });
  } else if (window === null && trigger.after.length === 0 && isCounted) {
    const end = (event.occurred + trigger.withinUs) as Instant;
    window = { start: addSeconds(event.occurred, -LATE_SECONDS), end, count: 0, lastEvent: last(trigger, event) };
  }
  if (isCounted && !opens && keepsEvents(trigger)) {
    if (kept.some(({ id }) => id === event.id)) {
      trail.push({ what: 'repeated' });
      return outcome({ ...before, window, kept }, firings, trail);
    }
    kept = withEvent(trigger, kept, event);
  }
  if (isCounted && window !== null) {
    const taken = takeEvent(trigger, window, event, countKept);
    take(isOpener ? { ...taken, trail: taken.trail.map(asOpened) } : taken);
  } else if (isCounted) trail.push({ what: keepsEvents(trigger) ? 'kept' : 'unopened' });
  else if (!opens) trail.push({ what: 'unexpected' });
  return outcome({ ...before, window, kept }, firings, trail);
}

/** The event has opened the window in which it is: it is not one of those that count. */
function asOpened(happening: Happening, index: number): Happening {
  return index === 0 && happening.what === 'counted' ? { ...happening, what: 'opened' } : happening;
}

/** What comes of the passing of time, at or after `isDueAt`. */
export function afterTime(trigger: EventTrigger, before: KeyState, at: Instant): KeyOutcome {
  if (before.window === null) return outcome(before, [], []);
  const { window, firings, trail } = closeWindow(trigger, before.window, at, countOf(before.kept));
  return outcome({ ...before, window }, firings, trail);
}

/** A window that an event finds at its end; a reactive one has not fired. */
function ended(trigger: EventTrigger, window: Window, event: Event, countKept: CountKept): Evaluated {
  return trigger.posture === 'Reactive'
    ? { window: null, firings: [], trail: [{ what: 'ended', window }] }
    : closeWindow(trigger, window, event.occurred, countKept);
}

function last({ posture }: EventTrigger, event: Event): Event | null {
  return posture === 'Proactive' ? event : null;
}

function outcome(state: KeyState, firings: readonly WindowFiring[], trail: readonly Happening[]): KeyOutcome {
  return { state: state.window === null && state.kept.length === 0 ? null : state, firings, trail };
}

export function keepsEvents({ posture, after }: EventTrigger): boolean {
  return posture === 'Proactive' && after.length > 0;
}

function keptUs({ withinUs }: EventTrigger): number {
  return Math.max(KEPT_SECONDS * 1_000_000, withinUs);
}

function countOf(kept: readonly KeptEvent[]): CountKept {
  return (start, end) => kept.filter(({ occurred }) => start <= occurred && occurred < end).length;
}

/**
 * With the event, without what is too old, and of each stretch of time as long as the trigger's window only the first
 * and the last events, as many as the threshold: more change nothing, since at the threshold it does not fire.
 */
function withEvent(trigger: EventTrigger, kept: readonly KeptEvent[], { id, occurred }: Event): readonly KeptEvent[] {
  const all = [...kept, { id, occurred }].toSorted((a, b) => a.occurred - b.occurred || (a.id < b.id ? -1 : 1));
  const oldest = (all.at(-1)?.occurred ?? occurred) - keptUs(trigger);
  const stretch = (of: KeptEvent): number => Math.floor(of.occurred / trigger.withinUs);
  const same = all.filter((one) => stretch(one) === stretch({ id, occurred }));
  const threshold = Math.max(trigger.threshold, 0);
  const spare = new Set(same.slice(threshold, Math.max(threshold, same.length - threshold)));
  return all.filter((one) => one.occurred >= oldest && !spare.has(one));
}
