import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { codecOf, refined, type SchemaOf } from './codec.ts';
import { id, Int, list, nullable, object, oneOf, optional, record, recursive, Text, Time, union } from './own/typed.ts';
import { Type, type TSchema } from './type.ts';
import { compile } from './validator.ts';

interface Crate {
  readonly shortName: string;
  readonly weightKg?: number | undefined;
  readonly packedAt: Instant | null;
  readonly remarks: unknown;
  readonly byRoom: Readonly<Record<string, readonly string[]>>;
}
const crate: SchemaOf<Crate> = object<Crate>({
  short_name: Text,
  weight_kg: optional(Int),
  packed_at: nullable(Time),
  remarks: Type.Unsafe<unknown>({}),
  by_room: record(list(Text)),
});

type Load = { readonly kind: 'crate'; readonly crate: Crate } | { readonly kind: 'water'; readonly litresMax: number };
const load: SchemaOf<Load> = union<Load, 'kind'>({
  crate: object({ kind: oneOf('crate'), crate }),
  water: object({ kind: oneOf('water'), litres_max: Int }),
});

interface Box {
  readonly boxId: string;
  readonly inner?: Box | undefined;
}
const box: SchemaOf<Box> = recursive<Box>('Box', (itself) =>
  object<Box>({ box_id: id<string>(), inner: optional(itself) }),
);

const SAMPLE: Crate = {
  shortName: 'a',
  packedAt: 1_700_000_000_123_456 as Instant,
  remarks: { camelCase: { innerKey: [1, null] }, snake_case: true },
  byRoom: { livingRoom: ['x'] },
};
const UUID = '01A2057B-8e74-7000-8a77-b1dcdd57a659';

test('names are in snake case on the wire; the JSON and the keys of users are as they were', () => {
  assert.deepEqual(codecOf(crate).write(SAMPLE), {
    short_name: 'a',
    packed_at: '2023-11-14T22:13:20.123456Z',
    remarks: { camelCase: { innerKey: [1, null] }, snake_case: true },
    by_room: { livingRoom: ['x'] },
  });
});

test('members stand on the wire in the order of the schema, whatever order the value has', () => {
  const { byRoom, ...rest } = SAMPLE;
  assert.equal(JSON.stringify(codecOf(crate).write({ byRoom, ...rest })), JSON.stringify(codecOf(crate).write(SAMPLE)));
});

test('what was written is read back, and nothing else', () => {
  const across = <T>(schema: SchemaOf<T>, value: NoInfer<T>): T =>
    codecOf(schema).read(JSON.parse(JSON.stringify(codecOf(schema).write(value))), 'it');
  for (const value of [SAMPLE, { ...SAMPLE, weightKg: 3, packedAt: null }])
    assert.deepEqual(across(crate, value), value);
  assert.deepEqual(across(load, { kind: 'water', litresMax: 3 }), { kind: 'water', litresMax: 3 });
  const nested = { boxId: UUID.toLowerCase(), inner: { boxId: UUID.toLowerCase() } };
  assert.deepEqual(across(box, nested), nested);
});

test('what is written fits the schema', () => {
  const fits = (schema: TSchema, wire: unknown): boolean => compile(schema).fits(wire);
  assert.equal(fits(crate, codecOf(crate).write(SAMPLE)), true);
  assert.equal(fits(load, codecOf(load).write({ kind: 'crate', crate: SAMPLE })), true);
  assert.equal(fits(box, codecOf(box).write({ boxId: UUID, inner: { boxId: UUID } })), true);
  assert.equal(fits(box, { box_id: UUID, inner: { box_id: 3 } }), false);
});

test('ids are read in lower case', () => {
  assert.deepEqual(codecOf(box).read({ box_id: UUID }, 'it'), { boxId: UUID.toLowerCase() });
});

test('keys that every object has are keys like others', () => {
  const rooms = JSON.parse('{"__proto__":["x"],"constructor":["y"]}') as Record<string, string[]>;
  const read = codecOf(crate).read(codecOf(crate).write({ ...SAMPLE, byRoom: rooms }), 'it');
  assert.deepEqual(Object.keys(read.byRoom), ['__proto__', 'constructor']);
});

const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', [], /^it must be an object\.$/],
  ['a field that is missing', { kind: 'water' }, /^it\.litres_max must be a whole number\.$/],
  ['a field of another type', { kind: 'water', litres_max: '3' }, /^it\.litres_max must be/],
  ['a field that there is not', { kind: 'water', litres_max: 3, more: 1 }, /^it\.more must be absent/],
  [
    'a field that every object has',
    { kind: 'water', litres_max: 3, constructor: 1 },
    /^it\.constructor must be absent/,
  ],
  ['an unknown member', { kind: 'gold' }, /^it\.kind must be one of crate, water\.$/],
  ['a member named as what every object has', { kind: 'constructor' }, /^it\.kind must be one of/],
  [
    'a bad time deep inside',
    { kind: 'crate', crate: { short_name: 'a', packed_at: 'soon', remarks: 1, by_room: {} } },
    /^it\.crate\.packed_at must be a time/,
  ],
  [
    'a bad item of a list',
    { kind: 'crate', crate: { short_name: 'a', packed_at: null, remarks: 1, by_room: { hall: ['x', 3] } } },
    /^it\.crate\.by_room\.hall\[1\] must be a text/,
  ],
];
const saying = (message: RegExp) => (error: unknown) =>
  OstinatoError.is(error) && error.code === 'bad-input' && message.test(error.message);
for (const [what, wire, message] of WRONG) {
  test(`it says where ${what} is`, () => {
    assert.throws(() => codecOf(load).read(wire, 'it'), saying(message));
  });
}

test('a rule that no schema says holds wherever the schema stands', () => {
  const even = refined(Type.Unsafe<number>(Type.Integer()), (value, place) => {
    if (value % 2 === 0) return value;
    throw new OstinatoError('bad-input', `${place} must be even.`);
  });
  const counts = codecOf(
    object<{ readonly some: readonly number[]; readonly one?: number }>({ some: list(even), one: optional(even) }),
  );
  assert.deepEqual(counts.read({ some: [2, 4] }, 'it'), { some: [2, 4] });
  assert.throws(() => counts.read({ some: [2, 3] }, 'it'), saying(/^it\.some\[1\] must be even\.$/));
  assert.throws(() => counts.read({ some: [], one: 3 }, 'it'), saying(/^it\.one must be even\.$/));
});

test('a keyword that has no codec is refused, not ignored', () => {
  for (const schema of [Type.String({ format: 'uuid' }), Type.Tuple([Type.String()]), Type.Ref('Elsewhere')])
    assert.throws(() => codecOf(schema as TSchema as SchemaOf<unknown>));
});

test('the schema asks for what must be there, and for no more', () => {
  const facts = crate as unknown as Readonly<Record<string, unknown>>;
  assert.deepEqual(facts['required'], ['short_name', 'packed_at', 'remarks', 'by_room']);
  assert.equal(facts['additionalProperties'], false);
});
