import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { repeatedKey } from './repeated-key.ts';

test('the key that an object has twice is found, however it is written', () => {
  assert.equal(repeatedKey('{"x":1,"x":2}'), 'x');
  assert.equal(repeatedKey('[{"k": {"y": 1, "\\u0079": [2]}}]'), 'y');
  assert.equal(repeatedKey('{"a\\"b":{"c":1},"d":[],"a\\u0022b" : null}'), 'a"b');
  assert.equal(repeatedKey('{"__proto__":1,"__proto__":2}'), '__proto__');
});

test('the same key in other objects, and text that looks like one, are none', () => {
  for (const text of [
    '{"x":{"x":{"x":1}},"y":{"x":2}}',
    '[{"x":1},{"x":2}]',
    '{"a":"x\\":1,\\"x\\":2","b":": {"}',
    '"x: x"',
    '7',
    '{}',
    '[]',
  ])
    assert.equal(repeatedKey(text), null, text);
});

test('what JSON writes has none', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.nat(4), (text, indent) =>
      assert.equal(repeatedKey(JSON.stringify(JSON.parse(text), null, indent)), null),
    ),
  );
});
