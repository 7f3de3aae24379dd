import assert from 'node:assert/strict';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { WorkQueueId } from '../../src/core/ids.ts';
import { allOf, type Condition } from '../../src/core/query.ts';
import { saidPriority } from '../../src/core/run-priority.ts';
import type { Instant } from '../../src/core/time.ts';
import { queueOfRun, type WorkPool, type WorkQueue } from '../../src/core/work-pool.ts';
import type { Storage } from '../../src/store/port.ts';
import {
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeState,
  makeSubmission,
  makeWorker,
  makeWorkPool,
  makeWorkQueue,
  newId,
  newInstant,
} from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

async function open(storage: Storage, name = 'pool') {
  const pool = makeWorkPool(name, { baseJobTemplate: '{"x":1.0}' });
  const first = makeWorkQueue(pool, 'default', { id: pool.defaultQueueId });
  const second = makeWorkQueue(pool, 'urgent', { priority: 2, filter: '{"tags":["a"]}' });
  const event = makeEvent({ name: 'made' });
  await storage.changeWorkPool({ name }, (facts) => {
    assert.equal(facts, null);
    return { pool, queues: [second, first], events: [event], answer: null };
  });
  return { pool, first, second };
}

async function runIn(storage: Storage, pool: WorkPool, queue: WorkQueue): Promise<FlowRun> {
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const run = makeFlowRun(flow, { runner: 'worker', submission: makeSubmission(queueOfRun(pool, queue)) });
  await storage.insertFlowRun(run, []);
  return run;
}

const START = 1_790_000_000_000_000;
const NEWEST = { sort: [], limit: 100, offset: 0 } as const;

