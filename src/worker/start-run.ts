/** Which program runs a run: our own command for a TypeScript flow, Prefect's engine for a Python one. */

import type { DeploymentClient } from '../client/control/deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import { recordOf, type JsonRecord } from '../core/blocks/json.ts';
import { commandWords } from '../core/pull-steps/script-words.ts';
import { fillJobTemplates } from '../core/pull-steps/templates.ts';
import { signalAll, startChildGroup, type ChildGroup, type OutputStream } from '../platform/child-group.ts';
import { encodeLease, LEASE_ENTRY, RUN_ENTRY, TAKING_ENTRY, takingOf } from '../platform/handed-run.ts';
import { MARK_ENTRY, MARK_WANTED } from '../platform/output-mark.ts';
import { canTakeOn, SPARE_WORD, startSpare, type SpareProcess } from '../platform/spare-process.ts';
import { commandLineOf, findProcesses, parentOf, valuesInEnvironments } from '../platform/process-use.ts';
import { findPython } from './environment-plan.ts';
import { heardOfPython, languageOf, PYTHON_MODULE } from './flow-language.ts';
import type { StartHearing } from './preparation.ts';
import { preparePlace, type PlaceParts, type RunPlace } from './run-place.ts';
import { findDeployment } from './run-deployment.ts';
import type { SpareProcesses } from './spare-processes.ts';
import type { WarmPython } from './warm-python.ts';
import type { TakenRun } from './worker.ts';

