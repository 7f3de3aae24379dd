/**
 * How a repository is cloned: programs with their words, for whoever starts them. No shell reads any of it, a token is
 * in no list of arguments, and git may use no other transports than those of the step.
 */

import type { GitStep } from '../core/pull-steps/pull-step.ts';

export interface GitCommand {
  readonly words: readonly string[];
  /** Below the folder that is cloned into; `null`: beside it. */
  readonly folder: string | null;
}

/** In the folder that the clone becomes a part of. */
export function gitCommands(step: Omit<GitStep, 'kind' | 'protocols' | 'login'>): readonly GitCommand[] {
  const { repository, branch, commit, submodules, directories, into } = step;
  // A commit may be any: its history is needed. Else the newest state is enough.
  const depth = commit === null ? ['--depth', '1'] : ['--no-checkout'];
  const only = directories.length > 0 ? ['--sparse', '--filter=blob:none'] : [];
  const of = branch === null ? [] : ['--branch', branch];
  const within = (...words: string[]): GitCommand => ({ words, folder: into });
  return [
    { words: ['clone', ...depth, ...of, ...only, '--', repository, into], folder: null },
    ...(directories.length > 0 ? [within('sparse-checkout', 'set', ...directories)] : []),
    ...(commit === null ? [] : [within('checkout', '--quiet', '--detach', commit, '--')]),
    ...(submodules ? [within('submodule', 'update', '--init', '--recursive')] : []),
  ];
}

/** What of the environment is git's, and what it must not take from whoever starts it. */
export function gitEnvironment({
  repository,
  protocols,
  login,
}: Pick<GitStep, 'repository' | 'protocols' | 'login'>): Readonly<Record<string, string | undefined>> {
  return {
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
    GIT_EXTERNAL_DIFF: undefined,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    ...configOf({ 'core.hooksPath': '/dev/null', ...loginOf(repository, login) }),
  };
}

function loginOf(repository: string, login: GitStep['login']): Readonly<Record<string, string>> {
  if (login === null || !/^https?:/i.test(repository)) return {};
  const { origin } = new URL(repository);
  const word = Buffer.from(`${login.user}:${login.token}`).toString('base64');
  return { [`http.${origin}/.extraHeader`]: `Authorization: Basic ${word}` };
}

/** Settings of git, given by its environment. */
function configOf(entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const listed = Object.entries(entries);
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(listed.length)],
    ...listed.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]);
}
