import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readParameters, unknownParameters } from './run-parameters.ts';

test('values are JSON where they are JSON, text otherwise; a value may hold an equals sign or be empty', () => {
  assert.equal(readParameters({}, '/'), null);
  const given = readParameters({ param: ['n=3', 'text=abc', 'quoted="3"', 'list=[1,"a"]', 'formula=a=b', 'empty=', 'yes=true', 'none=null', 'n=4'] }, '/');
  assert.deepEqual(given, { n: 4, text: 'abc', quoted: '3', list: [1, 'a'], formula: 'a=b', empty: '', yes: true, none: null });
});

test('a parameter on its own wins over the object', () => {
  assert.deepEqual(readParameters({ params: '{"a": 1, "b": 2}', param: ['b=3'] }, '/'), { a: 1, b: 3 });
});

test('names that the schema does not know are pointed out, unless it takes any', () => {
  const schema = { type: 'object', properties: { repos: {}, api: {} } };
  assert.deepEqual(unknownParameters({ repso: 1, api: 2 }, schema), ['The flow has no parameter "repso". Did you mean "repos"?']);
  assert.deepEqual(unknownParameters({ other: 1 }, schema), ['The flow has no parameter "other". It has: repos, api.']);
  assert.deepEqual(unknownParameters({ other: 1 }, { ...schema, additionalProperties: {} }), []);
  assert.deepEqual(unknownParameters({ other: 1 }, null), []);
});
