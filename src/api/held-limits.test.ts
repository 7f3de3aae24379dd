import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openApi } from './fixtures/api-under-test.ts';

type Fields = Record<string, unknown>;
interface Why extends Fields {
  readonly headline: string;
  readonly next: string;
  readonly waits_for: readonly { kind: string; message: string; since: string | null; holders: Fields[] }[];
}

function openWorld(t: TestContext) {
  const api = openApi();
  t.after(() => api.close());
  const post = async (path: string, body: unknown) => (await api.post(path, body)).body as Fields & { id: string };
  const later = (seconds: number) => new Date(api.now() / 1000 + seconds * 1000).toISOString();
  return {
    api,
    post,
    async deploy(fields: Fields = {}): Promise<string> {
      const flow = await post('/flows/', { name: 'sales' });
      return (await post('/deployments/', { name: 'nightly', flow_id: flow.id, ...fields })).id;
    },
    async run(deploymentId: string, seconds = 0): Promise<string> {
      const state = { type: 'SCHEDULED', state_details: { scheduled_time: later(seconds) } };
      return (await post(`/deployments/${deploymentId}/create_flow_run`, { state })).id;
    },
    move: async (id: string, type: string) =>
      (await post(`/flow_runs/${id}/set_state`, { state: { type } }))['status'] as string,
    why: async (id: string) => (await api.get(`/flow_runs/${id}/why`)).body as Why,
    kinds: async (id: string) =>
      ((await api.get(`/flow_runs/${id}/why`)).body as Why).waits_for.map(({ kind }) => kind),
    held: (what: string, name: string) => api.post('/ostinato/limits/holders', { what, name }),
  };
}

test('a run that waits says for what: time, pause, worker, queue, limit', async (t) => {
  const { api, post, deploy, run, move, why, kinds } = openWorld(t);
  await post('/work_pools/', { name: 'p', type: 'process' });
  const deployment = await deploy({ work_pool_name: 'p' });
  const [first, second, future] = [await run(deployment), await run(deployment, 1), await run(deployment, 3600)];
  api.advance(30);
  assert.deepEqual(await kinds(first), ['no-worker']);
  const alone = await why(first);
  assert.match(
    alone.headline,
    /^Was due 30 s ago: no worker is on the work pool "p" \(process\)\. None was ever there\.$/,
  );
  assert.equal(alone.next, 'Start a worker: `ostinato worker start --pool=p`.');
  assert.deepEqual(await kinds(future), ['schedule', 'no-worker']);

  await api.post('/work_pools/p/workers/heartbeat', { name: 'w' });
  await api.post('/work_pools/p/queues', { name: 'urgent' });
  await api.post('/work_pools/p/get_scheduled_flow_runs', { work_queue_names: ['urgent'] });
  const [asked] = (await why(first)).waits_for;
  assert.deepEqual(
    [asked?.kind, asked?.message],
    ['queue-not-asked', '1 worker is on the work pool "p", but none asks the queue "default". Asked are: "urgent".'],
  );
  await api.post('/work_pools/p/get_scheduled_flow_runs', {});
  assert.deepEqual([await kinds(first), await kinds(second), await kinds(future)], [[], ['turn'], ['schedule']]);

  await api.send('PATCH', '/work_pools/p', { concurrency_limit: 1 });
  assert.equal(await move(first, 'PENDING'), 'ACCEPT');
  api.advance(5);
  const [full] = (await why(second)).waits_for;
  assert.equal(full?.kind, 'limit');
  assert.match(full?.message ?? '', /^The slot of the work pool "p" is taken: by "[a-z]+-[a-z]+" for 5 s\.$/);
  assert.deepEqual(
    full?.holders.map(({ id, kind }) => [id, kind]),
    [[first, 'flow_run']],
  );
  assert.equal((await why(second)).next, 'It can start when a slot is given back.');

  const [, secondQueue] = [await api.send('PATCH', '/work_pools/p', { is_paused: true }), 'default'];
  await api.send('PATCH', `/work_pools/p/queues/${secondQueue}`, { is_paused: true });
  const paused = (await why(second)).waits_for;
  assert.deepEqual(
    paused.map(({ kind }) => kind),
    ['pool-paused', 'queue-paused', 'limit'],
  );
  assert.deepEqual(
    paused.slice(0, 2).map(({ since }) => since !== null),
    [true, true],
  );
});

