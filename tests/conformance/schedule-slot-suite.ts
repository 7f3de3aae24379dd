import assert from 'node:assert/strict';
import type { Deployment } from '../../src/core/deployment.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { DeploymentId, DeploymentScheduleId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import type { ScheduleSlot } from '../../src/core/schedules/slot.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import type { DeploymentChange, NewSlot } from '../../src/store/port/deployments.ts';
import { makeDeployment, makeSchedule } from './deployment-suite.ts';
import { makeEvent, makeFlow, makeFlowRun, makeState, makeSubmission, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const at = (seconds: number): Instant => (1_790_000_000_000_000 + seconds * 1_000_000) as Instant;
const NOW = at(100);
const PAST = { outcome: 'held', reason: 'paused' } as const;

interface Scene {
  readonly deployment: Deployment;
  /** With a run. */
  slot(due: number, fields?: Partial<ScheduleSlot>): NewSlot;
  /** Without one. */
  missed(due: number, fields?: Partial<ScheduleSlot>): NewSlot;
  told(before?: number | null, limit?: number): Promise<readonly (readonly unknown[])[]>;
}

async function openScene(storage: Storage): Promise<Scene> {
  const made = makeFlow('sales');
  const flow = await storage.ensureFlow('sales', () => made);
  const deployment = makeDeployment(flow);
  await storage.changeDeployment({ flowId: flow.id, name: deployment.name }, () => ({ deployment, answer: null }));
  const scheduleId = newId<DeploymentScheduleId>();
  const missed = (due: number, fields: Partial<ScheduleSlot> = {}): NewSlot => ({
    run: null,
    slot: {
      scheduleId,
      deploymentId: deployment.id,
      nominal: `local ${due}`,
      fold: 0,
      zone: 'Europe/Berlin',
      dueAt: at(due),
      through: null,
      outcome: 'expired',
      reason: 'away',
      flowRunId: null,
      decidedAt: NOW,
      ...fields,
    },
  });
  const slot = (due: number, fields: Partial<ScheduleSlot> = {}): NewSlot => {
    const run: FlowRun = makeFlowRun(flow, {
      runner: 'worker',
      state: makeState({ type: 'SCHEDULED', scheduledTime: at(due) }),
      submission: makeSubmission({ deploymentId: deployment.id, autoScheduled: true }),
    });
    return { ...missed(due, { outcome: 'run', reason: 'It has a run.', flowRunId: run.id, ...fields }), run };
  };
  const told = async (before: number | null = null, limit = 100) =>
    (await storage.listSlots(deployment.id, { before: before === null ? null : at(before), limit })).map((record) => [
      (record.slot.dueAt - at(0)) / 1_000_000,
      record.slot.outcome,
      record.run === null ? null : record.run.stateType,
    ]);
  return { deployment, slot, missed, told };
}

async function write(
  storage: Storage,
  { deployment }: Scene,
  change: Omit<DeploymentChange<null>, 'answer'>,
): Promise<void> {
  await storage.changeDeployment({ id: deployment.id }, () => ({ ...change, answer: null }));
}

export const scheduleSlotTests: StorageTests = {
  'a slot is written once with its run, and told as it was written': async (storage) => {
    const scene = await openScene(storage);
    const [first, second] = [scene.slot(10), scene.missed(20, { through: at(30), fold: 1, outcome: 'held' })];
    await write(storage, scene, { slots: [first, second] });
    const again = [
      scene.slot(10),
      scene.missed(20, { fold: 1 }),
      scene.missed(21, { nominal: 'local 20' }),
      scene.missed(22, { nominal: 'local 20', fold: 1, zone: 'UTC' }),
      scene.missed(23, { nominal: 'local 20', fold: 1, scheduleId: newId<DeploymentScheduleId>() }),
    ];
    await write(storage, scene, { slots: again });
    assert.deepEqual(await scene.told(), [
      [23, 'expired', null],
      [22, 'expired', null],
      [21, 'expired', null],
      [20, 'held', null],
      [10, 'run', 'SCHEDULED'],
    ]);
    assert.equal(await storage.count('flow_run', EVERYTHING), 1);
    const written = await storage.listSlots(scene.deployment.id, { before: at(21), limit: 10 });
    const { id, name } = first.run as FlowRun;
    const run = { id, name, stateType: 'SCHEDULED', stateName: 'Scheduled', startTime: null, runCount: 0 };
    assert.deepEqual(written, [
      { slot: second.slot, run: null },
      { slot: first.slot, run },
    ]);
    assert.deepEqual(await scene.told(20, 5), [[10, 'run', 'SCHEDULED']]);
    assert.equal((await scene.told(null, 2)).length, 2);
    assert.deepEqual(await storage.listSlots(newId<DeploymentId>(), { before: null, limit: 9 }), []);
  },

  'slots go with runs that are taken back while they are not due; others say what became of them': async (storage) => {
    const scene = await openScene(storage);
    const [late, begun, ahead] = [scene.slot(50), scene.slot(60), scene.slot(200)];
    await write(storage, scene, {
      slots: [late, { ...begun, run: { ...(begun.run as FlowRun), runCount: 1 } }, ahead],
    });
    await write(storage, scene, { takenBack: { autoScheduledOnly: true, dueAfter: NOW, at: NOW, past: PAST } });
    assert.deepEqual(await scene.told(), [
      [60, 'run', 'SCHEDULED'],
      [50, 'run', 'SCHEDULED'],
    ]);
    await write(storage, scene, {
      slots: [scene.slot(200)],
      takenBack: { autoScheduledOnly: true, at: NOW, past: PAST },
    });
    assert.deepEqual(await scene.told(), [
      [200, 'run', 'SCHEDULED'],
      [60, 'run', 'SCHEDULED'],
      [50, 'held', null],
    ]);
    const [, , { slot } = {}] = await storage.listSlots(scene.deployment.id, { before: null, limit: 9 });
    assert.deepEqual([slot?.reason, slot?.decidedAt, slot?.flowRunId], ['paused', NOW, null]);
  },

  'a run that is deleted by itself leaves its slot, which gets no other': async (storage) => {
    const scene = await openScene(storage);
    const ahead = scene.slot(200);
    await write(storage, scene, { slots: [ahead] });
    await storage.deleteFlowRun((ahead.run as FlowRun).id, makeEvent());
    await write(storage, scene, {
      slots: [scene.slot(200)],
      takenBack: { autoScheduledOnly: true, at: NOW, past: PAST },
    });
    assert.deepEqual(await scene.told(), [[200, 'run', null]]);
    assert.equal(await storage.count('flow_run', EVERYTHING), 0);
  },

  'slots that are not settled are facts of a change, which may write them over, make their runs and take them away':
    async (storage) => {
      const scene = await openScene(storage);
      const [late, held, ahead] = [scene.slot(10), scene.missed(20, { outcome: 'held' }), scene.slot(200)];
      const over = { ...scene.missed(5, { outcome: 'held' }), settled: true };
      await write(storage, scene, { slots: [held, late, over, ahead, scene.missed(30)] });
      const { scheduleId } = late.slot;
      const facts = async (until: number) =>
        await storage.changeDeployment(
          { id: scene.deployment.id },
          ({ openSlots }) => ({ answer: openSlots.map(({ slot, run }) => [slot, run?.id ?? null]) }),
          { scheduleId, until: at(until) },
        );
      const runId = (late.run as FlowRun).id;
      assert.deepEqual(await facts(100), [
        [late.slot, runId],
        [held.slot, null],
      ]);
      assert.equal((await facts(200)).length, 3);
      const revived = scene.slot(20);
      await write(storage, scene, {
        changedSlots: [
          {
            slot: { ...late.slot, outcome: 'collapsed', reason: 'later', flowRunId: null },
            run: null,
            settled: true,
            removedRun: runId,
          },
          revived,
        ],
      });
      assert.equal(await storage.readFlowRun(runId), null);
      assert.deepEqual(await facts(100), [[revived.slot, (revived.run as FlowRun).id]]);
      assert.deepEqual(await scene.told(20), [
        [10, 'collapsed', null],
        [5, 'held', null],
      ]);
    },

  'enabled schedules without a next look or a slot ahead are doubtful': async (storage) => {
    const scene = await openScene(storage);
    const { deployment } = scene;
    const [unarmed, bare, armed, due, resting] = [
      makeSchedule(deployment.id, { dueAt: null }),
      makeSchedule(deployment.id, { dueAt: at(200) }),
      makeSchedule(deployment.id, { dueAt: at(200) }),
      makeSchedule(deployment.id, { dueAt: NOW }),
      makeSchedule(deployment.id, { dueAt: null, active: false }),
    ];
    const slots = [scene.slot(200, { scheduleId: armed.id }), scene.slot(50, { scheduleId: bare.id })];
    await write(storage, scene, { schedules: [unarmed, bare, armed, due, resting], slots });
    const told = async (after: DeploymentScheduleId | null, lookedAt: number) => {
      const { doubtful, through } = await storage.listDoubtfulSchedules(NOW, after, lookedAt);
      return [doubtful.map(({ id }) => id), through];
    };
    assert.deepEqual(await told(null, 10), [[unarmed.id, bare.id], null]);
    assert.deepEqual(await told(null, 1), [[unarmed.id], unarmed.id]);
    assert.deepEqual(await told(unarmed.id, 2), [[bare.id], armed.id], 'two were looked at, one is doubtful');
    assert.deepEqual(await told(armed.id, 2), [[], resting.id]);
    assert.deepEqual(await told(resting.id, 2), [[], null]);
    await write(storage, scene, { deployment: { ...deployment, paused: true } });
    assert.deepEqual(await told(null, 10), [[], null]);
  },

  'two servers that make a slot at once make it once': async (storage, { openSecond }) => {
    const other = openSecond === null ? storage : await openSecond();
    const scene = await openScene(storage);
    const attempts = Array.from({ length: 8 }, (_, index) =>
      write(index % 2 === 0 ? storage : other, scene, { slots: [scene.slot(10), scene.slot(20)] }),
    );
    await Promise.all(attempts);
    assert.equal(await storage.count('flow_run', EVERYTHING), 2);
    assert.equal((await scene.told()).length, 2);
    if (other !== storage) await other.close();
  },

  'of a deployment, so many slots are kept, and all that are not due yet': async (storage) => {
    const scene = await openScene(storage);
    const many = Array.from({ length: 30 }, (_, index) => scene.missed(index, { decidedAt: at(20) }));
    await write(storage, scene, { slots: many, slotsKept: 5 });
    assert.deepEqual(
      (await scene.told()).map(([due]) => due),
      Array.from({ length: 10 }, (_, index) => 29 - index),
      'those that are due from now on',
    );
    await write(storage, scene, { deployment: null });
    assert.deepEqual(await scene.told(), []);
  },
};
