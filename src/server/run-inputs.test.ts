import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import type { RunInputJob } from '../orchestrator/ports.ts';
import { GUEST_LIMITS } from '../platform/guest-process.ts';
import { guardedRunInputs } from './run-inputs.ts';

/** Short, so that the test is; what is fine takes a few milliseconds. */
const inputs = guardedRunInputs({ ...GUEST_LIMITS, milliseconds: 1500, bytes: 200 * 1024 * 1024 });
after(() => inputs.close());

const ANYTHING = '{"type": "object"}';
const job = (input: unknown, schema: unknown = ANYTHING, variables: RunInputJob['variables'] = {}): RunInputJob => ({
  input: typeof input === 'string' ? input : JSON.stringify(input),
  schema: typeof schema === 'string' ? schema : JSON.stringify(schema),
  variables,
});
const template = (text: string): RunInputJob => job({ a: { __prefect_kind: 'jinja', template: text } });

test('inputs are settled as they say, numbers to the letter', async () => {
  assert.deepEqual(await inputs.settle(template('{{ 1 + 2 }}')), { ok: true, text: '{"a":"3"}' });
  assert.deepEqual(await inputs.settle(job('{"a":1.0,"b":12345678901234567890}')), {
    ok: true,
    text: '{"a":1.0,"b":12345678901234567890}',
  });
  assert.deepEqual(
    await inputs.settle(
      job({ a: { __prefect_kind: 'workspace_variable', variable_name: 'v' } }, ANYTHING, { v: '[1.0]' }),
    ),
    { ok: true, text: '{"a":[1.0]}' },
  );
  const refused = await inputs.settle(job({ a: 1 }, { properties: { a: { type: 'string', default: '' } } }));
  assert.deepEqual(refused, {
    ok: false,
    reason: "Reason: Validation failed for field 'a'. Failure reason: 1 is not of type 'string'",
    problems: [{ path: ['a'], reason: "1 is not of type 'string'" }],
  });
  assert.deepEqual(await inputs.settle({ ...job({}), schema: null }), {
    ok: false,
    reason: 'Run input schema not found.',
  });
});

const long = 'a'.repeat(40);
const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + '1' + close.repeat(depth);
const either = (depth: number): unknown =>
  depth === 0 ? { type: 'integer' } : { oneOf: [either(depth - 1), either(depth - 1)] };
/** What would take for ever, or all memory, or the stack. */
const HOSTILE: Readonly<Record<string, RunInputJob>> = {
  pattern: job({ a: `${long}!` }, { properties: { a: { type: 'string', pattern: '^(a+)+$' } } }),
  'another pattern': job({ a: long }, { properties: { a: { type: 'string', pattern: '^(a|a)*(a|aa)*b$' } } }),
  'names by pattern': job({ [`${long}!`]: 1 }, { patternProperties: { '^(a*)*$': {} } }),
  'names that fit a pattern': job({ [`${long}!`]: 1 }, { propertyNames: { pattern: '^(a?a?)*$' } }),
  'no two alike': job(
    { a: Array.from({ length: 12_000 }, (_, index) => ({ b: [index] })) },
    { properties: { a: { uniqueItems: true } } },
  ),
  'a schema that is itself': job({}, { $ref: '#' }),
  'references round and round': job(
    { a: 1 },
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
  ),
  'choices of choices': job({ a: 'x' }, { properties: { a: either(14) } }),
  'a deep schema': job({ a: 1 }, nested(10_000, '{"not":', '}')),
  'a text that is deep': job({ a: { __prefect_kind: 'json', value: nested(50_000, '[', ']') } }),
  'kinds of kinds': job(nested(240, '{"__prefect_kind":"none","value":', '}')),
  doubled: template(`{% set x = "${'x'.repeat(1000)}" %}${'{% set x = x ~ x %}'.repeat(19)}{{ x }}`),
  'doubled and looked at': template(
    `{% set x = "${'x'.repeat(1000)}" %}${'{% set x = x ~ x %}'.repeat(28)}{{ x | upper | length }}`,
  ),
  'lists of lists': template(`{% set x = [1] %}${'{% set x = x + x %}'.repeat(40)}{{ x | length }}`),
  loops: template(
    '{% for i in range(100) %}{% for j in range(100) %}{{ "y" * 1000 ~ i ~ j }}{% endfor %}{% endfor %}'.repeat(5),
  ),
  replaced: template(`{{ "a"${`|replace("a","${'a'.repeat(1000)}")`.repeat(4)} }}`),
  brackets: template(`{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`),
  'loops that call themselves': template('{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}'),
};

