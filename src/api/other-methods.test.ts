import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';

const ID = '018f0000-0000-7000-8000-000000000001';

test('another method than an address has is answered with those that it has', () =>
  withApi({}, async (api) => {
    for (const [method, path, allow] of [
      ['GET', '/flows/', 'POST'],
      ['PATCH', '/flows/filter', 'POST'],
      ['GET', '/flow_runs/filter', 'POST'],
      ['POST', `/flow_runs/${ID}`, 'GET, HEAD, PATCH, DELETE'],
      ['PUT', '/v2/concurrency_limits/any', 'GET, HEAD, PATCH, DELETE'],
      ['DELETE', '/health', 'GET, HEAD'],
      ['GET', '/v2/concurrency_limits/leases/x/renew', 'POST'],
      ['GET', '/variables/name/a%20b/../x', ''],
      ['PUT', '/%66lows/filter?limit=1', 'POST'],
    ] as const) {
      const { status, body, headers } = await api.send(method, path);
      if (allow === '') assert.equal(status, 404, path);
      else
        assert.deepEqual(
          [status, body, String(headers['allow']).split(', ').sort()],
          [405, { detail: 'Method Not Allowed' }, allow.split(', ').sort()],
          `${method} ${path}`,
        );
    }
  }));

test('with a slash too many or too few it is sent to the spelling that there is', () =>
  withApi({}, async (api) => {
    for (const [method, path, location] of [
      ['GET', '/flows', '/api/flows/'],
      ['GET', '/flows?a=%20b', '/api/flows/?a=%20b'],
      ['POST', `/flow_runs/${ID}/`, `/api/flow_runs/${ID}`],
      ['PUT', '/v2/concurrency_limits/%2F%2Fevil.example/', '/api/v2/concurrency_limits/%2F%2Fevil.example'],
    ] as const) {
      const { status, headers } = await api.send(method, path);
      assert.deepEqual([status, headers['location']], [307, location], `${method} ${path}`);
    }
    assert.equal(
      (await api.post('/flows', { name: 'either way' })).status,
      201,
      'what is there is answered in either spelling',
    );
  }));

test('an address that names nothing has no methods', () =>
  withApi({}, async (api) => {
    for (const path of ['/nothing', '/flow_runs/xyz', '/flows/filter/more', '/flows/%zz', '/events/in', '/', ''])
      assert.equal((await api.send('PUT', path)).status, 404, path);
  }));

test('of parameters that are no id of a thing, what does not fit is said', () =>
  withApi({}, async (api) => {
    for (const [path, name, type] of [
      ['/v2/concurrency_limits/leases/x/renew', 'lease_id', 'uuid_parsing'],
      ['/events/count-by/nope', 'countable', 'enum'],
    ] as const) {
      const { status, body } = await api.post(path, { filter: {} });
      const [problem] = (
        body as {
          readonly exception_detail: readonly {
            readonly type: string;
            readonly loc: readonly string[];
            readonly input: unknown;
          }[];
        }
      ).exception_detail;
      assert.deepEqual([status, problem?.loc, problem?.type], [422, ['path', name], type]);
    }
    assert.equal((await api.post(`/v2/concurrency_limits/leases/${ID}/renew`, {})).status, 410);
  }));
