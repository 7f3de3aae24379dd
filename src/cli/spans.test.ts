import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSpan, readTime } from './spans.ts';

test('lengths of time', () => {
  for (const [text, seconds] of [
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
    ['1.5d', 129_600],
    ['1w', 604_800],
  ] as const)
    assert.equal(parseSpan(text), seconds, text);
  for (const text of ['', 'h', '-1h', '2 hours', '1e3']) assert.throws(() => parseSpan(text), /must be a time/);
});

test('points of time are of the zone of this machine', () => {
  const now = new Date(2026, 10, 22, 12, 0, 0);
  const at = (text: string): Date | null => {
    const instant = readTime(text, now);
    return instant === null ? null : new Date(instant / 1000);
  };
  for (const [text, expected] of [
    ['tomorrow 9am', new Date(2026, 10, 23, 9)],
    ['tomorrow at 17:30', new Date(2026, 10, 23, 17, 30)],
    ['tomorrow', new Date(2026, 10, 23, 0)],
    ['today 18:00', new Date(2026, 10, 22, 18)],
    ['17:30', new Date(2026, 10, 22, 17, 30)],
    ['9am', new Date(2026, 10, 23, 9)],
    ['12am', new Date(2026, 10, 23, 0)],
    ['2026-12-01 08:15', new Date(2026, 11, 1, 8, 15)],
    ['2026-12-01', new Date(2026, 11, 1)],
    ['2026-11-22T09:00:00Z', new Date(Date.UTC(2026, 10, 22, 9))],
  ] as const)
    assert.deepEqual(at(text), expected, text);
  for (const text of ['soon', '25:00', '13pm', 'tomorrow noon', '', '7']) assert.equal(at(text), null, text);
});
