/** Disks that are full or read-only: the work goes on, nothing is lost silently, and people are told what to do. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, chmodSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { makeReadOnly, makeSmallDisk } from './disk-trouble.ts';
import { readHome } from './kill-child.ts';
import { LAUNCHER, ROOT } from './launch.ts';

const PROGRAM = join(ROOT, 'tests', 'journeys', 'disk-program.ts');
const STEPS = 200;
const RESULT = 'result 400000';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-disk-'));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(words: readonly string[], home: string, uid?: number): Promise<Ended> {
  const [program = '', ...rest] = words;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, OSTINATO_HOME: home, NO_COLOR: '1' };
  const child = spawn(program, rest, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: ROOT,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

function stepsDone(effects: string): readonly string[] {
  return existsSync(effects) ? readFileSync(effects, 'utf8').split('\n').slice(0, -1) : [];
}

function checkSound(home: string): void {
  const { integrity, journals, openTaskRuns, statesWithoutEvent, flowRuns } = readHome(home);
  assert.deepEqual(
    { integrity, journals, openTaskRuns, statesWithoutEvent },
    { integrity: 'ok', journals: [], openTaskRuns: 0, statesWithoutEvent: 0 },
  );
  for (const { state } of flowRuns) assert.equal(state, 'Completed');
}

/** From a disk that takes the database and little more, to one on which the steps nearly fit. */
for (const kilobytes of [1100, 1300, 1500]) {
  test(`a disk of ${kilobytes} KB fills up while a flow runs`, async (t) => {
    const place = join(folder, `small-${kilobytes}`);
    const disk = makeSmallDisk(place, kilobytes);
    const home = join(place, 'home');
    const effects = join(folder, `effects-${kilobytes}`);
    const full = await run(disk.around([process.execPath, PROGRAM, effects]), home);
    assert.match(full.stdout, new RegExp(RESULT), 'the flow ends with its result');
    assert.equal(stepsDone(effects).length, STEPS);
    // What, where, and what to do.
    assert.match(
      full.stderr,
      /Recording is interrupted, the runs go on: The database .*home\/ostinato\.db (is on a full disk|cannot be used now)/,
    );
    assert.match(full.stderr, /Free some space|Look whether/);
    const kept = Number(/(\d+) task runs are kept in .*\.journal/.exec(full.stderr)?.[1] ?? 0);
    const lost = Number(/(\d+) task runs could not be recorded anywhere/.exec(full.stderr)?.[1] ?? 0);
    const isEndRecorded = !/is Completed, but that could not be recorded/.test(full.stderr);
    assert.equal(full.exitCode, isEndRecorded ? 0 : 5, full.stderr);

    disk.grow();
    const again = await run(disk.around([process.execPath, PROGRAM, effects]), home);
    assert.equal(again.exitCode, 0, again.stderr);
    assert.match(again.stdout, new RegExp(RESULT));
    if (kept > 0)
      assert.match(again.stderr, /\d+ steps of process \d+, which ended without recording them, are in the store now/);
    const repeated = stepsDone(effects).length - STEPS;
    t.diagnostic(
      `${disk.kind}: ${kept} kept, ${lost} lost and told, ${repeated} repeated, the end was ${isEndRecorded ? '' : 'not '}recorded`,
    );
    // A run whose end was recorded is over, and the second start is another run.
    assert.ok(
      isEndRecorded ? repeated === STEPS && lost === 0 : repeated <= lost,
      'only what was said to be lost is done again',
    );
    checkSound(home);
  });
}

test('a disk on which not even the database has room: a clear error, exit code 5, and nothing runs', async () => {
  const place = join(folder, 'tiny');
  const disk = makeSmallDisk(place, 40);
  const effects = join(folder, 'effects-tiny');
  const { exitCode, stderr } = await run(
    disk.around([process.execPath, LAUNCHER, 'run', PROGRAM, '--', effects]),
    join(place, 'home'),
  );
  assert.equal(exitCode, 5, stderr);
  assert.match(stderr, /home\/ostinato\.db/);
  assert.match(stderr, /Free some space|Look whether/);
  assert.deepEqual(stepsDone(effects), []);
});

test('a home that cannot be written: a clear error, exit code 5, and nothing runs', async () => {
  const home = join(folder, 'read-only');
  const effects = join(folder, 'effects-read-only');
  assert.equal((await run([process.execPath, PROGRAM, effects], home)).exitCode, 0);
  const done = stepsDone(effects).length;
  const { uid } = makeReadOnly(home);
  const { exitCode, stderr } = await run([process.execPath, LAUNCHER, 'run', PROGRAM, '--', effects], home, uid);
  assert.equal(exitCode, 5, stderr);
  assert.match(stderr, /read-only\/ostinato\.db cannot be written/);
  assert.match(stderr, /write access|OSTINATO_HOME/);
  assert.equal(stepsDone(effects).length, done);
});
