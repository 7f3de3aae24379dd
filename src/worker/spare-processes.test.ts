import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Instant } from '../core/time.ts';
import type { ChildEnd } from '../platform/child-group.ts';
import { canTakeOn, type SpareProcess } from '../platform/spare-process.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { SpareProcesses } from './spare-processes.ts';
import { startSpareRun } from './start-run.ts';

function world(count: number) {
  const clock = new VirtualClock(1_767_225_600_000_000 as Instant, 'manual');
  const ends: ((end: ChildEnd) => void)[] = [];
  const killed: number[] = [];
  const said: string[] = [];
  const start = (onLine: (line: string) => void): SpareProcess => {
    onLine(`loading ${ends.length}`);
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    const index = ends.push(resolve) - 1;
    const group = {
      pid: index,
      ended: promise,
      read: Promise.resolve(),
      write: () => {},
      closeInput: () => {},
      signal: () => void killed.push(index),
    };
    return { group, begin: () => group };
  };
  const say = (line: string): void => void said.push(line);
  return { clock, ends, killed, said, spares: new SpareProcesses({ count, start, clock, say }) };
}

test('each is given once, and another takes its place', async () => {
  const { clock, ends, killed, spares } = world(2);
  assert.equal(spares.waiting, 2);
  const taken = [spares.take(), spares.take(), spares.take()].map((spare) => spare?.group.pid ?? null);
  assert.deepEqual(taken, [0, 1, null]);
  await clock.advance(1);
  assert.deepEqual([spares.waiting, ends.length], [2, 4]);
  spares.end();
  assert.deepEqual(killed, [2, 3], 'those that were taken are the runs');
  await clock.advance(60);
  assert.equal(ends.length, 4);
});

test('one that ends by itself is not given, and not started again at once', async () => {
  const { clock, ends, spares } = world(1);
  ends[0]?.({ exitCode: 1, signal: null, problem: null });
  await clock.advance(1);
  assert.deepEqual([spares.take(), ends.length], [null, 1]);
  await clock.advance(10);
  assert.equal(spares.waiting, 1);
  spares.end();
});

test('why one ended is said once, with what it wrote; those after it are tried ever more rarely', async () => {
  const { clock, ends, said, spares } = world(1);
  const started: number[] = [];
  for (let failure = 0; failure < 9; failure += 1) {
    ends.at(-1)?.({ exitCode: 1, signal: null, problem: null });
    await clock.settle();
    let seconds = 0;
    for (const before = ends.length; ends.length === before; seconds += 5) await clock.advance(5);
    started.push(seconds);
  }
  assert.deepEqual(started, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
  assert.equal(said.length, 1);
  assert.match(
    said[0] ?? '',
    /before it had a run\. Its process ended with exit code 1\. It wrote at last:\nloading 0\n/,
  );
  // One that was of use begins anew.
  assert.notEqual(spares.take(), null);
  await clock.advance(1);
  ends.at(-1)?.({ exitCode: null, signal: 'SIGKILL', problem: null });
  await clock.settle();
  assert.match(said[1] ?? '', /SIGKILL/);
  spares.end();
});

test('a real one that cannot load says what it wrote', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-spare-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'broken.mjs'), "await import('./gone.mjs');");
  const { promise, resolve } = Promise.withResolvers<string>();
  const program = { launcher: [process.execPath, join(folder, 'broken.mjs')] as [string, string], environment: {} };
  const start = (onLine: (line: string) => void) => startSpareRun(program, onLine);
  const spares = new SpareProcesses({ count: 1, clock: world(0).clock, start, say: resolve });
  const said = await promise;
  assert.match(said, /ended with exit code 1/);
  assert.match(said, /gone\.mjs/);
  spares.end();
});

test('none is kept when none is wanted', () => {
  const { spares, ends } = world(0);
  assert.deepEqual([spares.take(), ends.length], [null, 0]);
});

test('an environment that Node reads at its start is no matter for a process that runs', () => {
  const started = { PATH: '/bin', A: '1' };
  assert.equal(canTakeOn({ environment: { PATH: '/bin', A: '2', B: '3' }, folder: '/' }, started), true);
  for (const more of [{ NODE_OPTIONS: '--max-old-space-size=64' }, { LD_PRELOAD: 'x.so' }, { PATH: '/opt/bin' }])
    assert.equal(canTakeOn({ environment: { ...started, ...more }, folder: '/' }, started), false);
  assert.equal(canTakeOn({ environment: { A: '1' }, folder: '/' }, started), false);
  assert.equal(canTakeOn({ environment: started, folder: '/no/such/folder' }, started), false);
});
