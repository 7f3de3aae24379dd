/** Which program runs a run: our own command for a TypeScript flow, Prefect's engine for a Python one. */

import type { DeploymentClient } from '../client/control/deployments.ts';
import type { Deployment } from '../contract/deployment.ts';
import { OstinatoError } from '../core/errors.ts';
import { killMarked, signalAll, startChildGroup, type ChildGroup, type OutputStream } from '../platform/child-group.ts';
import { encodeLease, LEASE_ENTRY, RUN_ENTRY } from '../platform/handed-run.ts';
import { MARK_ENTRY, MARK_WANTED } from '../platform/output-mark.ts';
import { canTakeOn, SPARE_WORD, startSpare, type SpareProcess } from '../platform/spare-process.ts';
import { commandLineOf, findProcesses, parentOf, valuesInEnvironments } from '../platform/process-use.ts';
import type { SpareProcesses } from './spare-processes.ts';
import type { TakenRun } from './worker.ts';

export interface StartParts {
  readonly deployments: Pick<DeploymentClient, 'read'>;
  /** How our own command is called: the program and what stands before its words. */
  readonly launcher: readonly [command: string, ...words: string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How the processes reach the server, whatever their folder's settings say. */
  readonly server: { readonly url: string; readonly authString: string | null; readonly key: string | null };
  /** Processes that are started already. */
  readonly spares: Pick<SpareProcesses, 'take'>;
  /** Of runs whose deployment names none. */
  readonly workingDirectory: string;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Of our own command, which a spare process can be; `null`: another program. */
  readonly words: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
}

const PYTHON_ENTRYPOINT = /\.py:|^[\w.]+$/;

/** @throws `not-found`, `entrypoint-unusable`: there is nothing to start */
export async function startRun(
  parts: StartParts,
  run: TakenRun,
  onLine: (line: string, stream: OutputStream) => void,
): Promise<ChildGroup> {
  if (run.deploymentId === null)
    throw new OstinatoError('entrypoint-unusable', `Flow run ${run.name} is of no deployment.`, {
      remedy: 'Ask for runs of a deployment: ostinato deployment run NAME',
    });
  const found = await parts.deployments.read(run.deploymentId);
  if (found === null)
    throw new OstinatoError('not-found', `The deployment of flow run ${run.name} is not there any more.`);
  const { plain: deployment } = found;
  const { env, working_dir: folder } = deployment.job_variables;
  const program = programOf(parts, run, deployment);
  const workingDirectory = typeof folder === 'string' ? folder : (deployment.path ?? parts.workingDirectory);
  const environment = { ...parts.environment, ...program.environment, ...textsOf(env), [RUN_ENTRY]: run.id };
  if (program.words !== null && canTakeOn({ environment, folder: workingDirectory }, parts.environment)) {
    const order = { words: program.words, folder: workingDirectory, environment: textsOf(environment) };
    const spare = parts.spares.take();
    if (spare !== null) return spare.begin(order, onLine);
  }
  return startChildGroup({ command: program.command, args: program.args, workingDirectory, environment, onLine });
}

/** Starts one that waits; by the same program, and with what all runs have. */
export function startSpareRun({ launcher, environment }: Pick<StartParts, 'launcher' | 'environment'>): SpareProcess {
  const [command, ...words] = launcher;
  return startSpare({ command, args: [...words, SPARE_WORD], workingDirectory: '/', environment });
}

export function killLeft({ id }: TakenRun, group: number | null): void {
  killMarked(RUN_ENTRY, id, group);
}

export function findLeft({ id }: TakenRun, group: number | null): readonly number[] {
  return findProcesses(RUN_ENTRY, id, group);
}

/** A worker: as its command line says. */
const WORKER = /\b(?:worker|agent) start\b/;

/** How this machine is looked over for runs whose worker is gone. */
export const orphansHere = {
  marked: (): readonly string[] => valuesInEnvironments(RUN_ENTRY).filter((id) => id !== process.env[RUN_ENTRY]),
  /** The number may be another process's by now: the run's own has its id among its words. */
  find: (id: string, leader: number | null): readonly number[] =>
    findProcesses(RUN_ENTRY, id, leader !== null && commandLineOf(leader).includes(id) ? leader : null),
  isSupervised: (pid: number): boolean => WORKER.test(commandLineOf(parentOf(pid) ?? 0)),
  signal: signalAll,
};

function programOf({ launcher, server }: StartParts, run: TakenRun, { entrypoint }: Deployment): Program {
  if (entrypoint === null)
    throw new OstinatoError(
      'entrypoint-unusable',
      `The deployment of flow run ${run.name} does not say where its flow is.`,
      { remedy: 'Apply a file with an entrypoint.' },
    );
  if (PYTHON_ENTRYPOINT.test(entrypoint)) return pythonProgram(server, run);
  const [command, ...words] = launcher;
  const ours = ['flow-run', 'execute', run.id, '--entrypoint', entrypoint];
  return {
    command,
    args: [...words, ...ours],
    words: ours,
    environment: {
      OSTINATO_API_URL: server.url,
      ...(server.authString === null ? {} : { OSTINATO_API_AUTH_STRING: server.authString }),
      ...(server.key === null ? {} : { OSTINATO_API_KEY: server.key }),
      [LEASE_ENTRY]: encodeLease(run.lease),
      [MARK_ENTRY]: MARK_WANTED,
    },
  };
}

/** As Prefect's own process worker does it. */
function pythonProgram(server: StartParts['server'], run: TakenRun): Program {
  return {
    command: 'python',
    args: ['-m', 'prefect.engine'],
    words: null,
    environment: {
      PREFECT_API_URL: server.url,
      ...(server.authString === null ? {} : { PREFECT_API_AUTH_STRING: server.authString }),
      ...(server.key === null ? {} : { PREFECT_API_KEY: server.key }),
      PREFECT__FLOW_RUN_ID: run.id,
    },
  };
}

function textsOf(env: unknown): Readonly<Record<string, string>> {
  if (typeof env !== 'object' || env === null) return {};
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === null || value === undefined || typeof value === 'object' ? [] : [[name, String(value)]],
    ),
  );
}
