import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { fitsLike, holds } from './condition-match.ts';
import type { Condition } from './query.ts';

test('patterns mean what a regular expression would', () => {
  const piece = fc.constantFrom('a', 'b', '%', '_', '.', '😀');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(piece, { maxLength: 12 }), (pattern, text) => {
      const expression = pattern
        .map((part) => (part === '%' ? '.*' : part === '_' ? '.' : part === '.' ? '\\.' : part))
        .join('');
      assert.equal(fitsLike(pattern.join(''), text.join('')), new RegExp(`^${expression}$`, 'su').test(text.join('')));
    }),
    { numRuns: 3000 },
  );
});

test('a pattern of many stars ends', () => {
  assert.equal(fitsLike(`${'%a'.repeat(200)}%b`, 'a'.repeat(100_000)), false);
  assert.equal(fitsLike(`${'%a_'.repeat(150)}%`, 'ab'.repeat(10_000)), true);
});

test('globs mean what a regular expression would', () => {
  const piece = fc.constantFrom('a', 'b', '*', '?', '[', '😀');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(piece, { maxLength: 12 }), (pattern, text) => {
      const expression = pattern
        .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part === '[' ? '\\[' : part))
        .join('');
      assert.equal(
        holds({ op: 'glob', field: 'name', patterns: ['c', pattern.join('')] }, { name: text.join('') }),
        new RegExp(`^${expression}$`, 'su').test(text.join('')),
      );
    }),
    { numRuns: 3000 },
  );
});

test('related rows are asked where they are known', () => {
  const of = (value: string): Condition => ({
    op: 'exists',
    noun: 'event_resource',
    by: 'related',
    where: { op: 'hasAnyPrefix', field: 'id', values: ['x', value] },
  });
  const entity = { event_resource: [{ id: 'own' }, { id: 'kin' }], 'event_resource:related': [{ id: 'kin' }] };
  assert.ok(holds(of('k'), entity));
  assert.ok(!holds(of('own'), entity));
  assert.ok(!holds(of('k'), { id: 'kin' }));
});
