import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';

type Schema = Readonly<Record<string, unknown>>;
const form = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const integer = { type: 'integer', default: 1 };
const kind = (name: string, more: Schema = {}): Schema => ({ __prefect_kind: name, ...more });
const at = (property: string, ...errors: readonly unknown[]): unknown => ({ property, errors });

/** Schema, values, and what Prefect's own server says to them. */
const CASES: readonly (readonly [schema: Schema, values: Schema, errors: readonly unknown[]])[] = [
  [{}, {}, []],
  [form({ a: { type: 'integer' } }), { a: 'x' }, [at('a', "'x' is not valid under any of the given schemas")]],
  [form({ a: { type: 'integer' } }), { a: null }, []],
  [
    form({ a: { type: 'integer' } }, { required: ['a', 'b'] }),
    {},
    [at('a', "'a' is a required property"), at('b', "'b' is a required property")],
  ],
  [
    form({ a: { type: 'array', items: form({ b: integer }), default: [] } }),
    { a: [{ b: 'x' }, { b: 2 }, { b: 'z' }] },
    [
      at(
        'a',
        { index: 0, errors: [at('b', "'x' is not of type 'integer'")] },
        { index: 2, errors: [at('b', "'z' is not of type 'integer'")] },
      ),
    ],
  ],
  [
    form({ a: form({ b: integer, c: integer }), d: integer }),
    { a: { b: 'x', c: 'y' } },
    [at('a', at('b', "'x' is not of type 'integer'"), at('c', "'y' is not of type 'integer'"))],
  ],
  [
    form(
      { a: { anyOf: [{ $ref: '#/definitions/X' }, { type: 'null' }] } },
      { definitions: { X: form({ b: integer }) } },
    ),
    { a: { b: 'x' } },
    [at('a', "{'b': 'x'} is not valid under any of the given schemas")],
  ],
  [
    form({ a: { $ref: '#/definitions/X' } }, { definitions: { X: form({ b: integer }) } }),
    { a: { b: 'x' } },
    [at('a', at('b', "'x' is not of type 'integer'"))],
  ],
  [
    form({}, { additionalProperties: false }),
    { a: 1, b: 2 },
    ["Additional properties are not allowed ('a', 'b' were unexpected)"],
  ],
  [
    form({ a: { type: 'integer', minimum: 5, multipleOf: 7, default: 1 } }),
    { a: 3 },
    [at('a', '3 is less than the minimum of 5'), at('a', '3 is not a multiple of 7')],
  ],
  [
    form({
      a: { contains: { type: 'integer' } },
      b: { not: { type: 'string' } },
      d: { propertyNames: { maxLength: 1 } },
      f: { if: { type: 'string' }, then: { maxLength: 1 } },
    }),
    { a: ['x'], b: 's', d: { long: 1 }, f: 'long' },
    [
      at('a', "['x'] does not contain items matching the given schema"),
      at('b', "'s' should not be valid under {'type': 'string'}"),
      at('d', "'long' is too long"),
      at('f', "'long' is too long"),
    ],
  ],
  [
    form({
      e: { dependentRequired: { x: ['y'] } },
      k: { uniqueItems: true },
      m: { minProperties: 2 },
      n: { maxItems: 0 },
      t: { const: 3 },
    }),
    { e: { x: 1 }, k: [1, 1], m: { a: 1 }, n: [1], t: 4 },
    [
      at('e', "'y' is a dependency of 'x'"),
      at('k', '[1, 1] has non-unique elements'),
      at('m', "{'a': 1} does not have enough properties"),
      at('n', '[1] is expected to be empty'),
      at('t', '3 was expected'),
    ],
  ],
  [
    form({ a: { type: 'string', pattern: '^(?P<word>[a-z]+)\\Z', default: '' } }),
    { a: '9' },
    [at('a', "'9' does not match '^(?P<word>[a-z]+)\\\\Z'")],
  ],
  ...[
    'date-time',
    'date',
    'time',
    'email',
    'idn-email',
    'ipv4',
    'ipv6',
    'uuid',
    'regex',
    'json-pointer',
    'relative-json-pointer',
  ].map(
    (format) =>
      [
        form({ a: { type: 'string', format, default: 1 } }),
        { a: '[nope' },
        [at('a', `'[nope' is not a '${format}'`)],
      ] as const,
  ),
  ...['uri', 'hostname', 'duration', 'color', 'password'].map(
    (format) => [form({ a: { type: 'string', format, default: 1 } }), { a: '[nope' }, []] as const,
  ),
  [
    form({
      a: { type: 'string', format: 'date-time', default: '' },
      b: { type: 'string', format: 'date', default: '' },
    }),
    { a: '2026-01-01T00:00:00.5+01:00', b: '2026-02-29' },
    [at('b', "'2026-02-29' is not a 'date'")],
  ],
  [form({ a: integer }), { a: kind('jinja', { template: '{{ x }}' }) }, []],
  [form({ a: integer }, { required: ['a'] }), { a: kind('json') }, [at('a', "'a' is a required property")]],
  [form({ a: integer }), { a: kind('jinja') }, [at('a', "Missing 'template' key in __prefect object")]],
  [form({ a: integer }), { a: kind('none') }, [at('a', "Missing 'value' key in __prefect object")]],
  [form({ a: integer }), { a: kind('json', { value: '12' }) }, []],
  [form({ a: integer }), { a: kind('json', { value: '"x"' }) }, [at('a', "'x' is not of type 'integer'")]],
  [
    form({ a: integer }),
    { a: kind('workspace_variable', { variable_name: 'nope' }) },
    [at('a', "Variable 'nope' not found in workspace.")],
  ],
  [form({ a: integer }), { a: kind('workspace_variable', { variable_name: 'known' }) }, []],
  [form({ a: integer }), { a: kind('json', { value: kind('jinja', { template: '{{ x }}' }) }) }, []],
];
const BLOCK = form(
  { a: { $ref: '#/definitions/X' } },
  { definitions: { X: form({ b: integer }, { title: 'X', block_type_slug: 'x', required: ['b'] }) } },
);

