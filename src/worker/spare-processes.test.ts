import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../core/time.ts';
import type { ChildEnd } from '../platform/child-group.ts';
import { canTakeOn, type SpareProcess } from '../platform/spare-process.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { SpareProcesses } from './spare-processes.ts';

function world(count: number) {
  const clock = new VirtualClock(1_767_225_600_000_000 as Instant, 'manual');
  const ends: ((end: ChildEnd) => void)[] = [];
  const killed: number[] = [];
  const start = (): SpareProcess => {
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
  return { clock, ends, killed, spares: new SpareProcesses({ count, start, clock }) };
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
