import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiAnswer, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, type Fields } from './fixtures/deployed.ts';

const NUMBER = { title: 'a', type: 'integer', default: 0 };
const TEXT = { title: 'b', type: 'string' };

const template = (properties: Fields, more: Fields = {}): Fields => ({
  job_configuration: { first: '{{ a }}' },
  variables: { type: 'object', properties: { a: NUMBER, ...properties }, ...more },
});
const pool = (api: ApiUnderTest, base_job_template: Fields, name = 'pool'): Promise<ApiAnswer> =>
  api.post('/work_pools/', { name, type: 'process', base_job_template });
const said = ({ status, body }: ApiAnswer): string =>
  status < 400 ? String(status) : `${status} ${String((body as Fields)['detail'])}`;

async function run(api: ApiUnderTest, id: unknown, job_variables: Fields = {}): Promise<ApiAnswer> {
  return await api.post(`/deployments/${String(id)}/create_flow_run`, { job_variables });
}

test('the job of a run has all that the template requires: from the run, the deployment, or as a default', () =>
  withApi({}, async (api) => {
    assert.equal(said(await pool(api, template({ b: TEXT }, { required: ['a', 'b'] }))), '201');
    const { id } = await deploy(api, { work_pool_name: 'pool' });
    assert.equal(
      said(await run(api, id)),
      "422 Error creating flow run: Validation failed. Failure reason: 'b' is a required property",
    );
    assert.equal(
      said(await run(api, id, { b: 2 })),
      "422 Error creating flow run: Validation failed for field 'b'. Failure reason: 2 is not of type 'string'",
    );
    assert.equal(said(await run(api, id, { b: 'text' })), '201');
    const { id: other } = await deploy(api, { name: 'other', work_pool_name: 'pool', job_variables: { b: 'text' } });
    const made = await run(api, other, { a: 1 });
    assert.deepEqual([made.status, fields(made)['job_variables']], [201, { a: 1 }], 'what was said, and no more');
  }));

test('a default may be null for what is not required, and one that does not fit lets the others through', () =>
  withApi({}, async (api) => {
    const more = { b: { ...TEXT, default: null }, c: TEXT };
    assert.equal(said(await pool(api, template(more))), '201');
    const { id } = await deploy(api, { work_pool_name: 'pool' });
    assert.equal(said(await run(api, id)), '201');
    assert.equal(said(await run(api, id, { b: null, c: null })), '201');
  }));

test('variables of a run that waits are exchanged for ones that fit', () =>
  withApi({}, async (api) => {
    await pool(api, template({}, { required: ['a'] }));
    const { id } = await deploy(api, { work_pool_name: 'pool' });
    const path = `/flow_runs/${String(fields(await run(api, id))['id'])}`;
    assert.equal(
      said(await api.send('PATCH', path, { job_variables: { a: 'one' } })),
      "422 Error updating flow run: Validation failed for field 'a'. Failure reason: 'one' is not of type 'integer'",
    );
    assert.deepEqual(fields(await api.get(path))['job_variables'], {});
    assert.equal(said(await api.send('PATCH', path, { job_variables: { a: 1 } })), '204');
    await api.send('DELETE', '/work_pools/pool');
    assert.equal(said(await api.send('PATCH', path, { job_variables: { a: 'one' } })), '204', 'no pool, no template');
  }));

test('a pool is made with defaults that fit, and with blocks that are there', () =>
  withApi({}, async (api) => {
    assert.equal(
      said(await pool(api, template({ b: { ...TEXT, default: 5 } }))),
      "422 Validation failed for work pool's job variable defaults: Validation failed for field 'b'. Failure reason: 5 is not valid under any of the given schemas",
    );
    const reference = (id: unknown): Fields =>
      template({ b: { ...TEXT, default: { $ref: { block_document_id: id } } } });
    assert.equal(said(await pool(api, reference(NOBODY))), '404 Block not found.');
    assert.equal(said(await api.get('/work_pools/pool')), '404 Work pool "pool" not found.');
    const { id: type } = fields(await api.post('/block_types/', { name: 'x', slug: 'x' }));
    const schema = { title: 'x', type: 'object', properties: { foo: { type: 'string' } }, block_type_slug: 'x' };
    const { id: schemaId } = fields(await api.post('/block_schemas/', { block_type_id: type, fields: schema }));
    const { id: block } = fields(
      await api.post('/block_documents/', {
        name: 'held',
        data: { foo: 'bar' },
        block_type_id: type,
        block_schema_id: schemaId,
      }),
    );
    const object = { type: 'object', properties: { foo: { type: 'string' } } };
    const held = template({ b: { ...object, default: { $ref: { block_document_id: block } } } });
    assert.equal(said(await pool(api, held)), '201');
    assert.match(
      said(await pool(api, reference(block), 'wrong')),
      /^422 .*is not valid under any of the given schemas$/,
    );
    // As the templates of Prefect's integrations have it: the block's own schema, or a reference to one.
    const definition = { ...object, title: 'x', required: ['foo'], block_type_slug: 'x' };
    const defined = {
      title: 'B',
      allOf: [{ $ref: '#/definitions/x' }],
      default: { $ref: { block_document_id: block } },
    };
    const referred = template({ b: defined }, { required: ['b'], definitions: { x: definition } });
    assert.equal(said(await pool(api, referred, 'referred')), '201');
    const { id: deployed } = await deploy(api, { name: 'referred', work_pool_name: 'referred' });
    assert.equal(said(await run(api, deployed)), '201');
    assert.equal(said(await run(api, (await deploy(api, { work_pool_name: 'pool' }))['id'])), '201');
  }));

test('a pool has a name', () =>
  withApi({}, async (api) => {
    for (const name of ["''", ' ', "' ' ", '"']) {
      const answer = await api.post('/work_pools/', { name, type: 'process' });
      assert.equal(answer.status, 422, name);
      assert.match(answer.text, /name cannot be an empty string/);
    }
  }));

test('a client that would refuse the block of results is not told of it', () =>
  withApi({}, async (api) => {
    await pool(api, {});
    const configuration = async (version: string) => {
      const agent = { 'user-agent': `prefect/${version} (API 0.8.4)` };
      const one = fields(await api.send('GET', '/work_pools/pool', undefined, agent));
      const [listed] = (await api.send('POST', '/work_pools/filter', {}, agent)).body as readonly Fields[];
      assert.deepEqual(one, listed);
      return one['storage_configuration'];
    };
    const steps = { bundle_upload_step: null, bundle_execution_step: null };
    assert.deepEqual(await configuration('3.3.7'), steps);
    assert.deepEqual(await configuration('2.20.25'), steps);
    assert.deepEqual(await configuration('3.3.8'), { ...steps, default_result_storage_block_id: null });
    assert.deepEqual(await configuration('3.9.1'), { ...steps, default_result_storage_block_id: null });
  }));
