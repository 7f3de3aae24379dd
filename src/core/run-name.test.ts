import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomRunName, renderRunName, RUN_NAME_LENGTH_MAX } from './run-name.ts';
import { ADJECTIVES, ANIMALS } from './run-name-words.ts';

test('random names come from the draws alone, out of at least ten thousand', () => {
  assert.ok(ADJECTIVES.length >= 100 && ANIMALS.length >= 100);
  assert.equal(new Set(ADJECTIVES).size, ADJECTIVES.length);
  assert.equal(new Set(ANIMALS).size, ANIMALS.length);
  assert.equal(
    randomRunName(() => 0),
    'agile-alpaca',
  );
  assert.equal(
    randomRunName(() => 0.999999),
    'zesty-zebra',
  );
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.9999, noNaN: true }), (draw) =>
      assert.match(
        randomRunName(() => draw),
        /^[a-z]+-[a-z]+$/,
      ),
    ),
  );
});

test('templates fill parameters in', () => {
  const parameters = { month: '2026-11', n: 3, on: new Date(0), deep: { key: ['a'] } };
  assert.equal(renderRunName('sales {month} #{n}', parameters), 'sales 2026-11 #3');
  assert.equal(renderRunName('{on}|{deep.key}|{deep}', parameters), '1970-01-01T00:00:00.000Z|["a"]|{"key":["a"]}');
  assert.equal(renderRunName('{{n}} {n}', parameters), '{n} 3');
  const long = renderRunName('{x}', { x: 'y'.repeat(999) });
  assert.equal(long.length, RUN_NAME_LENGTH_MAX);
  assert.ok(long.endsWith('…'));
});

test('a template that names what is not there says what is', () => {
  assert.throws(() => renderRunName('{mnth}', { month: 1 }), { code: 'bad-input', remedy: 'Known parameters: month.' });
  assert.throws(() => renderRunName('{month.constructor}', { month: 1 }), { code: 'bad-input' });
  assert.throws(() => renderRunName('{month', { month: 1 }), { code: 'bad-input' });
});

test('values that cannot be shown do not stop a run', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.equal(
    renderRunName('{cycle} {big} {none}', { cycle, big: { n: 1n }, none: undefined }),
    '1 items object undefined',
  );
});
