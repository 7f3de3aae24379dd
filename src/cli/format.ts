/** Formats states, times and durations for the command line. */
import type { InspectColor } from 'node:util';

import type { StateType } from '../core/state.ts';
import { formatInstant, parseInstant, secondsBetween, type Instant } from '../core/time.ts';
import { showSeconds } from '../core/why-phrases.ts';

const STATE_COLOURS: Readonly<Record<StateType, InspectColor>> = {
  SCHEDULED: 'yellow',
  PENDING: 'gray',
  RUNNING: 'blue',
  PAUSED: 'yellow',
  CANCELLING: 'yellow',
  CANCELLED: 'yellow',
  COMPLETED: 'green',
  FAILED: 'red',
  CRASHED: 'red',
};

export function stateColour({ type }: { readonly type: StateType }): InspectColor {
  return STATE_COLOURS[type];
}

/** For instance `3 min ago`. */
export function showAgo(instant: Instant, now: Instant): string {
  const seconds = secondsBetween(instant, now);
  return seconds < 1 ? 'now' : `${showSeconds(Math.floor(seconds)).replace(/^(\d+ \w+) .*$/, '$1')} ago`;
}

/** Local time to the second with the offset, for instance `2026-11-22 19:13:00 +01:00`. */
export function showTime(instant: Instant): string {
  const date = new Date(instant / 1000);
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString();
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0');
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offset === 0 ? 'UTC' : `${offset < 0 ? '-' : '+'}${hours}:${minutes}`}`;
}

/** As `showTime`, for a time in the API's format. */
export function timeOf(text: string): string {
  const at = parseInstant(text);
  return at === null ? text : showTime(at);
}

/** Local time of day with milliseconds, for log lines. */
export function showClock(instant: Instant): string {
  const date = new Date(instant / 1000);
  return `${date.toTimeString().slice(0, 8)}.${formatInstant(instant).slice(20, 23)}`;
}

/** Time in RUNNING, all attempts together; empty for a run that never ran. */
export function showDuration(
  run: {
    readonly totalRunTimeUs: number;
    readonly startTime: Instant | null;
    readonly state: { readonly type: StateType; readonly timestamp: Instant };
  },
  now: Instant,
): string {
  const underWay = run.state.type === 'RUNNING' ? now - run.state.timestamp : 0;
  if (run.startTime === null && underWay === 0) return '';
  return showShort((run.totalRunTimeUs + underWay) / 1e6);
}

/** As `showSeconds`, with milliseconds and microseconds for short times. */
export function showShort(seconds: number): string {
  if (seconds >= 1) return showSeconds(seconds);
  return seconds >= 0.001 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Math.round(seconds * 1e6)} µs`;
}
