import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from './type.ts';

import { check } from './checker.ts';
import { Action, Limit, Maybe, TimeIn, UuidIn } from './route.ts';
import { Nullable, Whole } from './schema/scalars.ts';

const Body = Action({
  id: UuidIn, name: Maybe(Type.String({ minLength: 1 })), limit: Limit, active: Maybe(Type.Boolean()), at: Maybe(TimeIn),
  tags: Maybe(Type.Array(Type.String())), slots: Maybe(Type.Record(Type.String(), Whole())), free: Type.Optional(Type.Unknown()),
});
const ID = '01975300-0000-7000-8000-000000000001';

function value(body: object): unknown {
  const checked = check(Body, { id: ID, ...body }, 'body');
  return checked.ok ? checked.value : checked.problems.map(({ loc, type }) => `${loc.join('.')}: ${type}`);
}

test('what fits passes as it is', () => {
  const body = { id: ID, name: 'a', limit: 5, active: null, at: '2026-01-01 00:00:00+01:00', tags: [], slots: { a: 1 }, free: { '1': [null] } };
  assert.deepEqual(check(Body, body, 'body'), { ok: true, value: body });
});

test('text that says a number or a boolean is one; users\' values stay as they are', () => {
  assert.deepEqual(value({ limit: '5', active: 'true', slots: { a: '7' }, free: '5' }), { id: ID, limit: 5, active: true, slots: { a: 7 }, free: '5' });
  assert.deepEqual(value({ active: 0 }), { id: ID, active: false });
});

test('nothing becomes null, and no number becomes text', () => {
  assert.deepEqual(value({ name: '' }), ['body.name: string_too_short']);
  assert.ok(Array.isArray(value({ name: 5 })));
  assert.ok(Array.isArray(value({ tags: [null] })));
  assert.ok(Array.isArray(value({ limit: '' })));
});

test('numbers beyond what is exact are refused', () => {
  assert.ok(Array.isArray(value({ slots: { a: 1e300 } })));
  assert.equal(check(Nullable(Whole()), 2 ** 53 + 2, 'body').ok, false);
});

test('each problem says where, what and with which input', () => {
  const checked = check(Body, { limit: 201, bogus: 1 }, 'body');
  assert.equal(checked.ok, false);
  const problems = checked.ok ? [] : checked.problems;
  const find = (type: string) => problems.find((problem) => problem.type === type);
  assert.deepEqual(find('missing')?.loc, ['body', 'id']);
  assert.deepEqual(find('extra_forbidden'), { type: 'extra_forbidden', loc: ['body', 'bogus'], msg: 'Extra inputs are not permitted', input: 1 });
  assert.deepEqual(find('less_than_equal'), { type: 'less_than_equal', loc: ['body', 'limit'], msg: 'Input should be less than or equal to 200', input: 201, ctx: { le: 200 } });
});

test('what is wrong is said in the words of Pydantic', () => {
  const words = (schema: Parameters<typeof check>[0], wrong: unknown) => {
    const checked = check(schema, wrong, 'body');
    return checked.ok ? [] : checked.problems.map(({ type, msg }) => [type, msg]);
  };
  assert.deepEqual(words(Maybe(Type.Array(Type.String())), 'a'), [['list_type', 'Input should be a valid list']]);
  assert.deepEqual(words(Type.Array(Type.String(), { minItems: 1 }), []), [['too_short', 'List should have at least 1 item after validation, not 0']]);
  assert.deepEqual(words(Type.String({ maxLength: 2 }), 'abc'), [['string_too_long', 'String should have at most 2 characters']]);
  assert.deepEqual(words(Whole({ minimum: 0 }), -1), [['greater_than_equal', 'Input should be greater than or equal to 0']]);
  assert.deepEqual(words(Whole(), 'x'), [['int_parsing', 'Input should be a valid integer, unable to parse string as an integer']]);
  assert.deepEqual(words(Whole(), 1.5), [['int_from_float', 'Input should be a valid integer, got a number with a fractional part']]);
  assert.deepEqual(words(Type.Boolean(), 'perhaps'), [['bool_parsing', 'Input should be a valid boolean, unable to interpret input']]);
  assert.deepEqual(words(Maybe(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Literal('c')])), 'd'), [['enum', "Input should be 'a', 'b' or 'c'"]]);
  assert.deepEqual(words(Body, []), [['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from']]);
  assert.deepEqual(check(Type.Object({ client: Type.String() }), {}, 'query'), {
    ok: false, problems: [{ type: 'missing', loc: ['query', 'client'], msg: 'Field required', input: null }],
  });
});

test('points in time: a day, seconds and milliseconds since 1970, as numbers or text', () => {
  const at = (sent: unknown) => (value({ at: sent }) as { at?: unknown }).at;
  assert.equal(at('2026-01-01'), '2026-01-01T00:00:00Z');
  assert.equal(at(1_767_225_600), '2026-01-01T00:00:00.000000Z');
  assert.equal(at('1767225600.25'), '2026-01-01T00:00:00.250000Z');
  assert.equal(at(1_767_225_600_000), '2026-01-01T00:00:00.000000Z');
  assert.equal(at(-1.5), '1969-12-31T23:59:58.500000Z');
  for (const wrong of ['2026-13-01', 'yesterday', true, [], {}, '']) assert.deepEqual(Array.isArray(value({ at: wrong })), true, JSON.stringify(wrong));
});

test('ids in every form that other programs write', () => {
  const bare = ID.replaceAll('-', '');
  for (const form of [bare, bare.toUpperCase(), `{${ID}}`, `urn:uuid:${ID}`]) assert.deepEqual(check(Body, { id: form }, 'body'), { ok: true, value: { id: ID } });
  for (const wrong of [bare.slice(1), `${bare}0`, `{${bare}`, `${ID}\n`, 'urn:uuid:']) assert.equal(check(Body, { id: wrong }, 'body').ok, false, wrong);
});
