/** Where a run begins, and with which packages: by its deployment's pull steps, folder and lock file. */

import type { Deployment } from '../contract/deployment.ts';
import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { PullSources } from '../core/pull-steps/templates.ts';
import { readWrittenSteps, type WrittenStep } from '../core/pull-steps/written-step.ts';
import type { Clock } from '../core/time.ts';
import { killMarked } from '../platform/child-group.ts';
import { RUN_ENTRY } from '../platform/handed-run.ts';
import { findLockFile, readLockFile, type LockFile } from '../platform/lock-files.ts';
import { isInside } from '../platform/path-inside.ts';
import { isFolder, makeRunFolder, removeRunFolder } from '../platform/run-folder.ts';
import { findPython } from './environment-plan.ts';
import { linkPackages, type Environments, type MadeEnvironment } from './environments.ts';
import { runPreparing, type ProgramOutput, type StartHearing } from './preparation.ts';
import { pullCode, type InstallStep } from './pull.ts';

type Entries = Readonly<Record<string, string | undefined>>;

export interface PlaceParts {
  /** Where folders of runs and environments lie. */
  readonly home: string;
  readonly environments: Pick<Environments, 'take'>;
  readonly sources: Pick<PullSources, 'variable' | 'block'>;
  readonly clock: Clock;
  /** Of runs whose deployment names none. */
  readonly workingDirectory: string;
}

export interface PlaceWanted {
  readonly runId: string;
  readonly deployment: Deployment;
  /** What the pool, the deployment and the run say of the process. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly entrypoint: string;
  readonly language: 'python' | 'node';
  /** Of the programs that prepare it: the worker's, and what the deployment adds. */
  readonly environment: Entries;
  readonly hearing: StartHearing;
}

export interface RunPlace {
  readonly folder: string;
  /** Whether the run's own program has to get the code: a step is a function of somebody's Python package. */
  readonly pullsItself: boolean;
  /** The interpreter of the run's environment; `null`: the worker's own. */
  readonly python: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** When nothing of the run is left. */
  readonly release: () => void;
}

/** Job variable `environment`: `lock` makes one, `none` does not; left out, one is made for code that was pulled. */
const MODES: readonly unknown[] = ['lock', 'none'];

export async function preparePlace(parts: PlaceParts, wanted: PlaceWanted): Promise<RunPlace> {
  const { deployment, runId, variables } = wanted;
  const mode = variables['environment'] ?? null;
  if (mode !== null && !MODES.includes(mode))
    throw new OstinatoError('bad-input', `The job variable environment cannot be ${JSON.stringify(mode)}.`, {
      remedy: 'Write "lock" (packages by the lock file) or "none", or leave it away.',
    });
  const steps = readWrittenSteps(deployment.pull_steps);
  const preparing: Preparing = { ...parts, ...wanted, mode: mode as Preparing['mode'], made: [] };
  const isPulled = steps.length > 0;
  const release = (): void => {
    for (const { release: releaseOne } of preparing.made) releaseOne();
    if (isPulled) void removeRunFolder(parts.home, runId);
  };
  try {
    const place = isPulled ? await pulledPlace(steps, preparing) : await localPlace(preparing);
    if (!isFolder(place.folder))
      throw new OstinatoError('not-found', `There is no folder ${JSON.stringify(place.folder)} on this machine.`, {
        remedy: 'Say where the code is: the path of the deployment, or its job variable working_dir.',
      });
    return { ...place, release };
  } catch (error) {
    release();
    throw error;
  }
}

interface Preparing extends PlaceParts, PlaceWanted {
  readonly mode: 'lock' | 'none' | null;
  /** The environments that were made or found. */
  readonly made: MadeEnvironment[];
}

type Place = Omit<RunPlace, 'release'>;

async function localPlace(preparing: Preparing): Promise<Place> {
  const { deployment, variables, workingDirectory, mode, language, entrypoint } = preparing;
  const { working_dir: stated } = variables;
  const folder = typeof stated === 'string' ? stated : (deployment.path ?? workingDirectory);
  // A folder of the machine has the packages of Node that are installed in it.
  if (mode === 'lock' && language === 'python')
    await takeBy(findLockFile('python', folder, fileOf(entrypoint)), preparing);
  return { folder, pullsItself: false, ...interpreter(preparing) };
}

