/**
 * Carries out the pull steps of a deployment in the folder of a run, one after the other.
 *
 * 1. Before the first is begun, all are known to be steps that a worker carries out.
 * 2. What a step names by a way from where it stands stays in the run's folder, wherever links lead. Only an absolute
 *    path leads to the worker's own disk.
 * 3. The step that fails is named, and nothing after it is begun.
 */

import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { cloneName, showRepository } from '../core/pull-steps/repository.ts';
import { readPullStep, type GitStep, type PullStep, type ShellStep } from '../core/pull-steps/pull-step.ts';
import type { PullSources } from '../core/pull-steps/templates.ts';
import type { WrittenStep } from '../core/pull-steps/written-step.ts';
import { secondsBetween, sleep, type Clock } from '../core/time.ts';
import { gitCommands, gitEnvironment } from '../platform/git-clone.ts';
import { folderAt, folderInside, isAbsolutePath } from '../platform/run-folder.ts';
import { runPreparing, stopIfEnding, withoutSecrets, type ProgramOutput, type StartHearing } from './preparation.ts';

/** A clone over a network that failed is tried again. */
const CLONE_ATTEMPTS = 3;
const CLONE_AGAIN_MS = 1000;

export interface PullParts {
  /** Absolute, without links. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sources: Pick<PullSources, 'variable' | 'block'>;
  /** Carries out a step that installs packages. */
  readonly install: (step: InstallStep, folder: string, named: string) => Promise<ProgramOutput>;
  readonly clock: Clock;
  readonly hearing: StartHearing;
}

export type InstallStep = Extract<PullStep, { readonly kind: 'python-packages' | 'node-packages' }>;

export interface Pulled {
  /** Where the run begins. */
  readonly folder: string;
  /** Whether its code was brought here for this run, and is nobody else's. */
  readonly isOwn: boolean;
}

/** @throws what is wrong with a step, or how it failed */
export async function pullCode(steps: readonly WrittenStep[], parts: PullParts): Promise<Pulled> {
  const { clock, hearing } = parts;
  const secrets = new Set<string>();
  const outputs = new Map<string, unknown>();
  const pulling: Pulling = { ...parts, secrets, outputs, here: parts.folder };
  let begins = parts.folder;
  for (const [index, step] of steps.entries()) {
    const number = `Pull step ${index + 1} of ${steps.length}`;
    const since = clock.now();
    let named = `${number} (${step.name})`;
    try {
      const read = await readPullStep(step, {
        ...parts.sources,
        environment: parts.environment,
        outputs,
        secret: (text) => void secrets.add(text),
      });
      named = `${number} (${withoutSecrets(describePullStep(read), secrets)})`;
      stopIfEnding(named, hearing);
      hearing.say(LOG_LEVELS.info, `${named} begins.`);
      const given = await carryOut(read, named, pulling);
      for (const [name, value] of Object.entries(given)) outputs.set(name, value);
      if (step.id !== null) outputs.set(step.id, given);
      if (given['directory'] !== undefined) begins = folderOf(String(given['directory']), pulling);
      if (read.kind === 'folder') pulling.here = begins;
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      const text = error.message.startsWith(number) ? error.message : `${named} was refused: ${error.message}`;
      throw new OstinatoError(error.code, withoutSecrets(text, secrets), { remedy: error.remedy, cause: error });
    }
    hearing.say(LOG_LEVELS.info, `${named} is done after ${secondsBetween(since, clock.now()).toFixed(1)} s.`);
  }
  return { folder: begins, isOwn: folderInside(parts.folder, begins) !== null };
}

interface Pulling extends PullParts {
  readonly secrets: Set<string>;
  readonly outputs: ReadonlyMap<string, unknown>;
  /** Where steps work that do not say where: as with Prefect, only `set_working_directory` goes elsewhere. */
  here: string;
}

type Given = Readonly<Record<string, unknown>>;

