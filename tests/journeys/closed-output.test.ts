/** Standard output and error that are closed, full or never read: a run takes no notice. */
import assert from 'node:assert/strict';
import { spawn, type StdioOptions } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { readHome } from './kill-child.ts';
import { LAUNCHER, ROOT, runProgram } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-output-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** Prints by every way there is, and reports more than a pipe holds. */
const PROGRAM = join(folder, 'program.ts');
writeProgram(PROGRAM, [
  "const step = task((n: number) => { console.log('line ' + n); process.stdout.write('raw ' + n + '\\n'); process.stderr.write('raw ' + n + '\\n'); console.error('error ' + n); return n; });",
  "export const loud = flow(async () => { let sum = 0; for (let n = 0; n < 1500; n += 1) sum += await step(n); return sum; }, { name: 'loud' });",
]);

/** A flow file that runs `loud` when it is started itself. */
function writeProgram(path: string, lines: readonly string[]): void {
  writeFileSync(
    path,
    [
      `import { flow, task } from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}';`,
      ...lines,
      'if (import.meta.main) await loud();',
    ].join('\n'),
  );
}

interface Started {
  readonly home: string;
  readonly child: ReturnType<typeof spawn>;
  readonly exitCode: Promise<number | null>;
}

let homes = 0;

function start(by: 'node' | 'ostinato', stdio: StdioOptions, program = PROGRAM): Started {
  const home = join(folder, `home-${(homes += 1)}`);
  const words = by === 'node' ? [program] : [LAUNCHER, 'run', program];
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, OSTINATO_HOME: home, OSTINATO_SERVER_BUILD_PAGES: 'false' },
    stdio,
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return { home, child, exitCode: new Promise((resolve) => child.once('exit', resolve)) };
}

async function checkCompleted({ home, exitCode }: Started): Promise<void> {
  assert.equal(await exitCode, 0);
  const { flowRuns, openTaskRuns } = readHome(home);
  assert.deepEqual(
    flowRuns.map(({ state }) => state),
    ['Completed'],
  );
  assert.equal(openTaskRuns, 0);
}

const full = (): number => openSync('/dev/full', 'w');

for (const by of ['node', 'ostinato'] as const) {
  describe(`started by ${by}`, { concurrency: 2 }, () => {
    test('a reader that quits after the first words', async () => {
      const started = start(by, ['ignore', 'pipe', 'pipe']);
      for (const stream of [started.child.stdout, started.child.stderr]) stream?.once('data', () => stream.destroy());
      await checkCompleted(started);
    });

    test('closed before the first word', async () => {
      const started = start(by, ['ignore', 'pipe', 'pipe']);
      for (const stream of [started.child.stdout, started.child.stderr]) stream?.destroy();
      await checkCompleted(started);
    });

    test('a full disk', async () => {
      await checkCompleted(start(by, ['ignore', full(), full()]));
    });

    test('a report that nobody reads: the run ends, and so does the process', async () => {
      const quiet = join(folder, `quiet-${by}.ts`);
      writeProgram(quiet, [
        'const step = task((n: number) => n);',
        "export const loud = flow(async () => { for (let n = 0; n < 4000; n += 1) await step(n); }, { name: 'loud' });",
      ]);
      const started = start(by, ['ignore', 'ignore', 'pipe'], quiet);
      await checkCompleted(started);
      started.child.stderr?.destroy();
    });
  });
}

test('no output at all from the start', async () => {
  const home = join(folder, 'home-none');
  const { exitCode } = await runProgram('/bin/sh', ['-c', `exec "$0" "$1" >&- 2>&-`, process.execPath, PROGRAM], {
    cwd: folder,
    env: { OSTINATO_HOME: home },
  });
  assert.equal(exitCode, 0);
  assert.deepEqual(
    readHome(home).flowRuns.map(({ state }) => state),
    ['Completed'],
  );
});

test('what a command prints is its work: it ends quietly when nobody reads on, and says when it cannot be written', async () => {
  const home = join(folder, 'home-list');
  const inShell = (script: string): ReturnType<typeof runProgram> =>
    runProgram('/bin/bash', ['-c', script, process.execPath, LAUNCHER], { cwd: folder, env: { OSTINATO_HOME: home } });
  const piped = await inShell('"$0" "$1" help | head -1; echo "${PIPESTATUS[0]}"');
  assert.equal(piped.stdout.trim().split('\n').at(-1), '0');
  assert.equal(piped.stderr, '');
  const onFullDisk = await inShell('"$0" "$1" flow-run ls > /dev/full');
  assert.equal(onFullDisk.exitCode, 1);
  assert.match(onFullDisk.stderr, /output could not be written: ENOSPC/);
});
