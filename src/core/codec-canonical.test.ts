import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalArguments, canonicalText, decodeValue, encodeValue, OPAQUE_MARK } from './codec.ts';

test('the order of keys does not matter, the content does', () => {
  assert.deepEqual(canonicalText({ b: 1, a: { d: 2, c: 3 } }), canonicalText({ a: { c: 3, d: 2 }, b: 1 }));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = canonicalText(a).text === canonicalText(b).text;
      const reorder = (_: string, value: unknown): unknown =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).toReversed())
          : value;
      assert.equal(
        canonicalText(JSON.parse(JSON.stringify(a, reorder))).text,
        canonicalText(JSON.parse(JSON.stringify(a))).text,
      );
      if (same) assert.deepEqual(a, b);
    }),
    { numRuns: 500 },
  );
});

test('types that look alike differ', () => {
  const look = [
    1,
    '1',
    1n,
    -0,
    0,
    null,
    'null',
    undefined,
    'undefined',
    [1],
    new Set([1]),
    new Map([[1, 1]]),
    [[1, 1]],
    new Date(1),
    [],
    {},
    new Array(1),
    [undefined],
    new Uint8Array(1),
    new Int8Array(1),
    /a/,
    /a/g,
    'a',
    new URL('x:a'),
    new Error('a'),
    new TypeError('a'),
  ];
  assert.equal(new Set(look.map((value) => canonicalText(value).text)).size, look.length);
});

test('what cannot be compared by content is a placeholder with its path; nothing throws', () => {
  class Client {
    id = Math.random();
  }
  const input = [
    { client: new Client(), log: () => 1, ok: 1 },
    Promise.resolve(),
    {
      get bad() {
        throw new Error('x');
      },
    },
  ];
  const { text, opaque } = canonicalText(input);
  assert.deepEqual(opaque, ['input[0].client', 'input[0].log', 'input[1]', 'input[2]']);
  assert.equal(
    text,
    canonicalText([
      { client: new Client(), log: () => 1, ok: 1 },
      Promise.resolve(),
      {
        get bad() {
          throw new Error('x');
        },
      },
    ]).text,
  );
  assert.deepEqual(canonicalText({ at: new Date(0), m: new Map([[{ a: 1 }, 1n]]) }).opaque, []);
  fc.assert(
    fc.property(
      fc.anything({
        withMap: true,
        withSet: true,
        withObjectString: true,
        withSparseArray: true,
        withNullPrototype: true,
      }),
      (value) => {
        canonicalText(value);
      },
    ),
  );
});

test('cycles end, and deep values are cut', () => {
  const a: Record<string, unknown> = { n: 1 };
  a['self'] = a;
  assert.equal(canonicalText(a).text, '{"n":1,"self":<cycle 1>}');
  let deep: unknown = 1;
  for (let level = 0; level < 1500; level += 1) deep = [deep];
  assert.equal(canonicalText(deep).opaque.length, 1);
});

test('errors compare by what they say, not by where they were made', () => {
  const one = new RangeError('x');
  const two = new RangeError('x');
  assert.equal(canonicalText(one).text, canonicalText(two).text);
});

test('the text of arguments is that of the list', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.anything(), fc.string({ maxLength: 3000 }), fc.constantFrom(-0, undefined, null, 5n)), {
        maxLength: 6,
      }),
      (args) => {
        const { text, opaque } = canonicalText(args);
        assert.equal(canonicalArguments(args), opaque.length === 0 ? text : OPAQUE_MARK + text);
      },
    ),
  );
  assert.equal(canonicalArguments([1, 'a"', null, undefined, -0, true, 2n]), '[1,"a\\"",null,undefined,-0,true,2n]');
  assert.equal(canonicalArguments([]), '[]');
});

