import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from './type.ts';

import { check, checkBody } from './checker.ts';
import { Action, Limit, Maybe, Parts, TimeIn, UuidIn } from './route.ts';
import { Nullable, Whole } from './schema/scalars.ts';

const Body = Action({
  id: UuidIn,
  name: Maybe(Type.String({ minLength: 1 })),
  limit: Limit,
  active: Maybe(Type.Boolean()),
  at: Maybe(TimeIn),
  tags: Maybe(Type.Array(Type.String())),
  slots: Maybe(Type.Record(Type.String(), Whole())),
  free: Type.Optional(Type.Unknown()),
});
const ID = '01975300-0000-7000-8000-000000000001';

function value(body: object): unknown {
  const checked = check(Body, { id: ID, ...body }, 'body');
  return checked.ok ? checked.value : checked.problems.map(({ loc, type }) => `${loc.join('.')}: ${type}`);
}

test('what fits passes as it is', () => {
  const body = {
    id: ID,
    name: 'a',
    limit: 5,
    active: null,
    at: '2026-01-01 00:00:00+01:00',
    tags: [],
    slots: { a: 1 },
    free: { '1': [null] },
  };
  assert.deepEqual(check(Body, body, 'body'), { ok: true, value: body });
});

test("text that says a number or a boolean is one; users' values stay as they are", () => {
  assert.deepEqual(value({ limit: '5', active: 'true', slots: { a: '7' }, free: '5' }), {
    id: ID,
    limit: 5,
    active: true,
    slots: { a: 7 },
    free: '5',
  });
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
  assert.deepEqual(find('extra_forbidden'), {
    type: 'extra_forbidden',
    loc: ['body', 'bogus'],
    msg: 'Extra inputs are not permitted',
    input: 1,
  });
  assert.deepEqual(find('less_than_equal'), {
    type: 'less_than_equal',
    loc: ['body', 'limit'],
    msg: 'Input should be less than or equal to 200',
    input: 201,
    ctx: { le: 200 },
  });
});

test('what is wrong is said in the words of Pydantic', () => {
  const words = (schema: Parameters<typeof check>[0], wrong: unknown) => {
    const checked = check(schema, wrong, 'body');
    return checked.ok ? [] : checked.problems.map(({ type, msg }) => [type, msg]);
  };
  assert.deepEqual(words(Maybe(Type.Array(Type.String())), 'a'), [['list_type', 'Input should be a valid list']]);
  assert.deepEqual(words(Type.Array(Type.String(), { minItems: 1 }), []), [
    ['too_short', 'List should have at least 1 item after validation, not 0'],
  ]);
  assert.deepEqual(words(Type.String({ maxLength: 2 }), 'abc'), [
    ['string_too_long', 'String should have at most 2 characters'],
  ]);
  assert.deepEqual(words(Whole({ minimum: 0 }), -1), [
    ['greater_than_equal', 'Input should be greater than or equal to 0'],
  ]);
  assert.deepEqual(words(Whole(), 'x'), [
    ['int_parsing', 'Input should be a valid integer, unable to parse string as an integer'],
  ]);
  assert.deepEqual(words(Whole(), 1.5), [
    ['int_from_float', 'Input should be a valid integer, got a number with a fractional part'],
  ]);
  assert.deepEqual(words(Type.Boolean(), 'perhaps'), [
    ['bool_parsing', 'Input should be a valid boolean, unable to interpret input'],
  ]);
  assert.deepEqual(words(Maybe(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Literal('c')])), 'd'), [
    ['enum', "Input should be 'a', 'b' or 'c'"],
  ]);
  assert.deepEqual(words(Body, []), [
    ['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from'],
  ]);
  assert.deepEqual(check(Type.Object({ client: Type.String() }), {}, 'query'), {
    ok: false,
    problems: [{ type: 'missing', loc: ['query', 'client'], msg: 'Field required', input: null }],
  });
});

