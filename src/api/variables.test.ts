import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

let api: ApiUnderTest;
beforeEach(() => {
  api = openApi();
});
afterEach(async () => {
  assert.deepEqual(api.failures, []);
  await api.close();
});

type Fields = Record<string, unknown>;

test('a variable is made, read by id and name, changed, listed, counted and deleted', async () => {
  const made = await api.post('/variables/', { name: 'target', value: { a: [1, 'ü', null] }, tags: ['x', 'y'] });
  assert.equal(made.status, 201);
  const { id, created, updated, ...fields } = made.body as Fields;
  assert.deepEqual(fields, { name: 'target', value: { a: [1, 'ü', null] }, tags: ['x', 'y'] });
  assert.match(`${String(created)} ${String(updated)}`, /^\S+Z \S+Z$/);
  assert.deepEqual((await api.get(`/variables/${String(id)}`)).body, made.body);
  assert.deepEqual((await api.get('/variables/name/target')).body, made.body);
  const twice = await api.post('/variables/', { name: 'target', value: 1 });
  assert.deepEqual(
    [twice.status, (twice.body as Fields)['detail']],
    [409, "A variable with the name 'target' already exists."],
  );
  api.advance(1);
  assert.equal((await api.send('PATCH', '/variables/name/target', { value: null })).status, 204);
  assert.deepEqual(((await api.get('/variables/name/target')).body as Fields)['value'], null);
  assert.deepEqual(((await api.get('/variables/name/target')).body as Fields)['tags'], ['x', 'y']);
  assert.equal((await api.send('PATCH', `/variables/${String(id)}`, { name: 'goal', tags: [] })).status, 204);
  await api.post('/variables/', { name: 'other', value: 1, tags: ['x'] });
  assert.equal((await api.send('PATCH', '/variables/name/other', { name: 'goal' })).status, 409);
  const names = async (body: unknown) =>
    ((await api.post('/variables/filter', body)).body as Fields[]).map(({ name }) => name);
  assert.deepEqual(await names({}), ['goal', 'other']);
  assert.deepEqual(await names({ sort: 'NAME_DESC', limit: 1 }), ['other']);
  assert.deepEqual(await names({ variables: { name: { like_: 'OT' } } }), ['other']);
  assert.deepEqual(await names({ variables: { tags: { all_: ['x'] } } }), ['other']);
  assert.equal((await api.post('/variables/count', { variables: { tags: { is_null_: true } } })).body, 1);
  assert.equal((await api.post('/variables/count')).body, 2);
  assert.equal((await api.send('DELETE', '/variables/name/goal')).status, 204);
  for (const answer of [
    await api.get('/variables/name/goal'),
    await api.send('DELETE', `/variables/${String(id)}`),
    await api.send('PATCH', '/variables/name/goal', {}),
  ]) {
    assert.deepEqual([answer.status, (answer.body as Fields)['detail']], [404, 'Variable not found.']);
  }
  const events = await api.storage.readEvents({ afterSeq: 0, limit: 100 });
  assert.deepEqual(
    events.map(({ name }) => name.replace('prefect.variable.', '')),
    ['created', 'updated', 'updated', 'created', 'deleted'],
  );
});

test('names have small letters, digits, dashes and underscores', async () => {
  for (const name of ['', 'Big', 'a b', 'ä', 'a/b', 'x'.repeat(256)])
    assert.equal((await api.post('/variables/', { name, value: 1 })).status, 422, name);
  for (const name of ['a-b_9', 'x'.repeat(255)])
    assert.equal((await api.post('/variables/', { name, value: 1 })).status, 201, name);
  assert.equal((await api.post('/variables/', { name: 'without' })).status, 422);
  assert.equal((await api.post('/variables/', { name: 'more', value: 1, more: 1 })).status, 422);
  const problem = async (body: unknown) =>
    ((await api.post('/variables/', body)).body as { exception_detail: { msg: string }[] }).exception_detail[0]?.msg;
  assert.equal(
    await problem({ name: 'Big', value: 1 }),
    'Value error, Variable name must only contain lowercase letters, numbers, and dashes or underscores.',
  );
  assert.equal(
    await problem({ name: 'x'.repeat(256), value: 1 }),
    'Value should have at most 255 items after validation, not 256',
  );
  assert.equal(
    await problem({ name: 'large', value: 'x'.repeat(4999) }),
    'Value error, Variable value must be less than 5000 characters',
  );
  assert.equal((await api.post('/variables/', { name: 'large', value: 'x'.repeat(4998) })).status, 201);
  assert.equal((await api.send('PATCH', '/variables/name/large', { value: ['x'.repeat(5000)] })).status, 422);
  assert.equal((await api.send('PATCH', '/variables/name/large', { name: 'large', tags: null })).status, 409);
});

test('numbers come back to the letter, and the SDK reads them as numbers', async () => {
  const value = '{"float":1.0,"big":12345678901234567890,"small":1e-7,"list":[0.10,-0.0]}';
  await api.send('POST', '/variables/', `{"name":"exact","value":${value}}`);
  assert.ok((await api.get('/variables/name/exact')).text.includes(`"value":${value}`));
  assert.deepEqual((await api.useCases.readVariable({ name: 'exact' }))?.value, JSON.parse(value));
  await api.send('PATCH', '/variables/name/exact', '{"value":2.0}');
  assert.ok((await api.get('/variables/name/exact')).text.includes('"value":2.0'));
  await api.useCases.setVariable({ name: 'exact', value: 3, tags: [], overwrite: true });
  assert.ok((await api.get('/variables/name/exact')).text.includes('"value":3,'));
  const [created] = await api.storage.readEvents({ afterSeq: 0, limit: 1 });
  assert.ok(created?.payload?.includes('"float":1.0,"big":12345678901234567890'), created?.payload ?? '');
});
