import assert from 'node:assert/strict';

import type { Automation, AutomationId } from '../../src/core/automation.ts';
import type { Event, OutboxEvent } from '../../src/core/event.ts';
import type { EventId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import { stepAutomations, type Stepped } from '../../src/orchestrator/automation-triggers/step.ts';
import { hashText } from '../../src/platform/hash.ts';
import { eventTrigger } from '../../src/core/automations/fixtures/stepping.ts';
import type { Storage } from '../../src/store/port.ts';
import type { AutomationStepped } from '../../src/store/port/automation-steps.ts';
import { makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const CURSOR = 'automations';

export function makeAutomation(
  trigger: Readonly<Record<string, unknown>> = {},
  parts: Partial<Automation> = {},
): Automation {
  const now = newInstant();
  const whole = eventTrigger({ id: newId(), ...trigger });
  return {
    id: newId<AutomationId>(),
    name: 'watch',
    description: '',
    isEnabled: true,
    tags: [],
    trigger: JSON.stringify(whole),
    actions: {
      always: '[{"type":"do-nothing","size":1.0}]',
      onTrigger: '[{"type":"cancel-flow-run"}]',
      onResolve: '[]',
    },
    createdAt: now,
    updatedAt: now,
    ...parts,
  };
}

async function keep(storage: Storage, automation: Automation): Promise<Automation> {
  await storage.changeAutomation(automation.id, () => ({ automation, answer: null }));
  return automation;
}

function named(name: string, parts: Partial<OutboxEvent> = {}): OutboxEvent {
  return { ...makeEvent({ name }), resourceId: 'thing.1', labels: {}, related: [], payload: '{"n":1.0}', ...parts };
}

async function record(storage: Storage, ...events: readonly OutboxEvent[]): Promise<void> {
  await storage.recordEvents(events.map((event) => ({ event, taskRun: null })));
}

async function step(storage: Storage, now = newInstant(), limit = 100): Promise<AutomationStepped<Stepped> | null> {
  return await stepAutomations({ storage, clock: { now: () => now } }, hashText, limit);
}

/** Of the firings that events tell of. */
async function fired(storage: Storage): Promise<readonly Event[]> {
  const events = await storage.readFullEvents({ afterSeq: 0, limit: 1000 });
  return events.filter(({ name }) => name === 'prefect.automation.triggered');
}

const cursorSeq = async (storage: Storage): Promise<number | undefined> =>
  (await storage.listCursors()).find(({ name }) => name === CURSOR)?.seq;

export const automationStepTests: StorageTests = {
  'an automation looks at events from when it is enabled, and fires once for each': async (storage) => {
    await record(storage, named('a'));
    assert.equal(await step(storage), null);
    assert.deepEqual(await storage.listCursors(), []);
    const automation = await keep(storage, makeAutomation());
    const event = named('a');
    await record(storage, event, named('b'));
    const now = newInstant();
    assert.equal((await step(storage, now))?.answer?.firingCount, 1);
    assert.equal((await step(storage))?.answer ?? null, null);
    const [told, ...more] = await fired(storage);
    assert.deepEqual(more, []);
    const orders = (await storage.listActionRecords(automation.id, 10)).map(({ order }) => order);
    assert.deepEqual(
      orders.toSorted((a, b) => a.index - b.index).map(({ index, action }) => [index, action]),
      [
        [0, '{"type":"do-nothing","size":1.0}'],
        [1, '{"type":"cancel-flow-run"}'],
      ],
    );
    const firing = orders[0]?.firing;
    assert.deepEqual(
      [firing?.automationId, firing?.eventId, firing?.at, firing?.state, firing?.id],
      [automation.id, event.id, event.occurred, 'Triggered', told?.id],
    );
    assert.deepEqual(told && { resource: told.resource, related: told.related, occurred: told.occurred }, {
      resource: {
        'prefect.resource.id': `prefect.automation.${automation.id}`,
        'prefect.resource.name': 'watch',
        'prefect.posture': 'Reactive',
      },
      related: [{ 'prefect.resource.id': `prefect.event.${event.id}`, 'prefect.resource.role': 'triggering-event' }],
      occurred: event.occurred,
    });
    assert.match(
      told?.payload ?? '',
      /^\{"triggering_labels":\{\},"triggering_event":\{"occurred":".*Z","event":"a",.*"payload":\{"n":1\.0\}/,
    );
  },

  'events that no trigger looks at are passed without a write; the last automation takes the cursor with it': async (
    storage,
  ) => {
    const automation = await keep(storage, makeAutomation());
    await step(storage);
    const before = await storage.listCursors();
    await record(storage, named('b'), named('b'));
    assert.deepEqual(await step(storage), { answer: null, isBehind: false, nextAt: null, missedThrough: null });
    assert.deepEqual(await storage.listCursors(), before);
    await record(storage, named('a'));
    assert.equal((await step(storage))?.answer?.firingCount, 1);
    assert.equal(await cursorSeq(storage), (await storage.newestEventSeq()) - 1);
    await record(storage, named('b'));
    const minuteLater = addSeconds(newInstant(), 61);
    assert.notEqual((await step(storage, minuteLater))?.answer ?? null, null);
    assert.equal(await cursorSeq(storage), await storage.newestEventSeq());
    await keep(storage, { ...automation, isEnabled: false, updatedAt: newInstant() });
    await record(storage, named('a'));
    assert.equal(await step(storage), null);
    assert.deepEqual(await storage.listCursors(), []);
    await keep(storage, { ...automation, updatedAt: newInstant() });
    await step(storage);
    assert.equal((await fired(storage)).length, 1);
  },

  'those that are enabled look, whoever has changed them': async (first, { openSecond }) => {
    const second = openSecond === null ? first : await openSecond();
    let enabled: readonly Automation[] = [];
    let firings = 0;
    const make = async (storage: Storage) => void (enabled = [...enabled, await keep(storage, makeAutomation())]);
    const remove = async (storage: Storage) => {
      const [gone, ...rest] = enabled;
      if (gone) await storage.changeAutomation(gone.id, () => ({ automation: null, answer: null }));
      enabled = rest;
    };
    const disable = async (storage: Storage) => {
      const [off, ...rest] = enabled;
      if (off) await keep(storage, { ...off, isEnabled: false, updatedAt: newInstant() });
      enabled = rest;
    };
    const change = async (storage: Storage) => {
      const [one, ...rest] = enabled;
      const changed = one && { ...one, trigger: makeAutomation({ expect: ['b'] }).trigger, updatedAt: newInstant() };
      if (changed) await keep(storage, changed);
      enabled = rest;
    };
    const rounds = [
      [make],
      [make, make],
      [remove, make],
      [disable],
      [make, change],
      [remove],
      [],
      [make, disable, make],
    ];
    for (const [index, changes] of rounds.entries()) {
      for (const act of changes) await act(index % 2 === 0 ? second : first);
      await record(first, named('a'));
      const stepped = await step(index % 3 === 0 ? second : first);
      assert.equal(stepped?.answer?.firingCount, enabled.length, `round ${index}`);
      firings += enabled.length;
    }
    assert.equal((await fired(first)).length, firings);
  },

  'of servers that step at the same time, one fires': async (first, { openSecond }) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const single = await keep(first, makeAutomation());
    const pairs = await keep(first, makeAutomation({ threshold: 2, within: 0, for_each: ['key'] }));
    let isWriting = true;
    const consume = async (storage: Storage): Promise<void> => {
      for (;;) {
        const isLast = !isWriting;
        const stepped = await step(storage, newInstant(), 3);
        if (isLast && stepped?.isBehind !== true) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const consuming = Promise.all([...storages, ...storages].map(consume));
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const events = ['x', 'y'].map((key) => named('a', { labels: { key } }));
        await record(storages[index % storages.length] ?? first, ...events);
      }),
    );
    isWriting = false;
    await consuming;
    await step(first);
    for (const [automation, count] of [
      [single, 24],
      [pairs, 12],
    ] as const) {
      const id = `prefect.automation.${automation.id}`;
      const told = (await fired(first)).filter(({ resource }) => resource['prefect.resource.id'] === id);
      assert.equal(told.length, count);
      assert.equal((await first.listActionRecords(automation.id, 100)).length, 2 * count);
    }
  },

  'what was counted is there after a restart, and gone when the automation changes': async (first, { openSecond }) => {
    const trigger = { threshold: 2, within: 60 };
    const kept = await keep(first, makeAutomation(trigger));
    const changed = await keep(first, makeAutomation(trigger));
    await record(first, named('a'));
    await step(first);
    await keep(first, { ...changed, description: 'changed', updatedAt: newInstant() });
    if (openSecond !== null) await first.close();
    const second = openSecond === null ? first : await openSecond();
    await record(second, named('a'));
    await step(second);
    assert.deepEqual(
      (await fired(second)).map(({ resource }) => resource['prefect.resource.id']),
      [`prefect.automation.${kept.id}`],
    );
  },

  'a proactive trigger fires at the end of its window, whoever looks, once': async (storage) => {
    const automation = await keep(storage, makeAutomation({ posture: 'Proactive', within: 60 }));
    const from = automation.updatedAt;
    const stepped = await step(storage, addSeconds(from, 1));
    assert.equal(stepped?.nextAt, addSeconds(from, 61));
    await record(storage, named('a', { occurred: addSeconds(from, 59), received: addSeconds(from, 59) }));
    assert.equal((await step(storage, addSeconds(from, 61)))?.answer?.firingCount, 0);
    assert.equal((await step(storage, addSeconds(from, 120)))?.answer ?? null, null);
    assert.equal((await step(storage, addSeconds(from, 121)))?.answer?.firingCount, 1);
    assert.equal((await step(storage, addSeconds(from, 121)))?.answer?.firingCount ?? 0, 0);
    const [told] = await fired(storage);
    assert.equal(told?.occurred, addSeconds(from, 120));
    assert.equal(told?.resource['prefect.posture'], 'Proactive');
  },

  'a window that is longer than times can be written keeps no other automation from firing': async (storage) => {
    for (const within of [1e10, 8e13])
      for (const more of [{}, { after: ['b'], for_each: ['prefect.resource.id'] }, { threshold: 2 }])
        await keep(storage, makeAutomation({ posture: 'Proactive', within, ...more }));
    await keep(storage, makeAutomation({ threshold: 2, within: 8e13 }));
    await keep(storage, makeAutomation());
    const far = Number.MAX_SAFE_INTEGER as Instant;
    await record(storage, named('a'), named('b'), named('a', { occurred: far }));
    assert.equal((await step(storage))?.answer?.firingCount, 2);
    assert.equal((await step(storage))?.isBehind, false);
  },

  'an event waits in the store for the one that it follows': async (storage) => {
    await keep(storage, makeAutomation());
    const leader = named('b');
    const now = newInstant();
    await record(storage, named('a', { follows: leader.id, received: now, occurred: now }));
    const stepped = await step(storage, now);
    assert.deepEqual([stepped?.answer?.firingCount, stepped?.nextAt], [0, addSeconds(now, 900)]);
    await record(storage, leader);
    assert.equal((await step(storage))?.answer?.firingCount, 1);
    await record(storage, named('a', { follows: leader.id }));
    assert.equal((await step(storage))?.answer?.firingCount, 1);
    const lost = newInstant();
    await record(storage, named('a', { follows: newId<EventId>(), received: lost, occurred: lost }));
    assert.equal((await step(storage, lost))?.answer?.firingCount, 0);
    assert.equal((await step(storage, addSeconds(lost, 900)))?.answer?.firingCount, 1);
  },

  'an automation that sets itself off again and again is disabled, which an event tells': async (storage) => {
    const automation = await keep(storage, makeAutomation({ expect: [] }));
    await record(storage, named('a'));
    const now = newInstant();
    for (let turn = 0; turn < 20; turn += 1) await step(storage, now);
    assert.equal((await fired(storage)).length, 11);
    const [there] = await storage.find('automation', { where: EVERYTHING, sort: [], limit: 10, offset: 0 });
    assert.deepEqual([there?.id, there?.isEnabled], [automation.id, false]);
    const told = (await storage.readEvents({ afterSeq: 0, limit: 100 })).filter(({ name }) =>
      name.endsWith('.stopped'),
    );
    assert.deepEqual(
      told.map(({ name, resourceId }) => [name, resourceId]),
      [['ostinato.automation.stopped', `prefect.automation.${automation.id}`]],
    );
  },

  'the feed is read as a step is given it: from the first event of a time on, in the order of commits': async (
    storage,
  ) => {
    assert.equal(await storage.feedStart(0 as Instant), null);
    const [now, later] = [newInstant(), addSeconds(newInstant(), 60)];
    const [first, second, third] = [
      named('b', { occurred: later, received: later }),
      named('a', { occurred: now, received: later }),
      named('a', { occurred: later, received: later, follows: newId<EventId>() }),
    ];
    await record(storage, first, second, third);
    const from = await storage.feedStart(later);
    assert.equal(from, 1);
    assert.equal(await storage.feedStart(addSeconds(later, 1)), null);
    const page = { afterSeq: 0, limit: 10 };
    const { entries, lastSeq } = await storage.readFeed(page, (name) => name === 'a');
    assert.deepEqual(
      entries.map(({ id, name, event, isInOrder, received }) => [id, name, event?.id ?? null, isInOrder, received]),
      [
        [first.id, 'b', null, true, later],
        [second.id, 'a', second.id, true, later],
        [third.id, 'a', third.id, false, later],
      ],
    );
    assert.equal(lastSeq, 3);
    assert.equal((await storage.readFeed({ afterSeq: 1, limit: 1 }, () => true)).entries[0]?.id, second.id);
    assert.deepEqual(await storage.readFeed({ afterSeq: 3, limit: 10 }, () => true), { entries: [], lastSeq: null });
    // More are not composed at a time; the rest comes with the next page.
    await record(storage, ...Array.from({ length: 501 }, () => named('a')));
    const many = await storage.readFeed({ afterSeq: 3, limit: 1000 }, (name) => name === 'a');
    assert.deepEqual([many.entries.length, many.lastSeq], [500, 503]);
  },

  'a step that fails leaves nothing': async (storage) => {
    const automation = await keep(storage, makeAutomation({ threshold: 2, within: 60 }));
    await record(storage, named('a'), named('a'));
    const seq = await cursorSeq(storage);
    const broken = { now: (): Instant => newInstant() };
    const badIds = (): string => 'no id';
    await assert.rejects(async () => stepAutomations({ storage, clock: broken }, badIds));
    assert.equal(await cursorSeq(storage), seq);
    assert.deepEqual(await storage.listActionRecords(automation.id, 10), []);
    assert.equal((await step(storage))?.answer?.firingCount, 1);
  },
};
