/**
 * Steps of `ostinato.yaml`: what is done before deployments are applied (`build`), and after it was checked that they
 * can be (`push`).
 *
 * What a step says is never put together from templates and run: words go to programs as they are, and paths stay in
 * the project's folder.
 */

import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { Action } from '../../contract/route.ts';
import { Type, type Static } from '../../contract/type.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isInside } from '../../platform/path-inside.ts';
import type { Complaint } from '../deployment-file/written-document.ts';
import { hasTemplate } from './templates.ts';

const Text = Type.String({ minLength: 1 });

export const Step = Action({
  /** A line for the shell. */
  shell: Type.Optional(Text),
  /** The file that lists packages. */
  install: Type.Optional(Text),
  git: Type.Optional(Action({ repository: Text, into: Text, branch: Type.Optional(Text) })),
  /** A folder of the project, copied to another place. */
  local: Type.Optional(Action({ from: Text, to: Text })),
  env: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type Step = Static<typeof Step>;

const KINDS = ['shell', 'install', 'git', 'local'] as const;
const EXAMPLE = 'Write, for instance: - shell: npm run build';
const REPOSITORY = /^(?:https:\/\/|ssh:\/\/|file:\/\/\/|[\w.-]+@[\w.-]+:)[^\s]+$/;
const BRANCH = /^[\w][\w./-]*$/;
const INSTALLERS: Readonly<Record<string, readonly [program: string, ...words: string[]]>> = {
  'package.json': ['npm', 'install', '--no-audit', '--no-fund'],
  'package-lock.json': ['npm', 'ci', '--no-audit', '--no-fund'],
  'requirements.txt': ['python3', '-m', 'pip', 'install', '-r', 'requirements.txt'],
};

export type StepSlip = Pick<Complaint, 'message' | 'advice'> & { readonly path: readonly string[] };

/** What is wrong with a step; `null`: nothing. @param root the project's folder */
export function slipOf(step: Step, root: string): StepSlip | null {
  const kinds = KINDS.filter((kind) => step[kind] !== undefined);
  if (kinds.length !== 1) {
    const message = kinds.length === 0 ? 'The step does nothing.' : `The step is ${kinds.join(' and ')} at once.`;
    return { path: kinds.slice(1, 2), message, advice: `A step is one of ${KINDS.join(', ')}. ${EXAMPLE}` };
  }
  const { shell, install, git, local } = step;
  if (shell !== undefined && hasTemplate(shell))
    return {
      path: ['shell'],
      message: 'A line for the shell has no templates: what they stand for would be run.',
      advice: 'Write env: { NAME: "{{ env.NAME }}" } beside it, and "$NAME" in the line.',
    };
  if (install !== undefined && INSTALLERS[install.slice(install.lastIndexOf('/') + 1)] === undefined)
    return {
      path: ['install'],
      message: `Nothing is known to install ${JSON.stringify(install)} with.`,
      advice: `Write one of ${Object.keys(INSTALLERS).join(', ')}.`,
    };
  if (git !== undefined && !REPOSITORY.test(git.repository))
    return {
      path: ['git', 'repository'],
      message: `${JSON.stringify(git.repository)} is no address of a repository.`,
      advice: 'Write https://…, ssh://…, file:///… or git@HOST:PATH.',
    };
  if (git?.branch !== undefined && !BRANCH.test(git.branch))
    return {
      path: ['git', 'branch'],
      message: `${JSON.stringify(git.branch)} is no name of a branch.`,
      advice: 'Write, for instance: branch: main',
    };
  const paths = [
    [['install'], install],
    [['git', 'into'], git?.into],
    [['local', 'from'], local?.from],
    [['local', 'to'], local?.to],
  ] as const;
  for (const [path, word] of paths)
    if (word !== undefined && !isInside(root, word))
      return {
        path,
        message: `${JSON.stringify(word)} leads out of the project's folder.`,
        advice: 'Name a place below the folder of this file.',
      };
  return null;
}

export function describeStep({ shell, install, git, local }: Step): string {
  if (shell !== undefined) return `shell: ${shell}`;
  if (install !== undefined) return `install: ${install}`;
  if (git !== undefined) return `git: ${git.repository} into ${git.into}`;
  return `local: ${local?.from ?? ''} to ${local?.to ?? ''}`;
}

/** @throws `upstream-failed` when the step's program fails */
export function runStep(step: Step, root: string, environment: Readonly<Record<string, string | undefined>>): void {
  const { shell, install, git, local } = step;
  const env = { ...environment, ...step.env };
  if (local !== undefined)
    return cpSync(resolve(root, local.from), resolve(root, local.to), { recursive: true, dereference: false });
  if (shell !== undefined) return start(step, 'sh', ['-c', shell], root, env);
  if (git !== undefined) {
    const branch = git.branch === undefined ? [] : ['--branch', git.branch];
    const words = ['clone', '--depth', '1', ...branch, '--', git.repository, resolve(root, git.into)];
    return start(step, 'git', words, root, { ...env, GIT_TERMINAL_PROMPT: '0' });
  }
  const file = resolve(root, install ?? 'package.json');
  const [program, ...words] = INSTALLERS[file.slice(file.lastIndexOf('/') + 1)] ?? ['npm', 'install'];
  return start(step, program, words, dirname(file), env);
}

function start(
  step: Step,
  program: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  // Its output is for people; stdout is for what the command answers.
  const { status, signal, error } = spawnSync(program, [...words], { cwd, env, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  const why = error?.message ?? (signal === null ? `exit code ${status}` : `the signal ${signal}`);
  throw new OstinatoError('upstream-failed', `The step "${describeStep(step)}" failed: ${why}.`, {
    remedy: 'Its own words are above; nothing was applied.',
  });
}
