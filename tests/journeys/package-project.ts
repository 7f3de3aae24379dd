/** A folder with a home and a project of somebody who has the package alone, and the programs that are called there. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { ROOT, runProgram, type Ended } from './launch.ts';

export const folder = mkdtempSync(join(tmpdir(), 'ostinato-package-'));

export const home = join(folder, 'home');
export const project = join(folder, 'my-flows');
/** What the machine has, without what packages have brought along. */
const MACHINE_PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((entry) => !/[/\\]node_modules[/\\]/.test(entry))
  .join(delimiter);
export const OUR_PATH = [join(ROOT, 'node_modules', '.bin'), MACHINE_PATH].join(delimiter);
/** npm needs what this machine tells it about registries, wherever it keeps that; the rest of the home is empty. */
export const NPM = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('NODE_'),
    ),
  ),
  HOME: home,
  OSTINATO_HOME: join(home, '.ostinato'),
  PATH: MACHINE_PATH,
  npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
  npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
  npm_config_prefer_offline: 'true',
  npm_config_fetch_retries: '1',
};
export const npm = (words: readonly string[], cwd = project): Promise<Ended> =>
  runProgram('npm', words, { cwd, env: NPM });
export const run = (
  program: string,
  words: readonly string[],
  { cwd = project, PATH = OUR_PATH } = {},
): Promise<Ended> => runProgram(program, words, { cwd, env: { OSTINATO_HOME: home, PATH } });
export const ostinato = (words: readonly string[], cwd = project): Promise<Ended> =>
  run(process.execPath, [join(project, 'node_modules', 'ostinato', 'bin', 'ostinato.js'), ...words], { cwd });
export const tsc = (config: string): Promise<Ended> =>
  run(process.execPath, [join(project, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config]);

/** @returns the tarball's name, the one line on stdout. `npm pack` calls the build */
export async function pack(source: string): Promise<string> {
  const packed = await npm(['pack', '--silent', source], folder);
  assert.equal(packed.exitCode, 0, packed.stderr);
  assert.match(packed.stdout, /^[a-z-]+-\d+\.\d+\.\d+\.tgz\n$/);
  return join(folder, packed.stdout.trim());
}
