/** The slots of work pools and queues are leases: taken, kept and given back in the transaction that moves the run. */
import assert from 'node:assert/strict';
import { POOL_LEASE_SECONDS } from '../../src/core/concurrency/pool-slots.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { ProposedState } from '../../src/core/state.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import { queueOfRun, type WorkPool, type WorkQueue } from '../../src/core/work-pool.ts';
import { createUseCases, type UseCases } from '../../src/orchestrator/use-cases.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import type { Storage } from '../../src/store/port.ts';
import {
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeProcess,
  makeState,
  makeSubmission,
  makeWorkPool,
  makeWorkQueue,
  newInstant,
} from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

interface Scene {
  readonly pool: WorkPool;
  readonly queue: WorkQueue;
  readonly cases: UseCases;
  /** Moves the clock of the cases. */
  advance(seconds: number): void;
  isAlive: boolean;
}

async function openScene(
  storage: Storage,
  limits: { readonly pool?: number; readonly queue?: number },
): Promise<Scene> {
  let ahead = 0;
  const scene = { isAlive: true, advance: (seconds: number) => void (ahead += seconds) };
  const now = (): Instant => addSeconds(newInstant(), ahead);
  const cases = createUseCases({
    storage,
    clock: { now },
    ids: createIdSource(),
    random: () => 0.5,
    liveness: () =>
      scene.isAlive ? { alive: true, evidence: 'It answers.' } : { alive: false, evidence: 'It is gone.' },
  });
  const pool = makeWorkPool('p', { concurrencyLimit: limits.pool ?? null });
  const queue = makeWorkQueue(pool, 'default', { id: pool.defaultQueueId, concurrencyLimit: limits.queue ?? null });
  await storage.changeWorkPool({ name: 'p' }, () => ({ pool, queues: [queue], answer: null }));
  return Object.assign(scene, { pool, queue, cases });
}

async function schedule(storage: Storage, { pool, queue }: Scene, fields: Partial<FlowRun> = {}): Promise<FlowRun> {
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const now = newInstant();
  const run = makeFlowRun(flow, {
    runner: 'worker',
    lease: null,
    submission: makeSubmission({ deploymentId: null, ...queueOfRun(pool, queue) }),
    state: makeState({ type: 'SCHEDULED', scheduledTime: now }, now),
    ...fields,
  });
  await storage.insertFlowRun(run, []);
  return run;
}

const PENDING: ProposedState = { type: 'PENDING' };
const RUNNING: ProposedState = { type: 'RUNNING' };
const COMPLETED: ProposedState = { type: 'COMPLETED', data: null };

const move = async ({ cases }: Scene, { id }: Pick<FlowRun, 'id'>, state: ProposedState, force = false) =>
  (await cases.setFlowRunState({ id, state, force })).status;

/** Who holds the slots, and how many are counted of the pool and of the queue. */
async function held(storage: Storage, { pool, queue }: Scene) {
  const { leases } = await storage.readSlots({ leasesOn: [pool.id, queue.id] });
  const counts = await storage.countLeases([pool.id, queue.id]);
  assert.deepEqual([counts.get(pool.id) ?? 0, counts.get(queue.id) ?? 0], [leases.length, leases.length]);
  return leases.map(({ holder }) => holder?.id);
}

