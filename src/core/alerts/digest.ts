/** What is told together now and then, instead of each by itself. */

import { nextDates } from '../schedules/next-dates.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { Instant } from '../time.ts';

/** Each so many seconds of the day, or at the times of a cron expression. */
export type DigestTimes = { readonly everySeconds: number } | { readonly cron: string };

/** One cause, and how often it was to be told. */
export interface DigestEntry {
  readonly words: string;
  readonly count: number;
}

/** Causes that are listed; how many more there are is told. */
export const ENTRIES_MAX = 50;

export function nextDigestAt(times: DigestTimes, timeZone: string, now: Instant): Instant {
  const schedule: Schedule =
    'cron' in times
      ? { kind: 'cron', cron: times.cron, timezone: timeZone, dayOr: true }
      : { kind: 'interval', interval: times.everySeconds, anchorDate: 0 as Instant, timezone: timeZone };
  return nextDates(schedule, now, 1)[0]?.instant ?? now;
}

export function withEntry(entries: readonly DigestEntry[], words: string): readonly DigestEntry[] {
  const at = entries.findIndex((entry) => entry.words === words);
  if (at !== -1) return entries.map((entry, index) => (index === at ? { words, count: entry.count + 1 } : entry));
  return entries.length < ENTRIES_MAX ? [...entries, { words, count: 1 }] : entries;
}
