/**
 * `ostinato init` and `npm create ostinato`: writes a project, installs its packages, and prints the next steps.
 */

import { spawnSync } from 'node:child_process';
import { delimiter, relative, resolve } from 'node:path';

import { OstinatoError } from '../../core/errors.ts';
import { pathWord, shellWord } from '../../core/shell-word.ts';
import { makeProject, type MadeProject } from './make-project.ts';

export interface SetUpOptions {
  /** Relative to the working directory. */
  readonly folder: string;
  readonly ostinato: string;
  /** Whether `ostinato.yaml` is written, too. Default false. */
  readonly deployments?: boolean;
  /** Whether to install the packages. */
  readonly install: boolean;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (text: string) => void;
}

/** @throws `bad-input`; `upstream-failed` when the packages could not be installed, after the files were written */
export function setUpProject({
  folder,
  ostinato,
  deployments = false,
  install,
  workingDirectory,
  environment,
  say,
}: SetUpOptions): MadeProject {
  const made = makeProject({
    folder: resolve(workingDirectory, folder),
    ostinato,
    deployments,
    workingDirectory,
    nodeVersion: nodeVersionOf(environment),
  });
  for (const name of made.written) say(`  + ${name}\n`);
  for (const name of made.kept) say(`  = ${name}   (was there, and stays as it is)\n`);
  const manager = packageManager(environment);
  const commands = installCommands(made, manager);
  const enter =
    made.folder === workingDirectory ? [] : [`cd ${pathWord(relative(workingDirectory, made.folder) || '.')}`];
  if (install)
    for (const words of commands)
      installPackages(words, made, [...enter, ...commands.map((command) => typed(command))], say);
  say(nextSteps(made, manager, [...enter, ...(install ? [] : commands.map((words) => typed(words)))]));
  return made;
}

/** As people type it: an option needs no quotes. */
function typed(words: readonly string[]): string {
  return words.map((word) => (/^--?[a-zA-Z-]+$/.test(word) ? word : shellWord(word))).join(' ');
}

/** Version of the Node on the user's PATH; this process may run on one that a package has installed. */
function nodeVersionOf(environment: Readonly<Record<string, string | undefined>>): string {
  const path = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !/[/\\]node_modules[/\\]/.test(folder))
    .join(delimiter);
  const { status, stdout } = spawnSync('node', ['--version'], {
    env: { ...environment, PATH: path },
    encoding: 'utf8',
  });
  return /^v(\d+\.\d+\.\d+)/.exec(status === 0 ? stdout : '')?.[1] ?? process.versions.node;
}

/** The package manager that has started this process, by its user agent. */
function packageManager({ npm_config_user_agent: agent = '' }: Readonly<Record<string, string | undefined>>): string {
  return /^(?:pnpm|yarn|bun)(?=\/)/.exec(agent)?.[0] ?? 'npm';
}

function installCommands({ missing, written }: MadeProject, manager: string): readonly (readonly string[])[] {
  if (written.includes('package.json')) return [[manager, 'install']];
  const add = manager === 'npm' ? 'install' : 'add';
  const commands: string[][] = [];
  if (missing.dependencies.length > 0) commands.push([manager, add, ...missing.dependencies]);
  if (missing.devDependencies.length > 0)
    commands.push([manager, add, manager === 'npm' ? '--save-dev' : '-D', ...missing.devDependencies]);
  return commands;
}

function installPackages(
  [program = 'npm', ...words]: readonly string[],
  { folder }: MadeProject,
  byHand: readonly string[],
  say: (text: string) => void,
): void {
  say(`\n$ ${typed([program, ...words])}\n`);
  const quiet = program === 'npm' ? ['--no-audit', '--no-fund', '--loglevel=error'] : [];
  // Output of the installation goes to stderr; stdout is for the result.
  const { status, error } = spawnSync(program, [...words, ...quiet], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  throw new OstinatoError(
    'upstream-failed',
    `The files are written, but ${program} did not install the packages${error === undefined ? '; its own words are above' : `: ${error.message}`}.`,
    { remedy: `When it can reach them: ${byHand.join(' && ')}` },
  );
}

function nextSteps({ written, ending, bringsNode }: MadeProject, manager: string, before: readonly string[]): string {
  const own = written.includes('package.json');
  const npx = manager === 'npm' ? 'npx' : manager === 'yarn' ? 'yarn' : manager === 'bun' ? 'bunx' : 'pnpm exec';
  const flowWord = `flow${ending}`;
  const steps: [line: string, what: string][] = [
    own ? [`${manager} start`, 'runs the flow'] : [`${npx} ostinato run ${flowWord}`, 'runs the flow'],
    own ? [`${manager} test`, 'runs its test'] : [`${bringsNode ? `${npx} ` : ''}node --test`, 'runs the tests'],
    [`${npx} ostinato server start`, 'shows every run in the browser'],
  ];
  const width = Math.max(...steps.map(([line]) => line.length));
  return [
    '',
    'Next:',
    ...before.map((line) => `  $ ${line}`),
    ...steps.map(([line, what]) => `  $ ${line.padEnd(width)}   ${what}`),
    '',
  ].join('\n');
}
