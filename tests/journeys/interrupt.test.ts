/** Ctrl-C, Ctrl-C twice, SIGTERM and cancelling from another process, with real processes and real signals. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readHome } from './kill-child.ts';
import { LAUNCHER, ROOT, runProgram } from './launch.ts';

const PROGRAM = join(ROOT, 'tests', 'journeys', 'interrupt-program.ts');
/** Longer than the grace of a body that does not listen (10 s), and generous on a busy machine. */
const WAIT_MS_MAX = 60_000;

type Mode = 'listening' | 'deaf';

interface Running {
  readonly child: ChildProcess;
  readonly home: string;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
  said(): readonly string[];
  untilSaid(what: string): Promise<void>;
  /** As `untilSaid`, of what the product tells people. */
  untilTold(what: string): Promise<void>;
  /** Starts it again on the same home, with nothing to wait for. */
  again(): Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
}

function start(mode: Mode, by: 'node' | 'ostinato' = 'node'): Running {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-interrupt-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const home = join(folder, 'home');
  const effects = join(folder, 'effects');
  const words = by === 'node' ? [PROGRAM, effects, mode] : [LAUNCHER, 'run', PROGRAM, '--', effects, mode];
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, OSTINATO_HOME: home };
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ exitCode: number | null; stderr: string }>((resolve) =>
    child.on('close', (exitCode) => resolve({ exitCode, stderr })),
  );
  const said = (): readonly string[] =>
    existsSync(effects) ? readFileSync(effects, 'utf8').split('\n').slice(0, -1) : [];
  const until = async (what: string, isSaid: () => boolean): Promise<void> => {
    const limit = performance.now() + WAIT_MS_MAX;
    while (!isSaid()) {
      assert.ok(performance.now() < limit, `It never said "${what}", but: ${said().join(', ')}\n${stderr}`);
      await sleep(10);
    }
  };
  return {
    child,
    home,
    ended,
    said,
    untilSaid: (what) => until(what, () => said().includes(what)),
    untilTold: (what) => until(what, () => stderr.includes(what)),
    again: async () => {
      writeFileSync(`${effects}.go`, '');
      return await runProgram(process.execPath, [PROGRAM, effects, mode], {
        cwd: folder,
        env: { OSTINATO_HOME: home },
      });
    },
  };
}

function stateOf({ home }: Running): string | undefined {
  const { flowRuns, integrity } = readHome(home);
  assert.equal(integrity, 'ok');
  assert.equal(flowRuns.length, 1);
  return flowRuns[0]?.state;
}

/** It goes on from where it stood: the three steps are not done again. */
async function checkResumes(running: Running): Promise<void> {
  const { exitCode, stderr } = await running.again();
  assert.equal(exitCode, 0, stderr);
  assert.equal(running.said().at(-1), 'result 6 held');
  assert.deepEqual(
    running.said().filter((line) => line.startsWith('step')),
    ['step 1', 'step 2', 'step 3'],
  );
  assert.equal(stateOf(running), 'Completed');
}

describe('a run that is stopped from outside', { concurrency: true }, () => {
  for (const by of ['node', 'ostinato'] as const) {
    test(`Ctrl-C once, started by ${by}: the signal arrives, hooks run, Cancelled, 130`, async () => {
      const running = start('listening', by);
      await running.untilSaid('ready');
      running.child.kill('SIGINT');
      const { exitCode, stderr } = await running.ended;
      assert.equal(exitCode, 130, stderr);
      assert.deepEqual(running.said().slice(4, 6), ['aborted', 'hook cancellation']);
      assert.equal(stateOf(running), 'Cancelled');
      assert.match(stderr, /Ctrl-C again/);
      assert.equal(readHome(running.home).openTaskRuns, 0);
    });
  }

  test('Ctrl-C once with a body that does not listen: given up after the grace, Cancelled, 130', async () => {
    const running = start('deaf');
    await running.untilSaid('ready');
    running.child.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    assert.equal(exitCode, 130, stderr);
    assert.ok(running.said().includes('hook cancellation'));
    assert.equal(stateOf(running), 'Cancelled');
    assert.match(stderr, /did not listen to its signal/);
  });

  test('Ctrl-C twice: it ends at once, Crashed, and goes on at the next start', async () => {
    const running = start('deaf');
    await running.untilSaid('ready');
    running.child.kill('SIGINT');
    await running.untilTold('Press Ctrl-C again');
    running.child.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    assert.equal(exitCode, 130, stderr);
    assert.equal(stateOf(running), 'Crashed');
    assert.match(readHome(running.home).evidence.join(), /SIGINT/);
    assert.equal(readHome(running.home).openTaskRuns, 0);
    await checkResumes(running);
  });

  test('SIGTERM: Crashed, 143, and goes on at the next start', async () => {
    const running = start('listening');
    await running.untilSaid('ready');
    running.child.kill('SIGTERM');
    const { exitCode, stderr } = await running.ended;
    assert.equal(exitCode, 143, stderr);
    assert.ok(running.said().includes('aborted'), 'the signal arrived');
    assert.ok(running.said().includes('hook crashed'));
    assert.equal(stateOf(running), 'Crashed');
    assert.match(readHome(running.home).evidence.join(), /SIGTERM/);
    await checkResumes(running);
  });

  test('cancelled from another process: the signal arrives, Cancelled, 130', async () => {
    const running = start('listening');
    await running.untilSaid('ready');
    const asked = await runProgram(process.execPath, [LAUNCHER, 'flow-run', 'ls', '-o', 'json'], {
      cwd: running.home,
      env: { OSTINATO_HOME: running.home },
    });
    const [run] = JSON.parse(asked.stdout) as { id: string }[];
    await runProgram(process.execPath, [LAUNCHER, 'flow-run', 'cancel', run?.id ?? ''], {
      cwd: running.home,
      env: { OSTINATO_HOME: running.home },
    });
    await running.untilSaid('aborted');
    await running.ended;
    assert.equal(stateOf(running), 'Cancelled');
  });

  test('killed: the next start finds it by its lease', async () => {
    const running = start('deaf');
    await running.untilSaid('ready');
    running.child.kill('SIGKILL');
    await running.ended;
    assert.equal(stateOf(running), 'Running', 'nobody could say anything');
    await checkResumes(running);
    assert.match(readHome(running.home).evidence.join(), /No process has the id/);
  });
});
