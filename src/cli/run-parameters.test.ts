import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';
import { z } from 'zod';

import { jsonSchemaOf } from '../sdk/parameters.ts';
import { typedParameters } from '../sdk/typed-parameters.ts';
import { readParameters } from './run-parameters.ts';

type Words = readonly string[];

/** As the flow gets them. */
function typed(
  param: Words,
  schema: z.ZodType | null = null,
  params?: string,
  known: Words | null = null,
): Record<string, unknown> {
  const given = readParameters(
    { ...(param.length === 0 ? {} : { param }), ...(params === undefined ? {} : { params }) },
    '/',
  );
  assert.ok(given);
  return typedParameters(given, schema && jsonSchemaOf(schema), known);
}
/** The one value of `-p x=TEXT`. */
const one = (text: string, schema: z.ZodType | null = null): unknown =>
  typed([`x=${text}`], schema && z.object({ x: schema }))['x'];

test('without a schema, values are JSON where they are JSON, text otherwise; a value may hold an equals sign or be empty', () => {
  assert.equal(readParameters({}, '/'), null);
  const given = typed([
    'n=3',
    'text=abc',
    'quoted="3"',
    'list=[1,"a"]',
    'formula=a=b',
    'empty=',
    'yes=true',
    'none=null',
    'zip=007',
    'hex=0x10',
    'grouped=1_000',
    'nan=NaN',
  ]);
  assert.deepEqual(given, {
    n: 3,
    text: 'abc',
    quoted: '3',
    list: [1, 'a'],
    formula: 'a=b',
    empty: '',
    yes: true,
    none: null,
    zip: '007',
    hex: '0x10',
    grouped: '1_000',
    nan: 'NaN',
  });
});

test('a parameter on its own wins over the object; one that is given twice is refused, as is one without a name or a value', () => {
  assert.deepEqual(typed(['b=3'], null, '{"a": 1, "b": 2}'), { a: 1, b: 3 });
  assert.throws(() => typed(['a=1', 'a=2']), /"a" is given twice/);
  for (const wrong of ['a', '=1', '']) assert.throws(() => typed([wrong]), /is no parameter/);
});

test('JSON in which an object has a key twice is refused: the first value would be gone', () => {
  const refused = (work: () => unknown, what: RegExp): void =>
    assert.throws(work, { code: 'bad-input', message: what });
  refused(() => typed(['a={"x":1,"x":2}']), /^"a" has the key "x" twice/);
  refused(() => typed(['a=[1,{"k":{"y":1,"\\u0079":2}}]']), /^"a" has the key "y" twice/);
  refused(() => typed(['a={"x":1,"x":2}'], z.object({ a: z.object({ x: z.number() }) })), /^"a" has the key "x" twice/);
  refused(() => readParameters({ params: '{"a":1,"b":2,"a":3}' }, '/'), /^--params has the key "a" twice/);
  assert.deepEqual(typed(['a={"x":{"x":1}}', 'b={"x":2}']), { a: { x: { x: 1 } }, b: { x: 2 } });
  assert.equal(one('{"x":1,"x":2}', z.string()), '{"x":1,"x":2}', 'text stays text');
});

test('names that the flow does not have are refused, with the nearest one', () => {
  const schema = z.object({ repos: z.array(z.string()).optional(), api: z.number().optional() });
  assert.throws(() => typed(['repso=1', 'api=2'], schema), {
    code: 'bad-input',
    message: 'The flow has no parameter "repso". Did you mean "repos"?',
    remedy: 'It has: repos, api.',
  });
  assert.throws(() => typed([], schema, '{"apo": 1, "other": 2}'), /"apo"\. Did you mean "api"\?.*"other"/);
  assert.throws(() => typed(['__proto__=1'], schema), /no parameter "__proto__"/);
  assert.deepEqual(typed(['other=1'], z.looseObject({ api: z.number() })), { other: 1 });
  assert.deepEqual(typed(['other=1'], z.object({ api: z.number() }).catchall(z.number())), { other: 1 });
  assert.throws(() => typed(['yera=2024'], null, undefined, ['year']), /Did you mean "year"/);
});

test('where the schema says text, it is text, as it is', () => {
  for (const text of [
    '1.10',
    '007',
    '1234567890123456789',
    'true',
    'null',
    '{"a":1}',
    '[1]',
    '"quoted"',
    '1e400',
    ' 12 ',
    '',
    '-',
    'NaN',
  ]) {
    assert.equal(one(text, z.string()), text);
    assert.equal(one(text, z.string().default('x')), text);
    assert.equal(one(text, z.string().min(1).optional()), text);
  }
  assert.equal(one('2', z.enum(['1', '2'])), '2');
  assert.equal(one('true', z.literal(['true', 'false'])), 'true');
  assert.equal(one('2026-11-29', z.iso.date()), '2026-11-29');
  assert.equal(one('null', z.string().nullable()), null);
  assert.equal(one('yes', z.stringbool()), 'yes');
});

