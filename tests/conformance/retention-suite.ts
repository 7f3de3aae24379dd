import assert from 'node:assert/strict';
import { matching } from '../../src/core/list-query.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import { Retention, type RetentionSettings } from '../../src/services/retention.ts';
import type { Storage } from '../../src/store/port.ts';
import {
  makeArtifact,
  makeCacheEntry,
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeLog,
  makeRecord,
  makeState,
  newId,
  newInstant,
} from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const DAY = 86_400;
const OFF: RetentionSettings = { runsSeconds: null, logsSeconds: null, artifactsSeconds: null, resultsSeconds: null };

/** Results by key, with the time of their last writing. */
function service(storage: Storage, settings: Partial<RetentionSettings>, files = new Map<string, Instant>()) {
  let breaths = 0;
  let isPartDone = false;
  const retention = new Retention({
    settings: { ...OFF, ...settings },
    storage,
    deleteFlowRun: (id) => storage.deleteFlowRun(id, makeEvent({ name: 'deleted' })),
    deleteArtifact: (id) => storage.moveArtifact(id, null, () => ({ artifact: null, answer: null })),
    results: {
      listBefore: (before) => {
        isPartDone = !isPartDone;
        return isPartDone ? [...files].filter(([, at]) => at < before).map(([key]) => key) : [];
      },
      remove: (keys) => keys.forEach((key) => files.delete(key)),
    },
    clock: { yieldToEventLoop: async () => void (breaths += 1) },
  });
  return { retention, files, breaths: () => breaths };
}

async function run(
  storage: Storage,
  ageDays: number,
  now: Instant,
  fields: Partial<FlowRun> = {},
  tasks = 1,
): Promise<FlowRun> {
  const flow = makeFlow('sales');
  await storage.ensureFlow('sales', () => flow);
  const ended = addSeconds(now, -ageDays * DAY);
  const made = makeFlowRun(await storage.ensureFlow('sales', () => flow), {
    state: makeState({ type: 'COMPLETED', data: null }, ended),
    endTime: ended,
    ...fields,
  });
  await storage.insertFlowRun(made, []);
  await storage.writeTaskRuns(
    Array.from({ length: tasks }, () => makeRecord({ flowRunId: made.id })),
    [makeLog({ flowRunId: made.id, timestamp: ended })],
  );
  return made;
}

async function remaining(storage: Storage, runs: readonly FlowRun[]): Promise<boolean[]> {
  return await Promise.all(runs.map(async ({ id }) => (await storage.readFlowRun(id)) !== null));
}

