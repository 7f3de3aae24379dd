import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { fitsLike } from './condition-match.ts';

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
