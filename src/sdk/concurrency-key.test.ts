import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../core/errors.ts';
import { keyTextOf } from './concurrency-key.ts';

interface Order {
  readonly customer: string;
  readonly place: { readonly region: string };
}
const text = (key: (order: Order) => unknown) => keyTextOf('x', key as (parameters: unknown) => unknown);

test('what a function takes of the parameters is what the key is made of', () => {
  assert.equal(
    text((order) => order.customer),
    'parameters.customer',
  );
  assert.equal(
    text(({ place: { region } }) => region),
    'parameters.place.region',
  );
  assert.equal(
    text((order) => `${order.place.region}-${order.customer}`),
    '{{ parameters.place.region }}-{{ parameters.customer }}',
  );
  assert.equal(keyTextOf('x', 'parameters.customer'), 'parameters.customer');
});

test('one that names no parameter, or needs its value, is refused', () => {
  for (const key of [
    () => 'always',
    () => undefined,
    (order: Order) => order,
    (order: Order) => order.customer.toUpperCase(),
    (order: Order) => order.customer === 'acme',
  ])
    assert.throws(
      () => text(key),
      (error) => OstinatoError.is(error) && error.code === 'bad-input' && error.remedy !== '',
    );
});
