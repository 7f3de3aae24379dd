import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonText, sentValues } from './json-value.ts';

const problem = (value: unknown): string => {
  try {
    jsonText(value, 'It', 100);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('what JSON would change or drop is named with its place', () => {
  assert.equal(problem({ a: [1, { b: undefined }] }), 'It is not JSON: "a[1].b" is undefined.');
  assert.equal(problem(Number.NaN), 'It is not JSON: it is NaN.');
  assert.equal(problem({ on: new Date() }), 'It is not JSON: "on" is a Date.');
  assert.equal(problem([new Map()]), 'It is not JSON: "[0]" is a Map.');
  assert.equal(
    problem(() => 1),
    'It is not JSON: it is a function.',
  );
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.match(problem(cycle), /nested deeper/);
  assert.match(problem('x'.repeat(200)), /202 characters of JSON; at most 100 are kept/);
});

test('JSON values come back as they were', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      assert.equal(jsonText(value, 'It', 1e6), JSON.stringify(value));
    }),
  );
});

test('values are sent as JSON says them, whole numbers with all their digits', () => {
  const at = new Date(0);
  const sent = sentValues({ id: 12345678901234567890n, list: [-9007199254740993n, 7n], at, none: undefined });
  assert.equal(
    JSON.stringify(sent),
    '{"id":12345678901234567890,"list":[-9007199254740993,7],"at":"1970-01-01T00:00:00.000Z"}',
  );
});
