/** The slots of a deployment are decided, taken and given back in the transaction that moves the run. */
import assert from 'node:assert/strict';
import { KEY_LABEL, keyedLimitName } from '../../src/core/concurrency/concurrency-key.ts';
import { deploymentLimitName } from '../../src/core/concurrency/deployment-slots.ts';
import type { ConcurrencyLimit } from '../../src/core/concurrency/limit.ts';
import type { Flow, FlowRun } from '../../src/core/flow-run.ts';
import type { DeploymentId } from '../../src/core/ids.ts';
import type { ProposedState } from '../../src/core/state.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
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
  newId,
  newInstant,
} from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const CLIENT = { version: '3.8.8' };

interface Scene {
  readonly flow: Flow;
  readonly limit: ConcurrencyLimit;
  readonly deploymentId: DeploymentId;
}

async function openScene(storage: Storage, slots: number): Promise<Scene> {
  const deploymentId = newId<DeploymentId>();
  const now = newInstant();
  const limit: ConcurrencyLimit = {
    id: newId(),
    name: deploymentLimitName(deploymentId),
    limit: slots,
    active: true,
    activeSlots: 0,
    deniedSlots: 0,
    slotDecayPerSecond: 0,
    avgSlotOccupancySeconds: 2,
    slotsAt: now,
    createdAt: now,
    updatedAt: now,
  };
  await storage.changeSlots({}, () => ({ limits: [limit], answer: null }));
  return { flow: await storage.ensureFlow('sales', () => makeFlow('sales')), limit, deploymentId };
}

async function schedule(storage: Storage, { flow, deploymentId }: Scene, key?: string): Promise<FlowRun> {
  const now = newInstant();
  const run = makeFlowRun(flow, {
    runner: 'worker',
    ...(key === undefined ? {} : { labels: { [KEY_LABEL]: key } }),
    submission: makeSubmission({ deploymentId }),
    state: makeState({ type: 'SCHEDULED', scheduledTime: now }, now),
  });
  await storage.insertFlowRun(run, []);
  return run;
}

/** What is there to be taken, and who has it. */
async function held(storage: Storage, { limit }: Scene): Promise<readonly [slots: number | undefined, string[]]> {
  const { limits, leases } = await storage.readSlots({ names: [limit.name], withLeases: true });
  return [limits[0]?.activeSlots, leases.map(({ holder }) => holder?.id ?? '').sort()];
}

function casesOn(storage: Storage, isAlive = true): UseCases {
  return createUseCases({
    storage,
    clock: { now: newInstant },
    ids: createIdSource(),
    random: () => 0.5,
    liveness: () => (isAlive ? { alive: true, evidence: 'It answers.' } : { alive: false, evidence: 'It is gone.' }),
  });
}

async function move(cases: UseCases, { id }: FlowRun, state: ProposedState, client?: typeof CLIENT): Promise<FlowRun> {
  return (await cases.setFlowRunState({ id, state, client })).run;
}

