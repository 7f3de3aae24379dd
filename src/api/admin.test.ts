import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';

type Fields = Record<string, unknown>;

test('settings are told as they were given', () =>
  withApi({ parts: { administration: { settings: { server: { a: 1 } }, csrfProtection: false } } }, async (api) => {
    assert.deepEqual((await api.get('/admin/settings')).body, { server: { a: 1 } });
  }));

test('the storage of results is a block that can be written to, and is forgotten with it', () =>
  withApi({}, async (api) => {
    const none = { default_result_storage_block_id: null };
    assert.deepEqual((await api.get('/admin/storage')).body, none);
    await api.post('/block_types/install_system_block_types');
    const documentOf = async (slug: string, data: Fields): Promise<string> => {
      const type = String(((await api.get(`/block_types/slug/${slug}`)).body as Fields)['id']);
      const [schema] = (await api.post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: [type] } } }))
        .body as Fields[];
      return String(
        (
          (
            await api.post('/block_documents/', {
              name: slug,
              data,
              block_type_id: type,
              block_schema_id: schema?.['id'],
            })
          ).body as Fields
        )['id'],
      );
    };
    const [files, secret] = [
      await documentOf('local-file-system', { basepath: '/tmp' }),
      await documentOf('secret', { value: 'x' }),
    ];
    const put = (id: unknown) => api.send('PUT', '/admin/storage', { default_result_storage_block_id: id });
    assert.deepEqual((await put(files)).body, { default_result_storage_block_id: files });
    assert.deepEqual((await api.get('/admin/storage')).body, { default_result_storage_block_id: files });
    assert.deepEqual(
      [(await put(secret)).status, (await put('11111111-1111-4111-8111-111111111111')).status, (await put('x')).status],
      [422, 404, 422],
    );
    await api.send('DELETE', `/block_documents/${files}`);
    assert.deepEqual((await api.get('/admin/storage')).body, none);
    assert.equal((await api.send('DELETE', '/admin/storage')).status, 204);
  }));

test('the database is not changed as a whole', () =>
  withApi({}, async (api) => {
    for (const action of ['clear', 'create', 'drop'])
      assert.equal((await api.post(`/admin/database/${action}`, { confirm: true })).status, 403);
  }));

test('views of libraries: the process worker, nothing else, or not found', () =>
  withApi({}, async (api) => {
    const workers = (await api.get('/collections/views/aggregate-worker-metadata')).body as {
      prefect: { process: Fields };
    };
    const template = workers.prefect.process['default_base_job_configuration'] as {
      job_configuration: Fields;
      variables: { properties: Fields };
    };
    assert.deepEqual(Object.keys(template.job_configuration).sort(), Object.keys(template.variables.properties).sort());
    for (const view of ['aggregate-block-metadata', 'aggregate-flow-metadata', 'demo-flows'])
      assert.equal((await api.get(`/collections/views/${view}`)).status, 200);
    for (const view of ['nonsense', 'toString'])
      assert.equal((await api.get(`/collections/views/${view}`)).status, 404);
  }));

test('without protection there are no tokens, and none is asked for', () =>
  withApi({}, async (api) => {
    const answer = await api.get('/csrf-token?client=me');
    assert.deepEqual([answer.status, (answer.body as Fields)['detail']], [422, 'CSRF protection is disabled.']);
    assert.equal((await api.post('/variables/', { name: 'a', value: 1 })).status, 201);
  }));

test('with protection every write shows the token of its client', () =>
  withApi({ csrfProtection: true, parts: { administration: { settings: {}, csrfProtection: true } } }, async (api) => {
    const write = async (headers: Readonly<Record<string, string>>) => {
      const { status, body } = await api.send('POST', '/variables/filter', {}, headers);
      return status === 200 ? 'ok' : [status, (body as Fields)['detail']];
    };
    assert.deepEqual(await write({}), [403, 'Missing CSRF token.']);
    assert.deepEqual(await write({ 'prefect-csrf-token': 'x' }), [403, 'Missing client identifier.']);
    assert.deepEqual(await write({ 'prefect-csrf-token': 'x', 'prefect-csrf-client': 'me' }), [
      403,
      'Invalid CSRF token or client identifier.',
    ]);
    assert.equal((await api.get('/csrf-token')).status, 422);
    const issued = (await api.get('/csrf-token?client=me')).body as Fields;
    assert.match(String(issued['token']), /^[0-9a-f]{64}$/);
    const headers = { 'prefect-csrf-token': String(issued['token']), 'prefect-csrf-client': 'me' };
    assert.equal(await write(headers), 'ok');
    assert.deepEqual(await write({ ...headers, 'prefect-csrf-client': 'you' }), [
      403,
      'Invalid CSRF token or client identifier.',
    ]);
    const again = (await api.get('/csrf-token?client=me')).body as Fields;
    assert.deepEqual([again['id'], again['token'] === issued['token']], [issued['id'], false]);
    assert.deepEqual(await write(headers), [403, 'Invalid CSRF token or client identifier.']);
    api.advance(3601);
    assert.deepEqual(await write({ ...headers, 'prefect-csrf-token': String(again['token']) }), [
      403,
      'Invalid CSRF token or client identifier.',
    ]);
    assert.equal((await api.get('/variables/name/none')).status, 404, 'reads need none');
  }));
