/**
 * `node bench/cold-start.ts [--runs N] TARBALL…`: how long the published form takes to start, for each package that
 * `npm pack` made (of two commits, say), measured in turns. The figures of ADR 055.
 *
 * Each is installed into a project of its own, outside of this checkout. "First" is without a compile cache, as on the
 * first start after an install; "later" is with one.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { residentBytes, startOurServer } from './our-server.ts';
import { runProgram } from './program.ts';
import { samplesOf, type Samples } from './samples.ts';

interface Installed {
  readonly tarball: string;
  readonly launcher: string;
  readonly project: string;
}
type Measure = (installed: Installed) => Promise<number>;

const RUNS = 15;
const FLOW_FILE = 'one-task.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string' } } });
const runs = Number(values.runs ?? RUNS);
const folder = mkdtempSync(join(tmpdir(), 'ostinato-cold-start-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** Milliseconds, or MB. */
const MEASURES: Readonly<Record<string, Measure>> = {
  'ostinato --version': async (installed) => time(installed, ['--version']),
  'ostinato flow-run ls': async (installed) => time(installed, ['flow-run', 'ls']),
  'ostinato run FILE': async (installed) => time(installed, ['run', FLOW_FILE]),
  'node FILE': async ({ project }) => time({ project, launcher: FLOW_FILE }, []),
  'server start until healthy': async ({ launcher }) => {
    const server = await startOurServer(mkdtempSync(join(folder, 'server-')), undefined, launcher);
    await server.stop();
    return server.startMicroseconds / 1000;
  },
  'server, memory (MB)': async ({ launcher }) => {
    const server = await startOurServer(mkdtempSync(join(folder, 'server-')), undefined, launcher);
    const bytes = residentBytes(server.pid);
    await server.stop();
    return bytes / 1e6;
  },
};

const packages = positionals.map(install);
for (const [what, measure] of Object.entries(MEASURES)) {
  for (const isFirst of [true, false]) {
    const found = new Map<Installed, number[]>(packages.map((installed) => [installed, []]));
    for (let run = 0; run <= runs; run += 1) {
      for (const installed of packages) {
        if (isFirst) rmSync(join(installed.project, 'node_modules', '.cache'), { recursive: true, force: true });
        const value = await measure(installed);
        // The first of each fills caches: the machine's, and ours.
        if (run > 0) found.get(installed)?.push(value);
      }
    }
    for (const [{ tarball }, numbers] of found)
      console.log(`${what} | ${isFirst ? 'first' : 'later'} | ${tarball} | ${written(samplesOf(numbers))}`);
  }
}

function written({ median, min, max }: Samples): string {
  return `${median.toFixed(0)} [${min.toFixed(0)}–${max.toFixed(0)}]`;
}

function time({ project, launcher }: Pick<Installed, 'project' | 'launcher'>, words: readonly string[]): number {
  const env = { OSTINATO_HOME: join(project, 'home') };
  return runProgram({ command: process.execPath, args: [launcher, ...words], cwd: project, env }).microseconds / 1000;
}

function install(tarball: string, index: number): Installed {
  const project = join(folder, `project-${index}`);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'scratch', private: true, type: 'module' }));
  copyFileSync(join(import.meta.dirname, 'programs', FLOW_FILE), join(project, FLOW_FILE));
  const { status } = spawnSync('npm', ['install', '--silent', '--no-audit', '--no-fund', resolve(tarball)], {
    cwd: project,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`npm could not install ${tarball}`);
  return { tarball, project, launcher: join(project, 'node_modules', 'ostinato', 'bin', 'ostinato.js') };
}
