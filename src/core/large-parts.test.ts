import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { createLargeParts, hasNames } from '../platform/large-parts.ts';
import { hashText } from '../platform/hash.ts';
import { canonicalArguments, canonicalText } from './codec.ts';
import { LargeParts } from './large-parts.ts';

class Decimal {
  digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
  toJSON(): string {
    return this.digits;
  }
}

interface Table {
  rows: Record<PropertyKey, unknown>[];
  pairs: unknown[][];
  column: unknown[];
  lookup: Map<unknown, unknown>;
  tags: Set<unknown>;
  bytes: Uint8Array;
  words: Float64Array;
}

const table = (): Table => ({
  rows: Array.from({ length: 300 }, (_, id) => ({
    id,
    name: `row ${id}`,
    at: new Date(id),
    price: new Decimal(`${id}.10`),
    more: { ok: id % 2 === 0, none: undefined },
  })),
  pairs: Array.from({ length: 300 }, (_, id) => [id, [id, null]]),
  column: Array.from({ length: 2500 }, (_, id) => id * 1.5),
  lookup: new Map(Array.from({ length: 1500 }, (_, id) => [id, { id }])),
  tags: new Set(Array.from({ length: 2500 }, (_, id) => `tag ${id}`)),
  bytes: new Uint8Array(50_001).map((_, index) => index),
  words: new Float64Array(5000).map((_, index) => index),
});

/** Each changes what a step could see, or nothing; `other` is a small number or a text. */
const row = ({ rows }: Table, at: number): Record<PropertyKey, unknown> =>
  rows[at % rows.length] as Record<PropertyKey, unknown>;
const pair = ({ pairs }: Table, at: number): unknown[] => pairs[at % pairs.length] as unknown[];

const CHANGES: Readonly<Record<string, (table: Table, at: number, other: unknown) => void>> = {
  nothing: () => {},
  field: ({ rows }, at, other) => {
    (rows[at % rows.length] as { name: unknown }).name = other;
  },
  'nested field': (given, at, other) => {
    (row(given, at)['more'] as { ok: unknown }).ok = other;
  },
  'field more': ({ rows }, at, other) => {
    (rows[at % rows.length] as Record<string, unknown>)[`new ${String(other)}`] = 1;
  },
  'field less': ({ rows }, at) => {
    delete rows[at % rows.length]?.['name'];
  },
  'hidden field': ({ rows }, at, other) => {
    Object.defineProperty(rows[at % rows.length], 'hidden', {
      value: other,
      enumerable: false,
      configurable: true,
      writable: true,
    });
  },
  'field hides': ({ rows }, at) => {
    Object.defineProperty(rows[at % rows.length], 'id', { enumerable: false, configurable: true });
  },
  symbol: ({ rows }, at, other) => {
    (rows[at % rows.length] as Record<PropertyKey, unknown>)[Symbol.for('mark')] = other;
  },
  'order of fields': ({ rows }, at) => {
    const row = rows[at % rows.length] as Record<string, unknown>;
    const { name } = row;
    delete row['name'];
    row['name'] = name;
  },
  prototype: ({ rows }, at) => {
    Object.setPrototypeOf(rows[at % rows.length], null);
  },
  getter: ({ rows }, at, other) => {
    Object.defineProperty(rows[at % rows.length], 'id', { get: () => other, enumerable: true, configurable: true });
  },
  date: (given, at, other) => {
    (row(given, at)['at'] as Date).setTime(Number(other) || 7);
  },
  'decimal that is its text': (given, at, other) => {
    (row(given, at)['price'] as Decimal).digits = String(other);
  },
  swap: ({ rows }) => {
    rows.reverse();
  },
  'row more': ({ rows }, at, other) => {
    rows.splice(at % rows.length, 0, { other });
  },
  'row less': ({ rows }, at) => {
    if (rows.length > 1) rows.splice(at % rows.length, 1);
  },
  'row is a future value': ({ rows }, at, other) => {
    rows[at % rows.length] = { other, run: () => other };
  },
  cycle: ({ rows }, at) => {
    (rows[at % rows.length] as Record<string, unknown>)['all'] = rows;
  },
  'pair within': (given, at, other) => {
    (pair(given, at)[1] as unknown[])[0] = other;
  },
  'pair named': ({ pairs }, at, other) => {
    Object.assign(pairs[at % pairs.length] as object, { name: other });
  },
  hole: (given, at) => {
    Reflect.deleteProperty(pair(given, at), 0);
  },
  cell: ({ column }, at, other) => {
    column[at % column.length] = other;
  },
  'cell -0': ({ column }) => {
    column[0] = Object.is(column[0], -0) ? 0 : -0;
  },
  'cell NaN': ({ column }, at) => {
    column[at % column.length] = NaN;
  },
  'cell undefined': ({ column }, at) => {
    column[at % column.length] = undefined;
  },
  'cell hole': ({ column }, at) => {
    Reflect.deleteProperty(column, at % column.length);
  },
  'cells longer': ({ column }) => {
    column.length += 1;
  },
  'column named': ({ column }, _at, other) => {
    Object.assign(column, { unit: other });
  },
  'value in map': ({ lookup }, at, other) => {
    lookup.set(at, other);
  },
  'order in map': ({ lookup }, at) => {
    const value = lookup.get(at);
    lookup.delete(at);
    lookup.set(at, value);
  },
  'named map': ({ lookup }, _at, other) => {
    Object.assign(lookup, { unit: other });
  },
  'member of set': ({ tags }, at, other) => {
    tags.delete(`tag ${at}`);
    tags.add(other);
  },
  byte: ({ bytes }, at) => {
    bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) + 1;
  },
  'last byte': ({ bytes }) => {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1;
  },
  word: ({ words }, at, other) => {
    words[at % words.length] = Number(other) || 3;
  },
  'other bytes': (given) => {
    given.words = new Float64Array(given.words.buffer, 8);
  },
};

