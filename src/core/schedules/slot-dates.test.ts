/** Slots with jitter, start, end and exclusions: none twice, none missing, from wherever they are asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { Instant } from '../time.ts';
import { nextDates } from './next-dates.ts';
import { slotKey, type Schedule } from './schedule.ts';
import { runDates, slotDates, type SlotDate, type SlotSource } from './slot-dates.ts';
import { NO_SLOT_RULES, readRules, wrongWithRules, type Exclusion, type SlotRules } from './slot-rules.ts';
import { zoneOf } from './zone.ts';

const MICRO = 1_000_000;
const DAY = 86_400;
const FROM = Date.UTC(2026, 0, 1) / 1000;
const SPAN = 40 * DAY;
const ZONES = Intl.supportedValuesOf('timeZone');

const at = (unix: number): Instant => Math.round(unix * MICRO) as Instant;
const dayText = (unix: number): string => new Date(unix * 1000).toISOString().slice(0, 10);
const timeText = (unix: number): string => new Date(unix * 1000).toISOString().slice(0, 19);

const scheduleIn = (timezone: string): fc.Arbitrary<Schedule> =>
  fc.oneof(
    fc
      .constantFrom('0 9 * * *', '30 2 * * *', '15 */3 * * *', '0 0 * * 1-5')
      .map((cron): Schedule => ({ kind: 'cron', cron, timezone, dayOr: true })),
    fc
      .constantFrom(3600, 5400, 43_200, DAY, 2 * DAY)
      .map((interval): Schedule => ({ kind: 'interval', interval, anchorDate: at(FROM + 1800), timezone })),
    fc
      .constantFrom('RRULE:FREQ=DAILY;BYHOUR=1,2,3', 'DTSTART:20230101T003000\nRRULE:FREQ=HOURLY')
      .map((rrule): Schedule => ({ kind: 'rrule', rrule, timezone })),
  );

/** Within a year around a span, so that there are changes of clocks in it. */
const drawn = fc
  .record({ zone: fc.constantFrom(...ZONES), begin: fc.integer({ min: 0, max: 365 }) })
  .chain(({ zone, begin }) => {
    const from = FROM + begin * DAY;
    const offset = fc.integer({ min: -2 * DAY, max: SPAN });
    const moment = offset.chain((seconds) =>
      fc.constantFrom(dayText(from + seconds), timeText(from + seconds), `${timeText(from + seconds)}Z`),
    );
    const exclusion = fc
      .record({ seconds: offset, days: fc.integer({ min: 0, max: 5 }) })
      .map(({ seconds, days }): Exclusion => ({
        from: dayText(from + seconds),
        to: dayText(from + seconds + days * DAY),
        name: null,
        calendar: null,
      }));
    return fc.record({
      from: fc.constant(from),
      schedule: scheduleIn(zone),
      jitterSeconds: fc.constantFrom(0, 0, 1, 600, 3600),
      start: fc.option(moment),
      end: fc.option(moment),
      exclusions: fc.array(exclusion, { maxLength: 4 }),
    });
  })
  .filter(({ from, schedule, ...rules }) => wrongWithRules(rules, schedule, at(from)) === null);

test('each date of a schedule is one slot, or none as its rules say; and nothing else is', () => {
  fc.assert(
    fc.property(drawn, ({ from, schedule, ...rules }) => {
      const source: SlotSource = { id: 'a', schedule, rules };
      const slots = slotDates(source, at(from), Infinity, at(from + SPAN));
      assertOnward(slots);
      const read = readRules(rules, schedule);
      const dates = nextDates(schedule, at(from - rules.jitterSeconds), Infinity, at(from + SPAN));
      const expected = dates.filter(
        ({ instant }) => (read.start === null || instant >= read.start) && (read.end === null || instant < read.end),
      );
      // At both ends of the span it is the jitter that tells whether a slot is in it.
      const isEdge = (unmoved: number): boolean =>
        unmoved <= at(from) || unmoved > at(from + SPAN - rules.jitterSeconds - 1);
      const inside = (all: readonly { unmoved?: Instant; instant: Instant }[]) =>
        all.map((date) => date.unmoved ?? date.instant).filter((unmoved) => !isEdge(unmoved));
      assert.deepEqual(inside(slots), inside(expected));
      for (const { unmoved, instant, exclusion } of slots) {
        assert.ok(instant >= unmoved && instant - unmoved < Math.max(1, rules.jitterSeconds * MICRO));
        assert.equal(exclusion !== null, isLeftOut(rules, schedule, unmoved));
      }
    }),
    { numRuns: 150 },
  );
});

test('slots are the same from wherever they are asked for, and those with a run are among them', () => {
  fc.assert(
    fc.property(drawn, fc.integer({ min: 0, max: SPAN }), ({ from, schedule, ...rules }, seconds) => {
      const source: SlotSource = { id: 'a', schedule, rules };
      const until = at(from + SPAN);
      const all = slotDates(source, at(from), Infinity, until);
      const middle = at(from + seconds);
      assert.deepEqual(
        slotDates(source, middle, Infinity, until),
        all.filter(({ instant }) => instant > middle),
      );
      const edge = all[Math.floor((seconds / SPAN) * all.length)];
      if (edge !== undefined)
        assert.deepEqual(
          slotDates(source, edge.instant, Infinity, until),
          all.filter(({ instant }) => instant > edge.instant),
        );
      assert.deepEqual(
        runDates(source, at(from), Infinity, until),
        all.filter(({ exclusion }) => exclusion === null),
      );
    }),
    { numRuns: 100 },
  );
});

