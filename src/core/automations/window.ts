/**
 * The window of an event trigger for one key: how many events have counted in it, and what comes of one more, or of
 * the passing of time. Source: Prefect 3.9.1, `server/events/triggers.py`.
 *
 * 1. There is one window for each key. What occurred before it begins counts no more.
 * 2. Reactive: it fires with the event that reaches the threshold; the next window begins where this one ends.
 * 3. Proactive: it fires at its end, when fewer events have counted than the threshold.
 * 4. With `after`, a window is there from an event that opens it until it has fired or ended.
 */

import type { Event } from '../event.ts';
import type { Instant } from '../time.ts';
import { isExpected, opensWindow } from './match.ts';
import type { EventTrigger } from './trigger.ts';

export interface Window {
  /** Included. */
  readonly start: Instant;
  /** Not included. */
  readonly end: Instant;
  /** -1: opened by an event that is expected too, which has not been counted yet. */
  readonly count: number;
  /** Of a proactive trigger: the last event that concerned it. */
  readonly lastEvent: Event | null;
}

export interface WindowFiring {
  /** `null`: none has ever come. */
  readonly event: Event | null;
  readonly at: Instant;
  /** The same for the same cause, within a trigger and key. */
  readonly cause: string;
}

/** What became of an event and of windows, in the order in which it came. */
export type Happening =
  /** The event: counts, or has opened the window … */
  | { readonly what: 'counted' | 'opened'; readonly window: Window }
  /** … or does not count, since it occurred before the window begins, or after its end; or one is open already. */
  | { readonly what: 'early' | 'late' | 'open-already'; readonly window: Window }
  /** … or is kept for a window that opens later; is known; found no window; is not what is expected. */
  | { readonly what: 'kept' | 'repeated' | 'unopened' | 'unexpected' }
  /** A window: without a firing, or with one. */
  | { readonly what: 'ended'; readonly window: Window }
  | { readonly what: 'fired'; readonly window: Window; readonly firing: WindowFiring };

export interface Evaluated {
  /** `null`: there is none any more. */
  readonly window: Window | null;
  readonly firings: readonly WindowFiring[];
  readonly trail: readonly Happening[];
}

/** How many events were kept aside that occurred from `start` on and before `end`. */
export type CountKept = (start: Instant, end: Instant) => number;

interface Occasion {
  /** When the event occurred; without one, what time it is. */
  readonly at: Instant;
  readonly event: Event | null;
  readonly countKept: CountKept;
}

export function isReached({ threshold }: EventTrigger, { count }: Window): boolean {
  return count >= threshold;
}

export function isImmediate({ posture, withinUs }: EventTrigger): boolean {
  return posture === 'Reactive' && withinUs === 0;
}

/** A window as long as the trigger's, in which counts what was kept aside. */
export function openWindow(
  { withinUs }: EventTrigger,
  start: Instant,
  { count = 0, lastEvent = null, countKept }: Partial<Window> & { readonly countKept: CountKept },
): Window {
  const end = (start + withinUs) as Instant;
  return { start, end, count: count + countKept(start, end), lastEvent };
}

/** What comes of an event that is expected. */
export function takeEvent(trigger: EventTrigger, window: Window, event: Event, countKept: CountKept): Evaluated {
  return evaluate(trigger, window, { at: event.occurred, event, countKept });
}

/** What comes of the end of a proactive trigger's window. */
export function closeWindow(trigger: EventTrigger, window: Window, at: Instant, countKept: CountKept): Evaluated {
  const isOneOfMany = trigger.forEach.length > 0;
  // A key that has had what was expected is forgotten, until it is heard of again.
  if (isReached(trigger, window) && isOneOfMany)
    return { window: null, firings: [], trail: [{ what: 'ended', window }] };
  return evaluate(trigger, window, { at, event: null, countKept });
}

function evaluate(trigger: EventTrigger, before: Window, occasion: Occasion): Evaluated {
  const { at, event, countKept } = occasion;
  if (at < before.start)
    return { window: before, firings: [], trail: event === null ? [] : [{ what: 'early', window: before }] };
  const isCounted = event !== null && (isImmediate(trigger) || at < before.end);
  const window = isCounted ? { ...before, count: before.count + 1, lastEvent: lastOf(trigger, event) } : before;
  const isLeft = event !== null && !isCounted;
  const firings = firingsOf(trigger, window, occasion);
  const trail: Happening[] = isCounted ? [{ what: 'counted', window }] : [];
  for (const firing of firings) trail.push({ what: 'fired', window, firing });
  if (firings.length === 0 && at < window.end) {
    const isRestart = event !== null && restarts(trigger, window, event);
    if (!isRestart) return { window, firings, trail };
    const next = restarted(trigger, before, event, countKept);
    return { window: next, firings, trail: [...trail, { what: 'ended', window }] };
  }
  if (firings.length === 0 && !isImmediate(trigger)) trail.push({ what: 'ended', window });
  if (trigger.after.length > 0) {
    if (isLeft) trail.push({ what: 'late', window });
    return { window: null, firings, trail };
  }
  if (trigger.withinUs === 0) return { window: firings.length > 0 ? null : window, firings, trail };
  const next = openWindow(trigger, nextStart(trigger, window, occasion), { countKept });
  if (!isLeft) return { window: next, firings, trail };
  if (trigger.posture === 'Proactive') {
    const counted = { ...next, count: next.count + 1 };
    return { window: counted, firings, trail: [...trail, { what: 'counted', window: counted }] };
  }
  const more = evaluate(trigger, next, occasion);
  return { window: more.window, firings: [...firings, ...more.firings], trail: [...trail, ...more.trail] };
}

function lastOf({ posture }: EventTrigger, event: Event): Event | null {
  return posture === 'Proactive' ? event : null;
}

function firingsOf(trigger: EventTrigger, window: Window, { at, event }: Occasion): readonly WindowFiring[] {
  if (trigger.posture === 'Reactive')
    return event !== null && isReached(trigger, window) ? [{ event, at: event.received, cause: event.id }] : [];
  if (at < window.end || isReached(trigger, window)) return [];
  return [{ event: event ?? window.lastEvent, at: window.end, cause: `end ${window.end}` }];
}

/**
 * Windows follow each other without a gap, as long as somebody looks within the length of one: how late somebody looks
 * changes nothing. After a longer time the windows in between are left out.
 */
function nextStart({ withinUs }: EventTrigger, { end }: Window, { at, event }: Occasion): Instant {
  if (event === null && at - end < withinUs) return end;
  return Math.max(end, at) as Instant;
}

/** An event that ends the wait and begins the next one, as each heartbeat does. */
function restarts(trigger: EventTrigger, window: Window, event: Event): boolean {
  return trigger.posture === 'Proactive' && isReached(trigger, window) && hasBoth(trigger, event);
}

function restarted(trigger: EventTrigger, before: Window, event: Event, countKept: CountKept): Window {
  const { lastEvent } = before;
  const isLater =
    lastEvent !== null &&
    lastEvent.occurred >= event.occurred &&
    isExpected(trigger, lastEvent) &&
    !opensWindow(trigger, lastEvent);
  return openWindow(trigger, event.occurred, { lastEvent: isLater ? lastEvent : event, countKept });
}

function hasBoth(trigger: EventTrigger, event: Event): boolean {
  return opensWindow(trigger, event) && isExpected(trigger, event);
}
