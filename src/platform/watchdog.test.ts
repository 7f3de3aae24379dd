/** When the watchdog starts; what it does is seen in `tests/journeys/busy-thread.test.ts` and `own-time.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { watchLater, watchNow } from './watchdog.ts';

/** Turns of the event loop, until it has happened or so many were too many. */
async function turnsUntil(happened: () => boolean): Promise<number> {
  let turns = 0;
  while (!happened() && turns < 20) {
    await sleep(1);
    turns += 1;
  }
  return turns;
}

test('a program that is over within a turn or two is not watched; one that goes on is', async () => {
  let starts = 0;
  watchLater(() => (starts += 1));
  await Promise.resolve();
  assert.equal(starts, 0);
  await sleep(0);
  assert.equal(starts, 0);
  assert.ok((await turnsUntil(() => starts > 0)) < 20);
  const forget = watchLater(() => (starts += 1));
  forget();
  assert.equal(await turnsUntil(() => starts > 1), 20);
});

test('who relies on it has it at once, and from then on every run', () => {
  let starts = 0;
  const forget = watchLater(() => (starts += 1));
  watchNow();
  assert.equal(starts, 1);
  watchNow();
  forget();
  assert.equal(starts, 1);
  watchLater(() => (starts += 1));
  assert.equal(starts, 2);
});
