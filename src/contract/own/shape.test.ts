import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';
import { instant, integer, json, list, nullable, object, oneOf, optional, record, text, union } from './shape.ts';

interface Crate {
  readonly shortName: string;
  readonly weightKg?: number | undefined;
  readonly packedAt: Instant | null;
  readonly remarks: unknown;
  readonly byRoom: Readonly<Record<string, readonly string[]>>;
}
const crate = object<Crate>({ shortName: text(), weightKg: optional(integer()), packedAt: nullable(instant), remarks: json(), byRoom: record(list(text())) });

type Load = { readonly kind: 'crate'; readonly crate: Crate } | { readonly kind: 'water'; readonly litresMax: number };
const load = union<Load, 'kind'>('kind', {
  crate: object({ kind: oneOf('crate'), crate }),
  water: object({ kind: oneOf('water'), litresMax: integer() }),
});

const SAMPLE: Crate = { shortName: 'a', packedAt: 1_700_000_000_123_456 as Instant, remarks: { camelCase: { innerKey: [1, null] }, snake_case: true }, byRoom: { livingRoom: ['x'] } };

test('names are in snake case on the wire; the JSON and the keys of users are as they were', () => {
  assert.deepEqual(crate.write(SAMPLE), {
    short_name: 'a', packed_at: '2023-11-14T22:13:20.123456Z', remarks: { camelCase: { innerKey: [1, null] }, snake_case: true }, by_room: { livingRoom: ['x'] },
  });
});

test('what was written is read back, and nothing else', () => {
  for (const value of [SAMPLE, { ...SAMPLE, weightKg: 3, packedAt: null }]) {
    assert.deepEqual(crate.read(JSON.parse(JSON.stringify(crate.write(value))), 'it'), value);
  }
  assert.deepEqual(load.read(load.write({ kind: 'water', litresMax: 3 }), 'it'), { kind: 'water', litresMax: 3 });
});

const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', [], /^it must be an object\.$/],
  ['a field that is missing', { kind: 'water' }, /^it\.litres_max must be a whole number\.$/],
  ['a field of another type', { kind: 'water', litres_max: '3' }, /^it\.litres_max must be/],
  ['a field that there is not', { kind: 'water', litres_max: 3, more: 1 }, /^it\.more must be absent/],
  ['an unknown member', { kind: 'gold' }, /^it\.kind must be one of crate, water\.$/],
  ['a member named as what every object has', { kind: 'constructor' }, /^it\.kind must be one of/],
  ['a bad time deep inside', { kind: 'crate', crate: { short_name: 'a', packed_at: 'soon', remarks: 1, by_room: {} } }, /^it\.crate\.packed_at must be a time/],
  ['a bad item of a list', { kind: 'crate', crate: { short_name: 'a', packed_at: null, remarks: 1, by_room: { hall: ['x', 3] } } }, /^it\.crate\.by_room\.hall\[1\] must be a text/],
];
for (const [what, wire, message] of WRONG) {
  test(`it says where ${what} is`, () => {
    assert.throws(() => load.read(wire, 'it'), (error) => OstinatoError.is(error) && error.code === 'bad-input' && message.test(error.message));
  });
}

test('the schema asks for what must be there, and for no more', () => {
  assert.deepEqual(crate.schema['required'], ['short_name', 'packed_at', 'remarks', 'by_room']);
  assert.equal(crate.schema['additionalProperties'], false);
});