/** Made anew each time, so that only content can make two of them equal. */
class Decimal {
  readonly digits: string;
  #cache = Math.random();
  constructor(digits: string) {
    this.digits = digits;
  }
  toJSON(): string {
    return this.#cache < 2 ? this.digits : '';
  }
}
class Money extends Decimal {}
class HttpError extends Error {
  readonly status: number;
  constructor(status: number) {
    super('no');
    this.status = status;
  }
}
/** None where this version of Node has no such classes. */
function temporalMakers(): readonly (() => unknown)[] {
  const { Temporal } = globalThis as { Temporal?: Readonly<Record<string, { from(value: unknown): unknown }>> };
  if (Temporal === undefined) return [];
  const given: readonly (readonly [name: string, value: unknown])[] = [
    ['PlainDate', '2026-11-29'],
    ['PlainDate', '2026-11-30'],
    ['PlainDate', '2026-11-29[u-ca=hebrew]'],
    ['PlainDateTime', '2026-11-29T00:00'],
    ['Instant', '2026-11-29T00:00Z'],
    ['ZonedDateTime', '2026-11-29T00:00+01:00[Europe/Berlin]'],
    ['ZonedDateTime', '2026-11-29T00:00+01:00[Europe/Paris]'],
    ['Duration', { seconds: 1 }],
    ['Duration', { milliseconds: 1000 }],
    ['Duration', { seconds: 0 }],
    ['Duration', { years: -1, days: -2 }],
    ['PlainTime', '10:00'],
    ['PlainYearMonth', '2026-11'],
    ['PlainMonthDay', '11-29'],
  ];
  return given.map(
    ([name, value]) =>
      () =>
        Temporal[name]?.from(value),
  );
}

test('the classes of Temporal come back from the record as what they were', () => {
  for (const make of temporalMakers()) {
    const [value, read] = [make(), decodeValue(encodeValue({ at: [make()] })) as { readonly at: unknown[] }];
    assert.equal(Object.getPrototypeOf(read.at[0]), Object.getPrototypeOf(value));
    assert.equal(canonicalText(read.at[0]).text, canonicalText(value).text);
  }
  const query = decodeValue(encodeValue(new URLSearchParams('a=1&a=2&b=%20')));
  assert.ok(query instanceof URLSearchParams);
  assert.equal(query.toString(), 'a=1&a=2&b=+');
});

const MAKERS: readonly (() => unknown)[] = [
  ...temporalMakers(),
  () => '2026-11-29',
  () => new Decimal('1.10'),
  () => new Decimal('1.1'),
  () => new Money('1.10'),
  () => '1.10',
  () => 1.1,
  () => ({ digits: '1.10' }),
  () => new URL('https://a/?b=1'),
  () => new URL('https://a/?b=2'),
  () => 'https://a/?b=1',
  () => new URLSearchParams('b=1'),
  () => new URLSearchParams('b=2'),
  () => Buffer.from('ab'),
  () => new Uint8Array([97, 98]),
  () => new Uint8Array([97, 98]).buffer,
  () => new DataView(new Uint8Array([97, 98]).buffer),
  () => new Uint16Array([97, 98]),
  () => new Error('no'),
  () => new Error('yes'),
  () => new TypeError('no'),
  () => new Error('no', { cause: 1 }),
  () => new Error('no', { cause: 2 }),
  () => Object.assign(new Error('no'), { code: 'E1' }),
  () => Object.assign(new Error('no'), { code: 'E2' }),
  () => new AggregateError([1], 'no'),
  () => new AggregateError([2], 'no'),
  () => new DOMException('no', 'AbortError'),
  () => new DOMException('no', 'DataError'),
  () => new SuppressedError(1, 2, 'no'),
  () => new SuppressedError(1, 3, 'no'),
  () => new HttpError(500),
  () => new HttpError(404),
  () => new Number(1),
  () => new Number(-0),
  () => new String('1'),
  () => new Boolean(true),
  () => Object(1n) as unknown,
  () => Object(Symbol.for('a')) as unknown,
  () => 1n,
  () => 1,
  () => 0,
  () => Number.NaN,
  () => Symbol.for('a'),
  () => Symbol.for('b'),
  () => Symbol.iterator,
  () => ({ [Symbol.for('a')]: 1 }),
  () => ({ [Symbol.for('a')]: 2 }),
  () => ({}),
  () => Object.create(null) as unknown,
  () => [undefined],
  () => new Array(1),
  () => [],
  () => Object.assign([1], { columns: ['a'] }),
  () => [1],
  () => ({ a: undefined }),
  () => ({ a: null }),
  () => Object.assign(new Date(0), { zone: 'UTC' }),
  () => new Date(0),
  () => new Date(Number.NaN),
  () => Object.assign(new Map([[1, 1]]), { of: 'a' }),
  () => new Map([[1, 1]]),
  () => new Set([1]),
  () => /a/g,
  () => Object.assign(/a/g, { lastIndex: 1 }),
  () => /a/,
  () => Object.defineProperty({}, 'hidden', { value: 1 }),
  () => Object.defineProperty({}, 'hidden', { value: 2 }),
];

