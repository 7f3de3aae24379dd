import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import { isCheckout, packageFolder } from '../../platform/own-package.ts';
import { packageVersion } from '../../platform/package-version.ts';
import { makeProjectFolder } from '../new-project/make-project.ts';
import { setUpProject } from '../new-project/set-up.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

interface InitOptions extends OutputOptions {
  readonly ostinato?: string;
  readonly install: boolean;
  readonly deployments?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  command
    .description(
      'Make a project that runs: a flow, its test, package.json, tsconfig.json and .gitignore. What is there stays as it is.',
    )
    .argument('[folder]', 'where; made when it is not there', '.')
    .option('-y, --yes', 'ask nothing (nothing is asked here; for scripts that also use `npm create ostinato`)')
    .option(
      '--ostinato <spec>',
      'the package to depend on: a version, an address or the path of a tarball (default: this one)',
    )
    .option('--no-install', 'write the files only')
    .option('--deployments', 'also write ostinato.yaml, for `ostinato deploy`')
    .addOption(outputOption(command))
    .action((folder: string, options: InitOptions) => init(terminal, folder, options));
  addExamples(command, [
    ['ostinato init', 'in this folder'],
    ['ostinato init my-flows', 'in a folder of that name'],
  ]);
}

function init(terminal: Terminal, folder: string, { ostinato, install, deployments, output }: InitOptions): void {
  const { workingDirectory, environment } = terminal;
  const spec = ostinato ?? ownSpec(terminal, resolve(workingDirectory, folder));
  const made = setUpProject({
    folder,
    ostinato: spec,
    install,
    deployments: deployments === true,
    workingDirectory,
    environment,
    say: terminal.err,
  });
  if (output === 'json') printResult(terminal, output, made, () => '');
}

/** A checkout is no published version: it is packed into the project. */
function ownSpec(terminal: Terminal, folder: string): string {
  if (!isCheckout) return `^${packageVersion()}`;
  if (existsSync(join(folder, 'node_modules', 'ostinato'))) return '*';
  makeProjectFolder(folder);
  terminal.err('This Ostinato is a checkout: it is packed for the project …\n');
  const { status, stdout, error } = spawnSync('npm', ['pack', '--silent', packageFolder], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
    shell: process.platform === 'win32',
  });
  const name = status === 0 ? stdout.trim().split('\n').at(-1) : undefined;
  if (name !== undefined && name !== '') return join(folder, name);
  throw new OstinatoError(
    'upstream-failed',
    `The checkout could not be packed${error === undefined ? "; npm's own words are above" : `: ${error.message}`}.`,
    { remedy: `\`npm pack\` in ${packageFolder} says more; --ostinato SPEC takes another package.` },
  );
}
