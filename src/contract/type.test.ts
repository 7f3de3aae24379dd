import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type as TypeBox } from 'typebox';

import { isOptional, Type } from './type.ts';

type Builders = Pick<typeof TypeBox, keyof typeof Type>;

/** One schema of each builder, with options where it takes some. */
function schemas(type: Builders): Readonly<Record<string, object>> {
  const inner = type.Object({ a: type.String(), b: type.Optional(type.Number()) });
  return {
    Array: type.Array(type.String(), { maxItems: 3 }),
    Boolean: type.Boolean({ default: true }),
    Cyclic: type.Cyclic({ Node: type.Object({ next: type.Union([type.Ref('Node'), type.Null()]) }) }, 'Node'),
    Enum: type.Enum(['a', 'b'], { title: 'which' }),
    Integer: type.Integer({ minimum: 1 }),
    Intersect: type.Intersect([inner, type.Record(type.String(), type.Unknown())]),
    Literal: type.Union([type.Literal('a'), type.Literal(1), type.Literal(true)]),
    Null: type.Null(),
    Number: type.Number({ exclusiveMinimum: 0 }),
    Object: inner,
    Optional: type.Optional(type.String({ minLength: 1 })),
    'Object whose members may all be missing': type.Object(
      { b: type.Optional(inner) },
      { additionalProperties: false },
    ),
    Record: type.Record(type.String(), type.String(), { maxProperties: 2 }),
    Ref: type.Ref('Node'),
    String: type.String({ format: 'uuid' }),
    Tuple: type.Tuple([type.String(), type.Number()]),
    Union: type.Union([type.String(), type.Null()], { title: 'maybe' }),
    Unknown: type.Unknown({ description: 'anything' }),
    Unsafe: type.Unsafe({ ...inner, title: 'inner' }),
  };
}

test('each builder makes the schema that TypeBox makes', () => {
  const [ours, theirs] = [schemas(Type), schemas(TypeBox)];
  assert.deepEqual(
    Object.keys(Type).filter((name) => !(name in ours)),
    [],
  );
  for (const [name, schema] of Object.entries(ours)) {
    assert.equal(JSON.stringify(schema), JSON.stringify(theirs[name]), name);
    assert.equal(isOptional(schema), isOptional(theirs[name] as object), name);
  }
});

test('a schema that is made optional stays as it was for others', () => {
  const schema = Type.String();
  assert.equal(isOptional(Type.Optional(schema)), true);
  assert.equal(isOptional(schema), false);
});
