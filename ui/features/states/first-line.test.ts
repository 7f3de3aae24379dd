import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstLine } from './first-line.ts';

test('the first line that says something, without what moves or hides text, and bounded', () => {
  assert.equal(
    firstLine('\n\n  ConnectionError: refused \nTraceback (most recent call last):\n'),
    'ConnectionError: refused',
  );
  assert.equal(firstLine('a\tb\u001b[31mred\u202Eevil\0'), 'a b [31mred evil');
  assert.deepEqual(['', '\n \n', '\u2028'].map(firstLine), ['', '', '']);
  const long = firstLine('🦦'.repeat(100_000));
  assert.equal(Array.from(long).length, 201);
  assert.ok(long.endsWith('🦦…'), 'no half letter');
});
