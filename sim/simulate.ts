/** One simulation, from its seed to its report. */

import type { FlowRun } from '../src/core/flow-run.ts';
import { ofFlow } from '../src/core/list-query.ts';
import { drawJobs } from './draw-plan.ts';
import { expectedOf } from './expected.ts';
import { checkEnd } from './final-checks.ts';
import { Operator, type Job } from './operator.ts';
import { SimWorld, type Violation, type WorldOptions } from './sim-world.ts';
import { Witness } from './witness.ts';

export interface SimulationReport {
  readonly seed: number;
  /** Of a store that answers later. */
  readonly isLater: boolean;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  /** Equal for equal seeds, on every machine. */
  readonly digest: string;
  readonly bodies: number;
  readonly crashes: number;
  /** Virtual. */
  readonly seconds: number;
}

/** Many times what the longest seed takes: one that goes on is stuck in a loop. */
const TIMERS_MAX = 300_000;

export async function simulate(options: WorldOptions): Promise<SimulationReport> {
  const world = new SimWorld(options);
  const jobs: Job[] = drawJobs(options.seed).map((spec) => ({
    spec,
    expected: expectedOf(spec),
    runId: null,
    holder: null,
    startedFrom: null,
    attempts: 0,
    outcome: undefined,
    cancelled: false,
  }));
  const calls = new Map(jobs.flatMap(({ expected }) => [...expected.calls]));
  const witness = new Witness({
    nowUs: () => world.clock.elapsedUs,
    say: (who, what) => world.trace.say(world.clock.elapsedUs, who, what),
    object: (invariant, what) => world.object(invariant, what),
    callsOf: (key) => calls.get(key) ?? 0,
    runOf: (id) => world.committed.readFlowRun(id) as FlowRun | null,
  });
  world.onRolledBack = (key) => witness.forget(key);
  const operator = new Operator(world, witness, jobs);
  let thrown: unknown;
  // Lists load their query compiler when they are first asked: here, where it disturbs no order.
  await world.committed.list('flow_run', { where: ofFlow('none') });
  void operator.work().catch((error: unknown) => {
    thrown = error;
  });
  for (let timers = 0; ; timers += 1) {
    await world.clock.settle();
    if (operator.finished || thrown !== undefined || world.violations.length > 0) break;
    if (!world.clock.fireNext() || timers > TIMERS_MAX) {
      world.object(
        'every run ends',
        timers > TIMERS_MAX ? 'it goes on and on' : 'nothing is left to happen, and the jobs are not done',
      );
      break;
    }
  }
  if (thrown !== undefined)
    world.object('the simulation itself', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  if (world.violations.length === 0) await checkEnd(world, witness, jobs);
  for (const process of world.processes) process.life.end();
  const report = {
    seed: options.seed,
    isLater: world.chaos.plan.store !== null,
    violations: world.violations,
    trace: world.trace.lines,
    digest: world.trace.digest(),
    bodies: witness.bodies,
    crashes: world.chaos.crashes,
    seconds: world.clock.elapsedUs / 1e6,
  };
  await world.close();
  return report;
}
