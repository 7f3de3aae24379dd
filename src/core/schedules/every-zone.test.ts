/** Ten years of every zone that there is: no date twice, none missing, always onward, the same from everywhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../time.ts';
import { nextDates, readSchedule } from './next-dates.ts';
import { type Schedule, type ScheduledDate, slotKey } from './schedule.ts';
import { zoneOf } from './zone.ts';

const ZONES = Intl.supportedValuesOf('timeZone');
const MICRO = 1_000_000;
const DAY = 86_400;
const FROM = Date.UTC(2024, 0, 1) / 1000;
const TO = Date.UTC(2034, 0, 1) / 1000;

/** Rules with dates at and around each hour at which clocks change somewhere: asked for in the days of changes. */
const DENSE: readonly ((timezone: string) => Schedule)[] = [
  (timezone) => ({ kind: 'cron', cron: '10,40 0-4,23 * * *', timezone, dayOr: true }),
  (timezone) => ({ kind: 'rrule', rrule: 'RRULE:FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=15;BYSECOND=0', timezone }),
  (timezone) => ({ kind: 'rrule', rrule: 'DTSTART:20230101T003000\nRRULE:FREQ=HOURLY', timezone }),
];

/** Asked for over the ten years. */
const SELDOM: readonly ((timezone: string) => Schedule)[] = [
  (timezone) => ({ kind: 'cron', cron: '30 2 * * sun', timezone, dayOr: true }),
  (timezone) => ({ kind: 'cron', cron: '0 0 L * sun#1', timezone, dayOr: true }),
  (timezone) => ({ kind: 'rrule', rrule: 'RRULE:FREQ=MONTHLY;BYDAY=2SU,-1SU;BYHOUR=1,2', timezone }),
];

function datesOf(schedule: Schedule, from: number, to: number): ScheduledDate[] {
  return nextDates(schedule, (from * MICRO) as Instant, Infinity, (to * MICRO) as Instant);
}

function assertOnward(dates: readonly ScheduledDate[], what: string): void {
  for (const [index, { instant }] of dates.entries())
    assert.ok(index === 0 || instant > (dates[index - 1]?.instant ?? 0), `${what}: not onward at ${instant}`);
  assert.equal(new Set(dates.map(slotKey)).size, dates.length, `${what}: a slot twice`);
}

/** Found out in another way: the local times of the rule (UTC has no gaps), each for itself, then sorted, each once. */
function assertComplete(schedule: Schedule, [from, to]: Span, dates: readonly ScheduledDate[], what: string): void {
  const expected = new Set<number>();
  for (const { instant } of datesOf({ ...schedule, timezone: null }, from - 2 * DAY, to + 2 * DAY)) {
    const { unix } = zoneOf(schedule.timezone).resolve(instant / MICRO);
    if (unix > from && unix <= to) expected.add(unix * MICRO);
  }
  const instants = dates.map(({ instant }) => instant as number);
  assert.deepEqual(
    instants,
    [...expected].sort((a, b) => a - b),
    what,
  );
}

type Span = readonly [from: number, to: number];

/** A refill that begins anywhere around a change goes on with the same dates. */
function assertSameFrom(schedule: Schedule, at: number, dates: readonly ScheduledDate[], what: string): void {
  for (const minutes of [-90, -31, -1, 0, 1, 29, 59, 61, 90]) {
    const after = (at + minutes * 60) * MICRO;
    const next = dates.find(({ instant }) => instant > after);
    if (next) assert.deepEqual(readSchedule(schedule).next(after as Instant), next, `${what} from ${after}`);
  }
}

test('rules of local times', { timeout: 300_000 }, () => {
  let changes = 0;
  for (const timezone of ZONES) {
    const transitions = zoneOf(timezone).transitions(FROM + 3 * DAY, TO - 3 * DAY);
    changes += transitions.length;
    for (const schedule of SELDOM.map((rule) => rule(timezone))) {
      const what = `${timezone} ${JSON.stringify(schedule)}`;
      const dates = datesOf(schedule, FROM, TO);
      assert.ok(dates.length > 100, what);
      assertOnward(dates, what);
      assertComplete(schedule, [FROM, TO], dates, what);
    }
    // The rules of most zones are the same every year: four changes of each, and all of those that have more.
    const watched = transitions.filter(({ at }, index) => index < 4 || transitions.length > 20 || at > TO - 400 * DAY);
    for (const schedule of DENSE.map((rule) => rule(timezone)))
      for (const { at } of watched) {
        const what = `${timezone} ${JSON.stringify(schedule)} at ${at}`;
        const dates = datesOf(schedule, at - DAY, at + 2 * DAY);
        assertOnward(dates, what);
        assertComplete(schedule, [at - DAY, at + 2 * DAY], dates, what);
        assertSameFrom(schedule, at, dates, what);
      }
  }
  assert.ok(changes > 1000, `only ${changes} changes of clocks were seen`);
});

test('intervals', { timeout: 300_000 }, () => {
  for (const timezone of ZONES)
    for (const interval of [DAY, 37 * 3600]) {
      // At an hour in which many clocks change.
      const anchor = FROM - 100 * DAY + 2.5 * 3600;
      const anchorDate = ((anchor - zoneOf(timezone).offsetAt(anchor)) * MICRO) as Instant;
      const schedule: Schedule = { kind: 'interval', interval, anchorDate, timezone };
      const what = `${timezone} every ${interval} s`;
      const dates = datesOf(schedule, FROM, TO);
      assertOnward(dates, what);
      for (const { at } of zoneOf(timezone)
        .transitions(FROM + DAY, TO - DAY)
        .slice(0, 4))
        assertSameFrom(schedule, at, dates, what);
      const slack = interval % DAY === 0 ? 26 * 3600 : 0;
      for (const [index, { instant }] of dates.entries()) {
        const step = index === 0 ? interval : (instant - (dates[index - 1]?.instant ?? 0)) / MICRO;
        assert.ok(Math.abs(step - interval) <= slack, `${what}: ${step} s between two`);
      }
      assert.ok(Math.abs(dates.length - (TO - FROM) / interval) <= 2, `${what}: ${dates.length} dates`);
    }
});
