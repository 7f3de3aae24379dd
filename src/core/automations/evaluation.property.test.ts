/** Events replayed in other batches give the same firings. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Event } from '../event.ts';
import type { Instant } from '../time.ts';
import { at, automation, event, eventTrigger, Stepping, uuid } from './fixtures/stepping.ts';

const NAMES = ['a', 'b', 'c'] as const;
const names = fc.subarray([...NAMES]);

const eventTriggers = fc
  .record({
    expect: names,
    after: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: names }),
    for_each: fc.subarray(['prefect.resource.id']),
    posture: fc.constantFrom('Reactive', 'Proactive'),
    threshold: fc.integer({ min: 1, max: 3 }),
    within: fc.constantFrom(0, 10, 60, 600),
  })
  .map((parts) => ({ ...parts, within: parts.posture === 'Proactive' ? Math.max(10, parts.within) : parts.within }));

const within = fc.constantFrom(null, 10, 300);
const triggers = fc.oneof(
  eventTriggers,
  fc.record({
    type: fc.constant('compound'),
    within,
    require: fc.constantFrom('any', 'all', 2),
    triggers: fc.array(eventTriggers, { minLength: 2, maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('sequence'),
    within,
    triggers: fc.array(eventTriggers, { minLength: 1, maxLength: 3 }),
  }),
);

type Json = Readonly<Record<string, unknown>>;

function withIds(json: Json, id: string): Json {
  const parts = json['triggers'] as readonly Json[] | undefined;
  return parts === undefined
    ? eventTrigger({ ...json, id })
    : { ...json, id, triggers: parts.map((part, index) => withIds(part, `${id}.${index}`)) };
}

/** An hour, in the order in which events were received, more or less; some follow one that comes later, or never. */
const hours = fc
  .array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      seconds: fc.integer({ min: 0, max: 3600 }),
      delay: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ max: 1200, min: 0 }) },
      ),
      swap: fc.integer({ min: 0, max: 20 }),
      resource: fc.constantFrom('x', 'y', `prefect.automation.${uuid(990)}`),
      follows: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 5, nil: null }),
    }),
    { maxLength: 60 },
  )
  .map((parts): readonly Event[] => {
    const order = parts
      .map((one, index) => ({ ...one, index, receivedSeconds: one.seconds + one.delay }))
      .toSorted((a, b) => a.receivedSeconds + a.swap - (b.receivedSeconds + b.swap) || a.index - b.index);
    return order.map(({ name, seconds, receivedSeconds, index, resource, follows }) =>
      event({
        id: uuid(index),
        name,
        seconds,
        receivedSeconds,
        follows: follows === null || follows === index ? null : uuid(follows),
        resource: { 'prefect.resource.id': resource },
      }),
    );
  });

function replay(
  automations: readonly ReturnType<typeof automation>[],
  events: readonly Event[],
  sizes: readonly number[],
) {
  const steps = new Stepping(...automations);
  for (let from = 0, turn = 0; from < events.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    steps.step(events.slice(from, from + size));
    from += size;
  }
  return {
    firings: steps.firings.map(({ firing }) => firing),
    rows: [...steps.rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    waiting: steps.waiting.map(({ id }) => id).toSorted(),
    stopped: steps.stopped.map(({ id }) => id),
  };
}

test('events of an hour give the same firings in batches of any size, and what is kept is the same', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(triggers, { minLength: 1, maxLength: 3 }), hours, sizes, (given, events, batches) => {
      const automations = given.map((trigger, index) => automation(withIds(trigger, `t${index}`), uuid(990 + index)));
      assert.deepEqual(replay(automations, events, batches), replay(automations, events, [1]));
    }),
    { numRuns: 500 },
  );
});

/** Windows that follow each other are left out while nobody looks. */
const opened = eventTriggers.map((parts) =>
  parts.posture === 'Proactive' && parts.after.length === 0 ? { ...parts, after: ['a'] } : parts,
);

test('it does not matter when somebody looks, and how often', () => {
  const periods = fc.integer({ min: 1, max: 400 });
  const end = 3 * 3600;
  fc.assert(
    fc.property(fc.array(opened, { minLength: 1, maxLength: 3 }), hours, periods, (given, events, period) => {
      const automations = given.map((trigger, index) => automation(withIds(trigger, `t${index}`), uuid(990 + index)));
      const told = (looksEach: number) => {
        const steps = new Stepping(...automations);
        let looksAt = looksEach;
        const lookUntil = (time: Instant): void => {
          for (; at(looksAt) < time; looksAt += looksEach) steps.step([], looksAt);
        };
        for (const one of events.toSorted((a, b) => a.received - b.received)) {
          lookUntil(one.received);
          steps.step([one]);
        }
        lookUntil(at(end));
        steps.step([], end);
        return [steps.firings.map(({ firing }) => firing.id).toSorted(), [...steps.rows.keys()].toSorted()];
      };
      assert.deepEqual(told(end), told(period));
    }),
    { numRuns: 300 },
  );
});
