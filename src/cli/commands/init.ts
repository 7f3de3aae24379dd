import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import { packageVersion } from '../../platform/package-version.ts';
import { makeFolder } from '../../platform/make-folder.ts';
import { setUpProject } from '../new-project/set-up.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

interface InitOptions extends OutputOptions {
  readonly ostinato?: string;
  readonly install: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  command
    .description('Make a project that runs: a flow, its test, package.json, tsconfig.json and .gitignore. What is there stays as it is.')
    .argument('[folder]', 'where; made when it is not there', '.')
    .option('-y, --yes', 'ask nothing (nothing is asked here; for scripts that also use `npm create ostinato`)')
    .option('--ostinato <spec>', 'the package to depend on: a version, an address or the path of a tarball (default: this one)')
    .option('--no-install', 'write the files only')
    .addOption(outputOption(command))
    .action((folder: string, options: InitOptions) => init(terminal, folder, options));
  addExamples(command, [
    ['ostinato init', 'in this folder'],
    ['ostinato init my-flows', 'in a folder of that name'],
  ]);
}

function init(terminal: Terminal, folder: string, { ostinato, install, output }: InitOptions): void {
  const { workingDirectory, environment } = terminal;
  const spec = ostinato ?? ownSpec(terminal, resolve(workingDirectory, folder));
  const made = setUpProject({ folder, ostinato: spec, install, workingDirectory, environment, say: terminal.err });
  if (output === 'json') printResult(terminal, output, made, () => '');
}

/** A checkout is no release that a registry would have: it is packed, into the project. */
function ownSpec(terminal: Terminal, folder: string): string {
  const root = join(import.meta.dirname, '..', '..', '..');
  if (!existsSync(join(root, 'src', 'cli'))) return `^${packageVersion()}`;
  if (existsSync(join(folder, 'node_modules', 'ostinato'))) return '*';
  makeFolder(folder);
  terminal.err('This Ostinato is a checkout: it is packed for the project …\n');
  const { status, stdout, error } = spawnSync('npm', ['pack', '--silent', root], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 2], shell: process.platform === 'win32' });
  const name = status === 0 ? stdout.trim().split('\n').at(-1) : undefined;
  if (name !== undefined && name !== '') return join(folder, name);
  throw new OstinatoError('upstream-failed', `The checkout could not be packed${error === undefined ? '; npm\'s own words are above' : `: ${error.message}`}.`, { remedy: `\`npm pack\` in ${root} says more; --ostinato SPEC takes another package.` });
}
