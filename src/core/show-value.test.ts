import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logLine } from './log-line.ts';
import { showValue, thrownText } from './show-value.ts';

class Account {
  readonly name = 'main';
  readonly #secret = 1;
  get secret(): number {
    return this.#secret;
  }
}
const loop: Record<string, unknown> = { name: 'root' };
loop['self'] = [loop];

test('plain data is written as JSON, the rest so that nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.jsonValue().filter((value) => typeof value !== 'string'),
      (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        assert.equal(showValue(plain), JSON.stringify(plain));
      },
    ),
  );
  const shown: readonly (readonly [unknown, string])[] = [
    [{ table: 'orders', rows: 12n }, '{"table":"orders","rows":12n}'],
    [loop, '{"name":"root","self":[[circular]]}'],
    [undefined, 'undefined'],
    [{ a: undefined, b: Number.NaN, c: -0 }, '{"a":undefined,"b":NaN,"c":-0}'],
    [
      new Map<unknown, unknown>([
        ['a', new Set([1])],
        [{}, 2],
      ]),
      'Map(2) {"a" => Set(1) {1},{} => 2}',
    ],
    [new Account(), 'Account {"name":"main"}'],
    [[new Date(0), new Date(Number.NaN)], '["1970-01-01T00:00:00.000Z",Invalid Date]'],
    [/a"b/g, '/a"b/g'],
    [new URL('http://a/'), '"http://a/"'],
    [Buffer.from('ab'), 'Buffer(2) [97,98]'],
    [new Float64Array(2), 'Float64Array(2) [0,0]'],
    [Symbol('a'), 'Symbol(a)'],
    [function save() {}, '[function save]'],
    [class Table {}, '[class Table]'],
    [Object.create(null), '{}'],
    [new Number(3), '3'],
    [{ error: new TypeError('no') }, '{"error":"TypeError: no"}'],
    [
      {
        get bad() {
          throw new Error('x');
        },
        good: 1,
      },
      '{"bad":[cannot be read],"good":1}',
    ],
    [{ toJSON: () => ({ told: 1n }) }, '{"told":1n}'],
    [
      {
        at: {
          toJSON() {
            throw new Error('x');
          },
        },
        good: 1,
      },
      '{"at":[cannot be read],"good":1}',
    ],
    ['a "text"', 'a "text"'],
  ];
  for (const [value, text] of shown) assert.equal(showValue(value), text);
});

test('an error is told with its stack, its fields and its causes', () => {
  const text = showValue(Object.assign(new Error('outer', { cause: new RangeError('inner') }), { code: 'E1' }));
  for (const part of ['Error: outer', 'show-value.test', '{"code":"E1"}', 'caused by: RangeError: inner'])
    assert.ok(text.includes(part), text);
  const knot = new Error('knot');
  knot.cause = knot;
  assert.match(showValue(knot), /caused by: \[circular\]/);
});

test('large values are cut, and say so; deep ones end', () => {
  assert.match(showValue('x'.repeat(200_000)), /… \(200000 characters\)$/);
  const rows = showValue(Array.from({ length: 1_000_000 }, (_, id) => ({ id })));
  assert.ok(rows.length < 70_000);
  assert.match(rows, /… \(cut after 65536 characters\)$/);
  let deep: unknown = 1;
  for (let level = 0; level < 5000; level += 1) deep = { deep };
  assert.match(showValue(deep), /\[Object\]/);
});

test('nothing throws, whatever it is given', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const value of [
    proxy,
    [proxy],
    new Proxy(new Map(), {}),
    Object.create(Map.prototype),
    Object.create(Date.prototype),
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('x');
        },
      },
    ),
  ])
    assert.equal(typeof showValue(value), 'string');
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withBoxedValues: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withNullPrototype: true,
        withObjectString: true,
        withSparseArray: true,
        withTypedArray: true,
      }),
      (value) => {
        assert.equal(typeof showValue(value), 'string');
        assert.equal(typeof thrownText(value), 'string');
        assert.equal(typeof logLine(value, [value, value]), 'string');
      },
    ),
  );
});

test('details stand where the message has a place for them, and none is lost', () => {
  const lines: readonly (readonly [unknown, readonly unknown[], string])[] = [
    ['loaded', [{ rows: 2 }, 5n, 'x'], 'loaded {"rows":2} 5n x'],
    ['loaded %d of %i rows from %s', [1.5, 2.5, 'a'], 'loaded 1.5 of 2 rows from a'],
    ['%s%% of %j', [5, 'a'], '5% of "a"'],
    ['%d rows', [{ n: 1 }], '%d rows {"n":1}'],
    ['100%', [1], '100% 1'],
    ['%s and %s', ['a'], 'a and %s'],
    ['https://a/%d0%bf', [7], 'https://a/%d0%bf 7'],
    ['%s', [], '%s'],
    [{ a: 1n }, ['x'], '{"a":1n} x'],
    [new Map(), [], 'Map(0) {}'],
    [Symbol('a'), [Symbol('b')], 'Symbol(a) Symbol(b)'],
    ['%O', [new Map([[1, 2]])], 'Map(1) {1 => 2}'],
    ['$& %s', ['$1'], '$& $1'],
  ];
  for (const [message, details, line] of lines) assert.equal(logLine(message, details), line);
  fc.assert(
    fc.property(fc.string(), fc.array(fc.uuid(), { maxLength: 4 }), (message, details) => {
      const line = logLine(message, details);
      for (const detail of details) assert.ok(line.includes(detail));
    }),
  );
});
