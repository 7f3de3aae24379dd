/** What a file says of the slots of its schedules: what is wrong is told with its line and what to write. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { instantFromMs } from '../../core/time.ts';
import { withCalendars } from './exclude.ts';
import { readDeploymentFile } from './read-file.ts';
import { scheduleOf } from './wrong-schedules.ts';

const NOW = instantFromMs(Date.UTC(2026, 5, 1));
const folder = mkdtempSync(join(tmpdir(), 'exclude-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'holidays.ics'),
  'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n',
);
writeFileSync(join(folder, 'notes.txt'), 'none\n');

const file = (...lines: readonly string[]): string =>
  ['name: nightly', 'flow_name: sales', 'entrypoint: flows.ts:sales', 'schedules:', '  - cron: "0 * * * *"']
    .concat(lines.map((line) => `    ${line}`))
    .join('\n');

async function read(...lines: readonly string[]) {
  const { fields, complaints, placeOf } = readDeploymentFile(file(...lines), NOW);
  if (fields === null) return { complaints, schedules: [] };
  const scheduleAt = (entry: Parameters<typeof scheduleOf>[0]) => scheduleOf(entry, NOW);
  return await withCalendars(fields.schedules ?? [], { folder, placeOf, now: NOW, scheduleOf: scheduleAt });
}

test('days, spans and calendars are left out, and the rest is asked for as it is written', async () => {
  const { schedules, complaints } = await read(
    'catch_up: none',
    'max_lateness: 90',
    'overlap: cancelOldest',
    'jitter: 300',
    'start: 2026-01-01',
    'end: null',
    'exclude:',
    '  - 2026-12-24',
    '  - 2026-12-30/2027-01-02',
    '  - { from: 2026-07-01T08:00:00, to: 2026-07-01T10:00:00, name: audit }',
    '  - calendar: holidays.ics',
  );
  assert.deepEqual(complaints, []);
  assert.deepEqual(schedules, [
    {
      cron: '0 * * * *',
      catch_up: 'none',
      max_lateness: 90,
      overlap: 'cancelOldest',
      jitter: 300,
      start: '2026-01-01',
      end: null,
      exclusions: [
        { from: '2026-12-24', to: '2026-12-24', name: null, calendar: null },
        { from: '2026-12-30', to: '2027-01-02', name: null, calendar: null },
        { from: '2026-07-01T08:00:00', to: '2026-07-01T10:00:00', name: 'audit', calendar: null },
        { from: '2026-12-25', to: '2026-12-25', name: 'Christmas', calendar: 'holidays.ics' },
      ],
    },
  ]);
});

const BAD: readonly (readonly [lines: readonly string[], line: number, message: RegExp, advice: RegExp])[] = [
  [
    ['catch_up: newest'],
    6,
    /"schedules\[0\]\.catch_up" must be one of latest, all, none, not the text "newest"/,
    /catch_up: latest/,
  ],
  [['overlap: cancel_oldest'], 6, /must be one of allow, skip, queue, cancelOldest, cancelNewest/, /overlap: skip/],
  [['max_lateness: -1'], 6, /must be a number of seconds, 0 or more/, /max_lateness: 3600/],
  [['max_lateness: 2h'], 6, /must be a number of seconds/, /max_lateness: 3600/],
  [['jitter: -5'], 6, /must be a number of seconds, 0 or more, not the number -5/, /jitter: 300/],
  [['slug: a', 'jitter: 7200'], 7, /A jitter of 7200 s is longer than the 3600 s/, /3600 seconds at most/],
  [['start: 2026-06-02', 'end: 2026-06-01'], 7, /It ends at 2026-06-01, before it starts at 2026-06-02/, /Write a day/],
  [['start: soon'], 6, /"soon" is no time/, /2026-12-24/],
  [['timezone: Europe/Atlantis', 'exclude: [2026-12-24]'], 6, /There is no time zone 'Europe\/Atlantis'/, /Write/],
  [['exclude: 2026-12-24'], 6, /must be a list/, /exclude: \[/],
  [['exclude:', '  - 2026-12-24', '  - 2026-02-30'], 8, /"2026-02-30" is no time/, /Write a day/],
  [['exclude:', '  - 2026-12-24', '  - 5'], 8, /What is left out is a day/, /exclude: \[/],
  [['exclude:', '  - { from: 2026-12-24, until: 2026-12-25 }'], 7, /What is left out is a day/, /exclude: \[/],
  [['exclude:', '  - 2026-12-26/2026-12-24'], 7, /ends at 2026-12-24, before it begins/, /from/],
  [
    ['exclude:', ...Array.from({ length: 10_000 }, () => '  - 2026-12-24')],
    6,
    /10000 exclusions are too many/,
    /from and to/,
  ],
  [['exclude:', '  - calendar: none.ics'], 7, /There is no calendar none\.ics/, /iCalendar/],
  [['exclude:', '  - 2026-12-24', '  - calendar: notes.txt'], 8, /notes\.txt is no iCalendar file/, /BEGIN:VCALENDAR/],
  [['exclude:', '  - calendar: .'], 7, /./, /./],
];
for (const [lines, line, message, advice] of BAD)
  test(`what is wrong is told: ${lines.slice(0, 3).join(' ')}`, async () => {
    const { complaints } = await read(...lines);
    assert.equal(complaints.length, 1, JSON.stringify(complaints));
    assert.equal(complaints[0]?.line, line, JSON.stringify(complaints));
    assert.match(complaints[0].message, message);
    assert.match(complaints[0].advice, advice);
  });
