import assert from 'node:assert/strict';
import { test } from 'node:test';

import { idIn, instantIn, manyIn, scopedSearch, searchOf, textIn, textsIn, wholeIn } from './search-values.ts';

test('text: as it was typed, also what looks like a number; nothing that is no line of text', () => {
  assert.deepEqual(['a b', 7, true, ['', 'x', 'y'], 'ünï %'].map(textIn), ['a b', '7', 'true', 'x', 'ünï %']);
  assert.deepEqual(
    ['', null, undefined, {}, [], [{}], '\0', 'a\nb', 'x'.repeat(501)].map(textIn),
    Array.from({ length: 9 }, () => undefined),
  );
  assert.deepEqual(textsIn(['b', 'a', 'b', 3, null]), ['b', 'a', '3']);
  assert.equal(textsIn(Array.from({ length: 100_000 }, (_, at) => `t${at}`))?.length, 50);
});

test('whole numbers have a least and a most', () => {
  assert.deepEqual(
    [2, 3, 1e300, 1, -4, 2.5, NaN, Infinity, '3', [3], null].map((value) => wholeIn(value, 2, 1000)),
    [2, 3, 1000, ...Array.from({ length: 8 }, () => undefined)],
  );
});

test('points in time: of the years that a server counts', () => {
  const good = ['2026-11-22', '2026-11-22T00:00:00Z', '2026-11-22T00:00:00.123+02:00'];
  assert.deepEqual(good.map(instantIn), good);
  const bad = [
    'yesterday',
    '7',
    1e12,
    '2026-13-01',
    '2026-02-31T99:00:00Z',
    '9999-01-01',
    '1969-12-31',
    '+275760-09-13',
    '',
    null,
    {},
  ];
  assert.deepEqual(
    bad.map(instantIn),
    bad.map(() => undefined),
  );
});

test('ids: in the one form in which they are kept', () => {
  const id = '0198c1d0-7a2b-7c3d-8e4f-001122334455';
  for (const way of [id, id.toUpperCase(), id.replaceAll('-', ''), id.replaceAll('-', '').toUpperCase()])
    assert.equal(idIn(way), id);
  for (const bad of ['', 'nobody', `${id}0`, id.slice(1), `${id}/../..`, 7, null, [id]])
    assert.equal(idIn(bad), undefined);
});

test('lists of known words: in their order, none twice, none that is not known', () => {
  assert.deepEqual(manyIn(['C', 'A', 'A', 'toString', 3], ['A', 'B', 'C']), ['A', 'C']);
  assert.equal(manyIn('__proto__', ['A']), undefined);
});

test('what a route does not understand is said to be nothing, or the router would hand it on', () => {
  const search = searchOf(({ a }) => (a === 1 ? { a } : {}));
  assert.deepEqual({ a: 2, b: 3, ...search({ a: 2, b: 3 }) }, { a: undefined, b: undefined });
  assert.deepEqual({ a: 1, ...search({ a: 1 }) }, { a: 1 });
});

test('a part of the page has its fields under its own name', () => {
  const parse = scopedSearch('task', ({ level, task }) => ({
    ...(level === 40 ? { level } : {}),
    ...(task === undefined ? {} : { wrong: true }),
  }));
  assert.deepEqual(parse({ task: 'x', taskLevel: 40, level: 30, tasklevel: 40 }), { taskLevel: 40 });
});
