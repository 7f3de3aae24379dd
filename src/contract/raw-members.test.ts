import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { rawMember } from './raw-members.ts';

test('a member of any object comes as it was written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, 2), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      for (const [name, value] of Object.entries(object))
        assert.deepEqual(JSON.parse(rawMember(text, name) ?? 'absent'), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('numbers keep their letters, the last of equal names counts, what is not there is null', () => {
  const text = '{ "a" : {"x": 1.0, "y": "}\\"{" } ,"b":12345678901234567890,"a" : [1.50 , {"b":2}] }';
  assert.equal(rawMember(text, 'a'), '[1.50 , {"b":2}]');
  assert.equal(rawMember(text, 'b'), '12345678901234567890');
  assert.equal(rawMember(text, 'c'), null);
  assert.equal(rawMember('{ }', 'a'), null);
  assert.equal(rawMember('{"\\u0061":1}', 'a'), '1');
  assert.equal(rawMember('{"a":{}}', 'a'), '{}');
});
