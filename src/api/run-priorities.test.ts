/** In which order the runs that are due are given, and how their priorities are told and changed. */
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

const read = async (path: string): Promise<Fields> => {
  const answer = await api.get(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.body as Fields;
};

async function scheduled(fields: Fields, dueInSeconds: number): Promise<string> {
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const at = new Date((api.now() + dueInSeconds * 1_000_000) / 1000).toISOString();
  const state = { type: 'SCHEDULED', state_details: { scheduled_time: at } };
  const run = await api.post('/flow_runs/', { flow_id: flow['id'], state, ...fields });
  assert.equal(run.status, 201, run.text);
  return (run.body as Fields)['id'] as string;
}

test('of what is due, the lower priority is given first, then the longest due; what is not due goes before nobody', async () => {
  await api.post('/work_pools/', { name: 'p', type: 'process' });
  const inPool = { work_pool_name: 'p' };
  const [first, second] = [await scheduled(inPool, -20), await scheduled({ ...inPool, priority: null }, -10)];
  const last = await scheduled({ ...inPool, priority: 1 }, -30);
  const [urgent, soUrgent] = [
    await scheduled({ ...inPool, priority: -1 }, -5),
    await scheduled({ ...inPool, priority: -2 }, -4),
  ];
  const early = await scheduled({ ...inPool, priority: -1000 }, 5);
  const given = async (body: Fields = {}): Promise<unknown[]> =>
    ((await api.post('/work_pools/p/get_scheduled_flow_runs', body)).body as { flow_run: Fields }[]).map(
      ({ flow_run: run }) => run['id'],
    );
  assert.deepEqual(await given(), [soUrgent, urgent, first, second, last, early]);
  assert.deepEqual(await given({ limit: 2 }), [soUrgent, urgent]);
  assert.deepEqual(await given({ limit: 4 }), [soUrgent, urgent, first, second]);
  await api.send('PATCH', '/work_pools/p', { concurrency_limit: 1 });
  assert.deepEqual(await given(), [soUrgent]);
  assert.equal((await read(`/flow_runs/${urgent}`))['priority'], -1);
  // The ordinary one is not told: a run without a priority is what Prefect's server answers, to the letter.
  assert.equal('priority' in (await read(`/flow_runs/${first}`)), false);
  const why = async (id: string) =>
    ((await read(`/flow_runs/${id}/why`))['waits_for'] as Fields[]).map(({ message }) => message).join(' ');
  assert.doesNotMatch(await why(soUrgent), /goes? first/);
  await api.post('/work_pools/p/workers/heartbeat', { name: 'w' });
  assert.match(await why(first), /2 runs of its queue go first: of a priority below its own, 0\./);
  assert.match(await why(last), /4 runs of its queue go first: of a priority below its own, 1\./);
  const change = (id: string, priority: unknown) => api.send('PATCH', `/flow_runs/${id}`, { priority });
  assert.equal((await change(last, -3)).status, 204);
  assert.deepEqual(await given(), [last]);
  assert.equal((await change(last, null)).status, 204);
  assert.equal('priority' in (await read(`/flow_runs/${last}`)), false);
  assert.deepEqual(await given(), [soUrgent]);
  for (const odd of [1.5, 'soon', 1001, -1001, [], 1e300]) assert.equal((await change(last, odd)).status, 422);
  await api.send('PATCH', `/flow_runs/${last}`, { name: 'other' });
  assert.equal((await read(`/flow_runs/${urgent}`))['priority'], -1);
});