test('a time that is left out for years costs no look at each of its dates', () => {
  const schedule: Schedule = { kind: 'interval', interval: 1, anchorDate: at(FROM), timezone: 'Europe/Berlin' };
  const exclusion = { from: '2026-01-01', to: '2099-12-31', name: null, calendar: null };
  const [first] = runDates({ id: 'a', schedule, rules: { ...NO_SLOT_RULES, exclusions: [exclusion] } }, at(FROM), 1);
  assert.equal(first?.nominal, '2100-01-01T00:00:00');
});

test('jitter is of the schedule and the slot: another schedule has another, and it spreads', () => {
  const schedule: Schedule = { kind: 'cron', cron: '0 * * * *', timezone: null, dayOr: true };
  const rules: SlotRules = { ...NO_SLOT_RULES, jitterSeconds: 600 };
  const moves = (id: string) =>
    slotDates({ id, schedule, rules }, at(FROM), 1000).map(({ instant, unmoved }) => (instant - unmoved) / MICRO);
  const [one, other] = [moves('a'), moves('b')];
  assert.notDeepEqual(one, other);
  const mean = one.reduce((sum, each) => sum + each, 0) / one.length;
  assert.ok(mean > 270 && mean < 330, `${mean}`);
  assert.ok(Math.min(...one) < 20 && Math.max(...one) > 580);
});

const CRON: Schedule = { kind: 'cron', cron: '0 * * * *', timezone: 'Europe/Berlin', dayOr: true };
const day = (from: string, to = from, calendar: string | null = null): Exclusion => ({
  from,
  to,
  name: null,
  calendar,
});
const BAD: readonly (readonly [rules: Partial<SlotRules>, field: string, message: RegExp])[] = [
  [{ jitterSeconds: -1 }, 'jitter', /-1 seconds cannot be/],
  [{ jitterSeconds: 3601 }, 'jitter', /longer than the 3600 s between two dates/],
  [{ jitterSeconds: Number.NaN }, 'jitter', /cannot be/],
  [{ start: '2026-13-01' }, 'start', /"2026-13-01" is no time/],
  [{ end: 'soon' }, 'end', /"soon" is no time/],
  [{ start: '2026-06-01', end: '2026-05-31' }, 'end', /ends at 2026-05-31, before it starts at 2026-06-01/],
  [{ start: '2026-06-01T10:00:00', end: '2026-06-01T08:00:00Z' }, 'end', /before it starts/],
  [{ exclusions: [day('2026-02-30')] }, 'exclusions', /"2026-02-30" is no time/],
  [{ exclusions: [day('2026-12-24', '2026-12-23', 'x.ics')] }, 'exclusions', /of x\.ics ends at 2026-12-23/],
  [{ exclusions: [day('2026-12-24T09:00:00')] }, 'exclusions', /ends at/],
  [
    { exclusions: Array.from({ length: 10_000 }, () => day('2026-12-24')) },
    'exclusions',
    /10000 exclusions are too many/,
  ],
];
for (const [rules, field, message] of BAD)
  test(`rules that cannot be are told: ${JSON.stringify(rules).slice(0, 80)}`, () => {
    const wrong = wrongWithRules({ ...NO_SLOT_RULES, ...rules }, CRON, at(FROM));
    assert.equal(wrong?.field, field);
    assert.match(wrong.message, message);
    assert.notEqual(wrong.remedy, '');
  });

test('a day of an end is included, a time is not; a day of a start begins it', () => {
  const noon: Schedule = { kind: 'cron', cron: '0 12 * * *', timezone: 'Europe/Berlin', dayOr: true };
  const nominals = (rules: Partial<SlotRules>) =>
    slotDates({ id: '', schedule: noon, rules: { ...NO_SLOT_RULES, ...rules } }, at(FROM), 100).map(({ nominal }) =>
      nominal.slice(0, 10),
    );
  assert.deepEqual(nominals({ start: '2026-03-28', end: '2026-03-30' }), ['2026-03-28', '2026-03-29', '2026-03-30']);
  assert.deepEqual(nominals({ start: '2026-03-28T12:00:00', end: '2026-03-29T12:00:00' }), ['2026-03-28']);
  assert.deepEqual(nominals({ start: '2026-03-29T10:00:00Z', end: '2026-03-30T10:00:01Z' }), [
    '2026-03-29',
    '2026-03-30',
  ]);
});

function assertOnward(slots: readonly SlotDate[]): void {
  for (const [index, { instant }] of slots.entries())
    assert.ok(index === 0 || instant > (slots[index - 1]?.instant ?? 0));
  assert.equal(new Set(slots.map(slotKey)).size, slots.length, 'a slot twice');
}

/** Found out in another way: by the clocks' own days. */
function isLeftOut({ exclusions }: SlotRules, schedule: Schedule, unmoved: Instant): boolean {
  const unix = Math.floor(unmoved / MICRO);
  const shown = dayText(unix + zoneOf(schedule.timezone).offsetAt(unix));
  return exclusions.some(({ from, to }) => from <= shown && shown <= to);
}
