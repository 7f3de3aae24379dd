import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
const NOBODY = '11111111-1111-4111-8111-111111111111';

async function makeType(slug: string): Promise<string> {
  const { status, body } = await api.post('/block_types/', { name: slug.toUpperCase(), slug });
  assert.equal(status, 201);
  return String((body as Fields)['id']);
}

async function makeSchema(block_type_id: string, fields: Fields, more: Fields = {}): Promise<Fields> {
  const { status, body } = await api.post('/block_schemas/', {
    block_type_id,
    fields: { title: 'T', type: 'object', ...fields },
    ...more,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Fields;
}

async function makeDocument(type: string, schema: Fields, name: string, data: Fields): Promise<Fields> {
  const { status, body } = await api.post('/block_documents/', {
    name,
    data,
    block_type_id: type,
    block_schema_id: schema['id'],
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Fields;
}

async function read(id: unknown, includeSecrets = true): Promise<Fields> {
  const { status, body } = await api.get(`/block_documents/${String(id)}?include_secrets=${String(includeSecrets)}`);
  assert.equal(status, 200);
  return body as Fields;
}

const detail = ({ body }: { readonly body: unknown }): unknown => (body as Fields)['detail'];

test('block types: by id and slug, names of the system, changes, protection', async () => {
  const id = await makeType('mine');
  const type = (await api.get(`/block_types/${id}`)).body as Fields;
  assert.deepEqual((await api.get('/block_types/slug/mine')).body, type);
  assert.deepEqual([type['name'], type['slug'], type['is_protected'], type['logo_url']], ['MINE', 'mine', false, null]);
  const again = await api.post('/block_types/', { name: 'MINE', slug: 'mine' });
  assert.deepEqual([again.status, detail(again)], [409, 'Block type with name "MINE" already exists']);
  assert.equal((await api.post('/block_types/', { name: 'Prefect thing', slug: 'thing' })).status, 403);
  for (const slug of ['Big', 'a_b', 'a b', 'ä'])
    assert.equal((await api.post('/block_types/', { name: 'n', slug })).status, 422, slug);
  assert.equal((await api.send('PATCH', `/block_types/${id}`, { description: 'd' })).status, 204);
  assert.equal((await api.send('PATCH', `/block_types/${id}`, { name: 'other' })).status, 422);
  assert.equal(((await api.get(`/block_types/${id}`)).body as Fields)['description'], 'd');
  assert.deepEqual((await api.post('/block_types/install_system_block_types')).body, null);
  const secret = (await api.get('/block_types/slug/secret')).body as Fields;
  assert.equal(secret['is_protected'], true);
  assert.deepEqual(
    [
      (await api.send('DELETE', `/block_types/${String(secret['id'])}`)).status,
      (await api.send('DELETE', `/block_types/${id}`)).status,
    ],
    [403, 204],
  );
  for (const path of [`/block_types/${id}`, '/block_types/slug/none'])
    assert.deepEqual([(await api.get(path)).status, detail(await api.get(path))], [404, 'Block type not found']);
  const notifying = await api.post('/block_types/filter', {
    block_schemas: { block_capabilities: { all_: ['notify'] } },
  });
  assert.ok((notifying.body as Fields[]).some(({ slug }) => slug === 'slack-webhook'));
  assert.ok(!(notifying.body as Fields[]).some(({ slug }) => slug === 'secret'));
  const listed = (await api.post('/block_types/filter', { block_types: { name: { like_: 'web' } } })).body as Fields[];
  assert.deepEqual(
    listed.map(({ slug }) => slug),
    [
      'custom-webhook',
      'discord-webhook',
      'mattermost-webhook',
      'ms-teams-webhook',
      'opsgenie-webhook',
      'pager-duty-webhook',
      'signed-webhook',
      'slack-webhook',
      'webhook',
    ],
  );
  assert.ok(((await api.get('/block_capabilities/')).body as string[]).includes('write-path'));
});

test('schemas have the checksum that the client computes, and are found by it', async () => {
  const { schemas } = JSON.parse(
    readFileSync(new URL('../core/blocks/fixtures/python-checksums.json', import.meta.url), 'utf8'),
  ) as { readonly schemas: readonly { readonly name: string; readonly fields: string; readonly checksum: string }[] };
  const type = await makeType('any');
  for (const slug of ['inner', 'secret']) await makeType(slug);
  for (const { name, fields, checksum } of schemas) {
    const made = await api.send(
      'POST',
      '/block_schemas/',
      `{"block_type_id":"${type}","fields":${fields},"version":"v1"}`,
    );
    assert.equal(made.status, 201, name);
    assert.equal((made.body as Fields)['checksum'], checksum, name);
    const again = await api.send(
      'POST',
      '/block_schemas/',
      `{"block_type_id":"${type}","fields":${fields},"version":"v1"}`,
    );
    assert.deepEqual([again.status, (again.body as Fields)['id']], [200, (made.body as Fields)['id']]);
    assert.equal((await api.get(`/block_schemas/checksum/${checksum}?version=v1`)).text, made.text);
    assert.equal((await api.get(`/block_schemas/checksum/${checksum}`)).status, 200);
    assert.equal((await api.get(`/block_schemas/checksum/${checksum}?version=v2`)).status, 404);
  }
});

test('schemas: numbers to the letter, nested types, deletion', async () => {
  const type = await makeType('outer');
  const missing = await api.post('/block_schemas/', {
    block_type_id: type,
    fields: { block_schema_references: { child: { block_type_slug: 'child', block_schema_checksum: 'sha256:x' } } },
  });
  assert.equal(missing.status, 409);
  assert.match(String(detail(missing)), /block type 'child' was not found/);
  await makeType('child');
  const nested = await makeSchema(type, {
    properties: { child: { $ref: '#/definitions/Child' } },
    definitions: { Child: { title: 'Child', type: 'object', block_type_slug: 'child', block_schema_references: {} } },
    block_schema_references: { child: { block_type_slug: 'child', block_schema_checksum: 'sha256:x' } },
  });
  assert.equal(
    ((await api.post('/block_schemas/filter', {})).body as Fields[]).length,
    2,
    'the nested one is registered, too',
  );
  const exact = await api.send(
    'POST',
    '/block_schemas/',
    `{"block_type_id":"${type}","fields":{"default":1.0,"big":12345678901234567890}}`,
  );
  assert.ok(exact.text.includes('"default":1.0,"big":12345678901234567890'), exact.text);
  assert.equal(((exact.body as Fields)['block_type'] as Fields)['slug'], 'outer');
  assert.equal((exact.body as Fields)['version'], 'non-versioned');
  assert.equal((await api.send('DELETE', `/block_schemas/${String(nested['id'])}`)).status, 204);
  assert.equal((await api.get(`/block_schemas/${String(nested['id'])}`)).status, 404);
  assert.equal((await api.post('/block_schemas/', { block_type_id: NOBODY })).status, 404);
  await api.post('/block_types/install_system_block_types');
  const secret = String(((await api.get('/block_types/slug/secret')).body as Fields)['id']);
  const [own] = (await api.post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: [secret] } } }))
    .body as Fields[];
  assert.equal((await api.send('DELETE', `/block_schemas/${String(own?.['id'])}`)).status, 403);
});