const change = fc.record({
  what: fc.constantFrom(...Object.keys(CHANGES)),
  at: fc.nat(2999),
  other: fc.oneof(fc.nat(5), fc.constantFrom('a', 'b')),
});

test('whatever is changed between two calls, a part has the name of what it is now', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(2), (changes, before) => {
      const large = createLargeParts();
      const given = table();
      const text = (parts: LargeParts | undefined): string =>
        [
          canonicalArguments([given, 1], parts),
          canonicalArguments([{ table: given, n: 2 }], parts),
          canonicalArguments([given.rows, given.column], parts),
          canonicalText(given.lookup, 'x', parts).text,
        ].join('\n');
      for (let call = 0; call < before; call += 1) text(large);
      for (const { what, at, other } of changes) {
        CHANGES[what]?.(given, at, other);
        assert.equal(text(large), text(createLargeParts()), what);
        assert.equal(text(large), text(createLargeParts()), `${what}, and then nothing`);
      }
    }),
    { numRuns: 25 },
  );
});

test('each kind of change alone is noticed, or is none', () => {
  for (const [what, apply] of Object.entries(CHANGES)) {
    const large = createLargeParts();
    const given = table();
    const names = (): string => canonicalArguments([given], large);
    const first = names();
    assert.deepEqual([names(), names()], [first, first]);
    assert.ok(large.size > 0);
    apply(given, 3, 'b');
    assert.equal(names(), canonicalArguments([given], createLargeParts()), what);
    const isSame = canonicalText(given).text === canonicalText(table()).text;
    assert.equal(names() === first, isSame, what);
  }
});

/** How often something was hashed. */
function counted(sizeMax?: number): { readonly large: LargeParts; hashed: () => number } {
  let chars = 0;
  return {
    large: new LargeParts(
      (text) => {
        chars += text.length;
        return hashText(text);
      },
      hasNames,
      sizeMax,
    ),
    hashed: () => chars,
  };
}

test('a large part is hashed twice, however many calls are given it, wherever it lies', () => {
  const column = Array.from({ length: 20_000 }, (_, index) => index);
  const whole = canonicalText(column).text.length;
  const { large, hashed } = counted();
  const texts = new Set(Array.from({ length: 50 }, () => canonicalArguments([column], large)));
  assert.equal(texts.size, 1);
  for (let call = 0; call < 50; call += 1) canonicalArguments([{ id: call, deep: { column } }], large);
  assert.ok(hashed() < 2.2 * whole, `${hashed()} of ${whole}`);
});

test('one that is changed before each call is copied for every other call only', () => {
  const column = Array.from({ length: 3000 }, (_, index) => index);
  const { large } = counted();
  let copies = 0;
  for (let call = 0; call < 20; call += 1) {
    column.push(call);
    canonicalArguments([column], large);
    if (large.size > 0) copies += 1;
  }
  assert.ok(copies <= 10, `${copies}`);
});

test('small parts are written out, so that their texts are what they always were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.anything({ withMap: true, withSet: true, withSparseArray: true, withNullPrototype: true }), {
        maxLength: 4,
      }),
      (args) => {
        assert.equal(canonicalArguments(args, createLargeParts()), canonicalArguments(args));
      },
    ),
  );
});

test('what differs by a cycle, or by something opaque inside, has another text', () => {
  const large = createLargeParts();
  const list = (end: unknown): unknown[] => [...Array(3000).keys(), end];
  const cyclic = list(null);
  cyclic.push(cyclic);
  const texts = [list(null), list(() => 1), list(new (class Client {})()), cyclic, [cyclic]].map((value) =>
    canonicalText(value, 'x', large),
  );
  assert.equal(new Set(texts.map(({ text }) => text)).size, 5);
  assert.deepEqual(
    texts.map(({ opaque }) => opaque),
    [[], ['x[3000]'], ['x[3000]'], [], []],
  );
});

test('all copies together have a bound, and the one that was not asked for longest goes first', () => {
  const { large, hashed } = counted(7000);
  const columns = Array.from({ length: 3 }, (_, column) => Array.from({ length: 3000 }, (__, index) => index + column));
  const ask = (column: number): number => {
    const before = hashed();
    canonicalArguments([columns[column]], large);
    return hashed() - before;
  };
  for (const column of [0, 0, 1, 1, 0]) ask(column);
  assert.ok(ask(0) < 1000 && ask(1) < 1000);
  ask(2);
  ask(2);
  assert.ok(large.size <= 7000);
  assert.ok(ask(0) > 1000);
  assert.ok(ask(2) < 1000);
});

test('a copy goes with its original', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { large } = counted();
  (() => {
    const column = Array.from({ length: 3000 }, (_, index) => index);
    canonicalArguments([column], large);
    canonicalArguments([column], large);
  })();
  assert.ok(large.size > 3000);
  for (let round = 0; round < 1000 && large.size > 0; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(large.size, 0);
});

test('a hole and a name do not make up for each other', () => {
  // oxlint-disable-next-line no-sparse-arrays
  assert.notEqual(canonicalText(Object.assign([, 1], { x: 2 })).text, canonicalText([undefined, 1]).text);
  assert.equal(hasNames([1, 2]), false);
  assert.equal(hasNames([]), false);
  assert.equal(hasNames(Object.assign([1], { x: 1 })), true);
  assert.equal(hasNames(Array.from({ length: 200 }, () => ({}))), false);
});