async function carryOut(step: PullStep, named: string, pulling: Pulling): Promise<Given> {
  switch (step.kind) {
    case 'folder':
      return { directory: folderOf(step.directory, pulling) };
    case 'git':
      return await clone(step, named, pulling);
    case 'shell':
      return { ...(await runScript(step, named, pulling)) };
    case 'python-packages':
    case 'node-packages': {
      const folder = step.directory === null ? pulling.here : folderOf(step.directory, pulling);
      return { ...(await pulling.install(step, folder, named)) };
    }
  }
}

async function clone(step: GitStep, named: string, pulling: Pulling): Promise<Given> {
  const { here, environment, secrets, hearing, clock } = pulling;
  const into = `${here}/${step.into}`;
  if (folderAt(here, step.into) !== null)
    throw new OstinatoError('conflict', `${named}: a step before it has made ${step.into} already.`, {
      remedy: 'Give each clone a folder of its own: clone_directory_name.',
    });
  const env = { ...environment, ...gitEnvironment(step) };
  for (const { words, folder: below } of gitCommands(step)) {
    const program = { command: 'git', args: words, folder: below === null ? here : into, environment: env, secrets };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await runPreparing(program, named, hearing);
        break;
      } catch (error) {
        // Git takes away what it has begun to clone. Files of this machine do not get better by waiting.
        const isOver = attempt >= CLONE_ATTEMPTS || step.protocols.includes('file') || hearing.isEnding();
        if (isOver || !OstinatoError.is(error) || error.code !== 'upstream-failed') throw error;
        hearing.say(LOG_LEVELS.warning, `${error.message} It is tried again.`);
        await sleep(clock, CLONE_AGAIN_MS * attempt);
      }
    }
  }
  return { directory: step.into };
}

async function runScript(step: ShellStep, named: string, pulling: Pulling): Promise<ProgramOutput> {
  const { environment, secrets, hearing, here } = pulling;
  const folder = step.directory === null ? here : folderOf(step.directory, pulling);
  const outputs: ProgramOutput[] = [];
  for (const [command, ...args] of step.lines) {
    if (command === undefined) continue;
    const program = { command, args, folder, environment: { ...environment, ...step.environment }, secrets };
    outputs.push(await runPreparing(program, named, hearing));
  }
  const joined = (stream: keyof ProgramOutput): string =>
    outputs
      .map((output) => output[stream])
      .filter((text) => text !== '')
      .join('\n');
  return { stdout: joined('stdout'), stderr: joined('stderr') };
}

/** @throws `bad-input`: it is not there, or leads out of the run's folder */
function folderOf(word: string, { here }: Pulling): string {
  const found = isAbsolutePath(word) ? folderAt(here, word) : folderInside(here, word);
  if (found !== null) return found;
  const isWayOut = !isAbsolutePath(word) && folderAt(here, word) !== null;
  throw new OstinatoError(
    'bad-input',
    isWayOut
      ? `${JSON.stringify(word)} leads out of the folder that the steps work in.`
      : `There is no folder ${JSON.stringify(word)}.`,
    { remedy: 'Name a folder that a step before it has made, or an absolute path on the machine of the worker.' },
  );
}

/** In words, without secrets. */
export function describePullStep(step: PullStep): string {
  switch (step.kind) {
    case 'folder':
      return `working directory ${step.directory}`;
    case 'git': {
      const { repository, branch, commit } = step;
      const of = [branch === null ? '' : `, branch ${branch}`, commit === null ? '' : `, commit ${commit}`].join('');
      const into = step.into === cloneName(repository, branch) ? '' : ` into ${step.into}`;
      return `git clone of ${showRepository(repository)}${of}${into}`;
    }
    case 'shell':
      return `script ${step.lines.map((words) => words.join(' ')).join('; ')}`.slice(0, 200);
    case 'python-packages':
      return `packages of ${step.file}`;
    case 'node-packages':
      return 'packages of package-lock.json';
  }
}