test('secrets are masked, nested and by wildcard, and lie encrypted in the store', async () => {
  const type = await makeType('login');
  const schema = await makeSchema(type, { secret_fields: ['password', 'inner.token', 'headers.*', 'missing'] });
  const data = {
    user: 'ann',
    password: 'hunter2-hunter2',
    inner: { token: 't0ken-t0ken', url: 'u' },
    headers: { a: 'sesame-1', b: { c: 'sesame-2' } },
    list: [1.5],
  };
  const made = await makeDocument(type, schema, 'db', data);
  const shown = {
    user: 'ann',
    password: '********',
    inner: { token: '********', url: 'u' },
    headers: { a: '********', b: '********' },
    list: [1.5],
  };
  assert.deepEqual(made['data'], shown);
  assert.deepEqual((await read(made['id'], false))['data'], shown);
  assert.deepEqual((await read(made['id']))['data'], data);
  const byName = '/block_types/slug/login/block_documents/name/db';
  assert.deepEqual(
    [
      ((await api.get(byName)).body as Fields)['data'],
      ((await api.get(`${byName}?include_secrets=true`)).body as Fields)['data'],
    ],
    [shown, data],
  );
  const filtered = await api.post('/block_documents/filter', {
    include_secrets: true,
    block_types: { slug: { any_: ['login'] } },
  });
  assert.deepEqual(
    (filtered.body as Fields[]).map((document) => document['data']),
    [data],
  );
  const graph = await api.storage.readBlockGraph([made['id'] as never]);
  const stored = JSON.stringify([
    [...graph.documents.values()],
    await api.storage.readEvents({ afterSeq: 0, limit: 99 }),
  ]);
  for (const secret of ['hunter2', 't0ken', 'sesame']) assert.ok(!stored.includes(secret), secret);
  assert.match(stored, /"sealedData":"v1\./);
  // Who saves what was shown does not overwrite the secrets.
  const patch = await api.send('PATCH', `/block_documents/${String(made['id'])}`, {
    data: { ...shown, user: 'bob' },
    merge_existing_data: false,
  });
  assert.equal(patch.status, 204);
  assert.deepEqual((await read(made['id']))['data'], { ...data, user: 'bob' });
});

test('secrets in lists and dictionaries of models are masked, and are kept when what was shown is sent back', async () => {
  const type = await makeType('accounts');
  const definitions = {
    Account: {
      properties: { host: { type: 'string' }, password: { type: 'string', format: 'password', writeOnly: true } },
    },
  };
  const items = { items: { $ref: '#/definitions/Account' } };
  // As Prefect's client writes it: the path says nothing of the list.
  const schema = await makeSchema(type, {
    secret_fields: ['accounts.password'],
    definitions,
    properties: { accounts: items, by_region: { additionalProperties: items } },
  });
  const [a, b] = [
    { host: 'a', password: 'pass-a' },
    { host: 'b', password: 'pass-b' },
  ];
  const made = await makeDocument(type, schema, 'shop', { accounts: [a, b], by_region: { eu: [b] } });
  const shown = {
    accounts: [
      { ...a, password: '********' },
      { ...b, password: '********' },
    ],
    by_region: { eu: [{ ...b, password: '********' }] },
  };
  assert.deepEqual([made['data'], (await read(made['id'], false))['data']], [shown, shown]);
  const events = JSON.stringify(await api.storage.readEvents({ afterSeq: 0, limit: 999 }));
  assert.ok(!/pass-[ab]/.test(events));
  await api.send('PATCH', `/block_documents/${String(made['id'])}`, {
    data: { ...shown, accounts: [shown.accounts[1]] },
  });
  assert.deepEqual((await read(made['id']))['data'], { accounts: [b], by_region: { eu: [b] } });
});

test('a schema that never ends is refused, one with a thousand definitions is taken', async () => {
  const type = await makeType('chained');
  const definitions = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [
      `D${index}`,
      { properties: { next: { $ref: `#/definitions/D${index + 1}` } } },
    ]),
  );
  const fields = { properties: { first: { $ref: '#/definitions/D0' } }, definitions };
  assert.match(String((await makeSchema(type, fields))['checksum']), /^sha256:[0-9a-f]{64}$/);
  const self = {
    block_schema_references: Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `r${index}`,
        { block_type_slug: 'chained', block_schema_checksum: null },
      ]),
    ),
  };
  const refused = await api.post('/block_schemas/', { block_type_id: type, fields: self, capabilities: [] });
  assert.deepEqual([refused.status, detail(refused)], [422, 'A block schema refers to more than 200 others.']);
});

