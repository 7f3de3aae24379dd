import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeValue, encodeValue } from './codec.ts';
import { OstinatoError } from './errors.ts';

const roundTrip = (value: unknown): unknown => decodeValue(encodeValue(value));

const leaf = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined, -0, Number.NaN),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.webUrl().map((url) => new URL(url)),
  fc.constantFrom(/a+/giu, /\//, new Date(Number.NaN)),
  fc.string().map((message) => new TypeError(message)),
);
/** V8 (Node 26.10) parses a key `"` as `\\` where an object before had that one in its place. */
const name = fc.oneof(
  fc.string().filter((text) => text !== '"'),
  fc.constantFrom('$', '__proto__', 'toJSON', 'constructor', '1', 'value', '-1'),
);

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie('value')),
    fc.dictionary(name, tie('value')),
    fc.dictionary(name, tie('value'), { noNullPrototype: false }),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
    fc.sparseArray(tie('value')),
    fc.tuple(fc.array(tie('value')), tie('value')).map(([rows, columns]) => Object.assign(rows, { columns })),
  ),
}));

test('every value that can be encoded comes back as it was', () => {
  fc.assert(
    fc.property(anyValue, (value) => assert.deepStrictEqual(roundTrip(value), value)),
    { numRuns: 1500 },
  );
});

test('plain JSON is written as JSON.stringify writes it', () => {
  const json = fc
    .jsonValue()
    .filter((value) => !JSON.stringify(value).includes('"$"'))
    .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(json, (value) => assert.equal(encodeValue(value), JSON.stringify(value))),
    { numRuns: 1000 },
  );
});

test('what was encoded twice is the same text, and the value was not changed by it', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = encodeValue(value);
      assert.equal(encodeValue(value), text);
      assert.equal(encodeValue(decodeValue(text)), text);
    }),
  );
});

test('distinct values have distinct text', () => {
  const look = [
    undefined,
    null,
    'undefined',
    Number.NaN,
    'NaN',
    Number.POSITIVE_INFINITY,
    0,
    -0,
    1n,
    1,
    '1',
    [],
    {},
    Object.create(null),
    new Map(),
    new Set(),
    [undefined],
    [null],
    new Array(1),
    { a: undefined },
    { a: null },
    new Date(0),
    new Date(0).toISOString(),
    new Date(Number.NaN),
    /a/,
    '/a/',
    new URL('x:a'),
    'x:a',
    { $: 'undefined' },
    { $: { $: 'undefined' } },
    { $: 'Date', value: null },
    new Uint8Array(2),
    new Int8Array(2),
    new Uint8Array(2).buffer,
    Buffer.alloc(2),
    new DataView(new ArrayBuffer(2)),
    new Map([[1, 2]]),
    [[1, 2]],
    new Set([1]),
    [1],
    new Error('a'),
    new TypeError('a'),
  ];
  const strip = (value: unknown): unknown =>
    value instanceof Error ? Object.assign(value, { stack: undefined }) : value;
  assert.equal(new Set(look.map((value) => encodeValue(strip(value)))).size, look.length);
});

test('an own key `__proto__` stays a key', () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "at": 1}') as Record<string, unknown>;
  value['at'] = new Date(0);
  const back = roundTrip(value) as Record<string, unknown>;
  assert.deepEqual(Object.keys(back), ['__proto__', 'at']);
  assert.equal(Object.getPrototypeOf(back), Object.prototype);
  assert.equal(back['polluted'], undefined);
});

test('errors keep class, name, code, cause chain, inner errors and fields', () => {
  class HttpError extends TypeError {
    readonly status = 503;
    readonly at = new Date(5);
  }
  const cause = new AggregateError([new RangeError('r'), 'text'], 'both failed');
  const back = roundTrip(new HttpError('no', { cause })) as HttpError;
  assert.ok(back instanceof TypeError);
  assert.deepEqual([back.name, back.message, back.status, back.at], ['HttpError', 'no', 503, new Date(5)]);
  assert.match(back.stack ?? '', /codec\.test\.ts/);
  const inner = back.cause as AggregateError;
  assert.ok(inner instanceof AggregateError && inner.errors[0] instanceof RangeError);
  assert.equal(inner.errors[1], 'text');
  const own = roundTrip(new OstinatoError('store-full', 'no room', { remedy: 'delete' })) as OstinatoError;
  assert.ok(OstinatoError.is(own));
  assert.deepEqual([own.code, own.remedy, own.name], ['store-full', 'delete', 'OstinatoError']);
  const abort = roundTrip(new DOMException('stop', 'AbortError')) as Error;
  assert.deepEqual([abort.name, abort.message, abort instanceof DOMException], ['AbortError', 'stop', true]);
});

test('what has no text is refused with its path, its kind and a way out', () => {
  class Database {}
  const cycle: Record<string, unknown> = { list: [] };
  (cycle['list'] as unknown[]).push({ up: cycle });
  let deep: unknown = 1;
  for (let level = 0; level < 1100; level += 1) deep = [deep];
  const refused: [unknown, RegExp][] = [
    [{ rows: [1, 2, 3, { db: new Database() }] }, /`result\.rows\[3\]\.db` is an instance of Database/],
    [function save() {}, /`result` is a function \(save\)/],
    [{ 'odd key': Symbol('s') }, /`result\["odd key"\]` is a symbol/],
    [new Map([['k', new WeakMap()]]), /`result\.get\("k"\)` is an instance of WeakMap/],
    [[Promise.resolve()], /`result\[0\]` is an instance of Promise/],
    [cycle, /`result\.list\[0\]\.up` refers back/],
    [
      {
        get x() {
          throw new Error('boom');
        },
      },
      /cannot be read/,
    ],
    [{ toJSON: () => 1 }, /`result\.toJSON` is a function/],
    [deep, /levels deep/],
    [
      new (class Point {
        x = 1;
      })(),
      /an instance of Point/,
    ],
  ];
  for (const [value, message] of refused) {
    assert.throws(
      () => encodeValue(value, 'result'),
      (error) => {
        assert.ok(OstinatoError.is(error));
        assert.equal(error.code, 'unserialisable-value');
        assert.match(error.message, message);
        assert.match(error.remedy, /persistResult: false/);
        return true;
      },
    );
  }
});

test('text that was not written by the codec is reported as corrupt', () => {
  for (const text of [
    '',
    '{',
    '{"$":"Future","value":1}',
    '{"$":1}',
    '{"$":"Map","value":3}',
    '{"$":"BigInt","value":"x"}',
  ]) {
    assert.throws(
      () => decodeValue(text),
      (error) => OstinatoError.is(error) && error.code === 'value-corrupt',
      text,
    );
  }
});
