/**
 * Seeds of workers that take runs, die, suspend, finish and are forgotten, while limits change: after every step there
 * are no more holders than slots, and none is held by a run that is over.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POOL_LEASE_SECONDS } from '../src/core/concurrency/pool-slots.ts';
import { deploymentLimitName } from '../src/core/concurrency/deployment-slots.ts';
import { tagLimitName } from '../src/core/concurrency/limit.ts';
import type { FlowRun } from '../src/core/flow-run.ts';
import type { DeploymentId, FlowRunId, TaskRunId } from '../src/core/ids.ts';
import { matching } from '../src/core/list-query.ts';
import type { ProcessRecord } from '../src/core/process-record.ts';
import { isTerminal, type ProposedState } from '../src/core/state.ts';
import { addSeconds, type Instant } from '../src/core/time.ts';
import { queueOfRun } from '../src/core/work-pool.ts';
import { createUseCases } from '../src/orchestrator/use-cases.ts';
import { seededRandom } from '../src/platform/random.ts';
import { openSqliteStorage } from '../src/store/dialect/sqlite/index.ts';
import { createSeededIds } from '../src/testing/seeded-ids.ts';
import {
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeProcess,
  makeState,
  makeSubmission,
  makeTaskRun,
  makeWorkPool,
  makeWorkQueue,
} from '../tests/conformance/samples.ts';

const SEEDS = 12;
const STEPS = 250;
const STARTED_AT = 1_790_000_000_000_000 as Instant;

const ENDS: readonly ProposedState[] = [
  { type: 'COMPLETED', data: null },
  { type: 'FAILED', failure: null },
  { type: 'CRASHED', failure: null },
  { type: 'CANCELLED' },
];

class SlotWorld {
  readonly storage = openSqliteStorage({ path: ':memory:' });
  readonly random: () => number;
  readonly pool = makeWorkPool('p', { concurrencyLimit: 3 });
  readonly queues = [
    makeWorkQueue(this.pool, 'default', { id: this.pool.defaultQueueId }),
    makeWorkQueue(this.pool, 'narrow', { concurrencyLimit: 1, priority: 2 }),
  ] as const;
  readonly deploymentId: DeploymentId;
  readonly cases;
  readonly #dead = new Set<string>();
  #now = STARTED_AT;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const clock = { now: () => (this.#now = (this.#now + 1) as Instant) };
    const ids = createSeededIds(clock, seededRandom(seed + 1));
    this.deploymentId = ids.next<DeploymentId>();
    this.cases = createUseCases({
      storage: this.storage,
      clock,
      ids,
      random: this.random,
      liveness: ({ id }) =>
        this.#dead.has(id) ? { alive: false, evidence: 'It is gone.' } : { alive: true, evidence: 'It answers.' },
    });
  }

  async open(): Promise<void> {
    await this.storage.changeWorkPool({ name: 'p' }, () => ({ pool: this.pool, queues: this.queues, answer: null }));
    await this.cases.createLimit({ name: deploymentLimitName(this.deploymentId), limit: 2 });
    await this.cases.setTagLimit('db', 2);
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  advance(seconds: number): void {
    this.#now = addSeconds(this.#now, seconds);
  }

  async runs(types: readonly FlowRun['state']['type'][]): Promise<readonly FlowRun[]> {
    return this.storage.list('flow_run', { where: matching({ stateType: types }), limit: 200 });
  }

  async schedule(): Promise<void> {
    const flow = await this.storage.ensureFlow('sales', () => makeFlow('sales'));
    const queue = this.pick(this.queues) ?? this.queues[0];
    const run = makeFlowRun(flow, {
      runner: 'worker',
      lease: null,
      submission: makeSubmission({
        deploymentId: this.random() < 0.5 ? this.deploymentId : null,
        ...queueOfRun(this.pool, queue),
      }),
      policy: { retries: 1, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
      state: makeState({ type: 'SCHEDULED', scheduledTime: this.#now }, this.#now),
    });
    await this.storage.insertFlowRun(run, []);
  }

  async startProcess(): Promise<ProcessRecord> {
    const process = makeProcess();
    await this.storage.writeProcess(process);
    return process;
  }

  kill({ id }: ProcessRecord): void {
    this.#dead.add(id);
  }

  async propose(run: FlowRun | undefined, state: ProposedState, force = false): Promise<void> {
    if (run !== undefined) await this.cases.setFlowRunState({ id: run.id, state, force });
  }

  async addTask(): Promise<void> {
    const run = { ...makeTaskRun({ state: makeState() }), flowRunId: null, processId: null, tags: ['db'] };
    await this.storage.changeTaskRun({ id: run.id, naturalKey: null, flowRunId: null }, {}, () => ({
      run,
      answer: null,
    }));
  }

  async moveTask(): Promise<void> {
    const tasks = await this.storage.list('task_run', {
      where: matching({ stateType: ['PENDING', 'RUNNING'] }),
      limit: 100,
    });
    const task = this.pick(tasks);
    if (task === undefined) return;
    if (this.random() < 0.15) await this.cases.deleteTaskRun(task.id);
    else if (task.state.type === 'PENDING')
      await this.cases.setTaskRunState({ id: task.id, state: { type: 'RUNNING' } });
    else await this.cases.setTaskRunState({ id: task.id, state: this.pick(ENDS) ?? { type: 'CANCELLED' } });
  }

  /** What is limited, with its slots and its leases. */
  async limited() {
    const { pool, queues } = (await this.storage.readWorkPool({ name: 'p' })) ?? { pool: this.pool, queues: [] };
    const places = await Promise.all(
      [pool, ...queues].map(async ({ id, concurrencyLimit }) => {
        const { leases } = await this.storage.readSlots({ leasesOn: [id] });
        const taken = (await this.storage.countLeases([id])).get(id) ?? 0;
        return { name: id as string, slots: concurrencyLimit ?? Number.MAX_SAFE_INTEGER, leases, taken };
      }),
    );
    const names = [deploymentLimitName(this.deploymentId), tagLimitName('db')];
    const { limits, leases } = await this.storage.readSlots({ names, withLeases: true });
    return [
      ...places,
      ...limits
        .filter(({ name }) => names.includes(name))
        .map(({ id, name, limit, activeSlots }) => ({
          name,
          slots: limit,
          leases: leases.filter(({ limitIds }) => limitIds.includes(id)),
          taken: activeSlots,
        })),
    ];
  }

  /** @returns how many are taken of each limit */
  async check(before: ReadonlyMap<string, number>, step: string): Promise<ReadonlyMap<string, number>> {
    const all = await this.limited();
    for (const { name, slots, leases, taken } of all) {
      assert.equal(leases.length, taken, `${step}: as many leases of ${name} as slots are counted`);
      // A limit that was lowered may be below what is under way: then nothing is added.
      if (taken > (before.get(name) ?? 0)) assert.ok(taken <= slots, `${step}: ${taken} of ${slots} of ${name}`);
      const holders = leases.map(({ holder }) => holder?.id ?? '');
      assert.equal(new Set(holders).size, holders.length, `${step}: one slot of ${name} each`);
      for (const id of holders) {
        const run =
          (await this.storage.readFlowRun(id as FlowRunId)) ?? (await this.storage.readTaskRun(id as TaskRunId));
        assert.ok(run !== null && !isTerminal(run.state), `${step}: a slot of ${name} is held by the dead`);
      }
    }
    return new Map(all.map(({ name, taken }) => [name, taken]));
  }
}