export const poolSlotTests: StorageTests = {
  'a slot of a pool is taken with PENDING, kept while the run runs, and given back with its end': async (storage) => {
    const scene = await openScene(storage, { pool: 1 });
    const [first, second] = [await schedule(storage, scene), await schedule(storage, scene)];
    assert.equal(await move(scene, first, PENDING), 'accept');
    assert.deepEqual(await held(storage, scene), [first.id]);
    const refused = await scene.cases.setFlowRunState({ id: second.id, state: PENDING });
    assert.deepEqual(
      [refused.status, 'reason' in refused && refused.reason],
      ['abort', 'All slots (1) of the work pool "p" are taken.'],
    );
    assert.equal((await storage.readFlowRun(second.id))?.state.id, second.state.id, 'it stays due');
    assert.equal(await move(scene, first, { type: 'PENDING', name: 'Submitting' }), 'accept');
    assert.equal(await move(scene, first, RUNNING), 'accept');
    assert.deepEqual(await held(storage, scene), [first.id]);
    assert.equal(await move(scene, first, COMPLETED), 'accept');
    assert.deepEqual(await held(storage, scene), []);
    assert.equal(await move(scene, second, PENDING), 'accept');
  },

  'of workers that take runs of a queue at once only as many get one as it has slots': async (storage, underTest) => {
    const scene = await openScene(storage, { queue: 2 });
    const other = (await underTest.openSecond?.()) ?? storage;
    const there = createUseCases({
      storage: other,
      clock: { now: newInstant },
      ids: createIdSource(),
      random: () => 0.5,
      liveness: () => ({ alive: true, evidence: 'It answers.' }),
    });
    const process = makeProcess();
    await storage.writeProcess(process);
    const runs: FlowRun[] = [];
    for (let index = 0; index < 8; index += 1) runs.push(await schedule(storage, scene));
    const answers = await Promise.all(
      runs.map(async ({ id }, index) =>
        index % 2 === 0
          ? (await scene.cases.claimFlowRun({ id, processId: process.id })).status
          : (await there.setFlowRunState({ id, state: PENDING })).status,
      ),
    );
    assert.equal(answers.filter((status) => status === 'accept').length, 2);
    const taken = runs.flatMap(({ id }, index) => (answers[index] === 'accept' ? [id] : []));
    assert.deepEqual(new Set(await held(storage, scene)), new Set<string | undefined>(taken));
  },

  'a run that awaits its next attempt in its process, or is paused there, keeps its slot': async (storage) => {
    const scene = await openScene(storage, { pool: 1 });
    const run = await schedule(storage, scene, {
      policy: { retries: 1, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
    });
    await move(scene, run, PENDING);
    await move(scene, run, RUNNING);
    assert.equal(await move(scene, run, { type: 'FAILED', failure: null }), 'reject');
    assert.equal((await storage.readFlowRun(run.id))?.state.name, 'AwaitingRetry');
    assert.deepEqual(await held(storage, scene), [run.id]);
    assert.equal(await move(scene, run, RUNNING), 'accept');
    assert.equal(await move(scene, run, { type: 'PAUSED', details: { pauseKey: 'a' } }), 'accept');
    assert.deepEqual(await held(storage, scene), [run.id]);
    assert.equal(await move(scene, run, RUNNING), 'accept');
    assert.equal(await move(scene, run, { type: 'CANCELLING' }, true), 'accept');
    assert.deepEqual(await held(storage, scene), [run.id], 'what is being cancelled runs');
    assert.equal(await move(scene, run, { type: 'CANCELLED' }, true), 'accept');
    assert.deepEqual(await held(storage, scene), []);
  },

  'a run that is suspended, or goes back to its queue, gives its slot back, and takes one again': async (storage) => {
    const scene = await openScene(storage, { pool: 1 });
    const [run, other] = [await schedule(storage, scene), await schedule(storage, scene)];
    await move(scene, run, PENDING);
    await move(scene, run, RUNNING);
    const suspended = { type: 'PAUSED', name: 'Suspended', details: { pauseReschedule: true } } as const;
    assert.equal(await move(scene, run, suspended, true), 'accept');
    assert.deepEqual(await held(storage, scene), []);
    assert.equal(await move(scene, other, PENDING), 'accept');
    assert.equal(await move(scene, run, { type: 'SCHEDULED', scheduledTime: newInstant() }, true), 'accept');
    assert.equal(await move(scene, run, PENDING), 'abort');
    assert.equal(await move(scene, other, { type: 'SCHEDULED', scheduledTime: newInstant() }, true), 'accept');
    assert.equal(await move(scene, run, PENDING), 'accept');
    assert.deepEqual(await held(storage, scene), [run.id]);
  },

  'a lease that is over is renewed for a holder that is there, and ended with evidence for one that is not': async (
    storage,
  ) => {
    const scene = await openScene(storage, { pool: 2 });
    const process = makeProcess();
    await storage.writeProcess(process);
    const [watched, forgotten] = [await schedule(storage, scene), await schedule(storage, scene)];
    assert.equal((await scene.cases.claimFlowRun({ id: watched.id, processId: process.id })).status, 'accept');
    assert.equal(await move(scene, forgotten, PENDING), 'accept');
    const before = (await storage.readEvents({ afterSeq: 0, limit: 100 })).length;
    scene.advance(POOL_LEASE_SECONDS + 1);
    assert.equal(await scene.cases.releaseExpiredLeases(), 2);
    assert.equal(await scene.cases.releaseExpiredLeases(), 0);
    assert.deepEqual(await held(storage, scene), [watched.id]);
    const [event, ...others] = (await storage.readEvents({ afterSeq: 0, limit: 100 })).slice(before);
    assert.deepEqual([event?.name, others], ['ostinato.concurrency-lease.expired', []]);
    const told = JSON.parse(event?.payload ?? '{}') as { evidence: string; holder: { id: string; name: string } };
    assert.equal(told.evidence, 'No worker has said that it starts its run.');
    assert.deepEqual([told.holder.id, told.holder.name], [forgotten.id, forgotten.name]);
    scene.isAlive = false;
    scene.advance(POOL_LEASE_SECONDS + 1);
    assert.equal(await scene.cases.releaseExpiredLeases(), 1);
    assert.deepEqual(await held(storage, scene), []);
  },

  'a run that lost its slot while it was started takes another one at RUNNING, or waits for it': async (storage) => {
    const scene = await openScene(storage, { pool: 1 });
    const [slow, quick] = [await schedule(storage, scene), await schedule(storage, scene)];
    await move(scene, slow, PENDING);
    scene.advance(POOL_LEASE_SECONDS + 1);
    await scene.cases.releaseExpiredLeases();
    assert.equal(await move(scene, quick, PENDING), 'accept');
    assert.equal(await move(scene, slow, RUNNING), 'wait');
    assert.equal(await move(scene, quick, { type: 'CRASHED', failure: null }, true), 'accept');
    assert.equal(await move(scene, slow, RUNNING), 'accept');
    assert.deepEqual(await held(storage, scene), [slow.id]);
  },

  'a limit that is set later counts what is under way; what is deleted holds nothing': async (storage) => {
    const scene = await openScene(storage, {});
    const [first, second, third] = [
      await schedule(storage, scene),
      await schedule(storage, scene),
      await schedule(storage, scene),
    ];
    await move(scene, first, PENDING);
    await move(scene, second, PENDING);
    await scene.cases.updateWorkPool('p', { concurrencyLimit: 2 });
    assert.equal(await move(scene, third, PENDING), 'abort');
    await storage.deleteFlowRun(first.id, makeEvent());
    assert.equal(await move(scene, third, PENDING), 'accept');
    await storage.changeWorkPool({ name: 'p' }, () => ({ pool: null, answer: null }));
    assert.equal((await storage.countLeases([scene.pool.id, scene.queue.id])).size, 0);
    assert.equal(await move(scene, third, RUNNING), 'accept', 'nothing limits it any more');
  },
};
