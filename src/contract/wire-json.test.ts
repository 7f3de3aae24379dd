import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseWire, rawJson, RawJson, wireText } from './wire-json.ts';

test('numbers that JavaScript cannot hold come back to the letter', () => {
  for (const text of [
    '{"x":1.0}',
    '{"x":12345678901234567890}',
    '[1e5,2.50,-0]',
    '{"a":[0.1234567890123456789]}',
    '1.0',
    '{"a":{"b":[1,2.0]}}',
  ]) {
    assert.equal(JSON.stringify(parseWire(text).exact), text);
    assert.equal(wireText(parseWire(text).exact), text);
  }
});

test('the plain view holds JavaScript numbers', () => {
  assert.deepEqual(parseWire('{"limit":50.0,"name":"a"}').plain, { limit: 50, name: 'a' });
});

test('a body whose numbers are exact is read once', () => {
  const { plain, exact } = parseWire('{"timestamp":"2026-01-01T00:00:00.100000Z","n":15,"list":[1,2.5]}');
  assert.equal(plain, exact);
});

test('raw text stands where it was put', () => {
  assert.equal(
    wireText({ a: rawJson('{"x": 1.0}'), b: [new RawJson('[1]')], c: undefined, d: null }),
    '{"a":{"x": 1.0},"b":[[1]],"d":null}',
  );
  assert.deepEqual(JSON.parse(JSON.stringify({ a: rawJson('{"x": 1.0}') })), { a: { x: 1 } });
});

test('it writes what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      assert.deepEqual(JSON.parse(wireText(value)), JSON.parse(JSON.stringify(value))),
    ),
  );
});

test('any JSON text comes back with the same values', () => {
  fc.assert(
    fc.property(fc.json(), (text) =>
      assert.deepEqual(JSON.parse(JSON.stringify(parseWire(text).exact)), JSON.parse(text)),
    ),
  );
});