/** The steps, as often as they are drawn. */
function stepsOf(world: SlotWorld, processes: ProcessRecord[]): readonly (readonly [string, () => Promise<unknown>])[] {
  const { cases, random } = world;
  const one = async (...types: FlowRun['state']['type'][]) => world.pick(await world.runs(types));
  const limit = () => (random() < 0.2 ? null : Math.floor(random() * 4));
  return [
    ['schedule', () => world.schedule()],
    ['schedule again', () => world.schedule()],
    ['a task', () => world.addTask()],
    ['move a task', () => world.moveTask()],
    ['move another task', () => world.moveTask()],
    [
      'claim',
      async () => {
        const [run, process] = [await one('SCHEDULED'), world.pick(processes)];
        if (run && process) await cases.claimFlowRun({ id: run.id, processId: process.id });
      },
    ],
    ['propose PENDING', async () => world.propose(await one('SCHEDULED'), { type: 'PENDING' })],
    ['begin', async () => world.propose(await one('PENDING', 'SCHEDULED', 'PAUSED'), { type: 'RUNNING' })],
    ['end', async () => world.propose(await one('RUNNING'), world.pick(ENDS) ?? { type: 'CANCELLED' })],
    ['pause', async () => world.propose(await one('RUNNING'), { type: 'PAUSED' }, true)],
    [
      'suspend',
      async () => world.propose(await one('RUNNING'), { type: 'PAUSED', details: { pauseReschedule: true } }, true),
    ],
    [
      'put back',
      async () => world.propose(await one('PENDING', 'PAUSED'), { type: 'SCHEDULED', scheduledTime: STARTED_AT }, true),
    ],
    ['cancel', async () => world.propose(await one('PENDING', 'RUNNING'), { type: 'CANCELLING' })],
    ['end by force', async () => world.propose(await one('CANCELLING', 'PENDING'), { type: 'CANCELLED' }, true)],
    [
      'delete',
      async () => {
        const run = await one('PENDING', 'RUNNING', 'COMPLETED');
        if (run) await world.storage.deleteFlowRun(run.id, makeEvent());
      },
    ],
    ['limit of the pool', () => Promise.resolve(cases.updateWorkPool('p', { concurrencyLimit: limit() }))],
    [
      'limit of a queue',
      () => Promise.resolve(cases.updateWorkQueue({ id: world.queues[1].id }, { concurrencyLimit: limit() })),
    ],
    ['limit of the tag', () => Promise.resolve(cases.setTagLimit('db', Math.floor(random() * 4)))],
    [
      'a process dies',
      async () => {
        const at = Math.floor(random() * processes.length);
        const [dead] = processes.splice(at, 1);
        if (dead) world.kill(dead);
        processes.push(await world.startProcess());
      },
    ],
    ['look after lost runs', () => cases.reapLostRuns()],
    [
      'time passes',
      async () => {
        world.advance(POOL_LEASE_SECONDS * random() * 2);
        await cases.releaseExpiredLeases();
      },
    ],
  ];
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  void test(`slots, seed ${seed}: never more holders than slots, none held by the dead`, async () => {
    const world = new SlotWorld(seed);
    await world.open();
    const processes = [await world.startProcess(), await world.startProcess()];
    const steps = stepsOf(world, processes);
    let taken: ReadonlyMap<string, number> = new Map();
    let most = 0;
    for (let step = 0; step < STEPS; step += 1) {
      const [name, work] = world.pick(steps) ?? steps[0] ?? ['', () => Promise.resolve()];
      await work();
      taken = await world.check(taken, `step ${step}, ${name}`);
      most = Math.max(most, ...taken.values());
    }
    assert.ok(most > 1, 'slots were taken');
    processes.forEach((process) => world.kill(process));
    await world.cases.reapLostRuns();
    world.advance(POOL_LEASE_SECONDS * 2);
    await world.cases.releaseExpiredLeases();
    const pending = new Set<string>((await world.runs(['PENDING'])).map(({ id }) => id));
    const places = (await world.limited()).filter(({ name }) => name !== deploymentLimitName(world.deploymentId));
    const holders = places.flatMap(({ leases }) => leases.map(({ holder }) => holder?.id ?? ''));
    assert.deepEqual(
      holders.filter((id) => pending.has(id)),
      [],
      'what nobody starts holds nothing',
    );
    await world.check(taken, 'in the end');
    world.storage.close();
  });
}
