/** Triggers on flow runs: the same firings in batches of any size, and once for each stay that is long enough. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Event } from '../event.ts';
import { eventsOfRuns, hoursOfRuns, LEAVING, metrics, stays, STATES, type Move } from './fixtures/run-hours.ts';
import { stayTrigger } from './fixtures/runs.ts';
import { automation, Stepping, uuid } from './fixtures/stepping.ts';

function replay(triggers: readonly object[], events: readonly Event[], sizes: readonly number[]) {
  const steps = new Stepping(...triggers.map((trigger, index) => automation(trigger, uuid(990 + index))));
  steps.runTimes = Array.from({ length: 10 }, () => 100_000_000);
  for (let from = 0, turn = 0; from < events.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    steps.step(events.slice(from, from + size));
    from += size;
  }
  steps.step([], 20_000);
  return {
    firings: steps.firings.map(({ firing }) => firing),
    rows: [...steps.rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

test('events of runs give the same firings in batches of any size, and what is kept is the same', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 5 });
  const triggers = fc.array(fc.oneof(stays, metrics), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(triggers, hoursOfRuns, sizes, (given, moves, batches) => {
      const events = eventsOfRuns(moves);
      assert.deepEqual(replay(given, events, batches), replay(given, events, [1]));
    }),
    { numRuns: 300 },
  );
});

/** What is to be told, run by run, from the definition alone: when each stay has lasted as long, and when it ended. */
function expected(states: readonly string[], seconds: number, moves: readonly Move[]): readonly string[] {
  const told: string[] = [];
  for (const run of new Set(moves.map((move) => move.run))) {
    let since: number | null = null;
    for (const { state, seconds: at } of moves.filter((move) => move.run === run)) {
      const isIn = states.includes(state) && !LEAVING.has(state);
      if (isIn) since ??= at;
      else if (since !== null) {
        if (at - since >= seconds) told.push(`+${run} ${since + seconds}`, `-${run} ${at}`);
        since = null;
      }
    }
    if (since !== null) told.push(`+${run} ${since + seconds}`);
  }
  return told.toSorted();
}

test('each stay that lasts as long fires once, at its time, and resolves once; no other does', () => {
  const states = fc.subarray([...STATES].slice(0, 6), { minLength: 1, maxLength: 3 });
  const sizes = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(states, fc.constantFrom(1, 60, 600, 3600), hoursOfRuns, sizes, (watched, seconds, moves, batches) => {
      const { firings } = replay([stayTrigger({ states: watched, for: seconds })], eventsOfRuns(moves), batches);
      const told = firings.map(({ state, labels, at }) => {
        const run = labels['prefect.resource.id']?.slice('prefect.flow-run.'.length) ?? '';
        return `${state === 'Triggered' ? '+' : '-'}${run} ${(at - 1.8e15) / 1e6}`;
      });
      assert.deepEqual(told.toSorted(), expected(watched, seconds, moves));
      assert.equal(new Set(firings.map(({ id }) => id)).size, firings.length);
    }),
    { numRuns: 300 },
  );
});

test('a figure fires and resolves by turns, and never sooner than it has to last', () => {
  fc.assert(
    fc.property(metrics, hoursOfRuns, (trigger, moves) => {
      const { firings } = replay([trigger], eventsOfRuns(moves), [3]);
      for (const [index, { state, at }] of firings.entries()) {
        assert.equal(state, index % 2 === 0 ? 'Triggered' : 'Resolved');
        const before = firings[index - 1];
        if (before !== undefined) assert.ok(at - before.at >= 300_000_000);
      }
    }),
    { numRuns: 300 },
  );
});
