/** Schemas as Pydantic writes them become fields; what is typed becomes JSON, digits and all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLossless } from '../../api/lossless-json.ts';
import { draftOf, unplaced, writeDraft, type Draft } from './field-draft.ts';
import { fieldOf, type Field } from './schema-field.ts';

/** As `model_json_schema()` of a model with every kind of field. */
const SCHEMA = parseLossless(`{
  "title": "Approval", "type": "object", "required": ["name", "ratio", "count", "due", "at", "who", "tags"],
  "$defs": {
    "Who": {"title": "Who", "type": "object", "properties": {"mail": {"type": "string"}, "age": {"type": "integer", "default": 7}}, "required": ["mail"]},
    "Level": {"enum": ["low", "high"], "type": "string"},
    "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
  },
  "properties": {
    "name": {"type": "string", "title": "Your name", "description": "As it is signed"},
    "ratio": {"type": "number"}, "count": {"type": "integer"},
    "limit": {"type": "number", "default": 1.50},
    "big": {"type": "integer", "default": 12345678901234567890},
    "sure": {"type": "boolean", "default": false},
    "maybe": {"anyOf": [{"type": "boolean"}, {"type": "null"}], "default": null},
    "due": {"type": "string", "format": "date"}, "at": {"type": "string", "format": "date-time"},
    "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
    "who": {"$ref": "#/$defs/Who"}, "second": {"anyOf": [{"$ref": "#/$defs/Who"}, {"type": "null"}], "default": null},
    "level": {"allOf": [{"$ref": "#/$defs/Level"}], "default": "low"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "either": {"anyOf": [{"type": "integer"}, {"type": "string"}], "default": 5},
    "extra": {"type": "object", "additionalProperties": {"type": "integer"}, "default": {}},
    "tree": {"$ref": "#/$defs/Tree"}
  }
}`);

const whole = fieldOf(SCHEMA);
const fields = whole.kind === 'object' ? whole.fields : [];
const of = (key: string): Field => fields.find((field) => field.key === key) as Field;
const filled = (more: Readonly<Record<string, Draft>>): Draft => ({
  ...(draftOf(whole) as Readonly<Record<string, Draft>>),
  name: 'Ada',
  ratio: '0.10',
  count: '3',
  due: '2026-11-29',
  at: '2026-11-29T12:00:05',
  who: { mail: 'a@b', age: '7' },
  tags: ['x', ''],
  ...more,
});
const json = (draft: Draft): string => {
  const answer = writeDraft(whole, draft);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.json ?? '';
};

test('each kind of field, followed through references, nullable or not', () => {
  const kinds = Object.fromEntries(fields.map(({ key, kind, isNullable }) => [key, kind + (isNullable ? '?' : '')]));
  assert.deepEqual(kinds, {
    name: 'text',
    ratio: 'number',
    count: 'integer',
    limit: 'number',
    big: 'integer',
    sure: 'boolean',
    maybe: 'boolean?',
    due: 'date',
    at: 'date-time',
    note: 'text?',
    who: 'object',
    second: 'object?',
    level: 'choice',
    tags: 'list',
    either: 'json',
    extra: 'json',
    tree: 'object',
  });
  assert.deepEqual(
    [of('name').title, of('name').description, of('count').title],
    ['Your name', 'As it is signed', 'count'],
  );
});

test('digits are sent as they were typed, and defaults as they were written', () => {
  const text = json(filled({}));
  assert.match(text, /"ratio":0\.10,"count":3,"limit":1\.50,"big":12345678901234567890,"sure":false,"maybe":null/);
  assert.match(text, /"note":null/);
  assert.match(text, /"who":\{"mail":"a@b","age":7\}/);
  assert.match(text, /"second":null,"level":"low","tags":\["x",""\],"either":5,"extra":\{\}/);
  assert.equal(JSON.parse(text).at, new Date('2026-11-29T12:00:05').toISOString());
  assert.match(
    json(filled({ limit: '1.5000', count: '-12345678901234567891' })),
    /"count":-12345678901234567891,"limit":1\.5000/,
  );
});

test('what is left empty is null, left out, or missed', () => {
  const wrong = writeDraft(whole, draftOf(whole));
  const paths = wrong.ok ? [] : wrong.problems.map(({ path, reason }) => `${path.join('.')}: ${reason}`);
  assert.deepEqual(
    paths,
    ['ratio: This is required.', 'count: This is required.', 'due: This is required.', 'at: This is required.'],
    'an empty text is a text',
  );
  assert.match(json(filled({ sure: true, maybe: '', limit: '' })), /"sure":true,"maybe":null/);
  assert.doesNotMatch(json(filled({ limit: '' })), /"limit"/);
  assert.doesNotMatch(json(filled({})), /"tree"/, 'an object that may be left out, and that nobody touched');
  assert.match(json(filled({ note: 'x', second: { mail: 'c@d', age: '' } })), /"note":"x".*"second":\{"mail":"c@d"\}/);
});

test('what is no number, no JSON, no time is told at its field, also inside of lists', () => {
  for (const text of ['1,5', '.5', '5.', '01', '0x10', 'NaN', 'Infinity', '1 2', '--1', '1e']) {
    const answer = writeDraft(whole, filled({ ratio: text }));
    assert.deepEqual(answer.ok ? null : answer.problems.map(({ path }) => path), [['ratio']], text);
  }
  for (const text of ['1.0', '1e3', 'x']) assert.equal(writeDraft(whole, filled({ count: text })).ok, false, text);
  assert.equal(writeDraft(whole, filled({ either: '{"a": ' })).ok, false);
  assert.match(json(filled({ either: '{"a": 1.0}' })), /"either":\{"a": 1\.0\}/);
  const list = fieldOf({ type: 'array', items: { type: 'integer' } });
  const answer = writeDraft(list, ['1', 'x', '']);
  assert.deepEqual(answer.ok ? null : answer.problems.map(({ path }) => path), [['1'], ['2']]);
});

test('what is no schema, or refers to itself or to nothing, is a field of JSON, and ends', () => {
  for (const odd of [
    null,
    7,
    [],
    'x',
    {},
    true,
    { $ref: '#' },
    { $ref: '#/$defs/none' },
    { $ref: 'https://example.com/a' },
    { anyOf: [] },
    { type: 'object' },
    { type: ['string', 'integer'] },
  ]) {
    const { kind } = fieldOf(odd);
    assert.equal(kind, 'json', JSON.stringify(odd));
  }
  const loop = fieldOf({ $defs: { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } }, $ref: '#/$defs/A' });
  assert.equal(loop.kind, 'json');
  assert.equal(of('tree').kind, 'object', 'a tree is opened a few levels deep');
  assert.equal(fieldOf({ type: ['string', 'null'] }).isNullable, true);
  assert.deepEqual(fieldOf({ oneOf: [{ const: 'a' }, { const: 2 }] }), {
    key: '',
    title: '',
    description: '',
    isRequired: true,
    isNullable: false,
    preset: undefined,
    kind: 'choice',
    choices: ['a', 2],
  });
});

test('problems that no field shows are known', () => {
  const at = (...path: string[]) => ({ path, reason: 'r' });
  assert.deepEqual(
    unplaced(whole, [at('name'), at('who', 'mail'), at('tags', '1'), at('extra', 'a', 'b'), at('who')]),
    [],
  );
  assert.deepEqual(unplaced(whole, [at(), at('unknown'), at('who', 'unknown')]).length, 3);
});
