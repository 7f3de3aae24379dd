import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, flowId, NOBODY } from './fixtures/deployed.ts';

const STRING = { type: 'object', properties: { foo: { type: 'string' } } };

async function refusal(api: ApiUnderTest, given: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answer = await api.post('/deployments/', { name: 'daily', flow_id: await flowId(api), ...given });
  if (answer.status < 400) return answer.status;
  const { exception_detail: problems, detail } = fields(answer);
  return `${answer.status} ${problems ? (problems as readonly { msg: string }[])[0]?.msg : String(detail)}`;
}

test('a deployment whose schema is asked to be enforced is made with parameters that fit it only', () =>
  withApi({}, async (api) => {
    const enforced = { enforce_parameter_schema: true, parameter_openapi_schema: STRING };
    assert.equal(
      await refusal(api, { ...enforced, parameters: { foo: 1 } }),
      "422 Value error, Validation failed for field 'foo'. Failure reason: 1 is not of type 'string'",
    );
    assert.equal(
      await refusal(api, {
        ...enforced,
        parameter_openapi_schema: { type: 'object', properties: { foo: { type: 'blork' } } },
        parameters: { foo: 1 },
      }),
      "422 Value error, The provided schema is not a valid json schema. Schema error: 'blork' is not valid under any of the given schemas",
    );
    assert.match(
      String(
        await refusal(api, {
          ...enforced,
          parameter_openapi_schema: { properties: { foo: { $ref: 'http://169.254.169.254/latest/meta-data/' } } },
          parameters: { foo: 1 },
        }),
      ),
      /^422 Value error, .*169\.254/,
      'nothing is fetched',
    );
    assert.equal((await api.post('/deployments/filter', {})).text, '[]', 'nothing was made');
    // What is required may be given with the run; a schema that nobody asked to enforce is not looked at.
    const required = { ...STRING, required: ['foo'] };
    assert.equal(await refusal(api, { ...enforced, parameter_openapi_schema: required }), 201);
    assert.equal(
      await refusal(api, { name: 'unasked', parameter_openapi_schema: STRING, parameters: { foo: 1 } }),
      201,
    );
  }));

test('what is wrong with changed parameters is told by the kind of the value, where the schema requires it', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, {
      enforce_parameter_schema: true,
      parameter_openapi_schema: { ...STRING, required: ['foo'] },
    });
    const answer = await api.send('PATCH', `/deployments/${String(id)}`, { parameters: { foo: 1 } });
    assert.deepEqual(
      [answer.status, fields(answer)['detail']],
      [409, "Error updating deployment: Validation failed for field 'foo'. Failure reason: 1 is not of type 'string'"],
    );
  }));

test('one limit or the other, not both', () =>
  withApi({}, async (api) => {
    const { id: limit } = fields(await api.post('/v2/concurrency_limits/', { name: 'shared', limit: 5 }));
    const both = { global_concurrency_limit_id: limit, concurrency_limit: 2 };
    const said = '422 Value error, A deployment cannot have both a concurrency limit and a global concurrency limit.';
    assert.equal(await refusal(api, both), said);
    const { id } = await deploy(api, {});
    assert.equal((await api.send('PATCH', `/deployments/${String(id)}`, both)).status, 422);
  }));

test('blocks that are not there are told when a deployment that names them is made', () =>
  withApi({}, async (api) => {
    for (const what of ['storage', 'infrastructure'])
      assert.match(
        String(await refusal(api, { [`${what}_document_id`]: NOBODY })),
        new RegExp(`^409 Error creating deployment\\. Could not find ${what} block with id: ${NOBODY}\\.`),
      );
  }));
