/** What becomes of a crashed run, as its deployment says. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openApi } from './fixtures/api-under-test.ts';

type Fields = Record<string, unknown>;

async function openWorld(t: TestContext, onCrash: string | undefined) {
  const api = openApi();
  t.after(() => api.close());
  const post = async (path: string, body: unknown) => (await api.post(path, body)).body as Fields & { id: string };
  const flow = await post('/flows/', { name: 'sales' });
  const { id: deployment } = await post('/deployments/', {
    name: 'nightly',
    flow_id: flow.id,
    ...(onCrash === undefined ? {} : { on_crash: onCrash }),
  });
  const seen = new Set<string>();
  const runs = async () =>
    (await api.post('/flow_runs/filter', { sort: 'ID_DESC' })).body as (Fields & { id: string })[];
  return {
    api,
    deployment,
    runs,
    ask: async (parameters: Fields) =>
      (await post(`/deployments/${deployment}/create_flow_run`, { parameters, state: { type: 'SCHEDULED' } })).id,
    async crash(id: string, types = ['PENDING', 'RUNNING', 'CRASHED']): Promise<void> {
      for (const type of types) {
        const answer = await post(`/flow_runs/${id}/set_state`, { state: { type } });
        assert.equal(answer['status'], 'ACCEPT', `${type}: ${JSON.stringify(answer)}`);
      }
    },
    state: async (id: string) =>
      ((await api.get(`/flow_runs/${id}`)).body as { state: { type: string; name: string; message: string } }).state,
    why: async (id: string) => {
      const { body } = await api.get(`/flow_runs/${id}/why`);
      return body as { next: string; goes_on: { how: string; attempt: number; attempts_max: number } | null };
    },
    tick: (memory = seen) => api.useCases.continueCrashed(memory),
  };
}

test('resume: the same run is due again, when its worker had time to say how it ended; five attempts at most', async (t) => {
  const { api, ask, crash, state, tick, why } = await openWorld(t, 'resume');
  const id = await ask({});
  for (let attempt = 1; attempt < 5; attempt += 1) {
    await crash(id);
    assert.equal(await tick(), 0, 'not at once');
    const { goes_on: goesOn, next } = await why(id);
    assert.deepEqual([goesOn?.how, goesOn?.attempt, goesOn?.attempts_max], ['resume', attempt + 1, 5]);
    assert.match(next, /^It goes on by itself/);
    api.advance(4);
    assert.equal(await tick(), 1);
    const { type, name, message } = await state(id);
    assert.deepEqual([type, name], ['SCHEDULED', 'AwaitingRetry']);
    assert.match(message, new RegExp(`attempt ${attempt + 1} of 5`));
  }
  await crash(id);
  api.advance(4);
  assert.equal(await tick(), 0);
  assert.equal((await state(id)).type, 'CRASHED');
  assert.equal((await why(id)).goes_on, null);
});

test('resume: what crashes before its body begins is not tried for ever, either', async (t) => {
  const { api, ask, crash, state, tick } = await openWorld(t, 'resume');
  const id = await ask({});
  for (let crashes = 1; crashes < 5; crashes += 1) {
    await crash(id, ['PENDING', 'CRASHED']);
    api.advance(4);
    assert.equal(await tick(), 1);
  }
  await crash(id, ['PENDING', 'CRASHED']);
  api.advance(4);
  assert.equal(await tick(), 0);
  assert.equal((await state(id)).type, 'CRASHED');
});

test('retry: another run with the same parameters, once, whoever looks', async (t) => {
  const { api, ask, crash, runs, state, tick, why } = await openWorld(t, 'retry');
  let id = await ask({ customer: 'acme' });
  const first = id;
  for (let attempt = 2; attempt <= 5; attempt += 1) {
    await crash(id);
    assert.deepEqual((await why(id)).goes_on?.how, 'retry');
    api.advance(4);
    assert.equal(await tick(), 1);
    assert.match((await why(id)).next, /^Flow run ".+" was begun for it/);
    assert.equal(await tick(new Set()), 0, 'another server, or the same after its restart');
    const [newest] = await runs();
    assert.notEqual(newest?.id, id);
    assert.deepEqual(newest?.['parameters'], { customer: 'acme' });
    id = newest?.id ?? '';
  }
  await crash(id);
  api.advance(4);
  assert.equal(await tick(), 0, 'the fifth was the last');
  assert.equal((await runs()).length, 5);
  assert.equal((await state(first)).type, 'CRASHED');
});

test('leave, and nothing said: nothing', async (t) => {
  for (const word of ['leave', undefined]) {
    const { api, ask, crash, runs, tick, why, deployment } = await openWorld(t, word);
    const id = await ask({});
    await crash(id);
    assert.equal((await why(id)).goes_on, null);
    api.advance(10);
    assert.equal(await tick(), 0);
    assert.equal((await runs()).length, 1);
    assert.equal(((await api.get(`/deployments/${deployment}`)).body as Fields)['on_crash'], word);
  }
});

test('what crashed long ago is left', async (t) => {
  const { api, ask, crash, tick, why } = await openWorld(t, 'resume');
  const id = await ask({});
  await crash(id);
  api.advance(7200);
  assert.equal((await why(id)).goes_on, null);
  assert.equal(await tick(), 0);
});