test('of several kinds, the one that is written', () => {
  const either = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.number())]);
  for (const [text, value] of [
    ['3', 3],
    ['1.10', '1.10'],
    ['007', '007'],
    ['"3"', '3'],
    ['true', true],
    ['null', null],
    ['[1,2]', [1, 2]],
    ['{"a":1}', '{"a":1}'],
    ['abc', 'abc'],
    ['1234567890123456789', '1234567890123456789'],
  ] as const)
    assert.deepEqual(one(text, either), value);
  assert.equal(one('1234567890123456789', z.union([z.string(), z.bigint(), z.number()])), 1234567890123456789n);
});

test('what has a kind of its own in JavaScript becomes that', () => {
  assert.equal(one('9007199254740993', z.bigint()), 9007199254740993n);
  assert.equal(one('-5', z.bigint()), -5n);
  assert.deepEqual(one('2026-11-29', z.date()), new Date('2026-11-29'));
  assert.deepEqual(one('2026-11-29T10:00:00+01:00', z.date()), new Date('2026-11-29T09:00:00Z'));
  assert.equal(one('2026-99-99', z.date()), '2026-99-99');
});

test('a number keeps its digits or is refused, on its own and inside', () => {
  for (const lossy of [
    '1234567890123456789',
    '9007199254740993',
    '-9007199254740993',
    '0.12345678901234567890',
    '1e400',
    '-1e400',
    '1e-400',
    '3.14159265358979323846',
    '123456789.123456789123',
  ]) {
    for (const schema of [null, z.number(), z.any()])
      assert.throws(() => one(lossy, schema), { code: 'bad-input' }, lossy);
    assert.throws(() => one(`[1, {"id": ${lossy}}]`), /"x\[1\]\.id"/);
    assert.throws(() => typed([], null, `{"orders": [${lossy}]}`), /"orders\[0\]"/);
  }
  for (const held of [
    '0.1',
    '1.10',
    '-0',
    '0',
    '1e21',
    '1E+5',
    '0.30000000000000004',
    '9007199254740991',
    '9007199254740992',
    '100000000000000000000',
    '5e-324',
    '1.7976931348623157e308',
  ]) {
    assert.equal(one(held), Number(held));
    assert.equal(one(held, z.number()), Number(held));
  }
  assert.throws(() => one('1234567890123456789'), /would become 1234567890123456768.*/);
});

test('inside lists and objects the schema is followed, too', () => {
  const schema = z.object({
    orders: z.array(z.object({ id: z.bigint(), note: z.string().optional() })),
    pair: z.tuple([z.string(), z.bigint()]),
    any: z.record(z.string(), z.bigint()),
  });
  const given = typed(
    [
      'orders=[{"id": 1234567890123456789}, {"id": 2}]',
      'pair=[9007199254740993, 9007199254740993]',
      'any={"a": 12345678901234567890}',
    ],
    schema,
  );
  assert.deepEqual(given, {
    orders: [{ id: 1234567890123456789n }, { id: 2n }],
    pair: ['9007199254740993', 9007199254740993n],
    any: { a: 12345678901234567890n },
  });
  interface Tree {
    id: bigint;
    below: Tree[];
  }
  const tree: z.ZodType<Tree> = z.object({
    id: z.bigint(),
    get below() {
      return z.array(tree);
    },
  });
  assert.deepEqual(one('{"id": 1, "below": [{"id": 9007199254740993, "below": []}]}', tree), {
    id: 1n,
    below: [{ id: 9007199254740993n, below: [] }],
  });
});

test('whatever number is written, it arrives with all its digits or not at all', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '1', '5', '9'), minLength: 1, maxLength: 24 });
  const written = fc
    .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.option(fc.integer({ min: -330, max: 330 })))
    .map(
      ([sign, whole, fraction, exponent]) =>
        `${sign}${whole.replace(/^0+(?=\d)/, '')}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
    );
  const exact = (text: string): string => {
    const [, sign = '', whole = '', fraction = '', power = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? [];
    const value = BigInt(whole + fraction) * 10n ** BigInt(Number(power) - fraction.length + 800);
    return value === 0n ? '0' : sign + value;
  };
  fc.assert(
    fc.property(written, (text) => {
      let value: unknown;
      try {
        value = one(text);
      } catch {
        const nearest = Number(text);
        assert.ok(!Number.isFinite(nearest) || exact(String(nearest)) !== exact(text), text);
        return;
      }
      assert.equal(exact(String(value)), exact(text));
    }),
    { numRuns: 2000 },
  );
});

test('a file of parameters may begin with a byte order mark; one that is not there, or no object, is said', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-parameters-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (text: string): string => {
    writeFileSync(join(folder, 'p.json'), text);
    return '@p.json';
  };
  const read = (params: string): unknown => {
    const given = readParameters({ params }, folder);
    return given && typedParameters(given, null, null);
  };
  assert.deepEqual(read(write('\ufeff{"a": 1}')), { a: 1 });
  assert.throws(() => read(write('{"id": 1234567890123456789}')), /cannot hold/);
  assert.throws(() => read(write('[1]')), /not an object/);
  assert.throws(() => read(write('{a: 1}')), /p\.json is not JSON/);
  assert.throws(() => read('@none.json'), /cannot be read from/);
});
