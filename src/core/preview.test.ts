import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { PREVIEW_CHARS_MAX, previewValue } from './preview.ts';

test('plain data reads as it would be written', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [1.5, '1.5'],
    [NaN, 'NaN'],
    ['a "b"', '"a \\"b\\""'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [10n, '10n'],
    [{ id: 7, 'a b': [1, 'x'] }, '{id: 7, "a b": [1, "x"]}'],
    [new Map([['a', 1]]), 'Map {"a" => 1}'],
    [new Set([1, 2]), 'Set {1, 2}'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'Invalid Date'],
    [/x/g, '/x/g'],
    [new Uint8Array(9), 'Uint8Array(9)'],
    [new TypeError('no'), 'TypeError: no'],
    [[[[[[1]]]]], '[[[[[…]]]]]'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
  ];
  for (const [value, expected] of cases) assert.equal(previewValue(value), expected);
});

test('instances are named, not looked into; what throws is left at that', () => {
  class Connection {
    password = 'p';
    toJSON(): unknown {
      throw new Error('asked');
    }
  }
  assert.equal(previewValue(new Connection()), 'Connection');
  assert.equal(previewValue({ db: new Connection() }), '{db: Connection}');
  assert.equal(previewValue(new URL('https://user:secret@example.com/path?token=1')), 'https://example.com/path');
  assert.match(
    previewValue({
      get bad(): never {
        throw new Error('no');
      },
    }),
    /^\{bad: …$/,
  );
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(previewValue(proxy), '…');
});

test('bounded for any value, however large or knotted, and well-formed', () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      (value) => {
        const text = previewValue(value);
        assert.ok(text.length <= PREVIEW_CHARS_MAX + 1 && text.isWellFormed());
      },
    ),
  );
  const knot: Record<string, unknown> = {};
  knot['self'] = knot;
  assert.equal(previewValue(knot), '{self: {self: {self: {self: {…}}}}}');
  assert.ok(previewValue('\u{1F600}'.repeat(1000)).isWellFormed());
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
  assert.ok(previewValue(wide).length <= PREVIEW_CHARS_MAX + 1);
  assert.ok(previewValue(Array.from({ length: 1_000_000 }, (_, n) => n)).length <= PREVIEW_CHARS_MAX + 1);
});