async function pulledPlace(steps: readonly WrittenStep[], preparing: Preparing): Promise<Place> {
  const { home, runId, language, environment, sources, clock, hearing, entrypoint, mode } = preparing;
  const unknown = steps.find(({ kind }) => kind === null);
  // What a worker that was killed has left at work for this run would go on writing there.
  killMarked(RUN_ENTRY, runId, null);
  const base = makeRunFolder(home, runId);
  if (unknown !== undefined && language === 'python') {
    hearing.say(
      LOG_LEVELS.info,
      `The run's own program carries the pull steps out: ${unknown.name} is one of a package.`,
    );
    return { folder: base, pullsItself: true, python: null, environment: {} };
  }
  const pulled = await pullCode(steps, {
    folder: base,
    environment,
    sources,
    clock,
    hearing,
    install: (step, folder, named) => install(step, folder, named, preparing),
  });
  const { folder, isOwn } = pulled;
  const file = fileOf(entrypoint);
  if (isOwn && !isInside(folder, file))
    throw new OstinatoError('bad-input', `The entrypoint ${JSON.stringify(entrypoint)} leads out of what was pulled.`, {
      remedy: 'Name a file in the repository.',
    });
  const isWanted = mode === 'lock' || (mode === null && isOwn);
  if (isWanted && preparing.made.length === 0) {
    const found = findLockFile(language, folder, file);
    const made = found === null ? null : await takeBy(found, preparing);
    if (found !== null && made !== null && made.python === null)
      linkPackages(found.path.slice(0, found.path.lastIndexOf('/')), made);
    if (found === null && mode === 'lock')
      throw new OstinatoError('not-found', `No lock file lists the packages of ${entrypoint}.`, {
        remedy:
          'Commit one (package-lock.json, uv.lock, requirements.txt), or leave the job variable environment away.',
      });
  }
  return { folder, pullsItself: false, ...interpreter(preparing) };
}

/** A step that installs: into an environment for the hash of what is installed, unless none is wanted. */
async function install(step: InstallStep, folder: string, named: string, preparing: Preparing): Promise<ProgramOutput> {
  const { mode, environment, hearing } = preparing;
  const place = { folder, environment, secrets: new Set<string>() };
  if (step.kind === 'node-packages') {
    if (mode === 'none') return await runPreparing({ command: 'npm', args: ['ci'], ...place }, named, hearing);
    linkPackages(folder, await take(`${folder}/package-lock.json`, folder, preparing));
  } else if (mode === 'none') {
    const args = ['-m', 'pip', 'install', '-r', step.file];
    return await runPreparing({ command: await findPython(environment), args, ...place }, named, hearing);
  } else await take(`${folder}/${step.file}`, folder, preparing);
  return { stdout: '', stderr: '' };
}

async function take(path: string, root: string, preparing: Preparing): Promise<MadeEnvironment> {
  const made = await takeBy(readLockFile(path, root), preparing);
  if (made !== null) return made;
  throw new OstinatoError('bad-input', `${path} lists no packages.`, { remedy: 'Leave the step away, or list some.' });
}

async function takeBy(lockFile: LockFile | null, preparing: Preparing): Promise<MadeEnvironment | null> {
  if (lockFile === null) return null;
  const { environment, runId, hearing, environments, made } = preparing;
  const taken = await environments.take({ lockFile, environment, runId, hearing });
  made.push(taken);
  return taken;
}

/** Of the environment that was taken last. */
function interpreter({ made, environment }: Preparing): Pick<RunPlace, 'python' | 'environment'> {
  const last = made.findLast(({ python }) => python !== null);
  if (last === undefined) return { python: null, environment: {} };
  const folder = `${last.folder}/venv`;
  const entries = { VIRTUAL_ENV: folder, PATH: `${folder}/bin:${environment['PATH'] ?? '/usr/bin:/bin'}` };
  return { python: last.python, environment: entries };
}

/** `flows/etl.py:main` → the file; a module by its name has none. */
function fileOf(entrypoint: string): string {
  const colon = entrypoint.lastIndexOf(':');
  if (colon < 0) return '.';
  return entrypoint.slice(0, colon);
}
