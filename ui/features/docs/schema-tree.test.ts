import assert from 'node:assert/strict';
import { test } from 'node:test';

import { schemaTree, type Branch, type SchemaTree } from './schema-tree.ts';

const members = (tree: SchemaTree): Record<string, string> =>
  Object.fromEntries(
    (tree.inside?.() ?? []).map(({ name, isRequired, tree: { type } }) => [`${name}${isRequired ? '*' : ''}`, type]),
  );
const typeOf = (schema: Parameters<typeof schemaTree>[0], components = {}): string =>
  schemaTree(schema, components).type;
const at = (tree: SchemaTree, ...path: string[]): SchemaTree =>
  path.reduce((one, name) => {
    const branch: Branch | undefined = one.inside?.().find((each) => each.name === name);
    assert.ok(branch, `${one.type} has no ${name}`);
    return branch.tree;
  }, tree);

test('plain values are told by type and format', () => {
  assert.equal(typeOf({ type: 'string', format: 'date-time' }), 'string (date-time)');
  assert.equal(typeOf({ type: 'integer' }), 'integer');
  assert.equal(typeOf({}), 'anything');
  assert.equal(typeOf(true), 'anything');
  assert.equal(typeOf(false), 'nothing');
  assert.equal(typeOf({ const: 'inline' }), '"inline"');
  assert.equal(typeOf({ enum: ['a', 2, null] }), '"a" | 2 | null');
});

test('null among several is "or null", in both forms', () => {
  assert.equal(typeOf({ anyOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] }), 'string (uuid) or null');
  assert.equal(typeOf({ type: ['string', 'null'] }), 'string or null');
  assert.equal(typeOf({ oneOf: [{ const: 'A' }, { const: 'B' }, { type: 'null' }] }), '"A" | "B" or null');
  assert.equal(typeOf({ anyOf: [{ type: 'string' }, { type: 'integer' }] }), 'string or integer');
});

test('members have their marks; what else may stand there is told', () => {
  const closed = schemaTree(
    {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
      additionalProperties: false,
    },
    {},
  );
  assert.deepEqual(members(closed), { 'id*': 'string', tags: 'array of string' });
  assert.deepEqual(closed.rules, ['no other members']);
  const open = schemaTree(
    { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: { type: 'number' } },
    {},
  );
  assert.deepEqual(members(open), { id: 'string', 'any other name': 'number' });
  assert.equal(typeOf({ type: 'object', patternProperties: { '^.*$': { type: 'string' } } }), 'object of string');
  assert.equal(
    typeOf({ type: 'object', additionalProperties: { type: ['string', 'null'] } }),
    'object of (string or null)',
  );
  assert.equal(schemaTree({ type: 'object' }, {}).inside, null);
});

test('a reference is told by name, with what it stands for inside, however deep it speaks of itself', () => {
  const components = {
    Filter: {
      type: 'object',
      properties: {
        and_: { anyOf: [{ type: 'array', items: { $ref: '#/components/schemas/Filter' } }, { type: 'null' }] },
      },
    },
    Kind: { enum: ['a', 'b'] },
    Json: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/components/schemas/Json' } }] },
    Round: { $ref: '#/components/schemas/Round' },
  };
  const tree = schemaTree({ $ref: '#/components/schemas/Filter' }, components);
  assert.equal(tree.type, 'Filter');
  assert.equal(at(tree, 'and_', 'and_', 'and_').type, 'array of Filter or null');
  assert.equal(typeOf({ $ref: '#/components/schemas/Kind' }, components), 'Kind: "a" | "b"');
  assert.equal(typeOf({ $ref: '#/components/schemas/Json' }, components), 'Json: string or array of Json');
  assert.equal(typeOf({ $ref: '#/components/schemas/Round' }, components), 'Round');
  assert.equal(typeOf({ $ref: '#/components/schemas/Missing' }, components), 'Missing');
});

test('arrays show the members of what is in them; tuples, choices and parts that hold together', () => {
  const row = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
  assert.deepEqual(members(schemaTree({ type: 'array', items: row }, {})), { 'n*': 'integer' });
  assert.equal(typeOf({ type: 'array', items: { type: ['string', 'integer'] } }), 'array of (string or integer)');
  const tuple = schemaTree({ type: 'array', items: [{ type: 'string' }, row] }, {});
  assert.equal(tuple.type, '[string, object]');
  assert.deepEqual(members(at(tuple, '1')), { 'n*': 'integer' });
  const choice = schemaTree({ anyOf: [row, { type: 'string' }] }, {});
  assert.equal(choice.type, 'object or string');
  assert.deepEqual(
    choice.inside?.().map(({ kind, tree }) => [kind, tree.type]),
    [
      ['choice', 'object'],
      ['choice', 'string'],
    ],
  );
  const both = schemaTree(
    { allOf: [{ $ref: '#/components/schemas/Row' }, { type: 'object', properties: { m: { type: 'string' } } }] },
    { Row: row },
  );
  assert.deepEqual(members(both), { 'n*': 'integer', m: 'string' });
});

test('rules, defaults and descriptions are in words; bounds that say nothing are left out', () => {
  const tree = schemaTree(
    { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 200, description: 'How many.' },
    {},
  );
  assert.deepEqual([tree.rules, tree.defaultValue, tree.about], [['at least 0'], '200', 'How many.']);
  assert.deepEqual(schemaTree({ type: 'array', items: { type: 'string', maxLength: 5 }, minItems: 1 }, {}).rules, [
    'each at most 5 characters',
    'at least 1 item',
  ]);
  assert.deepEqual(schemaTree({ anyOf: [{ type: 'string', pattern: '^a' }, { type: 'null' }] }, {}).rules, [
    'matches ^a',
  ]);
});
