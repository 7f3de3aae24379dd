import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fitsPattern } from './event-filter.ts';

test('patterns of labels', () => {
  const fitting: readonly (readonly [string, string])[] = [
    ['a', 'a'],
    ['*', ''],
    ['a*', 'a'],
    ['*b*', 'abc'],
    ['a?c', 'abc'],
    ['*a*a', 'banana'],
    ['!a', 'b'],
    ['!a*', 'ba'],
    ['[x]', '[x]'],
    ['a**', 'ab'],
  ];
  for (const [pattern, value] of fitting) assert.ok(fitsPattern(pattern, value), `${pattern} ${value}`);
  const others: readonly (readonly [string, string | undefined])[] = [
    ['a', 'A'],
    ['a', 'ab'],
    ['?', ''],
    ['a?', 'a'],
    ['!*', 'x'],
    ['!a', undefined],
    ['*', undefined],
    ['[x]', 'x'],
  ];
  for (const [pattern, value] of others) assert.ok(!fitsPattern(pattern, value), `${pattern} ${value}`);
});

test('a pattern of many stars takes no longer than its length times the value', () => {
  assert.equal(fitsPattern(`${'*a'.repeat(2000)}*b`, 'a'.repeat(20_000)), false);
});
