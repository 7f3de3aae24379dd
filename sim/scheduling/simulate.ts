/**
 * Schedules, pools and workers under a virtual clock: servers with clocks that are wrong, jump and die, workers and
 * processes that die, people who pause, edit, delete and cancel, on a store that answers later and breaks.
 */

import type { FlowRun } from '../../src/core/flow-run.ts';
import type { DeploymentId } from '../../src/core/ids.ts';
import { seededRandom } from '../../src/platform/random.ts';
import type { Storage } from '../../src/store/port.ts';
import { createSeededIds } from '../../src/testing/seeded-ids.ts';
import { openLaterStore } from '../later-store.ts';
import { SimClock } from '../sim-clock.ts';
import { Trace } from '../trace.ts';
import { checkSchedules } from './checks.ts';
import { SchedulingOperator } from './operator.ts';
import { pick, type PlannedSchedule, type SchedulingPlan } from './plan.ts';
import { SimServer } from './servers.ts';
import { BodyWitness } from './witness.ts';
import { killProcess, POOL, runWorker, type WorkerParts } from './workers.ts';

export interface SchedulingReport {
  readonly seed: number;
  /** A sentence each. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** How many runs have begun. */
  readonly bodies: number;
  /** How many processes and workers have ended, or were killed. */
  readonly ended: number;
}

/** @param plant puts a defect between the store and the servers */
export async function simulateScheduling(
  plan: SchedulingPlan,
  plant: (storage: Storage) => Storage = (storage) => storage,
): Promise<SchedulingReport> {
  const random = seededRandom(plan.seed);
  const clock = new SimClock(plan.startsAt, 0, random);
  const trace = new Trace();
  const dead = new Set<string>();
  let calm = false;
  const say = (who: string, what: string): void => trace.say(clock.elapsedUs, who, what);
  const store = openLaterStore({
    clock,
    faults: plan.store,
    draw: seededRandom(plan.seed + 1),
    isCalm: () => calm,
    say: (what) => say('store', what),
    onCommit: () => undefined,
    onRollBack: () => undefined,
  });
  const { committed } = store;
  const storage = plant(store.storage);
  const { failures, onFailure } = failureLog(say);
  const servers = Array.from(
    { length: plan.servers },
    (_, index) => new SimServer({ clock, storage, seed: plan.seed * 101 + index * 7, dead, onFailure }),
  );
  const ids = createSeededIds(clock, seededRandom(plan.seed + 2));
  const witness = new BodyWitness();
  const drive = driver(clock);
  const deploymentId = await drive.until(deploy(servers[0] as SimServer, plan));
  const madeAt = clock.now();
  const slugs = new Map(
    (await committed.readDeployment({ id: deploymentId }))?.schedules.map(({ id, slug }) => [id as string, slug]),
  );
  const workers: Promise<void>[] = [];
  const workerParts: WorkerParts = {
    clock,
    random,
    server: () => servers.find(({ isUp }) => isUp),
    dead,
    alive: new Set(),
    witness,
    scheduleOf: (run) => scheduleOf(run, slugs, plan.schedules),
    deathOdds: () => (calm ? 0 : plan.deathOdds),
    newId: <Id extends string>() => ids.next<Id>(),
    say,
    onFailure,
  };
  // As a service manager does: one that dies is started again.
  const keepWorker = async (): Promise<void> => {
    for (;;) {
      await runWorker(workerParts);
      await new Promise<void>((resolve) => clock.setTimer(random() * 120_000, () => resolve()));
    }
  };
  for (const server of servers) server.start();
  for (let index = 0; index < plan.workers; index += 1) workers.push(keepWorker());
  const operator = new SchedulingOperator({
    random,
    servers,
    storage: committed,
    deploymentId,
    planned: plan.schedules,
    later: (minutes, what) => void clock.setTimer(minutes * 60_000, what),
    kill: () => {
      if (workerParts.alive.size > 0) killProcess(workerParts, pick(random, [...workerParts.alive]));
    },
    say,
  });
  for (let strike = 0; strike < plan.strikes; strike += 1)
    clock.setTimer(random() * plan.chaosSeconds * 1000, () => {
      operator.strike().catch((error: unknown) => onFailure('the operator', error));
    });
  await drive.for(plan.chaosSeconds);
  calm = true;
  say('operator', 'mends everything');
  await drive.until(operator.mend());
  await drive.for(plan.calmSeconds);
  const checked = await checkSchedules({
    storage: committed,
    deploymentId,
    planned: plan.schedules,
    edits: operator.edits,
    madeAt,
    now: clock.now(),
  });
  for (const server of servers) server.kill();
  await store.storage.close();
  return {
    seed: plan.seed,
    violations: [...failures, ...witness.violations, ...checked],
    trace: trace.lines,
    bodies: witness.bodies,
    ended: dead.size,
  };
}

/** A broken connection is none: what was not done is done another time. */
function failureLog(say: (who: string, what: string) => void) {
  const failures: string[] = [];
  return {
    failures,
    onFailure(what: string, error: unknown): void {
      const text = error instanceof Error ? error.message : String(error);
      say('failure', `${what}: ${text}`);
      if (!/connection to the store broke/.test(text)) failures.push(`${what}: ${text}`);
    },
  };
}

async function deploy({ cases }: SimServer, plan: SchedulingPlan): Promise<DeploymentId> {
  for (;;) {
    try {
      const pool = { name: POOL, description: null, type: 'process', baseJobTemplate: '{}', isPaused: false };
      if ((await cases.readWorkPool({ name: POOL })) === null)
        await cases.createWorkPool({ ...pool, concurrencyLimit: plan.poolLimit, storageConfiguration: '{}' });
      const { flow } = await cases.ensureFlow({ name: 'sales', tags: [], labels: {} });
      const { deployment } = await cases.createDeployment({
        flowId: flow.id,
        name: 'daily',
        fields: { parameters: '{}' },
        schedules: plan.schedules.map(({ slug, schedule, policy }) => ({
          slug,
          schedule,
          ...(policy !== null && { policy }),
        })),
        creator: null,
        workPoolName: POOL,
        concurrencyLimit: plan.deploymentLimit,
      });
      return deployment.id;
    } catch (error) {
      if (!/connection to the store broke/.test(String(error))) throw error;
    }
  }
}

function scheduleOf(
  { submission }: FlowRun,
  slugs: ReadonlyMap<string, string | null>,
  planned: readonly PlannedSchedule[],
): PlannedSchedule | null {
  if (submission?.createdBy?.type !== 'SCHEDULE') return null;
  const slug = slugs.get(String(submission.createdBy.id));
  return planned.find((one) => one.slug === slug) ?? null;
}

function driver(clock: SimClock) {
  return {
    async for(seconds: number): Promise<void> {
      const until = clock.elapsedUs + seconds * 1e6;
      await clock.settle();
      while (clock.elapsedUs < until && clock.fireNext()) await clock.settle();
    },
    async until<T>(work: Promise<T>): Promise<T> {
      let isOver = false;
      const watched = work.finally(() => {
        isOver = true;
      });
      await clock.settle();
      while (!isOver && clock.fireNext()) await clock.settle();
      return await watched;
    },
  };
}