export const retentionTests: StorageTests = {
  'retention is off unless it is set': async (storage) => {
    const now = newInstant();
    const old = await run(storage, 1000, now);
    const { retention } = service(storage, {});
    await retention.tick(now);
    assert.deepEqual(await remaining(storage, [old]), [true]);
  },

  'runs that ended long ago go with all that belongs to them; young and active ones stay': async (storage) => {
    const now = newInstant();
    const old = await run(storage, 91, now);
    const young = await run(storage, 89, now);
    const active = await run(storage, 91, now, {
      state: makeState({ type: 'RUNNING' }, addSeconds(now, -91 * DAY)),
      endTime: null,
    });
    const { retention } = service(storage, { runsSeconds: 90 * DAY });
    await retention.tick(now);
    await retention.tick(now);
    assert.deepEqual(await remaining(storage, [old, young, active]), [false, true, true]);
    assert.equal((await storage.list('task_run', { where: matching({ flowRunId: old.id }) })).length, 0);
    assert.equal((await storage.list('log', { where: matching({ flowRunId: old.id }) })).length, 0);
    assert.equal((await storage.list('task_run', { where: matching({ flowRunId: young.id }) })).length, 1);
    assert.equal((await storage.list('log', { where: matching({ flowRunId: active.id }) })).length, 1);
    const events = await storage.readEvents({ afterSeq: 0, limit: 1000 });
    assert.equal(events.filter(({ name }) => name === 'deleted').length, 1);
  },

  'a large run goes in steps, with a breath after each': async (storage) => {
    const now = newInstant();
    const large = await run(storage, 91, now, {}, 1000);
    const { retention, breaths } = service(storage, { runsSeconds: 90 * DAY });
    await retention.tick(now);
    assert.deepEqual(await remaining(storage, [large]), [false]);
    assert.ok(breaths() >= 5, `${breaths()} breaths for 1,000 task runs`);
  },

  'subflow runs go with their run, not before it, and not while one of them is active': async (storage) => {
    const now = newInstant();
    const parent = await run(storage, 91, now, {}, 0);
    const standIn = makeRecord({ flowRunId: parent.id });
    await storage.writeTaskRuns([standIn], []);
    const child = await run(storage, 91, now, { parentTaskRunId: standIn.run.id, parentFlowRunId: parent.id });
    const youngParent = await run(storage, 1, now, {}, 0);
    const youngStandIn = makeRecord({ flowRunId: youngParent.id });
    await storage.writeTaskRuns([youngStandIn], []);
    const oldChild = await run(storage, 91, now, {
      parentTaskRunId: youngStandIn.run.id,
      parentFlowRunId: youngParent.id,
    });
    const busyParent = await run(storage, 91, now, {}, 0);
    const busyStandIn = makeRecord({ flowRunId: busyParent.id });
    await storage.writeTaskRuns([busyStandIn], []);
    const busyChild = await run(storage, 91, now, {
      parentTaskRunId: busyStandIn.run.id,
      parentFlowRunId: busyParent.id,
      state: makeState({ type: 'RUNNING' }),
      endTime: null,
    });
    const { retention } = service(storage, { runsSeconds: 90 * DAY });
    await retention.tick(now);
    await retention.tick(now);
    assert.deepEqual(await remaining(storage, [parent, child, youngParent, oldChild, busyParent, busyChild]), [
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
    assert.equal((await storage.list('task_run', { where: matching({ flowRunId: busyChild.id }) })).length, 1);
  },

  'old log records go, those of active runs stay, and numbers are not given again': async (storage) => {
    const now = newInstant();
    const old = await run(storage, 31, now);
    const active = await run(storage, 31, now, { state: makeState({ type: 'RUNNING' }), endTime: null });
    const young = await run(storage, 1, now);
    const before = await storage.newestLogSeq();
    const { retention } = service(storage, { logsSeconds: 30 * DAY });
    await retention.tick(now);
    const logsOf = async (of: FlowRun): Promise<number> =>
      (await storage.list('log', { where: matching({ flowRunId: of.id }) })).length;
    assert.deepEqual([await logsOf(old), await logsOf(active), await logsOf(young)], [0, 1, 1]);
    assert.deepEqual(await remaining(storage, [old]), [true]);
    await storage.writeLogs([makeLog()]);
    assert.ok((await storage.newestLogSeq()) > before);
  },

  'old artifacts go, those of active runs stay': async (storage) => {
    const now = newInstant();
    const ended = await run(storage, 31, now);
    const active = await run(storage, 31, now, { state: makeState({ type: 'RUNNING' }), endTime: null });
    const then = addSeconds(now, -31 * DAY);
    const [gone, kept, young] = [
      makeArtifact({ flowRunId: ended.id, createdAt: then, updatedAt: then }),
      makeArtifact({ flowRunId: active.id, createdAt: then, updatedAt: then }),
      makeArtifact({ flowRunId: ended.id, createdAt: then, updatedAt: now }),
    ];
    for (const artifact of [gone, kept, young]) await storage.insertArtifact(artifact, makeEvent());
    const { retention } = service(storage, { artifactsSeconds: 30 * DAY });
    await retention.tick(now);
    assert.deepEqual(
      await Promise.all([gone, kept, young].map(async ({ id }) => (await storage.readArtifact(id)) !== null)),
      [false, true, true],
    );
  },

  'what active runs hold does not keep what lies behind it, however much it is': async (storage) => {
    const now = newInstant();
    const then = addSeconds(now, -40 * DAY);
    const held = await run(storage, 40, now, { state: makeState({ type: 'RUNNING' }, then), endTime: null }, 0);
    for (let count = 0; count < 5; count += 1)
      await storage.writeLogs(Array.from({ length: 1500 }, () => makeLog({ flowRunId: held.id, timestamp: then })));
    for (let count = 0; count < 2500; count += 1)
      await storage.insertArtifact(makeArtifact({ flowRunId: held.id, createdAt: then, updatedAt: then }), makeEvent());
    const busy: FlowRun[] = [];
    for (let count = 0; count < 120; count += 1) {
      const parent = await run(storage, 40, now, {}, 0);
      const standIn = makeRecord({ flowRunId: parent.id });
      await storage.writeTaskRuns([standIn], []);
      await run(
        storage,
        40,
        now,
        {
          parentTaskRunId: standIn.run.id,
          parentFlowRunId: parent.id,
          state: makeState({ type: 'RUNNING' }, then),
          endTime: null,
        },
        0,
      );
      busy.push(parent);
    }
    const behind = await run(storage, 39, now);
    const alone = await run(storage, 20, now, {}, 0);
    await storage.writeLogs(
      Array.from({ length: 300 }, () => makeLog({ flowRunId: alone.id, timestamp: addSeconds(now, -39 * DAY) })),
    );
    const artifact = makeArtifact({ flowRunId: alone.id, createdAt: then, updatedAt: then });
    await storage.insertArtifact(artifact, makeEvent());
    await run(storage, 1, now);
    const { retention } = service(storage, {
      runsSeconds: 30 * DAY,
      logsSeconds: 30 * DAY,
      artifactsSeconds: 30 * DAY,
    });
    for (let tick = 0; tick < 2; tick += 1) {
      await retention.tick(now);
      assert.deepEqual(await remaining(storage, [behind, alone, held]), [false, true, true]);
      assert.deepEqual(
        await remaining(storage, busy),
        busy.map(() => true),
      );
      assert.equal((await storage.list('log', { where: matching({ flowRunId: alone.id }) })).length, 1);
      assert.equal(
        (await storage.list('log', { where: matching({ flowRunId: held.id }), limit: 10_000 })).length,
        7501,
      );
      assert.equal(await storage.readArtifact(artifact.id), null);
    }
  },

  'a tick that has done its part leaves the rest to the next': async (storage) => {
    const now = newInstant();
    const then = addSeconds(now, -40 * DAY);
    const ended = await run(storage, 1, now, {}, 0);
    for (let count = 0; count < 30; count += 1)
      await storage.writeLogs(Array.from({ length: 1500 }, () => makeLog({ flowRunId: ended.id, timestamp: then })));
    const newest = await storage.newestLogSeq();
    const { retention } = service(storage, { logsSeconds: 30 * DAY });
    await retention.tick(now);
    const [first] = await storage.list('log', {
      where: matching({ flowRunId: ended.id }),
      after: newest - 45_000,
      limit: 1,
    });
    const gone = (first?.seq ?? 0) - (newest - 45_000) - 1;
    assert.ok(gone > 1000 && gone < 44_000, `${gone} went in one tick`);
    await retention.tick(now);
    assert.ok((await storage.list('log', { where: matching({ flowRunId: ended.id }), limit: 10 })).length <= 2);
  },

  'old results go, unless the cache still gives them or an active run has them': async (storage) => {
    const now = newInstant();
    const then = addSeconds(now, -31 * DAY);
    const stored = (key: string) => ({ kind: 'stored', key, hash: key, bytes: 10_000 }) as const;
    const entry = (key: string, expiresAt: Instant | null) => ({
      key: `entry ${key}`,
      taskRunId: newId<never>(),
      processId: newId<never>(),
      entry: makeCacheEntry(`entry ${key}`, { data: stored(key), expiresAt }),
    });
    const keys = {
      free: 'f'.repeat(32),
      cached: 'c'.repeat(32),
      expired: 'e'.repeat(32),
      active: 'a'.repeat(32),
      young: 'b'.repeat(32),
    };
    for (const [key, expiresAt] of [
      [keys.cached, null],
      [keys.expired, addSeconds(now, -1)],
    ] as const) {
      const settlement = entry(key, expiresAt);
      await storage.claimCacheKey({
        key: settlement.key,
        taskKey: 't',
        taskRunId: settlement.taskRunId,
        processId: settlement.processId,
        refresh: false,
        now: then,
        isAlive: () => false,
      });
      await storage.settleCacheClaim(settlement);
    }
    const active = await run(storage, 31, now, { state: makeState({ type: 'RUNNING' }), endTime: null }, 0);
    const state = makeState({ type: 'COMPLETED', data: stored(keys.active) }, then);
    const { run: task } = makeRecord({ flowRunId: active.id });
    await storage.writeTaskRuns([{ run: { ...task, state }, states: [state] }], []);
    const { retention, files } = service(
      storage,
      { resultsSeconds: 30 * DAY },
      new Map(Object.values(keys).map((key) => [key, key === keys.young ? now : then])),
    );
    await retention.tick(now);
    assert.deepEqual(new Set(files.keys()), new Set([keys.cached, keys.active, keys.young]));
  },
};
