import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hydrate, type Hydration } from './hydration.ts';

const plain: Hydration = { parseJson: JSON.parse, variable: (name) => (name === 'region' ? 'north' : undefined) };
const kind = (name: string, rest: object = {}): object => ({ __prefect_kind: name, ...rest });

test('values come about as they say, wherever they stand', () => {
  const given = {
    a: kind('json', { value: '{"n": 5}' }),
    b: [kind('none', { value: 'n' }), kind('json')],
    c: { d: kind('workspace_variable', { variable_name: 'region' }) },
    e: kind('else', { value: 7 }),
    f: kind('json', { value: kind('workspace_variable', { variable_name: 'region' }) }),
    g: kind('workspace_variable'),
  };
  assert.throws(() => hydrate(given, plain), /Invalid JSON/, 'north is no JSON');
  const { f: _f, ...rest } = given;
  assert.deepEqual(hydrate(rest, plain), { a: { n: 5 }, b: ['n'], c: { d: 'north' }, e: 7 });
  assert.deepEqual(hydrate(kind('json'), plain), {});
});

test('what cannot come about says why', () => {
  const says = (value: object, message: RegExp, hydration = plain): void =>
    assert.throws(() => hydrate(value, hydration), { code: 'bad-input', message });
  says({ x: kind('none') }, /Missing 'value' key in __prefect object/);
  says({ x: kind('workspace_variable', { variable_name: 'nope' }) }, /Variable 'nope' not found in workspace\./);
  says({ x: kind('jinja', { template: '{{ x }}' }) }, /does not render templates/);
  says({ x: kind('jinja') }, /Missing 'template' key/);
  assert.deepEqual(hydrate({ x: kind('jinja', { template: 'plain' }) }, plain), { x: 'plain' });
  assert.deepEqual(hydrate({ x: kind('jinja', { template: 'a{{ 1 }}' }) }, { ...plain, renderTemplate: () => 'a1' }), {
    x: 'a1',
  });
});

test('numbers that are kept by their text stay so', () => {
  const exact = JSON as unknown as { rawJSON(text: string): object };
  assert.equal(
    JSON.stringify(hydrate({ x: exact.rawJSON('1.0'), y: [exact.rawJSON('12345678901234567890')] }, plain)),
    '{"x":1.0,"y":[12345678901234567890]}',
  );
});
