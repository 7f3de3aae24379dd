/** Backfills: a slot has its entry, and its run, once, whoever advances it and whatever breaks off in the middle. */
import assert from 'node:assert/strict';
import type { Backfill, BackfillId, BackfillSlot } from '../../src/core/backfills/backfill.ts';
import type { DeploymentSchedule } from '../../src/core/deployment.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId } from '../../src/core/ids.ts';
import type { ProposedState } from '../../src/core/state.ts';
import type { Instant } from '../../src/core/time.ts';
import type { StartBackfill } from '../../src/orchestrator/backfills/use-cases.ts';
import { createUseCases, type UseCases } from '../../src/orchestrator/use-cases.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeDeployment, makeSchedule } from './deployment-suite.ts';
import { makeFlow, makeFlowRun, makeState, makeSubmission, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const COMPLETED: ProposedState = { type: 'COMPLETED', data: null };
const FAILED: ProposedState = { type: 'FAILED', failure: null };
const NOW = (Date.parse('2026-08-01T00:00:00Z') * 1000) as Instant;
const DAY = 86_400_000_000;
const atDay = (day: number): Instant => (Date.parse('2026-06-01T00:00:00Z') * 1000 + (day - 1) * DAY) as Instant;

interface Scene {
  readonly cases: UseCases;
  /** Another server. */
  readonly other: UseCases;
  readonly schedule: DeploymentSchedule;
  readonly deployment: ReturnType<typeof makeDeployment>;
  start(fields?: Partial<StartBackfill>): ReturnType<UseCases['startBackfill']>;
}

function casesOn(storage: Storage): UseCases {
  return createUseCases({
    storage,
    clock: { now: () => NOW },
    ids: createIdSource(),
    random: Math.random,
    liveness: () => ({ alive: true, evidence: 'It answers.' }),
  });
}

async function openScene(storage: Storage): Promise<Scene> {
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const deployment = makeDeployment(flow, { enforceParameterSchema: false, workQueueName: null });
  const schedule = makeSchedule(deployment.id, {
    schedule: { kind: 'cron', cron: '0 0 * * *', timezone: 'UTC', dayOr: true },
    parameters: '{"day":"{{ slot.date }}"}',
    active: false,
  });
  await storage.changeDeployment({ flowId: flow.id, name: deployment.name }, () => ({
    deployment,
    schedules: [schedule],
    answer: null,
  }));
  const cases = casesOn(storage);
  return {
    cases,
    other: casesOn(storage),
    schedule,
    deployment,
    start: (fields = {}) =>
      cases.startBackfill(deployment.id, {
        from: '2026-06-01',
        to: '2026-06-06',
        parameters: '{}',
        order: 'oldest',
        rerun: 'missing',
        concurrency: 2,
        createdBy: 'somebody',
        ...fields,
      }),
  };
}

/** `[day, state, day of its parameters]`. */
async function told(storage: Storage, id: BackfillId): Promise<readonly (readonly unknown[])[]> {
  const records = await storage.listBackfillSlots(id, { after: null, limit: 100 });
  return await Promise.all(
    records.map(async ({ slot, run }) => {
      const full = run === null ? null : await storage.readFlowRun(run.id);
      const text = full?.parameters?.kind === 'foreign' ? full.parameters.text : '{}';
      const { day } = JSON.parse(text) as { day?: string };
      return [(slot.dueAt - atDay(1)) / DAY + 1, slot.state, day ?? null];
    }),
  );
}

async function runsOf(storage: Storage, { name }: Backfill): Promise<readonly FlowRun[]> {
  return await storage.find('flow_run', {
    where: { op: 'hasAll', field: 'tags', values: [`backfill:${name}`] },
    sort: [{ field: 'id', direction: 'asc' }],
    limit: 200,
    offset: 0,
  });
}

async function end(scene: Scene, id: FlowRunId, ...states: readonly ProposedState[]): Promise<void> {
  for (const state of states) await scene.cases.setFlowRunState({ id, state, force: true });
}

export const backfillTests: StorageTests = {
  'a backfill has its runs as its concurrency allows, in its order, each with its slot': async (storage) => {
    const scene = await openScene(storage);
    const { backfill, progress } = await scene.start({ order: 'newest' });
    assert.deepEqual([progress.open, progress.waiting], [2, 3]);
    assert.deepEqual(await told(storage, backfill.id), [
      [1, 'waiting', null],
      [2, 'waiting', null],
      [3, 'waiting', null],
      [4, 'open', '2026-06-04'],
      [5, 'open', '2026-06-05'],
    ]);
    await scene.cases.advanceBackfills();
    const [first] = await runsOf(storage, backfill);
    assert.equal((await runsOf(storage, backfill)).length, 2);
    await end(scene, (first as FlowRun).id, FAILED);
    await scene.cases.advanceBackfills();
    assert.deepEqual(
      (await told(storage, backfill.id)).map(([, state]) => state),
      ['waiting', 'waiting', 'open', 'open', 'failed'],
    );
    for (let round = 0; round < 5; round += 1) {
      for (const { id, state } of await runsOf(storage, backfill))
        if (state.type === 'SCHEDULED') await end(scene, id, COMPLETED);
      await scene.cases.advanceBackfills();
    }
    const ended = await scene.cases.readBackfill(backfill.id);
    assert.deepEqual([ended.backfill.state, ended.progress.completed, ended.progress.failed], ['completed', 4, 1]);
    assert.deepEqual(await storage.listUnsettledBackfills(null, 10), []);
    assert.equal((await runsOf(storage, backfill)).length, 5);
  },

  'servers that advance it at once make no run twice, and none too many': async (storage) => {
    const scene = await openScene(storage);
    const { backfill } = await scene.start();
    for (let round = 0; round < 4; round += 1) {
      for (const { id, state } of await runsOf(storage, backfill))
        if (state.type === 'SCHEDULED') await end(scene, id, COMPLETED);
      await Promise.all([scene.cases, scene.other, scene.cases].map((each) => each.advanceBackfills()));
      const open = (await runsOf(storage, backfill)).filter(({ state }) => state.type === 'SCHEDULED');
      assert.ok(open.length <= 2, `${open.length} are open`);
    }
    const runs = await runsOf(storage, backfill);
    assert.equal(runs.length, 5);
    assert.equal(new Set(runs.map(({ idempotencyKey }) => idempotencyKey)).size, 5);
    assert.equal((await scene.cases.readBackfill(backfill.id)).backfill.state, 'completed');
  },

  'asked for again by its id it is the same; its name is its own': async (storage) => {
    const scene = await openScene(storage);
    const id = newId<BackfillId>();
    const one = await scene.start({ id, name: 'mine' });
    const two = await scene.start({ id, name: 'mine' });
    assert.deepEqual([one.created, two.created, two.backfill], [true, false, one.backfill]);
    assert.equal((await runsOf(storage, one.backfill)).length, 2);
    await assert.rejects(async () => await scene.start({ name: 'mine' }), { code: 'conflict' });
    assert.equal(await storage.count('backfill', { op: 'and', of: [] }), 1);
  },

  'slots that have had a run are left out, as is said': async (storage) => {
    const scene = await openScene(storage);
    const { deployment, schedule } = scene;
    const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
    const ended = (['COMPLETED', 'FAILED', 'RUNNING'] as const).map((type) =>
      makeFlowRun(flow, {
        state: makeState(type === 'RUNNING' ? { type } : ({ type } as ProposedState)),
        submission: makeSubmission({ deploymentId: deployment.id, autoScheduled: true }),
      }),
    );
    await storage.changeDeployment({ id: deployment.id }, () => ({
      slots: ended.map((run, index) => ({
        run,
        slot: {
          scheduleId: schedule.id,
          deploymentId: deployment.id,
          nominal: `2026-06-0${index + 1}T00:00:00`,
          fold: 0,
          zone: 'UTC',
          dueAt: atDay(index + 1),
          through: null,
          outcome: 'run',
          reason: 'It has a run.',
          flowRunId: run.id,
          decidedAt: NOW,
        },
      })),
      answer: null,
    }));
    const wouldRun = async (rerun: StartBackfill['rerun'], scheduleId = schedule.id) => {
      const request = { from: '2026-06-01', to: '2026-06-06', parameters: '{}', order: 'oldest', rerun } as const;
      const { slots } = await scene.cases.previewBackfill(deployment.id, { ...request, scheduleId });
      return slots.flatMap(({ isLeftOut, dueAt }) => (isLeftOut ? [] : [(dueAt - atDay(1)) / DAY + 1]));
    };
    assert.deepEqual(await wouldRun('missing'), [4, 5]);
    assert.deepEqual(await wouldRun('failed'), [2, 4, 5]);
    assert.deepEqual(await wouldRun('all'), [1, 2, 4, 5]);
    const other = makeSchedule(deployment.id, { schedule: schedule.schedule, slug: 'other' });
    await storage.changeDeployment({ id: deployment.id }, () => ({ schedules: [other], answer: null }));
    assert.deepEqual(await wouldRun('missing', other.id), [1, 2, 3, 4, 5], 'those of another schedule are its own');
    await scene.start({ scheduleId: schedule.id });
    assert.deepEqual(await wouldRun('failed'), [2], 'what another backfill runs is left out, too');
  },

  'what breaks off leaves nothing: neither the run nor the entry': async (storage) => {
    const scene = await openScene(storage);
    const { backfill } = await scene.start({ concurrency: 1 });
    const [run] = await runsOf(storage, backfill);
    const stray = makeFlowRun(await storage.ensureFlow('sales', () => makeFlow('sales')), { tags: ['stray'] });
    await assert.rejects(
      async () =>
        await storage.changeBackfill(backfill.id, 10, ({ waiting }) => ({
          runs: [stray, run as FlowRun, { ...stray, id: newId<FlowRunId>(), flowId: 'none' as FlowRun['flowId'] }],
          slots: waiting.map(({ slot }): BackfillSlot => ({ ...slot, state: 'open', flowRunId: stray.id })),
          answer: null,
        })),
    );
    assert.equal(await storage.readFlowRun(stray.id), null);
    assert.deepEqual(
      (await told(storage, backfill.id)).map(([, state]) => state),
      ['open', 'waiting', 'waiting', 'waiting', 'waiting'],
    );
  },

  'paused, resumed and aborted: what was done stays': async (storage) => {
    const scene = await openScene(storage);
    const { backfill } = await scene.start();
    const [first, second] = (await runsOf(storage, backfill)) as [FlowRun, FlowRun];
    await scene.cases.pauseBackfill(backfill.id);
    await end(scene, first.id, COMPLETED);
    await scene.cases.advanceBackfills();
    assert.deepEqual(
      (await told(storage, backfill.id)).map(([, state]) => state),
      ['completed', 'open', 'waiting', 'waiting', 'waiting'],
    );
    await scene.cases.resumeBackfill(backfill.id);
    const third = (await runsOf(storage, backfill)).find(({ id }) => id !== first.id && id !== second.id) as FlowRun;
    await end(scene, second.id, { type: 'RUNNING' });
    await scene.cases.abortBackfill(backfill.id, false);
    await scene.cases.advanceBackfills();
    assert.deepEqual(
      (await told(storage, backfill.id)).map(([, state]) => state),
      ['completed', 'open', 'cancelled', 'cancelled', 'cancelled'],
    );
    assert.equal((await storage.readFlowRun(third.id))?.state.type, 'CANCELLED');
    assert.equal((await storage.readFlowRun(second.id))?.state.type, 'RUNNING');
    await end(scene, second.id, COMPLETED);
    await scene.cases.advanceBackfills();
    const { backfill: ended, progress } = await scene.cases.readBackfill(backfill.id);
    assert.deepEqual([ended.state, ended.isSettled, progress.completed, progress.cancelled], ['aborted', true, 2, 3]);
    await assert.rejects(async () => await scene.cases.resumeBackfill(backfill.id), { code: 'conflict' });
  },

  'a deployment that is deleted ends it, a run that is deleted is no slot without an end': async (storage) => {
    const scene = await openScene(storage);
    const { backfill } = await scene.start();
    const [first] = (await runsOf(storage, backfill)) as [FlowRun];
    await scene.cases.deleteFlowRun(first.id);
    await scene.cases.advanceBackfills();
    assert.deepEqual(
      (await told(storage, backfill.id)).map(([, state]) => state),
      ['cancelled', 'open', 'open', 'waiting', 'waiting'],
    );
    await scene.cases.deleteDeployment(scene.deployment.id);
    await scene.cases.advanceBackfills();
    const { backfill: ended, progress } = await scene.cases.readBackfill(backfill.id);
    assert.deepEqual([ended.state, ended.reason, progress.waiting], ['aborted', 'Its deployment was deleted.', 0]);
  },

  'of those that have ended, the newest are kept; ten thousand slots are looked at and made': async (storage) => {
    const scene = await openScene(storage);
    const minutes = { kind: 'interval', interval: 60, anchorDate: atDay(1), timezone: 'UTC' } as const;
    const range = { from: '2026-06-01', to: '2026-06-07T22:40:00Z', times: () => minutes };
    const request = { ...range, parameters: '{}', order: 'oldest', rerun: 'missing' } as const;
    assert.equal((await scene.cases.previewBackfill(scene.deployment.id, request)).slots.length, 10_000);
    const { backfill, progress } = await scene.start({ ...range, concurrency: 1 });
    assert.deepEqual([progress.waiting, (await runsOf(storage, backfill)).length], [9999, 1]);
    await scene.cases.abortBackfill(backfill.id, true);
    await scene.cases.advanceBackfills();
    assert.deepEqual((await storage.countBackfillSlots([backfill.id])).get(backfill.id)?.cancelled, 10_000);
    const { backfill: later } = await scene.start({ concurrency: 1 });
    const again = { ...later, id: newId<BackfillId>(), name: 'again' };
    await storage.insertBackfill(again, [], [], 0);
    assert.deepEqual(
      (await storage.find('backfill', { where: { op: 'and', of: [] }, sort: [], limit: 9, offset: 0 }))
        .map(({ id }) => id)
        .sort(),
      [later.id, again.id].sort(),
    );
    assert.deepEqual(await storage.listBackfillSlots(backfill.id, { after: null, limit: 10 }), []);
  },
};
