/** What becomes of runs of a deployment that find no slot, and which runs share the slots. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { tickScheduler } from '../services/scheduler.ts';
import { openApi } from './fixtures/api-under-test.ts';

type Fields = Record<string, unknown>;
interface State extends Fields {
  readonly type: string;
  readonly name: string;
  readonly message: string | null;
}

function openWorld(t: TestContext) {
  const api = openApi();
  t.after(() => api.close());
  const post = async (path: string, body: unknown) => (await api.post(path, body)).body as Fields & { id: string };
  return {
    api,
    async deploy(options: Fields, slots = 1): Promise<string> {
      const flow = await post('/flows/', { name: 'sales' });
      const fields = { concurrency_limit: slots, concurrency_options: { collision_strategy: 'ENQUEUE', ...options } };
      return (await post('/deployments/', { name: 'nightly', flow_id: flow.id, ...fields })).id;
    },
    async run(deployment: string, parameters: Fields = {}): Promise<string> {
      return (await post(`/deployments/${deployment}/create_flow_run`, { parameters, state: { type: 'SCHEDULED' } }))
        .id;
    },
    move: async (id: string, type: string, force = false) =>
      ((await post(`/flow_runs/${id}/set_state`, { state: { type }, force }))['state'] as State | null)?.name,
    state: async (id: string) => ((await api.get(`/flow_runs/${id}`)).body as { state: State }).state,
    why: async (id: string) =>
      (await api.get(`/flow_runs/${id}/why`)).body as { headline: string; waits_for: { message: string }[] },
    held: (name: string) => api.post('/ostinato/limits/holders', { what: 'deployment', name }),
    limits: async () => ((await api.post('/v2/concurrency_limits/filter', {})).body as Fields[]).length,
  };
}

test('cancel old: the oldest run that holds a slot gives way, and the new one begins when it has ended', async (t) => {
  const { api, deploy, run, move, state, why } = openWorld(t);
  const deployment = await deploy({ cancels_old: true }, 2);
  const runs = [await run(deployment), await run(deployment), await run(deployment), await run(deployment)] as const;
  const [oldest, second, third, fourth] = runs;
  for (const id of [oldest, second]) {
    assert.equal(await move(id, 'PENDING'), 'Pending');
    assert.equal(await move(id, 'RUNNING'), 'Running');
    api.advance(1);
  }
  assert.equal(await move(third, 'PENDING'), 'AwaitingConcurrencySlot');
  const asked = await state(oldest);
  assert.equal(asked.type, 'CANCELLING');
  assert.match(asked.message ?? '', /^Flow run \S+, a newer one of its deployment, needs its slot\.$/);
  assert.match((await why(third)).waits_for.map(({ message }) => message).join(' '), /slots of the deployment/);
  assert.match((await state(third)).message ?? '', /oldest run that holds a slot is cancelled/);

  // While one gives way, nobody else does.
  assert.equal(await move(fourth, 'PENDING'), 'AwaitingConcurrencySlot');
  assert.equal((await state(second)).type, 'RUNNING');

  assert.equal(await move(oldest, 'CANCELLED'), 'Cancelled');
  api.advance(3);
  assert.equal(await move(third, 'PENDING'), 'Pending');
  assert.match((await why(oldest)).headline, /^Was cancelled/);
  assert.match(JSON.stringify(await why(oldest)), /needs its slot/);
});

test('a deployment that does not say so cancels nothing for others', async (t) => {
  const { deploy, run, move, state } = openWorld(t);
  const deployment = await deploy({});
  const [first, second] = [await run(deployment), await run(deployment)];
  await move(first, 'PENDING');
  assert.equal(await move(second, 'PENDING'), 'AwaitingConcurrencySlot');
  assert.equal((await state(first)).type, 'PENDING');
});

test('runs of one key exclude each other, those of others do not, and holders are told by key', async (t) => {
  const { api, deploy, run, move, why, held, limits } = openWorld(t);
  const deployment = await deploy({ key: 'parameters.customer' });
  const limitsBefore = await limits();
  const first = await run(deployment, { customer: 'acme' });
  const second = await run(deployment, { customer: 'acme' });
  const other = await run(deployment, { customer: 'beta' });
  for (const id of [first, other]) assert.equal(await move(id, 'PENDING'), 'Pending');
  assert.equal(await move(second, 'PENDING'), 'AwaitingConcurrencySlot');
  assert.match((await why(second)).headline, /The slot of the deployment "sales\/nightly\/acme" is taken: by "/i);
  const { slots, taken, holders } = (await held('sales/nightly/acme')).body as Fields & { holders: Fields[] };
  assert.deepEqual([slots, taken, holders.map(({ id }) => id)], [1, 1, [first]]);
  await move(first, 'RUNNING');
  await move(first, 'COMPLETED');
  api.advance(6);
  assert.equal(await move(second, 'PENDING'), 'Pending');
  for (const id of [second, other]) await move(id, 'CANCELLED', true);
  assert.equal(await limits(), limitsBefore, 'the limits of keys that nobody has any more are gone');
});

test('runs that the server makes by itself share the slots of their key, too: of backfills as of schedules', async (t) => {
  const { api } = openWorld(t);
  const flow = (await api.post('/flows/', { name: 'sales' })).body as { id: string };
  const { id } = (
    await api.post('/deployments/', {
      name: 'nightly',
      flow_id: flow.id,
      parameters: { customer: 'acme' },
      concurrency_limit: 1,
      concurrency_options: { collision_strategy: 'ENQUEUE', key: 'parameters.customer' },
      schedules: [{ schedule: { interval: 3600 } }],
    })
  ).body as { id: string };
  const began = new Date(api.now() / 1000 - 86_400_000).toISOString();
  const asked = { from: began, to: new Date(api.now() / 1000).toISOString(), name: 'past', concurrency: 1 };
  assert.equal((await api.post(`/ostinato/deployments/${id}/backfills`, asked)).status, 201);
  await tickScheduler(api.useCases);
  const runs = (await api.post('/flow_runs/filter', {})).body as { tags: string[]; labels: Fields }[];
  const keys = (tag: string) =>
    runs.filter(({ tags }) => tags.includes(tag)).map(({ labels }) => labels['ostinato.concurrency-key']);
  assert.deepEqual(keys('backfill:past'), ['acme']);
  assert.deepEqual([...new Set(keys('auto-scheduled'))], ['acme']);
});

test('a key that is none is refused, and nothing is made', async (t) => {
  const { api } = openWorld(t);
  const flow = (await api.post('/flows/', { name: 'sales' })).body as { id: string };
  for (const key of ['customer', '', '{{ evil }}', 7]) {
    const options = { collision_strategy: 'ENQUEUE', key };
    const body = { name: 'n', flow_id: flow.id, concurrency_limit: 1, concurrency_options: options };
    assert.equal((await api.post('/deployments/', body)).status, 422, String(key));
  }
  assert.deepEqual((await api.post('/deployments/filter', {})).body, []);
});
