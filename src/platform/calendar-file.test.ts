/** What iCalendar files leave out, and which of them are refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { instantFromMs } from '../core/time.ts';
import { readCalendarFile } from './calendar-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'calendar-'));
after(() => rmSync(folder, { recursive: true }));
const NOW = instantFromMs(Date.UTC(2026, 5, 1));

function read(text: string, now = NOW) {
  writeFileSync(join(folder, 'holidays.ics'), text);
  return readCalendarFile(folder, 'holidays.ics', now);
}

const calendar = (...events: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//t//t//EN', ...events, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: readonly string[]): string => ['BEGIN:VEVENT', 'UID:1', ...lines, 'END:VEVENT'].join('\r\n');
const spans = (found: Awaited<ReturnType<typeof read>>) =>
  found.map(({ from, to }) => (from === to ? from : `${from}/${to}`));

test('days are days, and the end of an event is not among them', async () => {
  const found = await read(
    calendar(
      event('SUMMARY:Christmas', 'DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'TRANSP:TRANSPARENT'),
      event('SUMMARY:New\r\n  Year', 'DTSTART;VALUE=DATE:20270101'),
      event('SUMMARY:Past', 'DTSTART;VALUE=DATE:20200101'),
    ),
  );
  assert.deepEqual(found, [
    { from: '2026-12-24', to: '2026-12-26', name: 'Christmas', calendar: 'holidays.ics' },
    { from: '2027-01-01', to: '2027-01-01', name: 'New Year', calendar: 'holidays.ics' },
  ]);
});

test('an endless recurrence goes on to the end of the third year from now', async () => {
  const found = await read(calendar(event('DTSTART;VALUE=DATE:20200501', 'RRULE:FREQ=YEARLY')));
  assert.deepEqual(spans(found), ['2026-05-01', '2027-05-01', '2028-05-01', '2029-05-01']);
});

test('what is excepted, moved or cancelled is not left out', async () => {
  const found = await read(
    calendar(
      event('DTSTART;VALUE=DATE:20260105', 'RRULE:FREQ=WEEKLY;COUNT=5', 'EXDATE;VALUE=DATE:20260112'),
      event('RECURRENCE-ID;VALUE=DATE:20260119', 'DTSTART;VALUE=DATE:20260121'),
      event('RECURRENCE-ID;VALUE=DATE:20260126', 'DTSTART;VALUE=DATE:20260126', 'STATUS:CANCELLED'),
    ),
  );
  assert.deepEqual(spans(found), ['2026-01-05', '2026-01-21', '2026-02-02']);
});

test('times are those of their zone, be it one that only the file knows', async () => {
  const zone = [
    'BEGIN:VTIMEZONE',
    'TZID:W. Europe Standard Time',
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ].join('\r\n');
  const found = await read(
    calendar(
      zone,
      event('DTSTART;TZID=W. Europe Standard Time:20260701T090000', 'DURATION:PT2H'),
      event('DTSTART;TZID=Europe/Berlin:20260702T090000', 'DTEND;TZID=Europe/Berlin:20260702T100000'),
      event('DTSTART:20260703T090000Z', 'DTEND:20260703T100000Z'),
      event('DTSTART:20260704T090000', 'DTEND:20260704T100000'),
      event('DTSTART;TZID=Europe/Berlin:20260705T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;UNTIL=20260706T070000Z'),
    ),
  );
  assert.deepEqual(
    spans(found).map((span) => span.replaceAll('.000000', '')),
    [
      '2026-07-01T07:00:00Z/2026-07-01T09:00:00Z',
      '2026-07-02T07:00:00Z/2026-07-02T08:00:00Z',
      '2026-07-03T09:00:00Z/2026-07-03T10:00:00Z',
      '2026-07-04T09:00:00/2026-07-04T10:00:00',
      '2026-07-05T07:00:00Z/2026-07-05T08:00:00Z',
      '2026-07-06T07:00:00Z/2026-07-06T08:00:00Z',
    ],
  );
});

const BAD: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['is none', 'hello\nworld', /holidays\.ics is no iCalendar file/],
  ['is empty', '', /holidays\.ics is no iCalendar file/],
  ['is a page', '<html><head><meta a="b:c"></head></html>', /holidays\.ics is no iCalendar file/],
  ['has 20 MB', calendar(`X-A:${'a'.repeat(20_000_000)}`), /has 20 MiB: at most 2 are read/],
  [
    'repeats each second for ever',
    calendar(event('DTSTART:20260101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')),
    /more than 1000 times until the end of 2029/,
  ],
  [
    'has a rule without any date',
    calendar(event('SUMMARY:odd', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30')),
    /holidays\.ics, event "odd": The recurrence rule .* names no date/,
  ],
  [
    'has 5,000 events',
    calendar(
      ...Array.from({ length: 5000 }, (_, at) =>
        event(
          `DTSTART:${new Date(NOW / 1000 + at * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`,
          'DURATION:PT1H',
        ),
      ),
    ),
    /more than 1000 times/,
  ],
  ['has an event that begins at no time', calendar(event('SUMMARY:x', 'DTSTART:gestern')), /holidays\.ics, event "x"/],
  [
    'names a zone that nobody knows',
    calendar(event('DTSTART;TZID=Nowhere:20260701T090000', 'DURATION:PT2H')),
    /holidays\.ics, event "": There is no time zone "Nowhere" in it/,
  ],
];
for (const [what, text, message] of BAD)
  test(`a calendar that ${what} is refused, and why`, () =>
    assert.rejects(
      read(text),
      (error: Error & { remedy?: string }) => message.test(error.message) && error.remedy !== '',
    ));

test('a calendar that is not there is told', () =>
  assert.rejects(readCalendarFile(folder, 'none.ics', NOW), /There is no calendar none\.ics/));