test('what is known by its content: equal when made again, different from everything else, wherever it lies', () => {
  const wraps: readonly ((value: unknown) => unknown)[] = [
    (value) => value,
    (value) => [value],
    (value) => ({ a: value }),
    (value) => new Map([['k', value]]),
    (value) => new Set([value]),
    (value) => new Error('x', { cause: value }),
  ];
  for (const wrap of wraps) {
    const texts = MAKERS.map((make) => canonicalText(wrap(make())));
    assert.deepEqual(
      texts.flatMap(({ opaque }) => opaque),
      [],
    );
    assert.deepEqual(
      MAKERS.map((make) => canonicalText(wrap(make())).text),
      texts.map(({ text }) => text),
    );
    const seen = new Map<string, number>();
    texts.forEach(({ text }, index) => {
      assert.equal(
        seen.get(text),
        undefined,
        `${String(MAKERS[seen.get(text) ?? 0])} looks like ${String(MAKERS[index])}`,
      );
      seen.set(text, index);
    });
  }
});

test('what may keep something to itself is listed, however much of it can be seen', () => {
  class Plain {
    a = 1;
  }
  class Private {
    #x = 1;
    read(): number {
      return this.#x;
    }
  }
  class Due extends Date {
    #zone = 'UTC';
    zone(): string {
      return this.#zone;
    }
  }
  class Table extends Map {
    name = 'a';
  }
  class Secret extends Error {
    #inner = 1;
    inner(): number {
      return this.#inner;
    }
  }
  const values: unknown[] = [
    new Plain(),
    new Private(),
    new Due(0),
    new Table(),
    new Secret('x'),
    () => 1,
    Math.max,
    class {},
    Symbol('a'),
    Promise.resolve(),
    new WeakMap(),
    new WeakSet(),
    new Proxy(() => 1, {}),
    new Blob(['a']),
    new Intl.NumberFormat('en'),
    { [Symbol('a')]: 1 },
    { toJSON: () => 1 },
    Object.create({ a: 1 }),
    new (class extends URL {})('x:a'),
    new AbortController().signal,
    (function* () {
      yield 1;
    })(),
    new TextEncoder(),
  ];
  for (const value of values)
    for (const part of [value, [value], { a: [value] }, new Map([[value, 1]]), new Error('x', { cause: value })])
      assert.notDeepEqual(canonicalText(part).opaque, [], String(Object.prototype.toString.call(value)));
  assert.equal(canonicalArguments([1, new Plain()])[0], OPAQUE_MARK);
  assert.equal(canonicalArguments([1, { a: 1 }, 'x'.repeat(5000)])[0], '[');
});

test('a proxy that shows nothing of what it answers is opaque; an empty object is not', () => {
  const client = (tenant: string): object => new Proxy({}, { get: (_target, key) => `${tenant}.${String(key)}` });
  assert.deepEqual(canonicalText({ db: client('a') }).opaque, ['input.db']);
  assert.deepEqual(canonicalText([{}, { a: {} }, Object.create(null)]).opaque, []);
});
