import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkJson } from './json-schema.ts';

/** As Pydantic 1 and 2 write them; the answers are those of Prefect 3.8.8's own server. */
const SCHEMA = {
  type: 'object',
  title: 'T',
  properties: {
    x: { type: 'integer' },
    name: { type: 'string' },
    opt: { type: 'string' },
    list: { type: 'array', items: { type: 'integer' } },
    d: { type: 'string', default: 'q' },
    e: { enum: ['a', 'b'] },
    r: { $ref: '#/definitions/M' },
    pair: { type: 'array', items: [{ type: 'integer' }, { type: 'string' }] },
  },
  required: ['x', 'name'],
  definitions: { M: { type: 'object', properties: { q: { type: 'number', minimum: 3 } }, required: ['q'] } },
};
const FINE = { x: 1, name: 'n' };

const CASES: readonly (readonly [value: unknown, at: string | null, reason?: string])[] = [
  [FINE, null],
  [{ ...FINE, zz: 1 }, null],
  [{ ...FINE, opt: null }, null],
  [{ ...FINE, pair: [1, 'a'] }, null],
  [{ x: 1 }, '', "'name' is a required property"],
  [{ ...FINE, x: 'one' }, 'x', "'one' is not of type 'integer'"],
  [{ ...FINE, x: 1.5 }, 'x', "1.5 is not of type 'integer'"],
  [{ ...FINE, d: null }, 'd', "None is not of type 'string'"],
  [{ ...FINE, list: [1, 'two'] }, 'list[1]', "'two' is not of type 'integer'"],
  [{ ...FINE, e: 'c' }, 'e', "'c' is not one of ['a', 'b']"],
  [{ ...FINE, r: { q: 2 } }, 'r.q', '2 is less than the minimum of 3'],
  [{ ...FINE, r: {} }, 'r', "'q' is a required property"],
  [{ ...FINE, opt: 5 }, 'opt', '5 is not valid under any of the given schemas'],
];

test('values are checked as Prefect checks them, in the same words', () => {
  const said = (schema: unknown, value: unknown): unknown => {
    const { at, reason } = checkJson(schema, value) ?? { at: null, reason: null };
    return at === null ? null : { at, reason };
  };
  for (const [value, at, reason] of CASES) assert.deepEqual(said(SCHEMA, value), at === null ? null : { at, reason });
  assert.deepEqual(said({ properties: {}, additionalProperties: false }, { b: 1 }), {
    at: '',
    reason: "Additional properties are not allowed ('b' was unexpected)",
  });
});

test('everything that is wrong is told, each where it is: what is missing where it is missing, of a choice the choice', () => {
  const problems = (value: unknown) =>
    checkJson(SCHEMA, value)?.problems.map(({ path, reason }) => `${path.join('/')}: ${reason}`);
  assert.deepEqual(problems({ x: 'one', list: [1, 'two'], r: {}, opt: 5, e: 'c' })?.sort(), [
    "e: 'c' is not one of ['a', 'b']",
    "list/1: 'two' is not of type 'integer'",
    "name: 'name' is a required property",
    'opt: 5 is not valid under any of the given schemas',
    "r/q: 'q' is a required property",
    "x: 'one' is not of type 'integer'",
  ]);
  assert.equal(checkJson({ type: 'array', items: { type: 'integer' } }, Array(500).fill('x'))?.problems.length, 50);
});

test('what is no schema is told, and the schema that was given stays as it was', () => {
  assert.match(
    checkJson({ properties: { x: { $ref: '#/definitions/None' } } }, {})?.reason ?? '',
    /can't resolve reference/,
  );
  assert.match(checkJson(['no', 'schema'], {})?.reason ?? '', /no JSON object/);
  const before = structuredClone(SCHEMA);
  checkJson(SCHEMA, FINE);
  assert.deepEqual(SCHEMA, before);
  assert.throws(() => checkJson({ $ref: '#' }, {}), { code: 'bad-input', message: /circular/ });
});
