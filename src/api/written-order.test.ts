import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, flowId } from './fixtures/deployed.ts';

const WRITTEN = '{"foo":1,"1":{"b":2.0,"0":3}}';
const OTHER = '{"x":"{{ x }}","7":1}';

function idOf({ body }: { readonly body: unknown }): string {
  return String((body as Record<string, unknown>)['id']);
}

/** What is answered below the field, as text. */
async function seen(api: ApiUnderTest, path: string, field: string): Promise<string> {
  const { text } = await api.get(path);
  const rest = text.slice(text.indexOf(`"${field}":`) + field.length + 3);
  const ends = [...rest.matchAll(/\}/g)].map(({ index }) => rest.slice(0, index + 1));
  return ends.find((part) => part.split('{').length === part.split('}').length) ?? rest;
}

test('parameters and job variables keep the order in which they were written', () =>
  withApi({}, async (api) => {
    const flow = await flowId(api);
    const body = `{"flow_id":"${flow}","parameters":${WRITTEN},"job_variables":${OTHER}}`;
    const made = await api.post('/flow_runs/', body);
    assert.equal(made.status, 201, made.text);
    assert.equal(await seen(api, `/flow_runs/${idOf(made)}`, 'parameters'), WRITTEN);
    assert.equal(await seen(api, `/flow_runs/${idOf(made)}`, 'job_variables'), OTHER);
    const { id } = await deploy(api, {});
    const path = `/deployments/${String(id)}`;
    await api.send('PATCH', path, `{"parameters":${WRITTEN},"job_variables":${WRITTEN}}`);
    assert.equal(await seen(api, path, 'parameters'), WRITTEN);
    assert.equal(await seen(api, path, 'job_variables'), WRITTEN);
    const computed = '{"__prefect_kind":"json","value":"{\\"z\\":1,\\"5\\":2}"}';
    const run = await api.post(`${path}/create_flow_run`, `{"parameters":{"foo":2,"z":${computed},"0":1}}`);
    assert.equal(run.status, 201, run.text);
    // The deployment's come first, as in Python's `{**deployment.parameters, **parameters}`.
    assert.equal(
      await seen(api, `/flow_runs/${idOf(run)}`, 'parameters'),
      '{"foo":2,"1":{"b":2.0,"0":3},"z":{"z":1,"5":2},"0":1}',
    );
  }));

test('a large body keeps its order, too', () =>
  withApi({}, async (api) => {
    const many = `{"list":[${Array.from({ length: 20_000 }, () => '1').join(',')}],"0":1}`;
    const flow = await flowId(api);
    const made = await api.post('/flow_runs/', `{"flow_id":"${flow}","parameters":${many}}`);
    assert.equal(await seen(api, `/flow_runs/${idOf(made)}`, 'parameters'), many);
  }));

test('variables and the data of artifacts keep it', () =>
  withApi({}, async (api) => {
    await api.post('/variables/', `{"name":"ordered","value":${WRITTEN}}`);
    assert.equal(await seen(api, '/variables/name/ordered', 'value'), WRITTEN);
    const made = await api.post('/artifacts/', `{"key":"ordered","data":${WRITTEN}}`);
    assert.equal(await seen(api, `/artifacts/${idOf(made)}`, 'data'), WRITTEN);
  }));

test('the data of blocks keeps it, with secrets masked and without, merged and not', () =>
  withApi({}, async (api) => {
    const type = idOf(await api.post('/block_types/', { name: 'Ordered', slug: 'ordered' }));
    const fields = { title: 'T', type: 'object', properties: { key: { type: 'string', format: 'password' } } };
    const schema = idOf(await api.post('/block_schemas/', { block_type_id: type, fields }));
    const made = await api.post(
      '/block_documents/',
      `{"name":"one","block_type_id":"${type}","block_schema_id":"${schema}","data":{"key":"k","2":${WRITTEN}}}`,
    );
    assert.equal(made.status, 201, made.text);
    const path = `/block_documents/${idOf(made)}`;
    assert.equal(await seen(api, `${path}?include_secrets=true`, 'data'), `{"key":"k","2":${WRITTEN}}`);
    assert.equal(await seen(api, path, 'data'), `{"key":"********","2":${WRITTEN}}`);
    await api.send('PATCH', path, '{"data":{"0":1}}');
    assert.equal(await seen(api, `${path}?include_secrets=true`, 'data'), `{"key":"k","2":${WRITTEN},"0":1}`);
  }));
