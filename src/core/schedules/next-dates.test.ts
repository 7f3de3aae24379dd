import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../errors.ts';
import { formatInstant, type Instant, parseInstant } from '../time.ts';
import { nextDates } from './next-dates.ts';
import { type Schedule, slotKey } from './schedule.ts';

const NEW_YORK = 'America/New_York';

function at(text: string): Instant {
  const instant = parseInstant(text);
  assert.ok(instant !== null, text);
  return instant;
}

function cron(text: string, timezone: string | null = null, dayOr = true): Schedule {
  return { kind: 'cron', cron: text, timezone, dayOr };
}

function rrule(text: string, timezone: string | null = null): Schedule {
  return { kind: 'rrule', rrule: text, timezone };
}

function every(interval: number, anchor: string, timezone: string | null = null): Schedule {
  return { kind: 'interval', interval, anchorDate: at(anchor), timezone };
}

/** Instants to the minute, as text. */
function instants(schedule: Schedule, after: string, limit: number, until?: string): string[] {
  return nextDates(schedule, at(after), limit, until === undefined ? null : at(until)).map(({ instant }) =>
    formatInstant(instant).slice(0, 16),
  );
}

/** Nominal times, with their marks. */
function named(schedule: Schedule, after: string, limit: number): string[] {
  return nextDates(schedule, at(after), limit).map((date) => `${slotKey(date)} ${date.mark ?? ''}`.trimEnd());
}

test('the date asked from is not among those that follow it, and the last may be `until`', () => {
  const hourly = cron('@hourly');
  assert.deepEqual(instants(hourly, '2026-01-01T00:00Z', 2), ['2026-01-01T01:00', '2026-01-01T02:00']);
  assert.deepEqual(instants(hourly, '2025-12-31T23:59:59.999999Z', 1), ['2026-01-01T00:00']);
  assert.deepEqual(instants(hourly, '2026-01-01T00:00Z', 9, '2026-01-01T02:00Z').length, 2);
  assert.deepEqual(instants(hourly, '2026-01-01T00:00Z', 0), []);
});

test('a local time in a gap moves forward by it', () => {
  const expected = ['2026-03-07T02:30:00', '2026-03-08T02:30:00 gap', '2026-03-09T02:30:00'];
  for (const schedule of [
    cron('30 2 * * *', NEW_YORK),
    rrule('RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0', NEW_YORK),
  ]) {
    assert.deepEqual(named(schedule, '2026-03-07T00:00Z', 3), expected);
    assert.deepEqual(instants(schedule, '2026-03-07T00:00Z', 3), [
      '2026-03-07T07:30',
      '2026-03-08T07:30',
      '2026-03-09T06:30',
    ]);
    // From each time between, the same.
    assert.deepEqual(instants(schedule, '2026-03-08T07:00Z', 1), ['2026-03-08T07:30']);
    assert.deepEqual(instants(schedule, '2026-03-08T07:30Z', 1), ['2026-03-09T06:30']);
  }
});

test('what a gap moves onto another date is that date', () => {
  assert.deepEqual(named(cron('30 * * * *', NEW_YORK), '2026-03-08T06:00Z', 3), [
    '2026-03-08T01:30:00',
    '2026-03-08T03:30:00',
    '2026-03-08T04:30:00',
  ]);
  // Lord Howe leaves out half an hour: 02:15 is 02:45, behind 02:40.
  assert.deepEqual(named(cron('15,40 2 * * *', 'Australia/Lord_Howe'), '2026-10-03T12:00Z', 3), [
    '2026-10-04T02:40:00',
    '2026-10-04T02:15:00 gap',
    '2026-10-05T02:15:00',
  ]);
  assert.deepEqual(named(cron('15,40 2 * * *', 'Australia/Lord_Howe'), '2026-10-03T15:40Z', 1), [
    '2026-10-04T02:15:00 gap',
  ]);
});

test('a fold fires once', () => {
  for (const schedule of [
    cron('30 1 * * *', NEW_YORK),
    rrule('RRULE:FREQ=DAILY;BYHOUR=1;BYMINUTE=30;BYSECOND=0', NEW_YORK),
    every(86_400, '2026-01-01T06:30Z', NEW_YORK),
  ])
    assert.deepEqual(named(schedule, '2026-10-31T12:00Z', 2), ['2026-11-01T01:30:00 fold', '2026-11-02T01:30:00']);
  assert.deepEqual(instants(cron('*/30 * * * *', NEW_YORK), '2026-11-01T05:00Z', 3), [
    '2026-11-01T05:30',
    '2026-11-01T07:00',
    '2026-11-01T07:30',
  ]);
});