test('near pools are told: those of the same type that have workers', async (t) => {
  const { api, post, deploy, run, why } = openWorld(t);
  for (const [name, type] of [
    ['p', 'process'],
    ['other', 'process'],
    ['boxes', 'docker'],
  ] as const) {
    await post('/work_pools/', { name, type });
    if (name !== 'p') await api.post(`/work_pools/${name}/workers/heartbeat`, { name: 'w' });
  }
  const id = await run(await deploy({ work_pool_name: 'p' }));
  const [reason] = (await why(id)).waits_for as unknown as { near: Fields[] }[];
  assert.deepEqual(reason?.near, [{ name: 'other', type: 'process', workers_online: 1 }]);
});

test('who holds the slots of a deployment, a pool, a queue and a tag is told, and since when', async (t) => {
  const { api, post, deploy, run, move, held, why } = openWorld(t);
  await post('/work_pools/', { name: 'p', type: 'process', concurrency_limit: 2 });
  const deployment = await deploy({ work_pool_name: 'p', concurrency_limit: 1 });
  const [first, second] = [await run(deployment), await run(deployment)];
  const taken = new Date(api.now() / 1000).toISOString().slice(0, 19);
  assert.equal(await move(first, 'PENDING'), 'ACCEPT');
  assert.equal(await move(second, 'PENDING'), 'REJECT');
  for (const [what, name] of [
    ['deployment', 'sales/nightly'],
    ['work-pool', 'p'],
  ] as const) {
    const answer = (await held(what, name)).body as Fields & { holders: Fields[] };
    assert.deepEqual(
      [answer['what'], answer['name'], answer['taken'], answer.holders.map(({ id }) => id)],
      [what, name, 1, [first]],
    );
    assert.equal(String(answer.holders[0]?.['since']).slice(0, 19), taken);
  }
  const waiting = await why(second);
  assert.deepEqual(waiting.waits_for.map(({ kind }) => kind).includes('limit'), true);
  assert.match(
    waiting.headline,
    /^Asks for a slot again in 30 s: the slot of the deployment "sales\/nightly" is taken: by /,
  );
  assert.equal((await held('work-queue', 'p/default')).status, 404, 'it is not limited');
  assert.equal((await held('tag', 'nowhere')).status, 404);
  assert.equal((await held('moon', 'x')).status, 422);
  await api.useCases.setTagLimit('db', 2);
  assert.deepEqual((await held('tag', 'db')).body, { what: 'tag', name: 'db', slots: 2, taken: 0, holders: [] });
});

test('a task run that waits for a tag names the limit, and who holds it', async (t) => {
  const { api, post, held } = openWorld(t);
  await api.useCases.setTagLimit('db', 1);
  const flow = await post('/flows/', { name: 'sales' });
  const flowRun = await post('/flow_runs/', { flow_id: flow.id, state: { type: 'RUNNING' } });
  const task = async (key: string) =>
    (await post('/task_runs/', { flow_run_id: flowRun.id, task_key: 't', dynamic_key: key, name: key, tags: ['db'] }))
      .id;
  const [first, second] = [await task('one'), await task('two')];
  const start = async (id: string) =>
    (await post(`/task_runs/${id}/set_state`, { state: { type: 'RUNNING' } }))['status'];
  assert.deepEqual([await start(first), await start(second)], ['ACCEPT', 'WAIT']);
  const why = (await api.get(`/task_runs/${second}/why`)).body as Why & { because: { fact: string }[] };
  assert.deepEqual(
    why.waits_for.map(({ kind, holders }) => [kind, holders.map(({ id, kind: of }) => [id, of])]),
    [['limit', [[first, 'task_run']]]],
  );
  assert.match(why.because.at(-1)?.fact ?? '', /^The slot of the tag "db" is taken: by "one" for 0/);
  assert.equal(((await held('tag', 'db')).body as { taken: number }).taken, 1);
  assert.deepEqual(((await api.get(`/task_runs/${first}/why`)).body as Why).waits_for, []);
});

test('a deployment cancels new runs, or lets them wait, as it says', async (t) => {
  const { api, deploy, run, move } = openWorld(t);
  const deployment = await deploy({ concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' } });
  const [first, second] = [await run(deployment), await run(deployment)];
  assert.equal(await move(first, 'PENDING'), 'ACCEPT');
  await move(second, 'PENDING');
  const state = async (id: string) =>
    ((await api.get(`/flow_runs/${id}`)).body as { state: { name: string } }).state.name;
  assert.equal(await state(second), 'Cancelled');
  await api.send('PATCH', `/deployments/${deployment}`, { concurrency_options: { collision_strategy: 'ENQUEUE' } });
  const third = await run(deployment);
  await move(third, 'PENDING');
  assert.equal(await state(third), 'AwaitingConcurrencySlot');
});