test('documents: names, anonymous ones, merging, numbers to the letter, deletion', async () => {
  const type = await makeType('value');
  const schema = await makeSchema(type, {});
  const made = await makeDocument(type, schema, 'one', { a: 1, b: 2 });
  assert.deepEqual(
    [made['block_type_name'], made['is_anonymous'], (made['block_schema'] as Fields)['id']],
    ['VALUE', false, schema['id']],
  );
  const base = { block_type_id: type, block_schema_id: schema['id'] };
  const twice = await api.post('/block_documents/', { ...base, name: 'one' });
  assert.deepEqual([twice.status, detail(twice)], [409, 'Block already exists']);
  for (const body of [
    base,
    { ...base, name: 'A b' },
    { ...base, name: 'x', data: [] },
    { ...base, name: 'x', more: 1 },
  ]) {
    assert.equal((await api.post('/block_documents/', body)).status, 422, JSON.stringify(body));
  }
  for (const body of [
    { ...base, name: 'x', block_type_id: NOBODY },
    { ...base, name: 'x', block_schema_id: NOBODY },
  ])
    assert.equal((await api.post('/block_documents/', body)).status, 409);
  const anonymous = await api.post('/block_documents/', { ...base, is_anonymous: true, data: {} });
  assert.match(String((anonymous.body as Fields)['name']), /^anonymous-/);
  const names = async (body: unknown) => ((await api.post('/block_documents/filter', body)).body as Fields[]).length;
  assert.deepEqual(
    [
      await names({}),
      await names({ block_documents: { is_anonymous: null } }),
      await names({ block_documents: { is_anonymous: { eq_: true } } }),
    ],
    [1, 2, 1],
  );
  assert.equal((await api.post('/block_documents/count', {})).body, 1);
  assert.equal(((await api.get('/block_types/slug/value/block_documents')).body as Fields[]).length, 1);
  const path = `/block_documents/${String(made['id'])}`;
  await api.send('PATCH', path, '{"data":{"b":3.0}}');
  assert.ok((await api.get(path)).text.includes('"data":{"a":1,"b":3.0}'), (await api.get(path)).text);
  await api.send('PATCH', path, { data: { c: 1 }, merge_existing_data: false });
  assert.deepEqual((await read(made['id']))['data'], { c: 1 });
  const newer = await makeSchema(type, { title: 'Newer' });
  await api.send('PATCH', path, { block_schema_id: newer['id'], data: {} });
  assert.equal((await read(made['id']))['block_schema_id'], newer['id']);
  const foreign = await makeSchema(await makeType('foreign'), { title: 'Foreign' });
  assert.equal((await api.send('PATCH', path, { block_schema_id: foreign['id'], data: {} })).status, 400);
  assert.equal((await api.send('DELETE', path)).status, 204);
  for (const answer of [
    await api.get(path),
    await api.send('DELETE', path),
    await api.send('PATCH', path, {}),
    await api.get('/block_types/slug/value/block_documents/name/one'),
  ]) {
    assert.deepEqual([answer.status, detail(answer)], [404, 'Block document not found']);
  }
  assert.equal((await api.send('DELETE', `/block_types/${type}`)).status, 204);
  assert.equal(await names({ block_documents: { is_anonymous: null } }), 0);
});

