import assert from 'node:assert/strict';
import { test } from 'node:test';

import { flow } from './flow.ts';
import { saidByFlow } from './said-by-flow.ts';

const said = (options: Parameters<typeof flow>[1]) => saidByFlow(flow(() => 1, { name: 'sales', ...options }));

test('a key may be a text, or a function that names parameters', () => {
  assert.deepEqual(said({}), {});
  assert.deepEqual(said({ onCrash: 'leave', concurrencyKey: 'parameters.a' }), {
    on_crash: 'leave',
    concurrency_key: 'parameters.a',
  });
  assert.deepEqual(said({ concurrencyKey: (p) => `${String(p['region'])}-${String(p['customer'])}` }), {
    concurrency_key: '{{ parameters.region }}-{{ parameters.customer }}',
  });
});

test('one that names none, or needs a value, is refused with the flow that said it', () => {
  assert.throws(() => said({ concurrencyKey: 'always' }), /The concurrencyKey of flow "sales" names no parameter/);
  assert.throws(() => said({ concurrencyKey: (p) => (p['a'] as { b: () => string }).b() }), /of flow "sales"/);
  assert.throws(() => said({ onCrash: 'explode' as never }), /onCrash/);
  assert.throws(() => said({ concurrencyKey: 3 as never }), /concurrencyKey/);
});
