/** A back-test of a trigger on flow runs tells what a server would have done that had been there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Event } from '../event.ts';
import { batchesOf, batchSizes } from './fixtures/hours.ts';
import { eventsOfRuns, hoursOfRuns, metrics, stays } from './fixtures/run-hours.ts';
import { at, automation, hash, Stepping } from './fixtures/stepping.ts';
import { NOTHING_REPLAYED, Replay, type ReplayState } from './replay.ts';

const END_SECONDS = 20_000;

/** As over the wire: what is kept goes through JSON between two batches. */
function replayed(trigger: object, events: readonly Event[], sizes: readonly number[]): readonly string[] {
  const watch = automation(trigger);
  const told: string[] = [];
  let state = NOTHING_REPLAYED;
  for (const batch of [...batchesOf(events, sizes), []]) {
    const replay = new Replay(watch, hash, state);
    const entries = batch.map((one) => ({
      id: one.id,
      received: one.received,
      event: replay.looksAtName(one.name) ? one : null,
      isInOrder: true,
    }));
    const until = batch.length === 0 ? at(END_SECONDS) : null;
    for (let taken = 0, isThere = false; !isThere;) {
      const step = replay.step(entries.slice(taken), until, 5);
      taken += step.taken;
      told.push(...step.firings.map(({ fired: { firing } }) => `${firing.state} ${firing.at} ${firing.id}`));
      isThere = step.isStopped || (step.isThere && taken === entries.length);
    }
    state = JSON.parse(JSON.stringify(replay.state)) as ReplayState;
  }
  return told.toSorted();
}

function watched(trigger: object, events: readonly Event[]): readonly string[] {
  const steps = new Stepping(automation(trigger));
  for (const one of events) steps.step([one]);
  steps.step([], END_SECONDS);
  return steps.firings.map(({ firing }) => `${firing.state} ${firing.at} ${firing.id}`).toSorted();
}

test('stays and figures fire and resolve in a back-test as they do for a server that was there', () => {
  fc.assert(
    fc.property(fc.oneof(stays, metrics), hoursOfRuns, batchSizes, (trigger, moves, sizes) => {
      const events = eventsOfRuns(moves);
      assert.deepEqual(replayed(trigger, events, sizes), watched(trigger, events));
    }),
    { numRuns: 300 },
  );
});
