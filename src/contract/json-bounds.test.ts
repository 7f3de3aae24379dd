import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { checkBounds, JSON_DEPTH_MAX, JsonExcess, parseBounded, SMALL_CHARACTERS } from './json-bounds.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const nested = (levels: number, open: string, close: string): string =>
  open.repeat(levels) + '1' + close.repeat(levels);

test('what is within the bounds is parsed, whatever stands in its texts', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 30 }), (text) => assert.deepEqual(parseBounded(text, 50_000), JSON.parse(text))),
  );
  const brackets = JSON.stringify({ a: '[{"'.repeat(20_000), b: ['\\"'.repeat(9), '\\'] });
  assert.deepEqual(parseBounded(brackets, 10), JSON.parse(brackets));
});

test('the depth is refused above its bound, and not at it, in texts of any length', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"[":', '}]'],
  ] as const) {
    const each = depthOf(JSON.parse(open + '1' + close));
    for (const before of ['', `"${'x'.repeat(SMALL_CHARACTERS)}",`]) {
      const text = (levels: number): string => `[${before}${nested(levels, open, close)}]`;
      const most = Math.floor((JSON_DEPTH_MAX - 1) / each);
      assert.equal(depthOf(parseBounded(text(most), 10_000)), 1 + most * each);
      assert.throws(
        () => checkBounds(text(most + each), 10_000),
        (error) => error instanceof JsonExcess && error.kind === 'depth',
      );
    }
  }
});

test('many lists beside one another are not deep', () => {
  assert.equal((parseBounded(`[${'[],{},'.repeat(1000)}1]`, 10) as unknown[]).length, 2001);
});

test('values of a long text are counted, none too few', () => {
  const countOf = (value: unknown): number =>
    1 +
    (typeof value === 'object' && value !== null
      ? Object.values(value).reduce<number>((sum, item) => sum + countOf(item), 0)
      : 0);
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 50 }), (values) => {
      const text = JSON.stringify([...values, 'x'.repeat(SMALL_CHARACTERS)]);
      const counted = checkBounds(text, Infinity);
      const count = countOf(JSON.parse(text));
      assert.ok(counted >= count && counted <= 2 * count, `${counted} for ${count}`);
    }),
  );
  assert.throws(() => checkBounds(`[${'1,'.repeat(SMALL_CHARACTERS)}1]`, 20_000), /more than 20,000 values/);
});

test('values inside texts count where they are told to', () => {
  const text = JSON.stringify({ a: '[1,2,{"b":3}]'.repeat(5_000), b: 'x'.repeat(SMALL_CHARACTERS) });
  assert.equal(checkBounds(text, 10) < 10, true);
  assert.throws(() => checkBounds(text, 10, 19_999), /more than 19,999 values/);
  assert.equal(checkBounds(text, 10, 20_000) < 10, true);
});

test('a text that ends within a string is left to the parser', () => {
  assert.throws(() => parseBounded(`["${'x'.repeat(SMALL_CHARACTERS)}\\"`, 10), SyntaxError);
});
