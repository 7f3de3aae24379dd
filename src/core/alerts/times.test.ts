import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatInstant, parseInstant, type Instant } from '../time.ts';
import { ENTRIES_MAX, nextDigestAt, withEntry, type DigestEntry } from './digest.ts';
import { alertOptionsOf, secondOfDay } from './options.ts';
import { afterQuiet } from './quiet-hours.ts';
import { onCall } from './rota.ts';

const at = (text: string): Instant => {
  const instant = parseInstant(text);
  assert.ok(instant !== null);
  return instant;
};
const shown = (instant: Instant): string => formatInstant(instant).slice(0, 19);

const quietIn = (wire: Readonly<Record<string, unknown>>) => alertOptionsOf({ quiet: wire }).quiet;

test('quiet hours end by the clock of their zone, across midnight, on the days on which they begin', () => {
  const night = quietIn({ from: '22:00', until: '7:00' });
  for (const [now, end] of [
    ['2026-01-10T20:59:59Z', '2026-01-10T20:59:59'],
    ['2026-01-10T21:00:00Z', '2026-01-11T06:00:00'],
    ['2026-01-11T05:59:59Z', '2026-01-11T06:00:00'],
    ['2026-01-11T06:00:00Z', '2026-01-11T06:00:00'],
    // Clocks go forward in that night, and back in this one.
    ['2026-03-28T21:30:00Z', '2026-03-29T05:00:00'],
    ['2026-10-24T21:30:00Z', '2026-10-25T06:00:00'],
  ] as const)
    assert.equal(shown(afterQuiet(night, 'Europe/Berlin', at(now))), end, now);
  const friday = quietIn({ from: '22:00', until: '07:00', days: ['fri'] });
  assert.equal(shown(afterQuiet(friday, 'UTC', at('2026-01-10T03:00:00Z'))), '2026-01-10T07:00:00', 'begun on Friday');
  assert.equal(shown(afterQuiet(friday, 'UTC', at('2026-01-10T23:00:00Z'))), '2026-01-10T23:00:00', 'a Saturday');
  // Whole days follow each other; a week without an end is not waited for.
  const weekend = quietIn({ from: '00:00', until: '00:00', days: ['sat', 'sun'] });
  assert.equal(shown(afterQuiet(weekend, 'UTC', at('2026-01-10T12:00:00Z'))), '2026-01-12T00:00:00');
  const always = quietIn({ from: '00:00', until: '24:00' });
  assert.ok(afterQuiet(always, 'UTC', at('2026-01-10T12:00:00Z')) < at('2026-02-01T00:00:00Z'));
  assert.equal(afterQuiet(null, 'UTC', at('2026-01-10T12:00:00Z')), at('2026-01-10T12:00:00Z'));
  for (const [text, second] of [
    ['7:05', 25_500],
    ['24:00', 86_400],
    ['24:01', null],
    ['12:60', null],
    ['noon', null],
  ] as const)
    assert.equal(secondOfDay(text), second);
});

test('turns begin at the same hour when clocks change; somebody may stand in', () => {
  const { rota, timeZone } = alertOptionsOf({
    time_zone: 'Europe/Berlin',
    on_call: {
      start: '2026-03-23T09:00',
      every: 7 * 86_400,
      block_document_ids: ['a', 'b', 'c'],
      overrides: [{ from: '2026-04-01', until: '2026-04-02T12:00', block_document_id: 'd' }],
    },
  });
  assert.ok(rota);
  for (const [now, who] of [
    ['2026-03-23T07:59:59Z', null],
    ['2026-03-23T08:00:00Z', 'a'],
    ['2026-03-30T06:59:59Z', 'a'],
    ['2026-03-30T07:00:00Z', 'b'],
    ['2026-03-31T21:59:59Z', 'b'],
    ['2026-03-31T22:00:00Z', 'd'],
    ['2026-04-02T10:00:00Z', 'b'],
    ['2026-04-06T07:00:00Z', 'c'],
    ['2026-04-13T07:00:00Z', 'a'],
  ] as const)
    assert.equal(onCall(rota, timeZone, at(now)), who, now);
});

test('digests come at the full hour, or when their expression says; they list so many causes', () => {
  const now = at('2026-01-10T12:34:56.5Z');
  assert.equal(shown(nextDigestAt({ everySeconds: 3600 }, 'UTC', now)), '2026-01-10T13:00:00');
  assert.equal(shown(nextDigestAt({ cron: '0 9 * * 1' }, 'Europe/Berlin', now)), '2026-01-12T08:00:00');
  let entries: readonly DigestEntry[] = [];
  for (let index = 0; index < ENTRIES_MAX + 10; index += 1) entries = withEntry(entries, `cause ${index % 55}`);
  assert.equal(entries.length, ENTRIES_MAX);
  assert.deepEqual(entries[0], { words: 'cause 0', count: 2 });
});

test('what is not said has its default; null is as good as nothing, but for the recovery', () => {
  const defaults = alertOptionsOf(undefined);
  assert.deepEqual(alertOptionsOf({}), defaults);
  assert.deepEqual(
    alertOptionsOf({
      fold: null,
      cause: null,
      close_after: null,
      escalate: null,
      digest: null,
      quiet: null,
      group: null,
    }),
    defaults,
  );
  assert.equal(alertOptionsOf({ recovered_after: null }).recoveredAfterSeconds, null);
  assert.equal(alertOptionsOf({ recovered_after: 0 }).recoveredAfterSeconds, 0);
});