export const deploymentSlotTests: StorageTests = {
  'slots of a deployment are read for its runs only, and only when they are named': async (storage) => {
    const scene = await openScene(storage, 2);
    const run = await schedule(storage, scene);
    const named = await storage.changeFlowRun(run.id, { deploymentSlots: true }, (_, context) => ({ answer: context }));
    assert.deepEqual(named, { deploymentSlots: { limit: scene.limit, leases: [] } });
    const both = await storage.changeFlowRun(
      run.id,
      ({ runner }) => (runner === 'worker' ? ({ flow: true, deploymentSlots: true } as const) : {}),
      (_, context) => ({ answer: Object.keys(context).sort() }),
    );
    assert.deepEqual(both, ['deploymentSlots', 'flow']);
    assert.deepEqual(await storage.changeFlowRun(run.id, {}, (_, context) => ({ answer: context })), {});
    const other = makeFlowRun(scene.flow);
    await storage.insertFlowRun(other, []);
    const ofNone = await storage.changeFlowRun(other.id, { deploymentSlots: true }, (_, context) => ({
      answer: context,
    }));
    assert.deepEqual(ofNone, { deploymentSlots: null });
    assert.deepEqual(
      await storage.changeFlowRun(newId(), { flow: true }, (found, { flow }) => ({ answer: [found, flow] })),
      [null, null],
    );
  },

  'runs of one key share the slots, those of others have theirs, also when all ask at once': async (
    first,
    { openSecond },
  ) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const cases = storages.map((storage) => casesOn(storage));
    const scene = await openScene(first, 2);
    const keys = ['acme', 'beta', 'acme', 'acme', 'beta', 'acme'];
    const runs: FlowRun[] = [];
    for (const key of keys) runs.push(await schedule(first, scene, key));
    const moved = await Promise.all(
      runs.map((run, index) => move(cases[index % cases.length] as UseCases, run, { type: 'PENDING' }, CLIENT)),
    );
    const under = (key: string) => moved.filter((run, index) => keys[index] === key && run.state.type === 'PENDING');
    assert.deepEqual([under('acme').length, under('beta').length], [2, 2]);
    assert.deepEqual(await held(first, scene), [0, []], 'they hold nothing that runs without a key would need');
    const names = ['acme', 'beta'].map((key) => keyedLimitName(scene.deploymentId, key));
    const there = async () => (await first.readSlots({ names })).limits.map(({ activeSlots }) => activeSlots);
    assert.deepEqual(await there(), [2, 2]);
    const [use] = cases as [UseCases];
    for (const run of under('acme')) await move(use, run, { type: 'CANCELLED' }, CLIENT);
    assert.deepEqual(await there(), [2], 'a limit goes with its last slot');
    const waits = moved.find((run, index) => keys[index] === 'acme' && run.state.type !== 'PENDING') as FlowRun;
    assert.equal((await move(use, waits, { type: 'PENDING' }, CLIENT)).state.type, 'PENDING');
    for (const run of [waits, ...under('beta')]) await first.deleteFlowRun(run.id, makeEvent());
    assert.deepEqual(
      (await first.readSlots({ names })).limits.map(({ activeSlots }) => activeSlots),
      [0, 0],
    );
  },

  "of a state more can be said: it keeps its id and time, and is nobody else's": async (storage) => {
    const scene = await openScene(storage, 1);
    const [run, other] = [await schedule(storage, scene), await schedule(storage, scene)];
    const state = makeState({ type: 'CRASHED', message: 'gone', evidence: 'no such pid' });
    await storage.changeFlowRun(run.id, {}, (found) => ({
      run: { ...(found as FlowRun), state },
      states: [state],
      answer: null,
    }));
    const said = { ...state, message: 'killed', evidence: 'SIGKILL. no such pid' };
    await storage.changeFlowRun(run.id, {}, () => ({ reworded: said, answer: null }));
    assert.deepEqual((await storage.readFlowRun(run.id))?.state, said);
    assert.deepEqual((await storage.listFlowRunStates(run.id)).at(-1), said);
    await storage.changeFlowRun(other.id, {}, () => ({ reworded: { ...said, message: 'other' }, answer: null }));
    assert.equal((await storage.readFlowRun(run.id))?.state.message, 'killed');
  },

  'slots and state are written together, or neither of them': async (storage) => {
    const scene = await openScene(storage, 2);
    const run = await schedule(storage, scene);
    const taken = { ...scene.limit, activeSlots: 1 };
    const state = makeState({ type: 'PENDING' });
    // The name is another's, which is found out after the state was written.
    const conflicting = { ...taken, id: newId() as ConcurrencyLimit['id'] };
    await assert.rejects(
      async () =>
        storage.changeFlowRun(run.id, {}, () => ({
          run: { ...run, state },
          states: [state],
          slots: { limits: [taken, conflicting] },
          answer: null,
        })),
      { code: 'conflict' },
    );
    assert.deepEqual(await storage.readFlowRun(run.id), run);
    assert.deepEqual(await storage.listFlowRunStates(run.id), [run.state]);
    assert.deepEqual(await held(storage, scene), [0, []]);
  },

  'runs of a deployment that are submitted at once never have more slots than there are': async (
    first,
    { openSecond },
  ) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const cases = storages.map((storage) => casesOn(storage));
    const scene = await openScene(first, 3);
    const runs: FlowRun[] = [];
    for (let index = 0; index < 10; index += 1) runs.push(await schedule(first, scene));
    const submitted = await Promise.all(
      runs.map((run, index) => move(cases[index % cases.length] as UseCases, run, { type: 'PENDING' }, CLIENT)),
    );
    const pending = submitted.filter(({ state }) => state.type === 'PENDING');
    assert.equal(pending.length, 3);
    assert.equal(submitted.filter(({ state }) => state.name === 'AwaitingConcurrencySlot').length, 7);
    assert.deepEqual(await held(first, scene), [3, pending.map(({ id }) => id).sort()]);
    // Half of them end, on either connection, while others ask again.
    const [one, ...others] = pending as [FlowRun, ...FlowRun[]];
    await Promise.all(
      others.map((run, index) => move(cases[index % cases.length] as UseCases, run, { type: 'CANCELLED' }, CLIENT)),
    );
    assert.deepEqual(await held(first, scene), [1, [one.id]]);
  },

  'a slot is kept from Pending to the end, by a lease that is renewed when the run begins': async (storage) => {
    const cases = casesOn(storage);
    const scene = await openScene(storage, 1);
    const run = await schedule(storage, scene);
    const leaseOf = async () => (await storage.readSlots({ names: [scene.limit.name], withLeases: true })).leases[0];
    const pending = await move(cases, run, { type: 'PENDING' }, CLIENT);
    const lease = await leaseOf();
    assert.equal(pending.state.details.deploymentConcurrencyLeaseId, lease?.id);
    await move(cases, run, { type: 'RUNNING' }, CLIENT);
    const renewed = await leaseOf();
    assert.equal(renewed?.id, lease?.id);
    assert.ok((renewed?.expiresAt ?? 0) > (lease?.expiresAt ?? 0));
    await move(cases, run, { type: 'COMPLETED', data: null }, CLIENT);
    assert.deepEqual(await held(storage, scene), [0, []]);
  },

  'who cannot renew has its slot until its end; a lease that nobody renewed is taken again or missed': async (
    storage,
  ) => {
    const cases = casesOn(storage);
    const scene = await openScene(storage, 1);
    const [old, late, rival] = [
      await schedule(storage, scene),
      await schedule(storage, scene),
      await schedule(storage, scene),
    ];
    await move(cases, old, { type: 'PENDING' }, { version: '3.4.10' });
    await move(cases, old, { type: 'RUNNING' }, { version: '3.4.10' });
    const inAYear = addSeconds(newInstant(), 365 * 86_400);
    assert.equal(await cases.releaseExpiredLeases(inAYear), 0);
    await move(cases, old, { type: 'FAILED', failure: null });
    assert.deepEqual(await held(storage, scene), [0, []]);

    const expire = async (): Promise<number> => await cases.releaseExpiredLeases(inAYear as Instant);
    await move(cases, late, { type: 'PENDING' }, CLIENT);
    assert.equal(await expire(), 1);
    assert.equal((await move(cases, late, { type: 'RUNNING' }, CLIENT)).state.type, 'RUNNING');
    assert.deepEqual(await held(storage, scene), [1, [late.id]]);
    await move(cases, late, { type: 'COMPLETED', data: null }, CLIENT);

    await move(cases, rival, { type: 'PENDING' }, CLIENT);
    assert.equal(await expire(), 1);
    const winner = await schedule(storage, scene);
    await move(cases, winner, { type: 'PENDING' }, CLIENT);
    assert.equal((await move(cases, rival, { type: 'RUNNING' }, CLIENT)).state.type, 'CANCELLED');
    assert.deepEqual(await held(storage, scene), [1, [winner.id]]);
  },

  'a run that is lost or deleted gives its slot back': async (storage) => {
    const cases = casesOn(storage);
    const scene = await openScene(storage, 3);
    const [lost, taken, doomed] = [
      await schedule(storage, scene),
      await schedule(storage, scene),
      await schedule(storage, scene),
    ];
    for (const run of [lost, taken, doomed]) await move(cases, run, { type: 'PENDING' }, CLIENT);
    await move(cases, lost, { type: 'RUNNING' }, CLIENT);
    const process = makeProcess();
    await storage.writeProcess(process);
    for (const { id } of [lost, taken])
      await storage.changeFlowRun(id, {}, (run) => ({
        run: { ...(run as FlowRun), lease: { processId: process.id, token: 1 } },
        answer: null,
      }));
    assert.deepEqual(await held(storage, scene), [3, [lost.id, taken.id, doomed.id].sort()]);
    assert.deepEqual(
      (await casesOn(storage, false).reapLostRuns()).map(({ id, state }) => [id, state.type]),
      [[lost.id, 'CRASHED']],
    );
    assert.equal((await storage.readFlowRun(taken.id))?.state.type, 'SCHEDULED', 'nothing of it was begun');
    assert.deepEqual(await held(storage, scene), [1, [doomed.id]]);
    await cases.deleteFlowRun(doomed.id);
    assert.deepEqual(await held(storage, scene), [0, []]);
  },
};
