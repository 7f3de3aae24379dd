/** What is explained is what is decided, on any hour of events. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Automation } from '../automation.ts';
import type { Event } from '../event.ts';
import { AutomationSet, passedOver } from './automation-set.ts';
import { SETTLING_SECONDS, type StepNote } from './evaluation.ts';
import { automations, batchesOf, batchSizes, hours } from './fixtures/hours.ts';
import { hash, START, Stepping } from './fixtures/stepping.ts';
import { LATE_SECONDS } from './key-state.ts';
import { COUNTED_NAMED_MAX, NOTHING_REPLAYED, Replay, type CountedWindow, type ReplayState } from './replay.ts';

interface Told {
  readonly ids: readonly string[];
  readonly windows: readonly CountedWindow[];
  readonly nearMisses: readonly CountedWindow[];
  readonly notes: readonly StepNote[];
  readonly state: ReplayState;
  readonly isStopped: boolean;
}

/** As over the wire: what is kept goes through JSON between two batches. */
function replayed(automation: Automation, events: readonly Event[], sizes: readonly number[]): Told {
  let state = NOTHING_REPLAYED;
  const told = {
    ids: [] as string[],
    windows: [] as CountedWindow[],
    nearMisses: [] as CountedWindow[],
    notes: [] as StepNote[],
  };
  const passed = new Set<string>();
  for (const batch of batchesOf(events, sizes)) {
    const replay = new Replay(automation, hash, state, (note) => void told.notes.push(note));
    const entries = batch.map((event) => {
      const isInOrder = event.follows === null || passed.has(event.follows);
      passed.add(event.id);
      const { id, received, name } = event;
      return { id, received, event: replay.looksAtName(name) ? event : null, isInOrder };
    });
    // A few looks at a time: it goes on where it was.
    for (let taken = 0, isThere = false; !isThere;) {
      const step = replay.step(entries.slice(taken), null, 7);
      taken += step.taken;
      told.ids.push(...step.firings.map(({ fired }) => fired.firing.id));
      told.windows.push(...step.firings.flatMap(({ windows }) => windows));
      told.nearMisses.push(...step.nearMisses);
      isThere = step.isStopped || (step.isThere && taken === entries.length);
    }
    state = JSON.parse(JSON.stringify(replay.state)) as ReplayState;
  }
  return { ...told, state, isStopped: state.isStopped };
}

/** Of as many events as are named. */
function assertCounted({ events, count }: CountedWindow): void {
  assert.equal(events.length, Math.min(count, COUNTED_NAMED_MAX));
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
}

/** As by a server that looks whenever a window ends, or an event need not be waited for any more. */
function watched(automation: Automation, events: readonly Event[]): Stepping {
  const steps = new Stepping(automation);
  const seconds = (at: number): number => (at - START) / 1_000_000;
  steps.step([], seconds(automation.updatedAt));
  let now = seconds(automation.updatedAt);
  for (const event of events) {
    for (;;) {
      const next = Math.min(
        ...[...steps.rows.values()].flatMap(({ dueAt }) => (dueAt === null ? [] : [seconds(dueAt) + SETTLING_SECONDS])),
        ...steps.waiting.map(({ received }) => seconds(received) + LATE_SECONDS),
      );
      if (next >= seconds(event.received)) break;
      now = Math.max(now, next);
      steps.step([], now);
    }
    now = Math.max(now, seconds(event.received));
    steps.step([event]);
  }
  return steps;
}

test('a replay fires as the automation does, however many events come at a time', () => {
  fc.assert(
    fc.property(automations, hours, batchSizes, ([automation], events, sizes) => {
      if (automation === undefined) return;
      const steps = watched(automation, events);
      const { ids, isStopped } = replayed(automation, events, sizes);
      // As the store does, it knows a firing that it has already.
      assert.deepEqual(
        [...new Set(ids)],
        steps.firings.map(({ firing }) => firing.id),
      );
      assert.equal(isStopped, steps.stopped.length > 0);
    }),
    { numRuns: 150 },
  );
});

test('an event is explained as one that counts if and only if the step counts it', () => {
  fc.assert(
    fc.property(automations, hours, batchSizes, ([automation], events, sizes) => {
      if (automation === undefined) return;
      const { windows, nearMisses, notes, state } = replayed(automation, events, sizes);
      for (const window of [...windows, ...nearMisses]) assertCounted(window);
      for (const { count, threshold } of nearMisses) assert.ok(count > 0 && count < threshold);
      const open = new Map(state.open);
      for (const { id, body } of state.rows) {
        if (body.kind !== 'key' || body.state.window === null) continue;
        const { start, end, count } = body.state.window;
        const explained = open.get(id);
        if (explained?.start === start) {
          assert.equal(explained.count, Math.max(0, count));
          assertCounted(explained);
        } else {
          const kept = body.state.kept.filter(({ occurred }) => start <= occurred && occurred < end);
          assert.equal(Math.max(0, count), kept.length);
        }
      }
      // Of each event there is a word for each trigger that looks at it, and none for another.
      const set = new AutomationSet([automation]);
      const waiting = new Set(state.waiting.map(({ id }) => id));
      for (const event of state.isStopped ? [] : events)
        for (const active of set.all()) {
          const words = notes.filter(
            (note) =>
              note.kind === 'key' &&
              note.event?.id === event.id &&
              note.triggerId === active.trigger.id &&
              !['fired', 'ended'].includes(note.happening.what),
          );
          const looks = passedOver(active, event) === null && !waiting.has(event.id);
          assert.equal(words.length, looks ? 1 : 0, `${event.id} ${active.trigger.id}`);
        }
    }),
    { numRuns: 150 },
  );
});