test('points in time: a day, seconds and milliseconds since 1970, as numbers or text', () => {
  const at = (sent: unknown) => (value({ at: sent }) as { at?: unknown }).at;
  assert.equal(at('2026-01-01'), '2026-01-01T00:00:00Z');
  assert.equal(at(1_767_225_600), '2026-01-01T00:00:00.000000Z');
  assert.equal(at('1767225600.25'), '2026-01-01T00:00:00.250000Z');
  assert.equal(at(1_767_225_600_000), '2026-01-01T00:00:00.000000Z');
  assert.equal(at(-1.5), '1969-12-31T23:59:58.500000Z');
  for (const wrong of ['2026-13-01', 'yesterday', true, [], {}, ''])
    assert.deepEqual(Array.isArray(value({ at: wrong })), true, JSON.stringify(wrong));
});

test('ids in every form that other programs write', () => {
  const bare = ID.replaceAll('-', '');
  for (const form of [bare, bare.toUpperCase(), `{${ID}}`, `urn:uuid:${ID}`])
    assert.deepEqual(check(Body, { id: form }, 'body'), { ok: true, value: { id: ID } });
  for (const wrong of [bare.slice(1), `${bare}0`, `{${bare}`, `${ID}\n`, 'urn:uuid:'])
    assert.equal(check(Body, { id: wrong }, 'body').ok, false, wrong);
});

test('a body of parts is looked at part by part: null is nothing, and what is no object lacks them all', () => {
  const parts = Parts({ start: TimeIn, limit: Limit, sort: Type.Optional(Type.Literal('NAME_ASC')) });
  const told = (sent: unknown) => {
    const checked = checkBody(parts, sent);
    return checked.ok ? checked.value : checked.problems.map(({ type, loc, input }) => [type, loc.join('.'), input]);
  };
  for (const sent of [null, {}, { start: null }, { other: 1 }])
    assert.deepEqual(told(sent), [['missing', 'body.start', null]], JSON.stringify(sent));
  const all = ['start', 'limit', 'sort'].map((name) => ['missing', `body.${name}`, null]);
  for (const sent of [[], [{}], 5, 'text', true]) assert.deepEqual(told(sent), all, JSON.stringify(sent));
  const start = '2026-01-01T00:00:00Z';
  assert.deepEqual(told({ start, limit: null, sort: null, other: null }), { start, other: null });
  assert.deepEqual(checkBody(Body, null), {
    ok: false,
    problems: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
  });
  assert.deepEqual(checkBody(Body, []), check(Body, [], 'body'));
});

test('what keeps a text from being a UUID, and what is wrong with each part of a union', () => {
  const first = (schema: Parameters<typeof check>[0], sent: unknown) => {
    const checked = check(schema, sent, 'body');
    return checked.ok ? null : checked.problems.map(({ type, loc, msg }) => `${type} ${loc.join('.')}: ${msg}`);
  };
  const uuid = (sent: unknown) => first(UuidIn, sent)?.[0];
  assert.equal(uuid('zz'), 'uuid_parsing body: Input should be a valid UUID, invalid character: found `z` at 0');
  assert.equal(uuid('0a1b'), 'uuid_parsing body: Input should be a valid UUID, invalid length: found 4');
  assert.equal(
    uuid('0a1b-0'),
    'uuid_parsing body: Input should be a valid UUID, invalid group count: expected 5, found 2',
  );
  assert.equal(
    uuid('01975300-0000-7000-8000-00000000000'),
    'uuid_parsing body: Input should be a valid UUID, invalid group length in group 4: expected 12, found 11',
  );
  for (const sent of [5, null, [], true])
    assert.equal(uuid(sent), 'uuid_type body: UUID input should be a string, bytes or UUID object');
  assert.deepEqual(first(TimeIn, {}), ['datetime_type body: Input should be a valid datetime']);
  const either = Type.Union([Type.Object({ id: UuidIn }, { title: 'ById' }), Type.Array(Whole()), Type.Null()]);
  assert.deepEqual(
    first(either, {})?.map((words) => words.split(':')[0]),
    ['missing body.ById.id', 'list_type body.list[int]'],
  );
  assert.deepEqual(
    first(Maybe(Whole()), 'x')?.map((words) => words.split(':')[0]),
    ['int_parsing body'],
    'of one part and null, nothing is told apart',
  );
  assert.deepEqual(first(Type.Literal('flow'), 'other'), ["literal_error body: Input should be 'flow'"]);
});
