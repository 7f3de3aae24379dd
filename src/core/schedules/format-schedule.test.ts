import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInstant, type Instant } from '../time.ts';
import { datesAtClockChanges } from './clock-changes.ts';
import { formatSchedule } from './format-schedule.ts';
import type { Schedule } from './schedule.ts';

const cron = (text: string, timezone: string | null = null): Schedule => ({
  kind: 'cron',
  cron: text,
  timezone,
  dayOr: true,
});
const interval = (seconds: number, timezone: string | null = 'UTC'): Schedule => ({
  kind: 'interval',
  interval: seconds,
  anchorDate: 0 as Instant,
  timezone,
});
const rule = (text: string): Schedule => ({ kind: 'rrule', rrule: text, timezone: 'UTC' });
const at = (text: string): Instant => parseInstant(text) as Instant;

test('a cron in words, or as it is written where there are no short ones', () => {
  const said: Readonly<Record<string, string>> = {
    '0 9 * * *': 'every day at 09:00, UTC',
    '30 9,17 * * 1-5': 'Monday to Friday at 09:30 and 17:30, UTC',
    '0 9 * * sat,sun': 'Sunday and Saturday at 09:00, UTC',
    '*/5 * * * *': 'every 5 minutes, UTC',
    '* * * * *': 'every minute, UTC',
    '*/5 * * * mon': 'every 5 minutes, Monday, UTC',
    '0 * * * *': 'every hour, UTC',
    '15 */2 * * *': 'every 2 hours at :15, UTC',
    '@daily': 'every day at 00:00, UTC',
    '0 0 1 * *': 'on day 1 of every month at 00:00, UTC',
    '0 6 1,15 1,7 *': 'on days 1 and 15 of January and July at 06:00, UTC',
    '0 6 * 12 *': 'every day in December at 06:00, UTC',
    '0 9 1-7 * mon': 'cron 0 9 1-7 * mon, UTC',
    '*/15 9-17 * * *': 'cron */15 9-17 * * *, UTC',
    '0 9 L * *': 'cron 0 9 L * *, UTC',
    '0 9 * * fri#2': 'cron 0 9 * * fri#2, UTC',
  };
  assert.deepEqual(Object.fromEntries(Object.keys(said).map((text) => [text, formatSchedule(cron(text))])), said);
  assert.equal(formatSchedule(cron('0 9 * * *', 'Europe/Berlin')), 'every day at 09:00, Europe/Berlin');
});

test('intervals and rules in words', () => {
  assert.deepEqual(
    [60, 3600, 5400, 86_400, 0.5, 7200].map((seconds) => formatSchedule(interval(seconds))),
    ['every minute', 'every hour', 'every 90 minutes', 'every day, UTC', 'every 0.5 seconds', 'every 2 hours'],
  );
  assert.deepEqual(
    [
      'FREQ=DAILY',
      'RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3',
      'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;UNTIL=20261231T000000Z',
      'FREQ=WEEKLY;BYDAY=MO',
    ].map((text) => formatSchedule(rule(text))),
    [
      'every day, UTC',
      'every 2 weeks, 3 times, UTC',
      'every day, until 2026-12-31, UTC',
      'rule FREQ=WEEKLY;BYDAY=MO, UTC',
    ],
  );
});

test('what the next changes of clocks do to a schedule', () => {
  const now = at('2026-01-15T00:00:00Z');
  const marked = (schedule: Schedule, limit = 4): readonly string[] =>
    datesAtClockChanges(schedule, now, limit).map(({ nominal, mark }) => `${nominal} ${mark}`);
  assert.deepEqual(marked(cron('30 2 * * *', 'Europe/Berlin')), [
    '2026-03-29T02:30:00 gap',
    '2026-10-25T02:30:00 fold',
  ]);
  assert.deepEqual(marked(cron('0 9 * * *', 'Europe/Berlin')), []);
  assert.deepEqual(marked(cron('30 2 * * *')), []);
  assert.equal(marked(cron('* * * * *', 'Europe/Berlin'), 3).length, 3, 'no more than is asked for');
});