for (const [what, hostile] of Object.entries(HOSTILE)) {
  test(`${what}: ends within its limits, and the next input is settled`, async () => {
    let isHeard = false;
    setImmediate(() => (isHeard = true));
    const settled = await inputs.settle(hostile);
    assert.ok(isHeard, 'others were served meanwhile');
    assert.ok(
      settled.ok ? settled.text.length < 1_100_000 : settled.reason.length > 10 && settled.reason.length < 2_000,
      JSON.stringify(settled).slice(0, 300),
    );
    assert.deepEqual(await inputs.settle(template('{{ 2 }}')), { ok: true, text: '{"a":"2"}' });
  });
}

test('each limit is said', async () => {
  const reason = async (hostile: RunInputJob): Promise<string> => {
    const settled = await inputs.settle(hostile);
    return settled.ok ? '' : settled.reason;
  };
  assert.match(
    await reason(HOSTILE['pattern'] as RunInputJob),
    /cannot be checked: it took longer than 1.5 s of the processor/,
  );
  assert.match(await reason(HOSTILE['doubled'] as RunInputJob), /longer than 1048576 characters|took/);
  assert.match(await reason(HOSTILE['a text that is deep'] as RunInputJob), /nested deeper than 250 levels/);
  assert.match(await reason(HOSTILE['lists of lists'] as RunInputJob), /memory|took|Error/);
});

test('more inputs than may wait are refused, and those that wait are settled', async () => {
  const few = guardedRunInputs({ ...GUEST_LIMITS, milliseconds: 500, waiting: 2 });
  try {
    const running = few.settle(HOSTILE['pattern'] as RunInputJob);
    const waiting = [few.settle(template('{{ 1 }}')), few.settle(template('{{ 2 }}'))];
    await assert.rejects(async () => few.settle(template('{{ 3 }}')), { code: 'server-unavailable' });
    assert.equal((await running).ok, false);
    assert.deepEqual(await Promise.all(waiting), [
      { ok: true, text: '{"a":"1"}' },
      { ok: true, text: '{"a":"2"}' },
    ]);
  } finally {
    await few.close();
  }
});

test('closing ends what runs and what waits', async () => {
  const closing = guardedRunInputs();
  const both = [closing.settle(HOSTILE['pattern'] as RunInputJob), closing.settle(template('{{ 1 }}'))];
  const settled = both.map((one) => assert.rejects(one, { code: 'server-unavailable', message: /the server closes/ }));
  await closing.close();
  await Promise.all(settled);
});

test('schemas of forms, and templates, end within their limits, too', async () => {
  const schema = JSON.stringify({ properties: { a: { type: 'string', pattern: '^(a+)+$' } } });
  const form = await inputs.checkForm({ schema, values: JSON.stringify({ a: `${long}!` }), variables: {} });
  assert.match(
    form.ok ? '' : form.reason,
    /^Invalid schema: it cannot be checked: it took longer than 1.5 s of the processor\.$/,
  );
  assert.deepEqual(await inputs.checkForm({ schema, values: '{"a":"b"}', variables: {} }), {
    ok: true,
    problems: [{ property: 'a', errors: ["'b' does not match '^(a+)+$'"] }],
  });
  for (const hostile of ['('.repeat(20_000), '{% if a %}'.repeat(20_000), '{{ a '])
    assert.ok(((await inputs.checkTemplate(`{{ ${hostile}1`))?.message ?? '').length > 5);
  assert.equal(await inputs.checkTemplate('{{ 1 }}'), null);
});
