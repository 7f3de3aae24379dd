import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { exactValue } from './json-value.ts';
import { inWrittenOrder } from './written-order.ts';

test('names that look like indices stay where they were written', () => {
  for (const text of [
    '{"foo":1,"1":2}',
    '{"2":{"b":[{"x":1,"0":1.0}],"7":"\\"9\\" : {\\\\"},"1":null}',
    '[{"a":1,"10":2,"__proto__":{"z":1,"3":4},"9":12345678901234567890}]',
    '{"01":1,"-1":2,"4294967295":3,"4294967294":4,"":5,"0":6}',
  ]) {
    assert.equal(JSON.stringify(exactValue(text)), text);
    const names: string[] = [];
    for (const name in exactValue(text) as object) names.push(name);
    assert.deepEqual(names, Object.keys(exactValue(text) as object));
  }
});

test('of two members of one name the last counts, at the place of the first', () => {
  assert.equal(JSON.stringify(exactValue('{"a":1,"1":2,"a":3,"1":4}')), '{"a":3,"1":4}');
});

test('what is put into it and taken out of it later counts', () => {
  const record = inWrittenOrder([
    ['a', 1],
    ['1', 2],
  ]);
  record['c'] = 3;
  assert.equal(JSON.stringify(record), '{"a":1,"1":2,"c":3}');
  delete record['a'];
  assert.deepEqual(Object.entries(record), [
    ['1', 2],
    ['c', 3],
  ]);
});

test('any JSON comes back in its order', () => {
  const name = fc.oneof(fc.string(), fc.nat().map(String), fc.constantFrom('__proto__', '"1":', 'n1', '\\'));
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string().map((text) => JSON.stringify(text)),
      fc.constantFrom('1.0', '0', 'null', 'true'),
      fc.array(tie('value')).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(fc.tuple(name, tie('value')), { selector: ([key]) => key })
        .map((members) => `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`),
    ),
  }));
  fc.assert(fc.property(value, (text) => assert.equal(JSON.stringify(exactValue(text)), text)));
});