test('elapsed time goes on through gaps and folds, and tells both local times of a fold apart', () => {
  const hourly = every(3600, '2020-01-01T00:30Z', NEW_YORK);
  assert.deepEqual(named(hourly, '2026-11-01T05:00Z', 3), [
    '2026-11-01T01:30:00 fold',
    '2026-11-01T01:30:00 (second) fold',
    '2026-11-01T02:30:00',
  ]);
  assert.deepEqual(named(hourly, '2026-03-08T06:00Z', 2), ['2026-03-08T01:30:00', '2026-03-08T03:30:00']);
  assert.deepEqual(named(every(0.5, '2026-01-01T00:00Z'), '2026-01-01T00:00Z', 2), [
    '2026-01-01T00:00:00.500000',
    '2026-01-01T00:00:01',
  ]);
});

test('days of the calendar keep their hour, until a gap moves it for good', () => {
  const nine = every(86_400, '2026-01-01T14:00Z', NEW_YORK);
  assert.deepEqual(instants(nine, '2026-03-07T00:00Z', 3), [
    '2026-03-07T14:00',
    '2026-03-08T13:00',
    '2026-03-09T13:00',
  ]);
  const early = every(86_400, '2026-01-01T07:30Z', NEW_YORK);
  assert.deepEqual(named(early, '2026-03-07T00:00Z', 3), [
    '2026-03-07T02:30:00',
    '2026-03-08T03:30:00 gap',
    '2026-03-09T03:30:00',
  ]);
  assert.deepEqual(named(early, '2026-03-08T07:10Z', 1), ['2026-03-08T03:30:00 gap']);
  assert.deepEqual(named(early, '2026-06-01T12:00Z', 1), ['2026-06-02T03:30:00']);
  assert.deepEqual(named(early, '2025-06-01T12:00Z', 1), ['2025-06-02T02:30:00']);
  assert.deepEqual(named(early, '2025-12-31T12:00Z', 2), ['2026-01-01T02:30:00', '2026-01-02T02:30:00']);
});

test('an interval that is not of whole days is elapsed time', () => {
  assert.deepEqual(instants(every(36 * 3600, '2026-03-06T12:00Z', NEW_YORK), '2026-03-06T12:00Z', 3), [
    '2026-03-08T00:00',
    '2026-03-09T12:00',
    '2026-03-11T00:00',
  ]);
});

