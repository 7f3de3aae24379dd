/**
 * What a pull step does, read from its inputs when templates are filled in. What could lead elsewhere than it says (an
 * option in place of a value, a transport that runs a program, a way out of the folder) is refused here or, where links
 * have to be looked at, by who carries it out.
 */

import { isRecord } from '../blocks/json.ts';
import { OstinatoError } from '../errors.ts';

import { cloneName, isBranch, isCommit, isFolderName, protocolsOf, showRepository, userOfToken } from './repository.ts';
import { scriptWords } from './script-words.ts';
import { fillPullTemplates, hasPullTemplate, type PullSources } from './templates.ts';
import type { WrittenStep } from './written-step.ts';

export interface GitStep {
  readonly kind: 'git';
  readonly repository: string;
  /** What git may use to get it and its submodules. */
  readonly protocols: readonly string[];
  readonly branch: string | null;
  readonly commit: string | null;
  readonly submodules: boolean;
  /** Only these folders of it; empty: all. */
  readonly directories: readonly string[];
  /** The name of the folder that it is cloned into. */
  readonly into: string;
  readonly login: { readonly user: string; readonly token: string } | null;
}

export interface ShellStep {
  readonly kind: 'shell';
  /** Programs with their words, one after the other. */
  readonly lines: readonly (readonly string[])[];
  readonly directory: string | null;
  readonly environment: Readonly<Record<string, string>>;
}

export type PullStep =
  | { readonly kind: 'folder'; readonly directory: string }
  | GitStep
  | ShellStep
  | { readonly kind: 'python-packages'; readonly directory: string | null; readonly file: string }
  | { readonly kind: 'node-packages'; readonly directory: string | null };

/** @throws `bad-input`, `unsupported`: what is wrong with it */
export async function readPullStep(step: WrittenStep, sources: PullSources): Promise<PullStep> {
  const { kind, name, inputs } = step;
  if (kind === null)
    throw new OstinatoError('unsupported', `The step ${name} is a function that no worker of Ostinato knows.`, {
      remedy: 'Use git_clone, set_working_directory, run_shell_script, pip_install_requirements or npm_install.',
    });
  // Words are cut before anything is filled in: what is filled in is never more than a part of one word.
  if (kind === 'shell') return await readShell(name, inputs, sources);
  const filled = (await fillPullTemplates(inputs, sources)) as Readonly<Record<string, unknown>>;
  const text = (key: string): string | null => optionalText(name, key, filled[key]);
  switch (kind) {
    case 'folder':
      return { kind, directory: text('directory') ?? missing(name, 'directory') };
    case 'git':
      return readGit(name, filled, sources);
    case 'python-packages':
      return {
        kind,
        directory: text('directory'),
        file: plainPath(name, text('requirements_file') ?? 'requirements.txt'),
      };
    case 'node-packages':
      return { kind, directory: text('directory') };
  }
}

async function readShell(name: string, inputs: WrittenStep['inputs'], sources: PullSources): Promise<ShellStep> {
  const { script, shell, expand_env_vars: expands, ...rest } = inputs;
  const written = optionalText(name, 'script', script) ?? missing(name, 'script');
  const filled = (await fillPullTemplates(rest, sources)) as Readonly<Record<string, unknown>>;
  const environment = textsOf(name, filled['env']);
  const directory = optionalText(name, 'directory', filled['directory']);
  if (shell === true) {
    if (hasPullTemplate(written))
      throw new OstinatoError('bad-input', `${name}: a line for the shell has no templates: they would be run.`, {
        remedy: 'Write them into env, and "$NAME" into the script.',
      });
    return { kind: 'shell', lines: [['sh', '-ec', written]], directory, environment };
  }
  const known = { ...sources.environment, ...environment };
  const lines: string[][] = [];
  for (const words of scriptWords(written)) {
    const line: string[] = [];
    for (const word of words) line.push(await fillWord(name, word, expands === true ? known : null, sources));
    lines.push(line);
  }
  return { kind: 'shell', lines, directory, environment };
}

