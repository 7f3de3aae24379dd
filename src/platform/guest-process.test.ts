/** What a job may take is time of the processor: a busy machine, which gives it none, ends no job. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test, type TestContext } from 'node:test';

import type { Isolate } from '../core/isolate.ts';
import { GUEST_LIMITS, GuestProcess, type GuestLimits } from './guest-process.ts';

/** A guest whose process does nothing but what the program says, and answers when it is told to. */
function guestOf(t: TestContext, program: string, limits: Partial<GuestLimits>, isReady = true) {
  const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  let tell: (message: unknown) => void = () => {};
  const isolate: Isolate = {
    pid: child.pid ?? null,
    post: () => {},
    onMessage(listener) {
      tell = listener;
      if (isReady) setImmediate(() => tell({ type: 'ready' }));
    },
    onExit: () => {},
    terminate: () => Promise.resolve(),
    ref: () => {},
    unref: () => {},
  };
  const host = { parallelism: 1, spawn: () => isolate };
  const guest = new GuestProcess<null, string>(host, { ...GUEST_LIMITS, milliseconds: 300, ...limits });
  t.after(() => guest.close());
  return { outcome: guest.run(null), answer: () => tell({ type: 'answer', answer: 'well' }) };
}

const IDLE = 'setInterval(() => {}, 1e6)';
const BUSY = 'for (;;);';

test('a process that gets nothing of the processor is waited for; one that takes too much ends', async (t) => {
  const idle = guestOf(t, IDLE, {});
  // It takes longer than the idle one would have had by the clock.
  for (let round = 0; round < 2; round += 1) {
    const busy = await guestOf(t, BUSY, {}).outcome;
    assert.deepEqual(busy, { ok: false, why: 'it took longer than 0.3 s of the processor' });
  }
  idle.answer();
  assert.deepEqual(await idle.outcome, { ok: true, answer: 'well' });
});

test('one that waits for ever ends by the clock', async (t) => {
  const { outcome } = guestOf(t, IDLE, { clockMilliseconds: 200 });
  assert.deepEqual(await outcome, { ok: false, why: 'it took longer than 0.2 s' });
});

test('one whose process does not start says nothing of the job: it may be asked for again', async (t) => {
  const { outcome } = guestOf(t, IDLE, { startMilliseconds: 100 }, false);
  await assert.rejects(outcome, { code: 'server-unavailable', message: /its process did not start/ });
});
