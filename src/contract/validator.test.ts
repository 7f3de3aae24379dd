import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import Compile from 'typebox/compile';
import Format from 'typebox/format';

import { isUuid } from '../core/ids.ts';
import { parseInstant } from '../core/time.ts';
import { ENTITIES } from './entities.ts';
import { OWN_ROUTES } from './own/routes.ts';
import type { RouteContract } from './route.ts';
import { Type, type TSchema } from './type.ts';
import { compile } from './validator.ts';

Format.Set('any-uuid', isUuid);
Format.Set('lenient-date-time', (text) => parseInstant(text) !== null);

/** Every schema that a route takes or gives, by where it stands. */
async function contractSchemas(): Promise<ReadonlyMap<string, TSchema>> {
  const schemas = new Map<string, TSchema>(Object.entries(ENTITIES));
  const files = readdirSync(join(import.meta.dirname, 'routes')).map((file) =>
    join(import.meta.dirname, 'routes', file),
  );
  for (const file of files) {
    for (const contract of Object.values((await import(file)) as Record<string, Partial<RouteContract>>)) {
      if (contract.body) schemas.set(`${contract.method} ${contract.path}`, contract.body);
      for (const [name, schema] of Object.entries({ ...contract.params, ...contract.query }))
        schemas.set(`${contract.path} ${name}`, schema);
      for (const [status, schema] of Object.entries(contract.answers ?? {}))
        if (schema) schemas.set(`${contract.path} ${status}`, schema);
    }
  }
  for (const [name, { body, answer }] of Object.entries(OWN_ROUTES)) {
    if (body) schemas.set(`${name} asks`, body);
    if (answer) schemas.set(`${name} answers`, answer);
  }
  return schemas;
}

type Facts = Readonly<Record<string, unknown>>;

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  uuid: ['01975300-0000-7000-8000-000000000001'],
  'any-uuid': ['01975300-0000-7000-8000-000000000001'],
  'date-time': ['2026-01-01T00:00:00.000000Z'],
  'lenient-date-time': ['2026-01-01 00:00:00+01:00'],
};

const anything = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(null, true, 0, 1, -1, 1.5, 1e300, 2 ** 53, '', 'a', 'x'.repeat(300), [], {}, [null], { a: 1 }),
    fc.jsonValue({ maxDepth: 2 }),
  );

/** Values that mostly fit: else only the first keyword would ever be asked. */
function near(schema: Facts, definitions: Facts = {}): fc.Arbitrary<unknown> {
  const known = { ...definitions, ...(schema['$defs'] as Facts | undefined) };
  const within = (part: unknown): fc.Arbitrary<unknown> => near(part as Facts, known);
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(null).chain(() => fitting(schema, known, within)) },
    { weight: 1, arbitrary: anything() },
  );
}

function fitting(schema: Facts, known: Facts, within: (part: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (schema['$ref'] !== undefined) return within(known[String(schema['$ref'])]);
  if (schema['anyOf']) return fc.oneof(...(schema['anyOf'] as unknown[]).map(within));
  if (schema['allOf'])
    return fc
      .tuple(...(schema['allOf'] as unknown[]).map(within))
      .map((parts) => Object.assign({}, ...parts.map((part) => (typeof part === 'object' ? part : {}))) as unknown);
  if ('const' in schema) return fc.constant(schema['const']);
  const format = String(schema['format']);
  switch (schema['type']) {
    case 'string':
      return format in TEXTS ? fc.constantFrom(...(TEXTS[format] as string[])) : fc.string({ maxLength: 12 });
    case 'integer':
      return fc.integer({ min: -2, max: 300 });
    case 'number':
      return fc.oneof(fc.integer({ min: -2, max: 300 }), fc.constantFrom(0.005, 0.5, 86_401));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return Array.isArray(schema['items'])
        ? fc.tuple(...(schema['items'] as unknown[]).map(within))
        : fc.array(within(schema['items']), { maxLength: 3 });
    case 'object': {
      if (schema['patternProperties'])
        return fc.dictionary(
          fc.constantFrom('a', 'b', 'prefect.resource.id', 'c'),
          within(Object.values(schema['patternProperties'])[0]),
          { maxKeys: 3 },
        );
      const properties = (schema['properties'] ?? {}) as Readonly<Record<string, unknown>>;
      const model = Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, within(part)]));
      const requiredKeys = Object.keys(properties).filter((key) =>
        ((schema['required'] ?? []) as string[]).includes(key),
      );
      return fc.oneof(
        { weight: 8, arbitrary: fc.record(model, { requiredKeys }) },
        { weight: 1, arbitrary: fc.record({ ...model, bogus: fc.constant(1) }, { requiredKeys: [] }) },
      );
    }
    default:
      return anything();
  }
}

test('it fits what TypeBox fits, for every schema of the contract', async () => {
  let [fitted, refused] = [0, 0];
  for (const [name, schema] of await contractSchemas()) {
    const [ours, theirs] = [compile(schema), Compile(schema)];
    fc.assert(
      fc.property(near(schema as unknown as Facts), (value) => {
        const fits = ours.fits(value);
        if (fits) fitted += 1;
        else refused += 1;
        assert.equal(fits, theirs.Check(value), name);
        assert.equal(ours.mismatches(value, 5).length === 0, fits, name);
      }),
      { numRuns: 12 },
    );
  }
  assert.ok(fitted > 1000 && refused > 500, `${fitted} fitted, ${refused} did not`);
});

test('lengths are counted in code points', () => {
  const { fits } = compile(Type.String({ minLength: 2, maxLength: 3 }));
  assert.deepEqual(
    ['😀', '😀😀', '😀😀😀', '😀😀😀😀', 'abcd'].map((text) => fits(text)),
    [false, true, true, false, false],
  );
});

test('a member may have any name', () => {
  const { fits } = compile(Type.Record(Type.String(), Type.String()));
  assert.deepEqual(
    [fits({ 'a\nb': 'c' }), fits({ 'a\nb': 1 }), fits(JSON.parse('{"__proto__": 1}'))],
    [true, false, false],
  );
});

test('what is wrong is said with its place, and no more often than asked for', () => {
  const { mismatches } = compile(Type.Object({ pairs: Type.Array(Type.Tuple([Type.String(), Type.Integer()])) }));
  assert.deepEqual(
    mismatches(
      {
        pairs: [
          ['a', 1],
          ['b', 1.5],
        ],
      },
      9,
    ),
    [{ keyword: 'type', path: ['pairs', 1, 1], fact: 'integer', input: 1.5 }],
  );
  assert.equal(mismatches({ pairs: Array.from({ length: 100 }, () => 1) }, 7).length, 7);
  assert.deepEqual(
    mismatches({}, 9).map(({ keyword, path }) => [keyword, ...path]),
    [['required', 'pairs']],
  );
});

test('a keyword that is not known is a mistake in the contract', () => {
  assert.throws(() => compile(Type.Unsafe({ uniqueItems: true })), /uniqueItems/);
  assert.throws(() => compile(Type.String({ format: 'colour' })), /colour/);
});
