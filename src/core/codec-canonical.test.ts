import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalArguments, canonicalText } from './codec.ts';

test('the order of keys does not matter, the content does', () => {
  assert.deepEqual(canonicalText({ b: 1, a: { d: 2, c: 3 } }), canonicalText({ a: { c: 3, d: 2 }, b: 1 }));
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    const same = canonicalText(a).text === canonicalText(b).text;
    const reorder = (_: string, value: unknown): unknown => (typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toReversed()) : value);
    assert.equal(canonicalText(JSON.parse(JSON.stringify(a, reorder))).text, canonicalText(JSON.parse(JSON.stringify(a))).text);
    if (same) assert.deepEqual(a, b);
  }), { numRuns: 500 });
});

test('types that look alike differ', () => {
  const look = [1, '1', 1n, -0, 0, null, 'null', undefined, 'undefined', [1], new Set([1]), new Map([[1, 1]]), [[1, 1]], new Date(1), [], {}, new Array(1), [undefined],
    new Uint8Array(1), new Int8Array(1), /a/, /a/g, 'a', new URL('x:a'), new Error('a'), new TypeError('a')];
  assert.equal(new Set(look.map((value) => canonicalText(value).text)).size, look.length);
});

test('what cannot be compared by content is a placeholder with its path; nothing throws', () => {
  class Client { id = Math.random(); }
  const input = [{ client: new Client(), log: () => 1, ok: 1 }, Promise.resolve(), { get bad() { throw new Error('x'); } }];
  const { text, opaque } = canonicalText(input);
  assert.deepEqual(opaque, ['input[0].client', 'input[0].log', 'input[1]', 'input[2]']);
  assert.equal(text, canonicalText([{ client: new Client(), log: () => 1, ok: 1 }, Promise.resolve(), { get bad() { throw new Error('x'); } }]).text);
  assert.deepEqual(canonicalText({ at: new Date(0), m: new Map([[{ a: 1 }, 1n]]) }).opaque, []);
  fc.assert(fc.property(fc.anything({ withMap: true, withSet: true, withObjectString: true, withSparseArray: true, withNullPrototype: true }), (value) => { canonicalText(value); }));
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
  fc.assert(fc.property(fc.array(fc.oneof(fc.anything(), fc.string({ maxLength: 3000 }), fc.constantFrom(-0, undefined, null, 5n)), { maxLength: 6 }), (args) => {
    assert.equal(canonicalArguments(args), canonicalText(args).text);
  }));
  assert.equal(canonicalArguments([1, 'a"', null, undefined, -0, true, 2n]), '[1,"a\\"",null,undefined,-0,true,2n]');
  assert.equal(canonicalArguments([]), '[]');
});
