/** `pull` of `ostinato.yaml`: how a worker gets the code, as it is told to the server. Templates are the worker's. */

import { join, relative, resolve } from 'node:path';

import { Action } from '../../contract/route.ts';
import { Type, type Static } from '../../contract/type.ts';
import { cloneName, isBranch, isCommit, isFolderName, protocolsOf } from '../../core/pull-steps/repository.ts';
import { hasTemplate } from './templates.ts';
import type { StepSlip } from './steps.ts';

const Text = Type.String({ minLength: 1 });

export const PullStep = Action({
  git: Type.Optional(
    Action({
      repository: Text,
      branch: Type.Optional(Text),
      commit: Type.Optional(Text),
      submodules: Type.Optional(Type.Boolean()),
      /** A template, so that it stands nowhere: `{{ blocks.secret.NAME.value }}` or `{{ env.NAME }}`. */
      token: Type.Optional(Text),
      into: Type.Optional(Text),
    }),
  ),
  /** A folder of the worker's machine. */
  local: Type.Optional(Action({ folder: Text })),
  /** A line for the shell. */
  shell: Type.Optional(Text),
  /** The file that lists packages. */
  install: Type.Optional(Text),
  env: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type PullStep = Static<typeof PullStep>;

const KINDS = ['git', 'local', 'shell', 'install'] as const;
const INSTALLED =
  /(?:^|\/)(?:package\.json|package-lock\.json|[\w.-]*requirements[\w.-]*\.txt|uv\.lock|pyproject\.toml)$/;

/** What is wrong with a step; `null`: nothing. */
export function slipOfPull(step: PullStep): StepSlip | null {
  const kinds = KINDS.filter((kind) => step[kind] !== undefined);
  const { git, shell, install } = step;
  if (kinds.length !== 1) {
    const message = kinds.length === 0 ? 'The step does nothing.' : `The step is ${kinds.join(' and ')} at once.`;
    return { path: kinds.slice(1, 2), message, advice: `A step is one of ${KINDS.join(', ')}.` };
  }
  if (shell !== undefined && hasTemplate(shell))
    return {
      path: ['shell'],
      message: 'A line for the shell has no templates: what they stand for would be run.',
      advice: 'Write env: { NAME: "{{ env.NAME }}" } beside it, and "$NAME" in the line.',
    };
  if (
    install !== undefined &&
    (!INSTALLED.test(install) || install.split('/').includes('..') || install.startsWith('/'))
  )
    return {
      path: ['install'],
      message: `Nothing is known to install ${JSON.stringify(install)} with.`,
      advice: 'Name package-lock.json, requirements.txt, uv.lock or pyproject.toml, from the folder of the code on.',
    };
  if (git === undefined) return null;
  const checks = [
    ['repository', (text: string) => protocolsOf(text) !== null, 'https://…, ssh://…, file:///… or git@HOST:PATH'],
    ['branch', isBranch, 'for instance branch: main'],
    ['commit', isCommit, '7 to 64 hexadecimal digits'],
    ['into', isFolderName, 'a name without slashes'],
  ] as const;
  for (const [name, isRight, right] of checks) {
    const text = git[name];
    if (text === undefined || hasTemplate(text) || isRight(text)) continue;
    return {
      path: ['git', name],
      message: `"git.${name}" cannot be ${JSON.stringify(text)}.`,
      advice: `Write ${right}.`,
    };
  }
  if (git.token !== undefined && !hasTemplate(git.token))
    return {
      path: ['git', 'token'],
      message: 'A token would stand in the file, and in the deployment.',
      advice: 'Write a template: token: "{{ blocks.secret.NAME.value }}" or "{{ env.NAME }}"',
    };
  return null;
}

/** As the server keeps them, and as Prefect's clients write them. @param root the project's folder */
export function pullStepsOf(steps: readonly PullStep[], root: string): Readonly<Record<string, unknown>>[] {
  let directory: string | undefined;
  return steps.map(({ git, local, shell, install, env }) => {
    const at = directory === undefined ? {} : { directory };
    if (git !== undefined) {
      directory = git.into ?? cloneName(git.repository, git.branch ?? null);
      return {
        'prefect.deployments.steps.git_clone': defined({
          repository: git.repository,
          branch: git.branch,
          commit_sha: git.commit,
          include_submodules: git.submodules,
          access_token: git.token,
          clone_directory_name: git.into ?? directory,
        }),
      };
    }
    if (local !== undefined) {
      directory = undefined;
      return { 'prefect.deployments.steps.set_working_directory': { directory: resolve(root, local.folder) } };
    }
    if (shell !== undefined)
      return { 'prefect.deployments.steps.run_shell_script': defined({ script: shell, shell: true, env, ...at }) };
    const file = install ?? 'package-lock.json';
    const below = file.includes('/') ? join(directory ?? '.', file.slice(0, file.lastIndexOf('/'))) : directory;
    const place = below === undefined ? {} : { directory: below };
    const name = file.slice(file.lastIndexOf('/') + 1);
    if (name.startsWith('package')) return { 'ostinato.steps.npm_install': place };
    return { 'prefect.deployments.steps.pip_install_requirements': { ...place, requirements_file: name } };
  });
}

/** Where the code is pulled to, the flow lies as it does in the project. @param path absolute */
export function pulledEntrypoint(entrypoint: string, path: string, root: string): string {
  const below = relative(root, path);
  return below === '' ? entrypoint : `${below.replaceAll('\\', '/')}/${entrypoint}`;
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
