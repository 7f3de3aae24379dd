/** What a worker of each kind runs its runs in, with this machine's parts: processes, or jobs of an infrastructure. */

import { join } from 'node:path';

import type { DeploymentClient } from '../client/control/deployments.ts';
import type { ControlPlane } from '../client/control/plane.ts';
import type { PoolClient } from '../client/control/pools.ts';
import type { OstinatoClient } from '../client/port.ts';
import { FILTER_LOGS } from '../contract/routes/logs.ts';
import { parseInstant, type Clock, type Instant } from '../core/time.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { packageFolder } from '../platform/own-package.ts';
import { livenessOf, type ProcessMark } from '../platform/process-liveness.ts';
import type { SettingValues } from '../platform/settings.ts';
import { heardOfPython } from '../worker/flow-language.ts';
import type { JobHearing, WorkerKind } from '../worker/infrastructure.ts';
import type { JobMark } from '../worker/job-mark.ts';
import { LeftJobs } from '../worker/left-jobs.ts';
import { Orphans, type OrphanPorts } from '../worker/orphans.ts';
import { prepareJob } from '../worker/prepare-job.ts';
import { clearProcesses, processJob } from '../worker/process-job.ts';
import type { SupervisorPorts } from '../worker/run-supervisor.ts';
import { SpareProcesses } from '../worker/spare-processes.ts';
import { orphansHere, startRun, startSpareRun, type StartParts } from '../worker/start-run.ts';
import type { TakenRun, WorkerPorts } from '../worker/worker.ts';
import type { Terminal } from './terminal.ts';
import { openPlaces, sourcesOf } from './worker-places.ts';

export interface WorkParts {
  readonly terminal: Pick<Terminal, 'environment' | 'workingDirectory'>;
  readonly values: SettingValues;
  readonly client: OstinatoClient;
  readonly plane: ControlPlane;
  readonly pools: PoolClient;
  readonly deployments: DeploymentClient;
  readonly server: StartParts['server'];
  readonly clock: Clock;
  readonly mark: ProcessMark;
  readonly pool: string;
  readonly worker: string;
  /** Processes that stand ready, where runs are processes. */
  readonly spare: number;
  readonly say: (level: number, message: string) => void;
}

/** What is the same for each run; how one is begun; and what becomes of those whose worker is gone. */
export interface WorkerWork extends Pick<SupervisorPorts, 'noun' | 'start' | 'clearUnstarted'> {
  readonly check: (() => Promise<void>) | undefined;
  readonly orphans: (ports: LeftPorts) => WorkerPorts['orphans'];
  readonly spareCount: () => number;
  readonly end: () => Promise<void>;
}

export interface LeftPorts extends Pick<OrphanPorts, 'tell'> {
  /** Looks after a job that another worker has started, and which is begun so. */
  readonly adopt: (run: TakenRun, start: SupervisorPorts['start']) => void;
}

export async function processWork(parts: WorkParts): Promise<WorkerWork> {
  const { terminal, values, plane, clock, say, mark, client, deployments, server, spare } = parts;
  const program = {
    launcher: [process.execPath, join(packageFolder, 'bin', 'ostinato.js')] as [string, string],
    environment: { ...terminal.environment, OSTINATO_HOME: values.home },
  };
  const spares = new SpareProcesses({
    count: spare,
    clock,
    say: (message) => say(LOG_LEVELS.warning, message),
    start: (onLine) => startSpareRun(program, onLine),
  });
  const places = await openPlaces(values, plane, clock, say);
  const starting = { ...program, ...places, spares, deployments, server, workingDirectory: terminal.workingDirectory };
  return {
    noun: 'process',
    start: async (run, hearing) => processJob(run, await startRun(starting, run, hearing), mark.host),
    clearUnstarted: (run) => clearProcesses(run),
    check: undefined,
    orphans: ({ tell }) => new Orphans({ client, tell, clock, host: mark.host, say, ...orphansHere }),
    spareCount: () => spares.waiting,
    end() {
      spares.end();
      places.warmPython.end();
      return Promise.resolve();
    },
  };
}

/** @throws why the infrastructure cannot work at all */
export async function jobWork(kind: WorkerKind, parts: WorkParts): Promise<WorkerWork> {
  const { terminal, client, plane, deployments, server, clock, mark, pool, worker, say } = parts;
  const place = { pool, worker, apiUrl: server.url, environment: terminal.environment, say };
  const infrastructure = await kind.open(place);
  const own = { server: server.url, pool };
  const jobs = { deployments, server, sources: sourcesOf(plane), mark: { ...own, worker, process: mark } };
  return {
    noun: kind.type === 'docker' ? 'container' : 'job',
    async start(run, hearing) {
      const { job, language } = await prepareJob(jobs, run);
      const heard: JobHearing =
        language === 'python'
          ? { ...hearing, onLine: (line, stream) => hearing.onLine(heardOfPython(line), stream) }
          : hearing;
      return await infrastructure.start(job, heard);
    },
    clearUnstarted: () => [],
    check: infrastructure.check?.bind(infrastructure),
    orphans: ({ adopt }) =>
      new LeftJobs({
        client,
        clock,
        say,
        own,
        find: async () => (await infrastructure.find?.()) ?? [],
        isAlive: (each) => isAlive(each, parts),
        adopt: (run, job) =>
          adopt(run, async (_, hearing) => await job.attach(hearing, await lastHeard(run.id, plane))),
      }),
    spareCount: () => 0,
    async end() {
      await infrastructure.close?.();
    },
  };
}

/** On this machine the kernel is asked; elsewhere, whether its pool hears of it. */
async function isAlive({ process: { pid, host, startMark }, worker }: JobMark, parts: WorkParts): Promise<boolean> {
  const { clock, mark, pools, pool, worker: ownName } = parts;
  if (host === mark.host && startMark !== null)
    return livenessOf({ pid, host, startMark, heartbeatAt: 0 as Instant }, clock.now()).alive;
  // Of the same name there is one: this one.
  if (worker === ownName) return false;
  const workers = await pools.listWorkers(pool, { limit: WORKERS_MAX });
  return workers.some(({ plain }) => plain.name === worker && plain.status === 'ONLINE');
}

const WORKERS_MAX = 200;

/** When the last line of its output came that is in the logs of the run. */
async function lastHeard(runId: string, plane: ControlPlane): Promise<Instant | null> {
  const logs = { flow_run_id: { any_: [runId] } };
  const { plain } = await plane.ask(FILTER_LOGS, { body: { logs, sort: 'TIMESTAMP_DESC', limit: LOGS_MAX } });
  const last = plain.find(({ name }) => name.startsWith('ostinato.process.'));
  return last === undefined ? null : parseInstant(last.timestamp);
}

const LOGS_MAX = 200;
