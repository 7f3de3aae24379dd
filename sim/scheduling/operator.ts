/** What people and machines do while schedules run: drawn, one thing at a time. */

import type { DeploymentSchedule } from '../../src/core/deployment.ts';
import { OstinatoError } from '../../src/core/errors.ts';
import type { DeploymentId, FlowRunId } from '../../src/core/ids.ts';
import { nextDates } from '../../src/core/schedules/next-dates.ts';
import type { Schedule } from '../../src/core/schedules/schedule.ts';
import type { Instant } from '../../src/core/time.ts';
import type { UseCases } from '../../src/orchestrator/use-cases.ts';
import type { Random } from '../../src/platform/random.ts';
import type { Storage } from '../../src/store/port.ts';
import { drawPolicy, drawSchedule, pick, type PlannedSchedule } from './plan.ts';
import type { SimServer } from './servers.ts';
import { POOL } from './workers.ts';

/** Minutes that a wrong clock is wrong by, at most; and for which things are away. */
const SKEW_MINUTES_MAX = 7;
const AWAY_MINUTES_MAX = 15;

/** A schedule got other dates: none of them before that may fire. */
export interface Edit {
  readonly scheduleId: string;
  readonly before: Schedule;
  readonly at: Instant;
}

export interface OperatorParts {
  readonly random: Random;
  readonly servers: readonly SimServer[];
  /** As it is committed. */
  readonly storage: Storage;
  readonly deploymentId: DeploymentId;
  readonly planned: readonly PlannedSchedule[];
  /** Calls after so many minutes. */
  readonly later: (minutes: number, what: () => void) => void;
  /** A worker, or a process that runs a run. */
  readonly kill: () => void;
  readonly say: (who: string, what: string) => void;
}

export class SchedulingOperator {
  readonly edits: Edit[] = [];
  readonly #parts: OperatorParts;
  readonly #deeds: readonly (readonly [string, (cases: UseCases) => Promise<unknown>])[];

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    const { random, deploymentId, kill } = parts;
    const flip = (): boolean => random() < 0.5;
    this.#deeds = [
      ['pauses the deployment', async (cases) => cases.pauseDeployment(deploymentId)],
      ['resumes the deployment', async (cases) => cases.resumeDeployment(deploymentId)],
      ['sets a schedule active or not', async (cases) => this.#change(cases, () => ({ active: flip() }))],
      ['gives a schedule other dates', async (cases) => this.#edit(cases)],
      [
        'gives a schedule another policy',
        async (cases) => this.#change(cases, () => ({ policy: drawPolicy(random) ?? {} })),
      ],
      ['asks for a run', async (cases) => cases.runDeployment(deploymentId, ASKED)],
      ['deletes a run', async (cases) => this.#ofRun((id) => cases.deleteFlowRun(id))],
      ['cancels a run', async (cases) => this.#ofRun((id) => cases.cancelFlowRun(id))],
      [
        'pauses a queue or not',
        async (cases) => cases.updateWorkQueue({ poolName: POOL, name: 'default' }, { isPaused: flip() }),
      ],
      [
        'changes the limit of the pool',
        async (cases) => cases.updateWorkPool(POOL, { concurrencyLimit: pick(random, [null, 0, 1, 3]) }),
      ],
      ['kills a server', () => this.#killServer()],
      ['moves a clock', () => this.#moveClock()],
      ['kills a process', async () => kill()],
    ];
  }

  async strike(): Promise<void> {
    const { random, servers, say } = this.#parts;
    const [what, deed] = pick(random, this.#deeds);
    say('operator', what);
    const server = pick(random, servers);
    // What is refused (no such run, a broken connection) is tried by people another time.
    await deed(server.cases).catch((error: unknown) => {
      if (!(error instanceof OstinatoError)) throw error;
      say('operator', `is refused: ${error.message}`);
    });
  }

  /** Everything is as it should be again. */
  async mend(): Promise<void> {
    const { servers, storage, deploymentId } = this.#parts;
    for (const server of servers) {
      server.clock.skewUs = 0;
      server.start();
    }
    const [{ cases }] = servers as readonly [SimServer];
    const again = async (work: () => unknown): Promise<void> => {
      for (;;) {
        try {
          return void (await work());
        } catch (error) {
          if (!(error instanceof OstinatoError)) throw error;
        }
      }
    };
    await again(() => cases.resumeDeployment(deploymentId));
    for (const { id } of (await storage.readDeployment({ id: deploymentId }))?.schedules ?? [])
      await again(() => cases.updateSchedule(deploymentId, id, { active: true }));
    await again(() => cases.updateWorkQueue({ poolName: POOL, name: 'default' }, { isPaused: false }));
    await again(() => cases.updateWorkPool(POOL, { concurrencyLimit: null }));
  }

  async #edited(): Promise<DeploymentSchedule | undefined> {
    const { storage, deploymentId, planned, random } = this.#parts;
    const found = await storage.readDeployment({ id: deploymentId });
    const mayChange = planned.filter(({ isEdited }) => isEdited).map(({ slug }) => slug);
    return pick(random, found?.schedules.filter(({ slug }) => slug !== null && mayChange.includes(slug)) ?? []);
  }

  async #change(cases: UseCases, draw: () => Parameters<UseCases['updateSchedule']>[2]): Promise<void> {
    const schedule = await this.#edited();
    if (schedule !== undefined) await cases.updateSchedule(this.#parts.deploymentId, schedule.id, draw());
  }

  async #edit(cases: UseCases): Promise<void> {
    const found = await this.#edited();
    if (found === undefined) return;
    const { storage, deploymentId } = this.#parts;
    await cases.updateSchedule(deploymentId, found.id, { schedule: drawSchedule(this.#parts.random) });
    const after = await storage.readDeployment({ id: deploymentId });
    const at = after?.schedules.find(({ id }) => id === found.id)?.updatedAt;
    if (at !== undefined) this.edits.push({ scheduleId: found.id, before: found.schedule, at });
  }

  async #ofRun(work: (id: FlowRunId) => unknown): Promise<void> {
    const { storage, random } = this.#parts;
    const run = pick(random, await storage.list('flow_run', { limit: 200 }));
    if (run !== undefined) await work(run.id);
  }

  async #killServer(): Promise<void> {
    const { servers, random, later } = this.#parts;
    const server = pick(random, servers);
    server.kill();
    later(random() * AWAY_MINUTES_MAX, () => server.start());
  }

  async #moveClock(): Promise<void> {
    const { servers, random } = this.#parts;
    pick(random, servers).clock.skewUs = Math.round((random() * 2 - 1) * SKEW_MINUTES_MAX * 60e6);
  }
}

const ASKED: Parameters<UseCases['runDeployment']>[1] = {
  parameters: '{}',
  tags: [],
  labels: {},
  policy: { retries: null, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
  parentTaskRunId: null,
  infrastructureDocumentId: null,
  context: '{}',
  jobVariables: null,
  creator: null,
};

/** Whether a schedule names that time. */
export function names(schedule: Schedule, at: Instant): boolean {
  return nextDates(schedule, (at - 1) as Instant, 1)[0]?.instant === at;
}
