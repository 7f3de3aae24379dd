import assert from 'node:assert/strict';
import type { Deployment, DeploymentSchedule } from '../../src/core/deployment.ts';
import { OstinatoError } from '../../src/core/errors.ts';
import type { Flow, FlowRun } from '../../src/core/flow-run.ts';
import type { ConcurrencyLimitId, DeploymentId, DeploymentScheduleId, FlowId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import type { ScheduleSlot } from '../../src/core/schedules/slot.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import type { DeploymentChange, DeploymentKey, NewSlot } from '../../src/store/port/deployments.ts';
import { makeEvent, makeFlow, makeFlowRun, makeState, makeSubmission, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export function makeDeployment(flow: Flow, fields: Partial<Deployment> = {}): Deployment {
  const createdAt = newInstant();
  return {
    id: newId<DeploymentId>(),
    flowId: flow.id,
    name: 'daily',
    version: '7',
    description: 'Each day.',
    paused: false,
    tags: ['a', 'ü'],
    labels: { team: 'sales', level: 2, isNew: true },
    parameters: '{"x":1.0}',
    parameterSchema: '{"type":"object"}',
    enforceParameterSchema: true,
    concurrencyLimitId: null,
    concurrencyOptions: null,
    pullSteps: '[]',
    entrypoint: 'sales.ts:sales',
    path: '.',
    storageDocumentId: null,
    infrastructureDocumentId: newId(),
    jobVariables: '{"env":{}}',
    workQueueName: 'default',
    workQueueId: null,
    isReady: false,
    lastPolledAt: null,
    createdBy: null,
    updatedBy: { id: newId(), type: 'AUTOMATION', displayValue: 'nightly' },
    createdAt,
    updatedAt: createdAt,
    ...fields,
  };
}

export function makeSchedule(deploymentId: DeploymentId, fields: Partial<DeploymentSchedule> = {}): DeploymentSchedule {
  const createdAt = newInstant();
  return {
    id: newId<DeploymentScheduleId>(),
    deploymentId,
    schedule: { kind: 'cron', cron: '0 9 * * *', timezone: 'Europe/Berlin', dayOr: true },
    active: true,
    maxScheduledRuns: null,
    parameters: '{"y":2.0}',
    slug: null,
    createdAt,
    updatedAt: createdAt,
    scheduledThrough: null,
    dueAt: createdAt,
    settledThrough: createdAt,
    heldSince: null,
    policy: null,
    rules: null,
    ...fields,
  };
}

async function makeFlowOf(storage: Storage, name = 'sales'): Promise<Flow> {
  const flow = makeFlow(name);
  return await storage.ensureFlow(name, () => flow);
}

/** Changes whatever is found. */
async function write(
  storage: Storage,
  key: DeploymentKey,
  change: Omit<DeploymentChange<null>, 'answer'>,
): Promise<void> {
  await storage.changeDeployment(key, () => ({ ...change, answer: null }));
}

const keyOf = ({ flowId, name }: Deployment): DeploymentKey => ({ flowId, name });

/** A slot of a schedule that is called by the run's key, with the run. */
function slotOf(deployment: Deployment, run: FlowRun, fields: Partial<ScheduleSlot> = {}): NewSlot {
  const due = run.state.type === 'SCHEDULED' ? run.state.scheduledTime : newInstant();
  return {
    run,
    slot: {
      scheduleId: SCHEDULE,
      deploymentId: deployment.id,
      nominal: run.idempotencyKey ?? run.id,
      fold: 0,
      zone: 'UTC',
      dueAt: due,
      through: null,
      outcome: 'run',
      reason: 'It has a run.',
      flowRunId: run.id,
      decidedAt: newInstant(),
      ...fields,
    },
  };
}

const SCHEDULE = newId<DeploymentScheduleId>();
const TAKEN_BACK = { at: newInstant(), past: { outcome: 'held', reason: 'paused' } } as const;

function waitingRun(flow: Flow, deployment: Deployment, due: Instant, fields: Partial<FlowRun> = {}): FlowRun {
  return makeFlowRun(flow, {
    runner: 'worker',
    state: makeState({ type: 'SCHEDULED', scheduledTime: due }),
    submission: makeSubmission({ deploymentId: deployment.id, autoScheduled: true }),
    ...fields,
  });
}

export const deploymentTests: StorageTests = {
  'deployments are found by id and by names, as they were written, with what belongs to them': async (storage) => {
    const flow = await makeFlowOf(storage);
    const limit = {
      id: newId<ConcurrencyLimitId>(),
      name: 'l',
      limit: 2,
      active: true,
      activeSlots: 0,
      deniedSlots: 0,
      slotDecayPerSecond: 0,
      avgSlotOccupancySeconds: 2,
      slotsAt: newInstant(),
      createdAt: newInstant(),
      updatedAt: newInstant(),
    };
    const deployment = makeDeployment(flow, { concurrencyLimitId: limit.id });
    const [first, second] = [makeSchedule(deployment.id, { slug: 'a' }), makeSchedule(deployment.id)];
    const event = makeEvent({ name: 'made' });
    const seen = await storage.changeDeployment(keyOf(deployment), (facts) => ({
      deployment,
      schedules: [first, second],
      limit,
      events: [event],
      answer: facts,
    }));
    assert.deepEqual(seen, { found: null, flow, openSlots: [] });
    const record = { deployment, flow, schedules: [second, first], limit, queue: null };
    for (const key of [{ id: deployment.id }, keyOf(deployment), { flowName: 'sales', name: 'daily' }])
      assert.deepEqual(await storage.readDeployment(key), record);
    for (const key of [{ id: newId<DeploymentId>() }, { flowId: flow.id, name: 'x' }, { flowName: 'x', name: 'daily' }])
      assert.equal(await storage.readDeployment(key), null);
    assert.deepEqual(
      await storage.find('deployment', { where: { op: 'and', of: [] }, sort: [], limit: 10, offset: 0 }),
      [deployment],
    );
    const parts = await storage.readDeploymentParts([deployment]);
    assert.deepEqual(parts.get(deployment.id), { schedules: [second, first], limit, queue: null });
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['made'],
    );
    assert.deepEqual(
      await storage.changeDeployment({ flowId: newId<FlowId>(), name: 'x' }, (facts) => ({ answer: facts })),
      { found: null, flow: null, openSlots: [] },
    );
    const changed = makeDeployment(flow, { ...deployment, paused: true, tags: [], version: null });
    await write(
      storage,
      { id: deployment.id },
      { deployment: changed, deletedSchedules: [first.id], deletedLimit: limit.id },
    );
    assert.deepEqual(await storage.readDeployment({ id: deployment.id }), {
      deployment: changed,
      flow,
      schedules: [second],
      limit: null,
      queue: null,
    });
  },

  'slugs of a deployment are one of a kind, and may change places': async (storage) => {
    const flow = await makeFlowOf(storage);
    const [one, other] = [makeDeployment(flow), makeDeployment(flow, { name: 'weekly' })];
    const [a, b] = [makeSchedule(one.id, { slug: 'a' }), makeSchedule(one.id, { slug: 'b' })];
    await write(storage, keyOf(one), { deployment: one, schedules: [a, b] });
    await write(storage, keyOf(other), { deployment: other, schedules: [makeSchedule(other.id, { slug: 'a' })] });
    await assert.rejects(
      async () => await write(storage, { id: one.id }, { schedules: [makeSchedule(one.id, { slug: 'a' })] }),
      { code: 'conflict' },
    );
    await write(
      storage,
      { id: one.id },
      {
        schedules: [
          { ...a, slug: 'b' },
          { ...b, slug: 'a' },
        ],
      },
    );
    const slugs = (await storage.readDeployment({ id: one.id }))?.schedules.map(({ id, slug }) => [id, slug]);
    assert.deepEqual(slugs, [
      [b.id, 'a'],
      [a.id, 'b'],
    ]);
  },

  'runs are made once by their key, and taken back while they wait': async (storage) => {
    const flow = await makeFlowOf(storage);
    const deployment = makeDeployment(flow);
    const now = newInstant();
    const later = (seconds: number): Instant => (now + seconds * 1_000_000) as Instant;
    const run = (due: number, fields: Partial<FlowRun> = {}): FlowRun =>
      waitingRun(flow, deployment, later(due), { idempotencyKey: `slot ${due}`, ...fields });
    const byHand = makeSubmission({ deploymentId: deployment.id });
    const runs = {
      past: run(-5),
      soon: run(5),
      far: run(50),
      byHand: run(6, { submission: byHand }),
      begun: run(7, { runCount: 1 }),
      queued: run(8, {
        state: makeState({ type: 'SCHEDULED', name: 'AwaitingConcurrencySlot', scheduledTime: later(8) }),
      }),
      pending: run(9, { state: makeState() }),
    };
    await write(storage, keyOf(deployment), {
      deployment,
      slots: Object.values(runs).map((one) => slotOf(deployment, one)),
    });
    await write(storage, { id: deployment.id }, { slots: [run(5), run(60)].map((one) => slotOf(deployment, one)) });
    const there = async (): Promise<readonly string[]> => {
      const names: string[] = [];
      for (const [name, { id }] of Object.entries(runs)) if ((await storage.readFlowRun(id)) !== null) names.push(name);
      return names;
    };
    assert.equal(await storage.count('flow_run', EVERYTHING), 8, 'one of them is new');
    assert.deepEqual(await storage.readFlowRun(runs.soon.id), runs.soon);
    await write(
      storage,
      { id: deployment.id },
      { takenBack: { autoScheduledOnly: true, dueAfter: now, ...TAKEN_BACK, at: now } },
    );
    assert.deepEqual(await there(), ['past', 'byHand', 'begun', 'queued', 'pending']);
    await write(
      storage,
      { id: deployment.id },
      { takenBack: { autoScheduledOnly: true, ...TAKEN_BACK, at: now }, slots: [slotOf(deployment, run(5))] },
    );
    assert.deepEqual(await there(), ['byHand', 'begun', 'queued', 'pending']);
    assert.equal(await storage.count('flow_run', EVERYTHING), 5, 'taken back first, then made');
    await write(
      storage,
      { id: deployment.id },
      { takenBack: { autoScheduledOnly: false, ...TAKEN_BACK }, deployment: null },
    );
    assert.deepEqual(await there(), ['begun', 'queued', 'pending']);
    assert.equal(await storage.readDeployment({ id: deployment.id }), null);
  },

  'what is refused leaves nothing of its change': async (storage) => {
    const flow = await makeFlowOf(storage);
    const deployment = makeDeployment(flow);
    const run = waitingRun(flow, deployment, newInstant());
    await write(storage, keyOf(deployment), { deployment, slots: [slotOf(deployment, run)] });
    const refused = new OstinatoError('bad-input', 'no');
    await assert.rejects(
      async () =>
        await storage.changeDeployment({ id: deployment.id }, () => {
          throw refused;
        }),
      refused,
    );
    const twice = makeSchedule(deployment.id, { slug: 'a' });
    await assert.rejects(
      async () =>
        await write(
          storage,
          { id: deployment.id },
          {
            takenBack: { autoScheduledOnly: true, ...TAKEN_BACK },
            schedules: [twice, { ...makeSchedule(deployment.id), slug: 'a' }],
          },
        ),
      { code: 'conflict' },
    );
    assert.deepEqual((await storage.readDeployment({ id: deployment.id }))?.schedules, []);
    assert.notEqual(await storage.readFlowRun(run.id), null);
  },

  'schedules that are due are told, the longest overdue first': async (storage) => {
    const flow = await makeFlowOf(storage);
    const deployment = makeDeployment(flow);
    const at = (time: number): Instant => time as Instant;
    const due = [30, 10, 20, 40].map((time) => makeSchedule(deployment.id, { dueAt: at(time) }));
    await write(storage, keyOf(deployment), {
      deployment,
      schedules: [...due, makeSchedule(deployment.id, { dueAt: null })],
    });
    const told = async (now: number, limit: number) =>
      (await storage.listDueSchedules(at(now), limit)).map(({ id, deploymentId }) => [
        due.find((schedule) => schedule.id === id)?.dueAt,
        deploymentId === deployment.id,
      ]);
    assert.deepEqual(await told(9, 10), []);
    assert.deepEqual(await told(30, 10), [
      [10, true],
      [20, true],
      [30, true],
    ]);
    assert.deepEqual(await told(30, 1), [[10, true]]);
  },

  'of two who see to a due schedule at once, one does': async (storage, { openSecond }) => {
    const second = openSecond === null ? storage : await openSecond();
    const flow = await makeFlowOf(storage);
    const deployment = makeDeployment(flow);
    const schedule = makeSchedule(deployment.id, { dueAt: 5 as Instant });
    await write(storage, keyOf(deployment), { deployment, schedules: [schedule] });
    const seeTo = (one: Storage) =>
      one.changeDeployment({ id: deployment.id }, ({ found }) => {
        const [current] = found?.schedules ?? [];
        if (current === undefined || current.dueAt !== 5) return { answer: false };
        const run = waitingRun(flow, deployment, 9 as Instant, { idempotencyKey: 'slot' });
        return { schedules: [{ ...current, dueAt: 10 as Instant }], slots: [slotOf(deployment, run)], answer: true };
      });
    const answers = await Promise.all([seeTo(storage), seeTo(second), seeTo(storage)]);
    assert.deepEqual(answers.filter(Boolean), [true]);
    assert.equal(await storage.count('flow_run', EVERYTHING), 1);
    if (second !== storage) await second.close();
  },

  'whoever asks for runs makes deployments ready, and it is told once': async (storage) => {
    const flow = await makeFlowOf(storage);
    const [one, other] = [makeDeployment(flow), makeDeployment(flow, { name: 'weekly' })];
    for (const deployment of [one, other]) await write(storage, keyOf(deployment), { deployment });
    const event = (deployment: Deployment) => makeEvent({ name: `ready ${deployment.name} ${deployment.isReady}` });
    await storage.pollDeployments({ ids: [one.id, newId<DeploymentId>()] }, 10 as Instant, event);
    await storage.pollDeployments({ ids: [one.id] }, 20 as Instant, event);
    const read = async ({ id }: Deployment) => {
      const found = await storage.readDeployment({ id });
      return [found?.deployment.isReady, found?.deployment.lastPolledAt, found?.deployment.updatedAt];
    };
    assert.deepEqual(await read(one), [true, 20, one.updatedAt]);
    assert.deepEqual(await read(other), [false, null, other.updatedAt]);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['ready daily true'],
    );
    assert.deepEqual(await storage.listUnpolledDeployments(19 as Instant, 10), []);
    assert.deepEqual(await storage.listUnpolledDeployments(20 as Instant, 10), [one.id]);
  },

  'deployments go with their flow, and lists find them by flows and runs': async (storage) => {
    const [flow, bare] = [await makeFlowOf(storage), await makeFlowOf(storage, 'bare')];
    const [one, other] = [makeDeployment(flow), makeDeployment(flow, { name: 'weekly', paused: true, tags: [] })];
    const schedule = makeSchedule(one.id, { dueAt: 1 as Instant });
    await write(storage, keyOf(one), {
      deployment: one,
      schedules: [schedule],
      slots: [slotOf(one, waitingRun(flow, one, newInstant()))],
    });
    await write(storage, keyOf(other), { deployment: other });
    const all = { sort: [{ field: 'name', direction: 'asc' }], limit: 10, offset: 0 } as const;
    const everything = { op: 'and', of: [] } as const;
    const names = async (where: Parameters<Storage['count']>[1]) =>
      (await storage.find('deployment', { where, ...all })).map(({ name }) => name);
    assert.deepEqual(await names(everything), ['daily', 'weekly']);
    assert.deepEqual(await names({ op: 'eq', field: 'paused', value: true }), ['weekly']);
    assert.deepEqual(await names({ op: 'hasAll', field: 'tags', values: ['ü'] }), ['daily']);
    assert.deepEqual(await names({ op: 'isEmpty', field: 'tags', isEmpty: true }), ['weekly']);
    assert.deepEqual(await names({ op: 'exists', noun: 'flow_run', where: everything }), ['daily']);
    assert.deepEqual(
      await names({ op: 'exists', noun: 'flow', where: { op: 'eq', field: 'name', value: 'bare' } }),
      [],
    );
    const flows = await storage.find('flow', {
      where: { op: 'not', of: { op: 'exists', noun: 'deployment', where: everything } },
      ...all,
    });
    assert.deepEqual(
      flows.map(({ id }) => id),
      [bare.id],
    );
    assert.equal(await storage.count('flow_run', { op: 'exists', noun: 'deployment', where: everything }), 1);
    await storage.changeFlow(flow.id, () => ({ flow: null, answer: null }));
    assert.equal(await storage.count('deployment', everything), 0);
    assert.deepEqual(await storage.listDueSchedules(newInstant(), 10), []);
  },
};
