/** When it looks: at once while it is idle, seldom enough while very much is committed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../core/time.ts';
import { createManualClock } from './fixtures/manual-clock.ts';
import { WokenLook } from './woken-look.ts';

const START = 1_790_000_000_000_000 as Instant;

function world() {
  const clock = createManualClock(START);
  let looks = 0;
  let end: (seconds: number) => void = () => undefined;
  const look = new WokenLook({
    clock,
    look: () =>
      new Promise((resolve) => {
        looks += 1;
        end = resolve;
      }),
    againSeconds: 1,
    onFailure: (error) => assert.ifError(error),
  });
  const pass = (ms: number) => clock.advance(ms / 1000);
  return {
    look,
    pass,
    looks: () => looks,
    async endAfter(ms: number, seconds = 100) {
      await pass(ms);
      end(seconds);
      await pass(0);
    },
  };
}

test('what is committed while it is idle is looked at at once', async () => {
  const { look, pass, looks, endAfter } = world();
  await pass(0);
  await endAfter(0);
  for (let wake = 0; wake < 10; wake += 1) look.wake();
  await pass(0);
  assert.equal(looks(), 2, 'several causes, one look');
  await endAfter(0);
  await look.stop();
});

test('after a look it rests three times as long as that took, but for whoever asks, and not longer than 20 ms', async () => {
  const { look, pass, looks, endAfter } = world();
  await pass(0);
  await endAfter(2);
  look.wake();
  await pass(5);
  assert.equal(looks(), 1);
  await pass(1);
  assert.equal(looks(), 2);
  look.wake();
  await endAfter(100);
  assert.equal(looks(), 2, 'what was committed meanwhile rests, too');
  await pass(19);
  assert.equal(looks(), 2);
  await pass(1);
  assert.equal(looks(), 3);
  await endAfter(100);
  look.wake();
  look.lookWithin(0);
  await pass(0);
  assert.equal(looks(), 4);
  look.lookWithin(0);
  await pass(0);
  await endAfter(100);
  await pass(0);
  assert.equal(looks(), 5, 'asked for while it looked');
  await endAfter(0);
  await look.stop();
});

test('what is committed while it is stopped is not looked at', async () => {
  const { look, pass, looks, endAfter } = world();
  await pass(0);
  const stopped = look.stop();
  look.wake();
  await endAfter(0, 0);
  await stopped;
  await pass(1000);
  assert.equal(looks(), 1);
});
