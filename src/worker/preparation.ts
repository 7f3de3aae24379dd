/** What a run's process needs before it begins is done by programs: each heard, awaited, and named when it fails. */

import { OstinatoError } from '../core/errors.ts';
import { startChildGroup, type ChildGroup } from '../platform/child-group.ts';
import type { JobHearing } from './infrastructure.ts';

/** Hears what is done for a run. */
export interface StartHearing extends JobHearing {
  /** What is to be asked to end when the run is: the program of a step. */
  readonly onPart: (part: Pick<ChildGroup, 'signal'>) => void;
  /** Its output becomes logs, and is not shown among the worker's own words. */
  readonly hush: () => void;
}

export interface PreparingProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Texts that are shown as `***`. */
  readonly secrets: ReadonlySet<string>;
}

export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Of what a program writes, kept for later steps. */
const OUTPUT_CHARACTERS_MAX = 64 * 1024;

/** @param named how the error begins, for instance `Pull step 1 of 2 (git clone of …)` */
export async function runPreparing(
  program: PreparingProgram,
  named: string,
  hearing: StartHearing,
): Promise<ProgramOutput> {
  stopIfEnding(named, hearing);
  const kept = { stdout: '', stderr: '' };
  let last = '';
  const group = startChildGroup({
    command: program.command,
    args: program.args,
    workingDirectory: program.folder,
    environment: program.environment,
    onLine(line, stream) {
      const shown = withoutSecrets(line, program.secrets);
      if (shown.trim() !== '') last = shown;
      kept[stream] = `${kept[stream]}${line}\n`.slice(-OUTPUT_CHARACTERS_MAX);
      hearing.onLine(shown, stream);
    },
  });
  hearing.onPart(group);
  const { exitCode, signal, problem } = await group.ended;
  // What it has left in its group is nobody's.
  group.signal('SIGKILL');
  if (exitCode === 0) {
    await group.read;
    return { stdout: kept.stdout.trimEnd(), stderr: kept.stderr.trimEnd() };
  }
  stopIfEnding(named, hearing);
  const why = problem ?? (signal === null ? `exit code ${exitCode}` : `the signal ${signal}`);
  throw new OstinatoError('upstream-failed', `${named} failed: ${why}.${last === '' ? '' : ` It wrote: ${last}`}`, {
    remedy: 'All that it wrote is in the logs of the run.',
  });
}

export function stopIfEnding(named: string, { isEnding }: StartHearing): void {
  if (!isEnding()) return;
  throw new OstinatoError('run-cancelled', `${named} was not finished: the run is to stop.`, {
    remedy: 'Run it again when you want it after all.',
  });
}

export function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, '***');
  return shown;
}
