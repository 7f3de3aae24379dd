/** Faults of slots that users of other orchestrators report: each by what happened there. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { openApi } from '../../src/api/fixtures/api-under-test.ts';
import { POOL_LEASE_SECONDS } from '../../src/core/concurrency/pool-slots.ts';
import type { StoredEvent } from '../../src/core/event.ts';

type Fields = Record<string, unknown>;

/** A pool of one slot, and a worker of Prefect's that says which runs it starts. */
async function openWorld(t: TestContext) {
  const api = openApi();
  t.after(() => api.close());
  const post = async (path: string, body: unknown) => (await api.post(path, body)).body as Fields & { id: string };
  await post('/work_pools/', { name: 'p', type: 'kubernetes', concurrency_limit: 1 });
  const flow = await post('/flows/', { name: 'sales' });
  const move = async (id: string, type: string, force = false) =>
    (await post(`/flow_runs/${id}/set_state`, { state: { type }, force }))['status'] as string;
  return {
    api,
    move,
    run: async () =>
      (await post('/flow_runs/', { flow_id: flow.id, work_pool_name: 'p', state: { type: 'SCHEDULED' } })).id,
    beat: () => api.post('/work_pools/p/workers/heartbeat', { name: 'w', heartbeat_interval_seconds: 30 }),
    /** As its worker does it. */
    async submit(id: string): Promise<string> {
      const status = await move(id, 'PENDING');
      await api.send('PATCH', `/flow_runs/${id}/labels`, { 'prefect.worker.name': 'w' });
      return status;
    },
    /** What the services of a server do, after so many seconds. */
    async pass(seconds: number): Promise<void> {
      api.advance(seconds);
      await api.useCases.markUnready(api.now());
      while ((await api.useCases.releaseExpiredLeases()) > 0);
    },
    holders: async () =>
      (
        (await api.post('/ostinato/limits/holders', { what: 'work-pool', name: 'p' })).body as { holders: Fields[] }
      ).holders.map(({ id }) => id),
    expired: async (): Promise<readonly Fields[]> =>
      ((await api.storage.readEvents({ afterSeq: 0, limit: 1000 })) as readonly StoredEvent[])
        .filter(({ name }) => name === 'ostinato.concurrency-lease.expired')
        .map(({ payload }) => JSON.parse(payload ?? '{}') as Fields),
  };
}

test('cancelled runs deadlocked their pool: here they give their slot back (Dagster 28456, 32560)', async (t) => {
  const { run, submit, move, holders } = await openWorld(t);
  for (const how of ['while it is started', 'while it runs']) {
    const id = await run();
    assert.equal(await submit(id), 'ACCEPT', how);
    if (how === 'while it runs') await move(id, 'RUNNING');
    await move(id, 'CANCELLING');
    await move(id, 'CANCELLED', true);
    assert.deepEqual(await holders(), [], how);
  }
});

test('a lease expired while a pod was provisioned, and the limit was exceeded (Prefect 19840)', async (t) => {
  const { run, submit, move, beat, pass, holders } = await openWorld(t);
  await beat();
  const [slow, next] = [await run(), await run()];
  assert.equal(await submit(slow), 'ACCEPT');
  for (let minutes = 0; minutes < 60; minutes += 1) {
    await beat();
    await pass(60);
  }
  assert.deepEqual(await holders(), [slow], 'its worker is there');
  assert.equal(await submit(next), 'ABORT');
  assert.equal(await move(slow, 'RUNNING'), 'ACCEPT');
  assert.deepEqual(await holders(), [slow]);
});

test('a run stuck in Pending held the only slot for ever (Prefect 17415, infrahub 9856)', async (t) => {
  const { run, submit, beat, pass, holders, expired } = await openWorld(t);
  await beat();
  const [stuck, next] = [await run(), await run()];
  assert.equal(await submit(stuck), 'ACCEPT');
  assert.equal(await submit(next), 'ABORT');
  // Its worker is gone.
  await pass(POOL_LEASE_SECONDS + 1);
  assert.deepEqual(await holders(), []);
  const [told, ...others] = await expired();
  assert.deepEqual([(told?.['holder'] as Fields | undefined)?.['id'], others], [stuck, []]);
  assert.match(String(told?.['evidence']), /^Worker "w", which was to start it, was last heard at /);
  assert.equal(await submit(next), 'ACCEPT');
});

test('a lease that was lost killed healthy runs (Prefect 18839, 21925): here the run waits for a slot', async (t) => {
  const { api, run, submit, move, pass, holders } = await openWorld(t);
  const [slow, next] = [await run(), await run()];
  await submit(slow);
  await pass(POOL_LEASE_SECONDS + 1);
  assert.equal(await submit(next), 'ACCEPT');
  assert.equal(await move(slow, 'RUNNING'), 'WAIT');
  const { state } = (await api.get(`/flow_runs/${slow}`)).body as { state: { type: string } };
  assert.equal(state.type, 'PENDING');
  await move(next, 'RUNNING');
  await move(next, 'COMPLETED');
  assert.equal(await move(slow, 'RUNNING'), 'ACCEPT');
  assert.deepEqual(await holders(), [slow]);
});

test('a running body that answers nobody keeps its slot: only its end gives it back (Prefect 21925)', async (t) => {
  const { run, submit, move, pass, holders } = await openWorld(t);
  const id = await run();
  await submit(id);
  await move(id, 'RUNNING');
  await pass(20 * POOL_LEASE_SECONDS);
  assert.deepEqual(await holders(), [id]);
  await move(id, 'FAILED');
  assert.deepEqual(await holders(), []);
});
