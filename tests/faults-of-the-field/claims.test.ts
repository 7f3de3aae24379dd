/** Faults of taking and losing runs that users of other orchestrators report, each by its report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from '../../src/api/fixtures/api-under-test.ts';
import type { FlowRunId, ProcessId } from '../../src/core/ids.ts';
import { markLateRuns } from '../../src/services/late-runs.ts';
import { seededRandom } from '../../src/platform/random.ts';
import { makeProcess } from '../conformance/samples.ts';

type Fields = Readonly<Record<string, unknown>>;

async function worker(api: ApiUnderTest): Promise<ProcessId> {
  const process = makeProcess({ heartbeatAt: api.now() });
  await api.storage.writeProcess(process);
  return process.id;
}

async function post(api: ApiUnderTest, path: string, body: unknown): Promise<Fields> {
  const answer = await api.post(path, body);
  assert.ok(answer.status < 300, `${path}: ${answer.text}`);
  return answer.body as Fields;
}

async function deploy(api: ApiUnderTest, fields: Fields = {}): Promise<string> {
  const flow = await post(api, '/flows/', { name: 'sales' });
  return String((await post(api, '/deployments/', { name: 'daily', flow_id: flow['id'], ...fields }))['id']);
}

async function run(api: ApiUnderTest, deployment: string): Promise<FlowRunId> {
  const made = await post(api, `/deployments/${deployment}/create_flow_run`, { state: { type: 'SCHEDULED' } });
  return made['id'] as FlowRunId;
}

const stateOf = async (api: ApiUnderTest, id: string): Promise<Fields> =>
  ((await api.get(`/flow_runs/${id}`)).body as { state: Fields }).state;

test('Prefect #8880, Airflow #57618, PostHog #35775: of ten that take one run at once, one gets it', () =>
  withApi({}, async (api) => {
    const id = await run(api, await deploy(api));
    const workers = await Promise.all(Array.from({ length: 10 }, () => worker(api)));
    const answers = await Promise.all(
      workers.map(async (processId) => await api.useCases.claimFlowRun({ id, processId })),
    );
    const taken = answers.flatMap(({ status }, index) => (status === 'accept' ? [workers[index]] : []));
    assert.equal(taken.length, 1);
    assert.equal((await api.useCases.readFlowRun(id))?.lease?.processId, taken[0]);
  }));

test('Prefect #12509: a second process for one run is refused at its start, also when the first has not begun', () =>
  withApi({}, async (api) => {
    const id = await run(api, await deploy(api));
    const [taker, first, second] = [await worker(api), await worker(api), await worker(api)];
    const handedOver = (await api.useCases.claimFlowRun({ id, processId: taker })).run.lease ?? undefined;
    const answers = await Promise.all(
      [first, second].map(async (processId) => await api.useCases.resumeFlowRun({ id, processId, handedOver })),
    );
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), ['abort', 'accept']);
    const refused = answers.find(({ status }) => status === 'abort');
    assert.match(refused !== undefined && 'reason' in refused ? refused.reason : '', /lost it/);
  }));

test('Airflow #59378, #23520: a server that is started again starts nothing again that is under way', () =>
  withApi({}, async (api) => {
    const deployment = await deploy(api, { work_queue_name: 'default' });
    const [pending, running] = [await run(api, deployment), await run(api, deployment)];
    const processId = await worker(api);
    for (const id of [pending, running]) {
      const { run: taken } = await api.useCases.claimFlowRun({ id, processId });
      if (id === pending) continue;
      const child = await worker(api);
      const lease = (await api.useCases.resumeFlowRun({ id, processId: child, handedOver: taken.lease ?? undefined }))
        .run.lease;
      await api.useCases.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: lease?.token });
    }
    // What a server does by itself when it begins, and again and again.
    for (let time = 0; time < 3; time += 1) {
      await api.useCases.reapLostRuns({ isThorough: true });
      await markLateRuns(api.useCases, api.now());
      const due = await post(api, '/work_pools/default-agent-pool/get_scheduled_flow_runs', {});
      assert.deepEqual(due, []);
    }
    assert.equal((await stateOf(api, pending))['type'], 'PENDING');
    assert.equal((await stateOf(api, running))['type'], 'RUNNING');
  }));

test('Airflow #48719: a healthy run is not turned back by somebody who thinks that it waits', () =>
  withApi({}, async (api) => {
    const id = await run(api, await deploy(api));
    const [taker, child] = [await worker(api), await worker(api)];
    const { run: taken } = await api.useCases.claimFlowRun({ id, processId: taker });
    const { run: mine } = await api.useCases.resumeFlowRun({
      id,
      processId: child,
      handedOver: taken.lease ?? undefined,
    });
    await api.useCases.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: mine.lease?.token });
    // Under the lease from which the process took it over: that of the worker, which knows no better.
    const stale = { id, state: { type: 'CRASHED', evidence: '' } as const, leaseToken: taken.lease?.token };
    await assert.rejects(async () => await api.useCases.setFlowRunState(stale), { code: 'lease-lost' });
    const pending = await post(api, `/flow_runs/${id}/set_state`, { state: { type: 'PENDING' } });
    assert.equal(pending['status'], 'ABORT');
    assert.equal((await stateOf(api, id))['type'], 'RUNNING');
  }));

test('Prefect #12116, PR #22316: what is late is said once, and never of a run that somebody has taken', () =>
  withApi({}, async (api) => {
    const deployment = await deploy(api);
    const [taken, left] = [await run(api, deployment), await run(api, deployment)];
    await api.useCases.claimFlowRun({ id: taken, processId: await worker(api) });
    for (let minutes = 0; minutes < 5; minutes += 1) {
      api.advance(60);
      await markLateRuns(api.useCases, api.now());
    }
    const names = async (id: string): Promise<readonly unknown[]> =>
      ((await api.get(`/flow_run_states/?flow_run_id=${id}`)).body as readonly Fields[]).map(({ name }) => name);
    assert.deepEqual(await names(left), ['Scheduled', 'Late']);
    assert.deepEqual(await names(taken), ['Scheduled', 'Pending']);
  }));

test('Trigger.dev #2066: what is deployed again leaves a queue paused that somebody has paused', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { work_queue_name: 'reports' });
    await api.send('PATCH', '/work_pools/default-agent-pool/queues/reports', { is_paused: true });
    assert.equal(await deploy(api, { work_queue_name: 'reports', tags: ['again'] }), id);
    const after = (await api.get('/work_pools/default-agent-pool/queues/reports')).body as Fields;
    assert.equal(after['is_paused'], true);
  }));

/** A hundred queues, each of its priority and limit; runs that end in a drawn order; two workers that ask at once. */
test('Prefect #14950, Inngest #446: a hundred queues of one pool keep their order and their limits', () =>
  withApi({}, async (api) => {
    const random = seededRandom(20_261_130);
    const [limit, queues, each] = [9, 100, 2];
    await post(api, '/work_pools/', { name: 'p', type: 'process', concurrency_limit: limit });
    const flow = await post(api, '/flows/', { name: 'sales' });
    const priorityOf = new Map<string, number>();
    const queueOf = new Map<string, number>();
    const limitOf = (index: number): number => 1 + (index % 2);
    for (let index = 0; index < queues; index += 1) {
      const asked = { name: `q${index}`, priority: ((index * 37) % queues) + 1, concurrency_limit: limitOf(index) };
      await post(api, '/work_pools/p/queues', asked);
      for (let time = 0; time < each; time += 1) {
        const body = { flow_id: flow['id'], work_pool_name: 'p', work_queue_name: `q${index}` };
        const made = await post(api, '/flow_runs/', { ...body, state: { type: 'SCHEDULED' } });
        queueOf.set(String(made['id']), index);
      }
    }
    // As the server has them: two of one priority may have been moved apart.
    const listed = (await api.post('/work_pools/p/queues/filter', { limit: 200 })).body as readonly Fields[];
    for (const { name, priority } of listed) priorityOf.set(String(name), Number(priority));
    const rank = (id: string): number => priorityOf.get(`q${queueOf.get(id)}`) ?? 0;

    const active = new Set<FlowRunId>();
    const waiting = new Set(queueOf.keys());
    const inQueue = (index: number): number => [...active].filter((id) => queueOf.get(id) === index).length;
    const hasRoom = (id: string): boolean => inQueue(queueOf.get(id) ?? 0) < limitOf(queueOf.get(id) ?? 0);
    const workers = [await worker(api), await worker(api)];
    for (let round = 0; waiting.size > 0 || active.size > 0; round += 1) {
      assert.ok(round < 1000, 'it comes to an end');
      const { given } = await api.useCases.takeDueRuns({
        poolName: 'p',
        queueNames: [],
        before: api.now(),
        after: null,
        limit: 5,
      });
      const ids = given.map(({ run: { id } }) => id);
      assert.deepEqual(
        ids.map(rank),
        ids.map(rank).toSorted((a, b) => a - b),
        'the first are the first',
      );
      const best = Math.min(...[...waiting].filter(hasRoom).map(rank));
      if (active.size < limit && waiting.size > 0) assert.equal(rank(String(ids[0])), best, 'none is passed over');
      const claims = ids.flatMap((id) =>
        workers.map(async (processId) => await api.useCases.claimFlowRun({ id, processId })),
      );
      for (const { status, run: taken } of await Promise.all(claims)) {
        if (status !== 'accept') continue;
        assert.ok(waiting.delete(taken.id), 'once each');
        active.add(taken.id);
        assert.ok(inQueue(queueOf.get(taken.id) ?? 0) <= limitOf(queueOf.get(taken.id) ?? 0), 'of its queue');
      }
      assert.ok(active.size <= limit, `${active.size} of ${limit}`);
      for (const id of active) {
        if (random() < 0.5) continue;
        await post(api, `/flow_runs/${id}/set_state`, { state: { type: 'COMPLETED' }, force: true });
        active.delete(id);
      }
    }
    const { holders } = await post(api, '/ostinato/limits/holders', { what: 'work-pool', name: 'p' });
    assert.deepEqual(holders, []);
  }));