async function fillWord(
  name: string,
  word: string,
  known: Readonly<Record<string, string | undefined>> | null,
  sources: PullSources,
): Promise<string> {
  const value = await fillPullTemplates(word, sources);
  const filled = typeof value === 'string' ? value : JSON.stringify(value);
  const expanded =
    known === null
      ? filled
      : filled.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
          return known[braced ?? bare ?? ''] ?? whole;
        });
  if (expanded !== word && expanded.startsWith('-') && !word.startsWith('-'))
    throw new OstinatoError('bad-input', `${name}: what is filled in for ${word} would be an option.`, {
      remedy: 'Write options into the script itself.',
    });
  return expanded;
}

function readGit(name: string, inputs: Readonly<Record<string, unknown>>, { secret }: PullSources): GitStep {
  const text = (key: string): string | null => optionalText(name, key, inputs[key]);
  const repository = text('repository') ?? missing(name, 'repository');
  const protocols = protocolsOf(repository);
  if (protocols === null)
    throw refused(
      name,
      'repository',
      showRepository(repository),
      'Write https://…, ssh://…, file:///… or git@HOST:PATH.',
    );
  const [branch, commit, into] = [text('branch'), text('commit_sha'), text('clone_directory_name')];
  if (branch !== null && !isBranch(branch)) throw refused(name, 'branch', branch, 'Write, for instance: main');
  if (commit !== null && !isCommit(commit))
    throw refused(name, 'commit_sha', commit, 'Write 7 to 64 hexadecimal digits.');
  if (into !== null && !isFolderName(into))
    throw refused(name, 'clone_directory_name', into, 'Write a name without slashes.');
  const directories = inputs['directories'] ?? [];
  if (!Array.isArray(directories) || !directories.every((each) => typeof each === 'string'))
    throw refused(name, 'directories', directories, 'Write a list of folders.');
  return {
    kind: 'git',
    repository,
    protocols,
    branch,
    commit,
    submodules: inputs['include_submodules'] === true,
    directories: directories.map((each: string) => plainPath(name, each)),
    into: into ?? cloneName(repository, branch),
    login: loginOf(repository, inputs, secret),
  };
}

/** Of a token, or of a block or object with one. */
function loginOf(
  repository: string,
  { access_token: token, credentials }: Readonly<Record<string, unknown>>,
  secret: (text: string) => void,
): GitStep['login'] {
  const given = isRecord(credentials) ? credentials : {};
  const value = [token, given['access_token'], given['token'], given['password'], credentials].find(
    (each): each is string => typeof each === 'string' && each !== '',
  );
  if (value === undefined) return null;
  secret(value);
  const user = given['username'];
  return { user: typeof user === 'string' && user !== '' ? user : userOfToken(repository), token: value };
}

/** Below where it is looked for: neither absolute, nor a way up, nor an option. */
function plainPath(name: string, path: string): string {
  const parts = path.split(/[/\\]/);
  if (path === '' || /^[-/\\]/.test(path) || parts.includes('..') || /\p{Cc}/u.test(path))
    throw refused(name, 'a path', path, 'Name a place below the folder that the step works in.');
  return path;
}

function optionalText(name: string, key: string, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && !value.includes('\0')) return value;
  throw refused(name, key, value, 'Write a text.');
}

function textsOf(name: string, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw refused(name, 'env', value, 'Write names with values.');
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, typeof each === 'string' ? each : JSON.stringify(each)]),
  );
}

function missing(name: string, key: string): never {
  throw new OstinatoError('bad-input', `${name}: "${key}" is missing.`, { remedy: `Write ${key}: … into the step.` });
}

function refused(name: string, key: string, value: unknown, remedy: string): OstinatoError {
  return new OstinatoError('bad-input', `${name}: ${key} cannot be ${JSON.stringify(value)}.`, { remedy });
}
