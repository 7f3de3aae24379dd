/**
 * `npm test [-- PATH…]`: every check there is, in one run; its last line is `N passed, N failed`.
 *
 * With paths (folders, files, or parts of their names) only the tests there run, without type-checker, linter and
 * formatter.
 */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';

import { prepareClients } from '../tests/compat/clients.ts';
import { Tally, type TestReport } from './tally.ts';

const root = join(import.meta.dirname, '..');

/** Slow suites first, so that the last minutes do not wait for one of them on one core. */
const SUITES = [
  'tests/compat',
  'tests/journeys',
  'sim',
  'tests/conformance',
  'examples',
  'tests',
  'src',
  'ui',
  'bench',
  'integrations',
  'scripts',
];
/** The slowest file takes a fraction of it; one that hangs should not take the whole run along. */
const FILE_TIMEOUT_MS = 15 * 60_000;
/** The end of a failing file's output is where it says why. */
const OUTPUT_CHARACTERS_MAX = 8_000;

const filters = process.argv.slice(2);
const files = findTests(filters);
const tally = new Tally(files);
/** Beside the checks: most of it is waiting for the network. */
const setUp = files.some((path) => relative(root, path).startsWith('tests/compat'))
  ? setUpClients()
  : Promise.resolve();

if (filters.length === 0) {
  await check('Types', 'scripts/typecheck.ts', []);
  await check('Lint', 'node_modules/oxlint/bin/oxlint', ['--type-aware', '--quiet']);
  await check('Format', 'node_modules/oxfmt/bin/oxfmt', ['--check']);
}
await setUp;
if (files.length === 0) tally.addCheck('Tests', false, `No test file matches ${filters.join(' ')}.`);
else await runTests(files);
reportFailures();
console.log(`\n${tally.closingLine}`);
process.exitCode = tally.isGreen ? 0 : 1;

function findTests(only: readonly string[]): string[] {
  const outside = only
    .filter(isAbsolute)
    .flatMap((path) => (statSync(path).isDirectory() ? globSync(`${path}/**/*.test.{ts,mjs}`) : [path]));
  const inside = SUITES.flatMap((suite) =>
    globSync(`${suite}/**/*.test.ts`, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).sort(),
  );
  const wanted = [...new Set(inside)].filter((path) => only.length === 0 || only.some((word) => path.includes(word)));
  return [...outside, ...wanted.map((path) => join(root, path))];
}

/** The Python clients that the compatibility tests drive. */
async function setUpClients(): Promise<void> {
  try {
    await prepareClients(console.log);
  } catch (error) {
    tally.addCheck('Set-up of the Python clients', false, error instanceof Error ? error.message : String(error));
  }
}

async function check(title: string, program: string, options: readonly string[]): Promise<void> {
  const startedAt = Date.now();
  const { ok, output } = await new Promise<{ ok: boolean; output: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(root, program), ...options],
      { cwd: root, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        resolve({ ok: error === null, output: stdout + stderr });
      },
    );
  });
  tally.addCheck(title, ok, output.trim());
  sayResult(ok, title, startedAt);
}

async function runTests(paths: string[]): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'ostinato-test-home-'));
  isolateEnvironment(home);
  const startedAt = Date.now();
  console.log(`Tests: ${paths.length} files, ${availableParallelism()} at a time`);
  const output = new Map<string, string>();
  let failedBefore = tally.failed;
  for await (const event of run({
    files: paths,
    concurrency: availableParallelism(),
    timeout: FILE_TIMEOUT_MS,
    isolation: 'process',
    cwd: root,
  })) {
    const { type, data } = event as unknown as { type: string; data: TestReport['data'] & { message?: string } };
    if (type === 'test:stdout' || type === 'test:stderr') keepOutput(output, data.file ?? '', data.message ?? '');
    tally.add({ type, data });
    if (tally.failed > failedBefore) console.log(`  ✗ ${shortPath(data.file ?? '')}: ${shortPath(data.name ?? '')}`);
    failedBefore = tally.failed;
  }
  for (const file of new Set(tally.failures.map((failure) => failure.file))) {
    const text = output.get(file);
    if (text !== undefined) console.log(`\nOutput of ${shortPath(file)}:\n${text}`);
  }
  sayResult(tally.failed === 0, 'Tests', startedAt);
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
}

/** No test sees the settings, runs or colours of the person who starts it. */
function isolateEnvironment(home: string): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('OSTINATO_') || name === 'FORCE_COLOR' || name === 'NODE_TEST_CONTEXT')
      delete process.env[name];
  }
  process.env['OSTINATO_HOME'] = home;
  process.env['NO_COLOR'] = '1';
  // Tests of pages build them first; all other servers have no use for them.
  process.env['OSTINATO_SERVER_BUILD_PAGES'] = 'false';
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'compile');
}

function keepOutput(output: Map<string, string>, file: string, message: string): void {
  output.set(file, ((output.get(file) ?? '') + message).slice(-OUTPUT_CHARACTERS_MAX));
}

function reportFailures(): void {
  for (const { name, file, error } of tally.failures) {
    console.log(`\n✗ ${shortPath(name)}${file === '' || file === name ? '' : ` (${shortPath(file)})`}`);
    const cause = (error as { cause?: unknown } | undefined)?.cause ?? error;
    const text = typeof cause === 'string' ? cause : inspect(cause, { depth: 6 });
    console.log(text.replaceAll(/^/gm, '    '));
  }
}

function shortPath(path: string): string {
  const short = isAbsolute(path) ? relative(root, path) : path;
  return short.startsWith('..') ? path : short;
}

function sayResult(ok: boolean, title: string, startedAt: number): void {
  console.log(`${ok ? '✓' : '✗'} ${title} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}