test('cron: names, lists, steps, seconds, years, last and n-th days', () => {
  const from = '2026-01-01T00:00Z';
  const cases: [text: string, dates: string[]][] = [
    ['0 9 * * mon-fri', ['2026-01-01T09:00', '2026-01-02T09:00', '2026-01-05T09:00']],
    ['0 9 * * fri-mon', ['2026-01-02T09:00', '2026-01-03T09:00', '2026-01-04T09:00']],
    ['0 0 * FEB SUN', ['2026-02-01T00:00', '2026-02-08T00:00', '2026-02-15T00:00']],
    ['0 0 L * *', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
    ['0 0 * * fri#2', ['2026-01-09T00:00', '2026-02-13T00:00', '2026-03-13T00:00']],
    ['0 0 * * L5', ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-27T00:00']],
    ['5/25 3 * * *', ['2026-01-01T03:05', '2026-01-01T03:30', '2026-01-01T03:55']],
    ['0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['0 0 1,30 2,3 *', ['2026-02-01T00:00', '2026-03-01T00:00', '2026-03-30T00:00']],
    ['0 0 13 * fri', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00']],
    ['0 12 1 1 * 0 2030-2031', ['2030-01-01T12:00', '2031-01-01T12:00']],
    ['@weekly', ['2026-01-04T00:00', '2026-01-11T00:00', '2026-01-18T00:00']],
  ];
  for (const [text, dates] of cases) assert.deepEqual(instants(cron(text), from, 3), dates, text);
  assert.deepEqual(instants(cron('0 0 13 * fri', null, false), from, 2), ['2026-02-13T00:00', '2026-03-13T00:00']);
  assert.deepEqual(named(cron('* * * * * */20'), from, 3), [
    '2026-01-01T00:00:20',
    '2026-01-01T00:00:40',
    '2026-01-01T00:01:00',
  ]);
});

test('recurrence rules: examples of RFC 5545', () => {
  const start = 'DTSTART:19970902T090000\n';
  const cases: [text: string, dates: string[]][] = [
    ['RRULE:FREQ=DAILY;COUNT=2', ['1997-09-02T09:00', '1997-09-03T09:00']],
    ['RRULE:FREQ=MONTHLY;BYDAY=-2MO', ['1997-09-22T09:00', '1997-10-20T09:00', '1997-11-17T09:00']],
    ['RRULE:FREQ=MONTHLY;BYMONTHDAY=-3', ['1997-09-28T09:00', '1997-10-29T09:00', '1997-11-28T09:00']],
    ['RRULE:FREQ=YEARLY;BYDAY=20MO', ['1998-05-18T09:00', '1999-05-17T09:00', '2000-05-15T09:00']],
    ['RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', ['1998-05-11T09:00', '1999-05-17T09:00', '2000-05-15T09:00']],
    ['RRULE:FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3', ['1997-09-04T09:00', '1997-10-07T09:00', '1997-11-06T09:00']],
    ['RRULE:FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100', ['2000-01-01T09:00', '2000-04-09T09:00', '2003-01-01T09:00']],
    ['RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU', ['1997-09-02T09:00', '1997-09-14T09:00', '1997-09-16T09:00']],
    [
      'RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000',
      ['1997-09-02T09:00', '1997-09-02T12:00', '1997-09-02T15:00'],
    ],
    ['RRULE:FREQ=MINUTELY;INTERVAL=90;COUNT=2', ['1997-09-02T09:00', '1997-09-02T10:30']],
    ['RRULE:FREQ=DAILY\nEXDATE:19970902T090000,19970904T090000', ['1997-09-03T09:00', '1997-09-05T09:00']],
    ['RDATE:19970101T000000\nRRULE:FREQ=YEARLY', ['1997-01-01T00:00', '1997-09-02T09:00', '1998-09-02T09:00']],
  ];
  for (const [text, dates] of cases) {
    assert.deepEqual(instants(rrule(start + text), '1996-01-01T00:00Z', dates.length), dates, text);
    if (text.includes('COUNT')) assert.equal(instants(rrule(start + text), '1996-01-01T00:00Z', 9).length, 2, text);
  }
});

test('a rule of seconds that began long ago is asked at once, and its times are local', () => {
  const seconds = rrule('DTSTART:19000101T000000\nRRULE:FREQ=SECONDLY;INTERVAL=7;COUNT=900000000');
  assert.equal(nextDates(seconds, at('2026-01-01T00:00Z'), 2).length, 2);
  const local = rrule('DTSTART;TZID=Europe/Berlin:20260101T090000Z\nRRULE:FREQ=DAILY', NEW_YORK);
  assert.deepEqual(instants(local, '2026-01-01T00:00Z', 1), ['2026-01-01T14:00']);
});

test('what cannot be scheduled is refused, with what is wrong', () => {
  const cases: [schedule: Schedule, says: RegExp][] = [
    [every(0, '2026-01-01T00:00Z'), /interval of 0 seconds/],
    [every(-1, '2026-01-01T00:00Z'), /interval of -1 seconds/],
    [every(Number.NaN, '2026-01-01T00:00Z'), /interval of NaN/],
    [every(60, '2026-01-01T00:00Z', 'Mars/Base'), /no time zone 'Mars\/Base'/],
    [cron('* * * * *', '+02:00'), /no time zone/],
    [cron('* * *'), /3 fields/],
    [cron('61 * * * *'), /minute '61' is not from 0 to 59/],
    [cron('* * * nope *'), /month 'nope' has 'nope' in it/],
    [cron('*/0 * * * *'), /step of 0/],
    [cron('h * * * *'), /drawn/],
    [cron('0 0 * * 1,2#3'), /mixes days/],
    [cron('0 0 30 2 *'), /names no day/],
    [rrule(''), /neither an RRULE nor an RDATE/],
    [rrule('RRULE:FREQ=OFTEN'), /FREQ is none of/],
    [rrule('RRULE:FREQ=DAILY;BYMONTH=13'), /BYMONTH '13' is not from 1 to 12/],
    [rrule('RRULE:FREQ=DAILY;INTERVAL=0'), /INTERVAL is not a whole number from 1/],
    [rrule('RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'), /names no date/],
    [rrule('DTSTART:20260101T000000\nRRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=30'), /not looked for|names no date/],
    [rrule('RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY'), /excepts 10000/],
    [rrule('RRULE:FREQ=DAILY;COUNT=900000000'), /takes too long/],
    [rrule(`RRULE:FREQ=DAILY\nEXDATE:${'20260101T000000,'.repeat(500)}`), /at most 6500/],
    [rrule('DTSTART:20260230T000000\nRRULE:FREQ=DAILY'), /no time '20260230T000000'/],
  ];
  for (const [schedule, says] of cases)
    assert.throws(
      () => nextDates(schedule, at('2026-01-01T00:00Z'), 1),
      (error) => error instanceof OstinatoError && error.code === 'bad-input' && says.test(error.message),
      JSON.stringify(schedule),
    );
});