test('a document that refers to another shows it in place, with its own secrets masked', async () => {
  const [innerType, outerType] = [await makeType('inner'), await makeType('outer')];
  const innerSchema = await makeSchema(innerType, { title: 'Inner', secret_fields: ['key'] });
  const outerSchema = await makeSchema(outerType, { title: 'Outer' });
  const refer = (id: unknown) => ({ $ref: { block_document_id: id } });
  const inner = await makeDocument(innerType, innerSchema, 'inner', { key: 'deep-secret', open: 1 });
  const middle = await makeDocument(outerType, outerSchema, 'middle', { inner: refer(inner['id']), x: 1 });
  const outer = await makeDocument(outerType, outerSchema, 'outer', { child: refer(middle['id']) });
  assert.deepEqual(outer['data'], { child: { x: 1, inner: { key: '********', open: 1 } } });
  assert.deepEqual((await read(outer['id']))['data'], { child: { x: 1, inner: { key: 'deep-secret', open: 1 } } });
  const references = outer['block_document_references'] as { child: { block_document: Fields } };
  const { id, name, is_anonymous, block_document_references } = references.child.block_document;
  assert.deepEqual([id, name, is_anonymous], [middle['id'], 'middle', false]);
  assert.equal(
    (block_document_references as { inner: { block_document: Fields } }).inner.block_document['id'],
    inner['id'],
  );
  const patch = (document: Fields, body: unknown) =>
    api.send('PATCH', `/block_documents/${String(document['id'])}`, body);
  assert.equal((await patch(middle, { data: { loop: refer(outer['id']) } })).status, 400, 'a circle');
  assert.equal((await patch(middle, { data: { loop: refer(middle['id']) } })).status, 400, 'itself');
  assert.equal((await patch(middle, { data: { loop: { $ref: {} } } })).status, 400, 'nothing');
  assert.equal((await patch(middle, { data: { loop: refer(NOBODY) } })).status, 409, 'nobody');
  assert.equal((await patch(middle, { data: { y: 2 } })).status, 204);
  assert.deepEqual(
    (await read(middle['id']))['data'],
    { x: 1, y: 2, inner: { key: 'deep-secret', open: 1 } },
    'merging keeps what is not named',
  );
  assert.equal((await patch(middle, { data: { inner: null } })).status, 204);
  assert.deepEqual((await read(middle['id']))['data'], { x: 1, y: 2, inner: null });
  await patch(middle, { data: { inner: refer(inner['id']) } });
  await api.send('DELETE', `/block_documents/${String(inner['id'])}`);
  assert.deepEqual((await read(outer['id']))['data'], { child: { x: 1, y: 2 } });
});