export interface StartParts extends PlaceParts {
  readonly deployments: Pick<DeploymentClient, 'ofRun'>;
  /** How our own command is called: the program and what stands before its words. */
  readonly launcher: readonly [command: string, ...words: string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How the processes reach the server, whatever their folder's settings say. */
  readonly server: { readonly url: string; readonly authString: string | null; readonly key: string | null };
  /** Processes that are started already. */
  readonly spares: Pick<SpareProcesses, 'take'>;
  readonly warmPython: Pick<WarmPython, 'begin'>;
}

/** @throws `not-found`, `entrypoint-unusable`: there is nothing to start; how the code could not be brought */
export async function startRun(parts: StartParts, run: TakenRun, hearing: StartHearing): Promise<ChildGroup> {
  const { deployment, pinnedVersion, entrypoint, job } = await findDeployment(parts.deployments, run);
  const language = languageOf(entrypoint);
  // By the template's configuration: what a pool leaves out of it, nobody sets. One of ours stands in no template.
  const filled = await fillJobTemplates(job.configuration, parts.sources);
  const variables: JsonRecord = { ...recordOf(filled), environment: job.variables['environment'] };
  const marks = { [RUN_ENTRY]: run.id, [TAKING_ENTRY]: takingOf(run) };
  const own = { ...entriesOf(variables['env']), ...marks };
  const environment = { ...parts.environment, ...own };
  const command = commandIn(variables['command']);
  if (variables['stream_output'] === false) hearing.hush();
  const wanted = { runId: run.id, deployment, variables, entrypoint, language, environment, hearing };
  const place = await preparePlace(parts, wanted);
  try {
    const starting: Starting = { entrypoint, isPinned: pinnedVersion !== null, own, place, command };
    const group = await (language === 'python' ? startPython : startNode)(parts, run, starting, hearing.onLine);
    void group.ended.then(place.release);
    return group;
  } catch (error) {
    place.release();
    throw error;
  }
}

interface Starting {
  readonly entrypoint: string;
  /** It is that of a version: Prefect's engine would take that of the deployment as it is now. */
  readonly isPinned: boolean;
  /** What the deployment adds, and what marks the run. */
  readonly own: Readonly<Record<string, string>>;
  readonly place: RunPlace;
  /** In place of the one that the worker knows. */
  readonly command: readonly string[] | null;
}

type OnLine = (line: string, stream: OutputStream) => void;

async function startNode(
  parts: StartParts,
  run: TakenRun,
  { entrypoint, own, place, command: said }: Starting,
  onLine: OnLine,
): Promise<ChildGroup> {
  const { launcher, server, spares } = parts;
  const { folder } = place;
  const words = ['flow-run', 'execute', run.id, '--entrypoint', entrypoint];
  const environment = {
    ...parts.environment,
    OSTINATO_API_URL: server.url,
    ...(server.authString === null ? {} : { OSTINATO_API_AUTH_STRING: server.authString }),
    ...(server.key === null ? {} : { OSTINATO_API_KEY: server.key }),
    [LEASE_ENTRY]: encodeLease(run.lease),
    [MARK_ENTRY]: MARK_WANTED,
    ...place.environment,
    ...own,
  };
  if (said === null && canTakeOn({ environment, folder }, parts.environment)) {
    const spare = spares.take();
    if (spare !== null) return spare.begin({ words, folder, environment: textsOf(environment) }, onLine);
  }
  const [command = '', ...args] = said ?? [...launcher, ...words];
  return startChildGroup({ command, args, workingDirectory: folder, environment, onLine });
}

/** As Prefect's own process worker does it; by a fork where one stands ready. */
async function startPython(
  parts: StartParts,
  run: TakenRun,
  { entrypoint, isPinned, own, place, command: said }: Starting,
  onLine: OnLine,
): Promise<ChildGroup> {
  const { server } = parts;
  const { folder, pullsItself } = place;
  const environment = {
    ...parts.environment,
    PREFECT_API_URL: server.url,
    ...(server.authString === null ? {} : { PREFECT_API_AUTH_STRING: server.authString }),
    ...(server.key === null ? {} : { PREFECT_API_KEY: server.key }),
    PREFECT__FLOW_RUN_ID: run.id,
    ...(pullsItself && !isPinned ? {} : { PREFECT__FLOW_ENTRYPOINT: entrypoint }),
    ...place.environment,
    ...own,
  };
  const heard: OnLine = (line, stream) => onLine(heardOfPython(line), stream);
  const start = ([command = '', ...args]: readonly string[]): ChildGroup =>
    startChildGroup({ command, args, workingDirectory: folder, environment, onLine: heard });
  if (said !== null) return start(said);
  const python = place.python ?? (await findPython(environment));
  const order = { module: PYTHON_MODULE, folder, environment: textsOf(environment) };
  return (await parts.warmPython.begin({ python, order, onLine: heard })) ?? start([python, '-m', PYTHON_MODULE]);
}

/** @throws `bad-input`: it is more than one command, or none */
function commandIn(said: unknown): readonly string[] | null {
  if (said === null || said === undefined || said === '') return null;
  const words = typeof said === 'string' ? commandWords(said) : null;
  if (words !== null) return words;
  throw new OstinatoError('bad-input', 'The job variable command is not one command.', {
    remedy: 'Write one line; for a script: sh -c "…".',
  });
}

/** Starts one that waits; by the same program, and with what all runs have. */
export function startSpareRun(
  { launcher, environment }: Pick<StartParts, 'launcher' | 'environment'>,
  onLine: OnLine,
): SpareProcess {
  const [command, ...words] = launcher;
  return startSpare({ command, args: [...words, SPARE_WORD], workingDirectory: '/', environment, onLine });
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

/** Of one name and value, in bytes: Linux gives no program more. */
const ENTRY_BYTES_MAX = 128 * 1024;

/** What a deployment adds to the environment. @throws `bad-input` for what no environment can hold */
function entriesOf(env: unknown): Readonly<Record<string, string>> {
  const entries = textsOf(env);
  for (const [name, value] of Object.entries(entries)) {
    const wrong =
      name === '' || name.includes('=')
        ? 'is no name'
        : `${name}${value}`.includes('\0')
          ? 'has a character U+0000, which ends a text'
          : Buffer.byteLength(`${name}=${value}`) >= ENTRY_BYTES_MAX
            ? 'is too long: no program can be given more than 128 KiB in one'
            : null;
    if (wrong === null) continue;
    const shown = JSON.stringify(name.slice(0, 100));
    throw new OstinatoError('bad-input', `Of the job variable env, the entry ${shown} ${wrong}.`, {
      remedy: 'Write names of the environment and short texts; put what is long into a file.',
    });
  }
  return entries;
}

function textsOf(env: unknown): Readonly<Record<string, string>> {
  if (typeof env !== 'object' || env === null) return {};
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === null || value === undefined || typeof value === 'object' ? [] : [[name, String(value)]],
    ),
  );
}