test('values of a form are told what is wrong with them, member by member', () =>
  withApi({}, async (api) => {
    await api.post('/variables/', { name: 'known', value: 5 });
    for (const [schema, values, errors] of CASES) {
      const answer = await api.post('/ui/schemas/validate', { schema, values });
      assert.deepEqual(
        [answer.status, answer.body],
        [200, { errors, valid: errors.length === 0 }],
        JSON.stringify([schema, values]),
      );
    }
    const valid = async (values: Schema): Promise<unknown> =>
      ((await api.post('/ui/schemas/validate', { schema: BLOCK, values })).body as { readonly valid: boolean }).valid;
    assert.deepEqual(
      [
        await valid({ a: { $ref: '018f0000-0000-7000-8000-000000000001' } }),
        await valid({ a: { b: 1 } }),
        await valid({ a: { c: 1 } }),
      ],
      [true, true, false],
    );
    const wrong = await api.post('/ui/schemas/validate', {
      schema: form({ a: integer, b: integer }),
      values: { a: kind('jinja', { template: '{{ x' }), b: kind('json', { value: '{' }) },
    });
    assert.match(wrong.text, /"property":"a","errors":\["Invalid jinja: .*"property":"b","errors":\["Invalid JSON: /);
  }));

test('a schema that is none is refused', () =>
  withApi({}, async (api) => {
    for (const [schema, detail] of [
      [{ type: 5 }, /^Invalid schema: 5 is not valid under any of the given schemas$/],
      [{ required: 'a' }, /^Invalid schema: 'a' is not of type 'array'$/],
      [{ properties: 5 }, /^Invalid schema: 5 is not of type 'object'$/],
      [{ $ref: '#' }, /^Invalid schema: Unable to validate schema with circular references\.$/],
      [{ $ref: '#/nope' }, /^Invalid schema: /],
      [{ $ref: 'http://127.0.0.1:1/x' }, /^Invalid schema: /],
      [form({ a: { pattern: '(' } }), /^Invalid schema: '\(' is not a 'regex'$/],
    ] as const) {
      const { status, body } = await api.post('/ui/schemas/validate', { schema, values: {} });
      assert.equal(status, 422, JSON.stringify(schema));
      assert.match((body as { readonly detail: string }).detail, detail);
    }
    for (const body of [{}, { schema: [], values: 5 }, { schema: true, values: {} }])
      assert.equal((await api.post('/ui/schemas/validate', body)).status, 422);
  }));

test('a text is a template, or it is said where it is none', () =>
  withApi({}, async (api) => {
    for (const path of ['/templates/validate', '/automations/templates/validate']) {
      for (const template of [
        '',
        'x',
        '{{ a.b["c"] | upper }}',
        '{% for x in y %}{{ x }}{% endfor %}',
        '{# note #}',
        '}} %}',
        '{% if a %}{% elif b %}{% else %}{% endif %}',
      ]) {
        assert.deepEqual([(await api.post(path, JSON.stringify(template))).status, template], [204, template]);
      }
      assert.equal((await api.send('POST', path)).status, 204, 'nothing is an empty template');
      assert.equal((await api.post(path, 'null')).status, 204);
      for (const [template, line] of [
        ['a\nb\n{{ c', 3],
        ['{{ 1 + }}', 1],
        ['a\n{{ b c }}\n{{ d }}\ne', 2],
        ['{% for x in y %}\n{{ x }}', 2],
        ['a\n\n{% nope %}', 3],
        ['{% for a in b %}'.repeat(3) + '{% endfor %}'.repeat(3), 0],
      ] as const) {
        const { status, body } = await api.post(path, JSON.stringify(template));
        const { error } = body as {
          readonly error: { readonly line: number; readonly message: string; readonly source: string };
        };
        assert.deepEqual([status, error.line, error.source], [422, line, template], JSON.stringify(body));
        assert.ok(error.message.length > 5 && !error.message.includes('undefined'), error.message);
      }
      for (const body of ['5', '[1]', 'nope']) assert.equal((await api.post(path, body)).status, 422, body);
    }
  }));
