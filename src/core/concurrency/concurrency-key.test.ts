import assert from 'node:assert/strict';
import { test } from 'node:test';

import { concurrencyKeyOf, isKeyText } from './concurrency-key.ts';

const PARAMETERS = '{"customer":"acme","order":{"lines":[{"id":7}]},"region":null,"live":true}';

test('a path of the parameters, or a text with paths between braces', () => {
  for (const [text, key] of [
    ['parameters.customer', 'acme'],
    ['parameters.order.lines.0.id', '7'],
    ['parameters.order.lines', '[{"id":7}]'],
    ['parameters.live', 'true'],
    ['{{ parameters.customer }}/{{parameters.live}}', 'acme/true'],
    ['parameters.region', ''],
    ['parameters.missing.deeper', ''],
    ['parameters.customer.length', ''],
    ['parameters.toString', ''],
  ] as const) {
    assert.ok(isKeyText(text), text);
    assert.equal(concurrencyKeyOf(text, PARAMETERS), key, text);
  }
});

test('anything else is no key', () => {
  for (const text of [
    '',
    'customer',
    'parameters',
    'parameters.',
    'parameters.a b',
    '{{ customer }}',
    '{{ parameters.a',
    'x {{ parameters.a }} {% if 1 %}',
    `parameters.${'a'.repeat(400)}`,
    7,
    null,
  ])
    assert.ok(!isKeyText(text), String(text));
});

test('a long key is cut', () => {
  assert.equal(concurrencyKeyOf('parameters.a', JSON.stringify({ a: 'x'.repeat(5000) })).length, 200);
});