export const workPoolTests: StorageTests = {
  'work pools are made with their queues, and found by name, id and queue': async (storage) => {
    const { pool, first, second } = await open(storage);
    const facts = { pool, queues: [first, second], hasOnlineWorker: false };
    for (const key of [{ name: 'pool' }, { id: pool.id }, { queueId: second.id }])
      assert.deepEqual(await storage.readWorkPool(key), facts);
    for (const key of [{ name: 'other' }, { id: newId<typeof pool.id>() }, { queueId: newId<WorkQueueId>() }])
      assert.equal(await storage.readWorkPool(key), null);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['made'],
    );
  },

  'work pools and queues are changed in one transaction': async (storage) => {
    const { pool, first, second } = await open(storage);
    const changed = { ...pool, isPaused: true, concurrencyLimit: 3, description: 'ä', updatedAt: newInstant() };
    const [firstNow, secondNow] = [
      { ...first, priority: 2, lastPolled: newInstant(), status: 'READY' as const },
      { ...second, priority: 1, concurrencyLimit: 0, filter: null },
    ];
    const change = () => ({ pool: changed, queues: [firstNow, secondNow], answer: 'done' });
    assert.equal(await storage.changeWorkPool({ id: pool.id }, change), 'done');
    const expected = { pool: changed, queues: [secondNow, firstNow], hasOnlineWorker: false };
    assert.deepEqual(await storage.readWorkPool({ name: 'pool' }), expected);
    await assert.rejects(
      async () =>
        await storage.changeWorkPool({ id: pool.id }, () => {
          throw new RangeError('no');
        }),
      RangeError,
    );
    await assert.rejects(
      async () =>
        await storage.changeWorkPool({ id: pool.id }, () => ({
          pool: { ...changed, isPaused: false },
          queues: [makeWorkQueue(pool, 'default')],
          answer: null,
        })),
      { code: 'conflict' },
    );
    assert.deepEqual(await storage.readWorkPool({ name: 'pool' }), expected, 'nothing of it is left');
  },

  'names of pools are unique, and names of queues in their pool': async (storage) => {
    const { pool } = await open(storage);
    await open(storage, 'other');
    await assert.rejects(
      async () => await storage.changeWorkPool({ name: 'new' }, () => ({ pool: makeWorkPool('pool'), answer: null })),
      { code: 'conflict' },
    );
    assert.equal((await storage.readWorkPool({ name: 'pool' }))?.pool.id, pool.id);
    assert.equal(await storage.count('work_queue', { op: 'eq', field: 'name', value: 'default' }), 2);
  },

  'runs of a queue that is deleted have none, and remember its name': async (storage) => {
    const { pool, first, second } = await open(storage);
    const [kept, lost] = [await runIn(storage, pool, first), await runIn(storage, pool, second)];
    assert.deepEqual(await storage.readFlowRun(lost.id), lost);
    const all = async () => storage.find('flow_run', { where: { op: 'and', of: [] }, ...NEWEST });
    assert.deepEqual(await all(), [lost, kept], 'read before, and remembered');
    await storage.changeWorkPool({ id: pool.id }, () => ({ deletedQueues: [second.id], answer: null }));
    const without = { ...lost, submission: makeSubmission({ workQueueName: 'urgent' }) };
    assert.deepEqual(await storage.readFlowRun(lost.id), without);
    assert.deepEqual(await all(), [without, kept]);
    assert.deepEqual((await storage.readWorkPool({ id: pool.id }))?.queues, [first]);
    await storage.changeWorkPool({ id: pool.id }, () => ({ pool: null, answer: null }));
    assert.equal(await storage.readWorkPool({ id: pool.id }), null);
    assert.equal((await storage.readFlowRun(kept.id))?.submission?.workPoolId, null);
    assert.equal(await storage.count('work_queue', { op: 'and', of: [] }), 0);
  },

  'priorities of runs are kept, changed, and order what is due': async (storage) => {
    const { pool, first } = await open(storage);
    const [flow, queue] = [await storage.ensureFlow('sales', () => makeFlow('sales')), queueOfRun(pool, first)];
    const made = async (minutes: number, priority?: number): Promise<FlowRun> => {
      const state = makeState({ type: 'SCHEDULED', scheduledTime: (START + minutes * 60_000_000) as Instant });
      const submission = { ...makeSubmission(queue), ...saidPriority(priority) };
      const run = makeFlowRun(flow, { runner: 'worker', state, submission });
      await storage.insertFlowRun(run, []);
      return run;
    };
    const [plain, zero] = [await made(2), await made(1, 0)];
    const [late, soon, last] = [await made(3, -7), await made(4, -7), await made(0, 9)];
    assert.equal(zero.submission?.priority, undefined);
    for (const run of [plain, zero, late, last]) assert.deepEqual(await storage.readFlowRun(run.id), run);
    const found = async (where: Condition): Promise<readonly string[]> => {
      const sort = ['priority', 'nextScheduledStartTime'].map((field) => ({ field, direction: 'asc' }) as const);
      const all = allOf([{ op: 'eq', field: 'workQueueId', value: first.id }, where]);
      return (await storage.find('flow_run', { where: all, sort, limit: 10, offset: 0 })).map(({ id }) => id);
    };
    assert.deepEqual(await found({ op: 'lt', field: 'priority', value: 0 }), [late.id, soon.id]);
    assert.deepEqual(await found({ op: 'isNull', field: 'priority', isNull: true }), [zero.id, plain.id]);
    const submission = { ...makeSubmission(queue), priority: -8 };
    await storage.changeFlowRun(last.id, {}, () => ({ run: { ...last, submission }, answer: null }));
    assert.deepEqual(await found({ op: 'lt', field: 'priority', value: 0 }), [last.id, late.id, soon.id]);
    const { priority: _, ...without } = submission;
    await storage.changeFlowRun(last.id, {}, () => ({ run: { ...last, submission: without }, answer: null }));
    assert.deepEqual(await storage.readFlowRun(last.id), { ...last, submission: without });
    assert.deepEqual(await found({ op: 'isNull', field: 'priority', isNull: true }), [last.id, zero.id, plain.id]);
  },

  'workers are noted, found, and deleted with their pool': async (storage) => {
    const { pool } = await open(storage);
    const worker = makeWorker(pool, 'w');
    assert.equal(
      await storage.changeWorker({ pool: { name: 'nowhere' }, name: 'w' }, (facts) => ({ answer: facts })),
      null,
    );
    const event = makeEvent({ name: 'ready' });
    const ready = { ...pool, status: 'READY' as const };
    await storage.changeWorker({ pool: { name: 'pool' }, name: 'w' }, (facts) => {
      assert.deepEqual(facts, { pool, worker: null });
      return { worker, pool: ready, events: [event], answer: null };
    });
    assert.equal((await storage.readWorkPool({ id: pool.id }))?.hasOnlineWorker, true);
    const online = { op: 'eq', field: 'status', value: 'ONLINE' } as const;
    assert.deepEqual(await storage.find('worker', { where: online, ...NEWEST }), [worker]);
    const gone = { ...worker, status: 'OFFLINE' as const, heartbeatIntervalSeconds: null };
    await storage.changeWorker({ pool: { id: pool.id }, name: 'w' }, (facts) => {
      assert.deepEqual(facts, { pool: ready, worker });
      return { worker: gone, answer: null };
    });
    assert.equal((await storage.readWorkPool({ id: pool.id }))?.hasOnlineWorker, false);
    assert.equal(await storage.count('worker', online), 0);
    await storage.changeWorker({ pool: { id: pool.id }, name: 'w' }, () => ({ worker: null, answer: null }));
    assert.equal(await storage.count('worker', { op: 'and', of: [] }), 0);
    await storage.changeWorker({ pool: { id: pool.id }, name: 'w' }, () => ({ worker, answer: null }));
    await storage.changeWorkPool({ id: pool.id }, () => ({ pool: null, answer: null }));
    assert.equal(await storage.count('worker', { op: 'and', of: [] }), 0);
  },
};
