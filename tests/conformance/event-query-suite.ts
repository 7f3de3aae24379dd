/** Events by filter: the database chooses what the filter means. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EventFilterIn } from '../../src/contract/body/event-filter.ts';
import { eventFilter } from '../../src/contract/decode/event-filter.ts';
import { includesEvent, isInTime, type EventFilter } from '../../src/core/event-filter.ts';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { EventId } from '../../src/core/ids.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeEvent, makeFlow, makeFlowRun, makeRecord, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

/** What the wire's filter asks for, of all times, oldest first. */
function asked(filter: EventFilterIn): EventFilter {
  const since = 0 as Instant;
  return { ...eventFilter(filter, since), since, until: Number.MAX_SAFE_INTEGER as Instant, order: 'asc' };
}

const ANY = asked({});

const names = fc.constantFrom('a.b', 'a.c', 'b', 'prefect.x.Done');
const resources = fc.constantFrom('x', 'y.1', 'y.2', 'prefect.flow-run.q');
const values = fc.constantFrom('red', 'green', 'Ärger [1]', 're');
const globs = fc.constantFrom('red', 're*', '?ed', '!re*', '*', '![*', '*[1]', '!red', '');
const labels = fc.dictionary(fc.constantFrom('color', 'a"b', 'prefect.resource.name'), values, { maxKeys: 2 });
const related = fc.array(
  fc
    .tuple(resources, fc.constantFrom('flow', 'tag'), labels)
    .map(([id, role, rest]) => ({ ...rest, 'prefect.resource.id': id, 'prefect.resource.role': role })),
  { maxLength: 2 },
);
const events = fc.array(
  fc
    .tuple(names, resources, labels, related, fc.integer({ min: 1, max: 9 }))
    .map(([name, resourceId, mine, others, occurred]) =>
      makeEvent({
        name,
        resourceId,
        labels: mine,
        related: others,
        occurred: occurred as Instant,
        payload: '{"note":"Über Los"}',
      }),
    ),
  { minLength: 1, maxLength: 6 },
);
const someOf = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 2 });
const patterns = fc.dictionary(
  fc.constantFrom('color', 'a"b', 'prefect.resource.id', 'missing'),
  fc.oneof(globs, someOf(globs)),
  { maxKeys: 1 },
);
const anyResource = fc.record({
  id: someOf(resources),
  id_prefix: someOf(fc.constantFrom('x', 'y.', 'prefect.')),
  labels: patterns,
});
const roles = fc.constantFrom('flow', 'tag', 'nobody');
const relatedFilter = fc.record({
  id: someOf(resources),
  role: someOf(roles),
  resources_in_roles: someOf(fc.tuple(resources, roles)),
  labels: patterns,
});
const filters = fc
  .record({
    since: fc.integer({ min: 0, max: 5 }),
    until: fc.integer({ min: 4, max: 10 }),
    event: fc.record({
      prefix: someOf(fc.constantFrom('a.', 'prefect.')),
      exclude_prefix: someOf(fc.constantFrom('b')),
      name: someOf(names),
      exclude_name: someOf(names),
    }),
    resource: fc.option(anyResource),
    related: fc.option(relatedFilter),
    any_resource: fc.array(anyResource, { maxLength: 1 }),
    text: fc.option(someOf(fc.constantFrom('RED', 'über', 'zzz', '+a.', '-green')).map((words) => words.join(' '))),
  })
  .map(({ since, until, text, ...filter }) => ({
    ...asked({ ...filter, text: text === null ? null : { query: text } }),
    since: since as Instant,
    until: until as Instant,
  }));

async function record(storage: Storage, sent: readonly OutboxEvent[]): Promise<void> {
  await storage.recordEvents(sent.map((event) => ({ event, taskRun: null })));
}

async function namesOf(storage: Storage, filter: EventFilterIn): Promise<readonly string[]> {
  return (await storage.findEvents({ filter: asked(filter), limit: 50 })).map(({ name }) => name);
}

export const eventQueryTests: StorageTests = {
  'a filter may be long; one that is too long is refused': async (storage) => {
    const [wanted, other] = [
      makeEvent({
        name: 'wanted',
        resourceId: 'r.wanted',
        labels: {},
        related: [{ 'prefect.resource.id': 'r.kin', 'prefect.resource.role': 'kin' }],
      }),
      makeEvent({ name: 'other', resourceId: 'r.other' }),
    ];
    await record(storage, [wanted, other]);
    const others = Array.from({ length: 4000 }, (_, index) => `nobody.${index}`);
    const long: readonly EventFilterIn[] = [
      { event: { name: [...others, 'wanted'] } },
      { event: { exclude_name: [...others, 'other'] } },
      { event: { prefix: [...others, 'want'] } },
      { event: { exclude_prefix: [...others, 'oth'] } },
      { id: { id: [...others.slice(0, 1000).map(() => newId<EventId>()), wanted.id] } },
      { resource: { id: [...others, 'r.wanted'] } },
      { related: { resources_in_roles: [...others, 'r.kin'].map((name) => [name, 'kin']) } },
      { any_resource: Array.from({ length: 200 }, () => ({ id: ['r.wanted'] })) },
      { resource: { labels: { 'prefect.resource.id': [...others, '*.wanted'] } } },
    ];
    for (const filter of long) {
      assert.deepEqual(await namesOf(storage, filter), ['wanted'], Object.keys(filter).join());
      assert.equal(await storage.countEvents(asked(filter)), 1);
    }
    const turned = { 'prefect.resource.id': [...others.map((name) => `!${name}`).slice(0, 200), 'x'] };
    assert.deepEqual((await namesOf(storage, { resource: { labels: turned } })).toSorted(), ['other', 'wanted']);
    const tooMany = Array.from({ length: 201 }, () => ({ id: ['a'] }));
    await assert.rejects(async () => namesOf(storage, { any_resource: tooMany }), { code: 'bad-input' });
  },

  'a list has the events that its filter includes, in their order, and counts them': async (storage) => {
    await fc.assert(
      fc.asyncProperty(events, filters, async (sent, filter) => {
        await record(storage, sent);
        const all = await storage.readFullEvents({ afterSeq: 0, limit: 10_000 });
        const expected = all
          .filter((event) => isInTime(filter, event) && includesEvent(filter, event))
          .sort((a, b) => a.occurred - b.occurred || a.seq - b.seq);
        assert.deepEqual(
          (await storage.findEvents({ filter, limit: 1000 })).map(({ seq }) => seq),
          expected.slice(0, 1000).map(({ seq }) => seq),
        );
        assert.equal(await storage.countEvents(filter), expected.length);
        const newestFirst = await storage.findEvents({ filter: { ...filter, order: 'desc' }, limit: 3, offset: 1 });
        assert.deepEqual(
          newestFirst.map(({ seq }) => seq),
          expected
            .toReversed()
            .slice(1, 4)
            .map(({ seq }) => seq),
        );
      }),
      { numRuns: 150 },
    );
  },

  'related resources are found by id, role and label of one and the same resource': async (storage) => {
    const flow = { 'prefect.resource.id': 'f', 'prefect.resource.role': 'flow', color: 'red' };
    const tag = { 'prefect.resource.id': 't', 'prefect.resource.role': 'tag' };
    await record(storage, [
      makeEvent({ name: 'both', labels: {}, related: [flow, tag] }),
      makeEvent({ name: 'tag', labels: {}, related: [tag] }),
      makeEvent({ name: 'f', resourceId: 'f', labels: {} }),
    ]);
    assert.deepEqual(await namesOf(storage, { related: { id: ['f'] } }), ['both']);
    assert.deepEqual(await namesOf(storage, { related: { id: ['f'], role: ['tag'] } }), []);
    assert.deepEqual(await namesOf(storage, { related: { role: ['tag'] } }), ['both', 'tag']);
    assert.deepEqual(
      await namesOf(storage, { related: [{ resources_in_roles: [['t', 'tag']] }, { labels: { color: 'r*' } }] }),
      ['both'],
    );
  },

  'events of our own engine are whole, and found by run, flow run, id and name': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const flowRun = makeFlowRun(flow);
    await storage.insertFlowRun(flowRun, []);
    const mine = makeRecord({ flowRunId: flowRun.id });
    const other = makeRecord();
    await storage.writeTaskRuns([mine, other], []);
    const resource = { id: [`prefect.task-run.${mine.run.id}`] };
    const found = await storage.findEvents({ filter: asked({ resource }), limit: 10 });
    assert.deepEqual(
      found.map(({ name }) => name),
      ['prefect.task-run.Pending', 'prefect.task-run.Running', 'prefect.task-run.Completed'],
    );
    assert.deepEqual(
      found[2]?.related.map((part) => part['prefect.resource.id']),
      [`prefect.flow-run.${flowRun.id}`, `prefect.flow.${flow.id}`],
    );
    assert.equal(found[2]?.resource['prefect.state-type'], 'COMPLETED');
    assert.equal(found[2]?.follows, mine.states[1]?.id);
    const id = [`prefect.flow-run.${flowRun.id}`];
    const counted: readonly (readonly [EventFilterIn, number])[] = [
      [{ related: { id, role: ['flow-run'] } }, 3],
      [{ related: { id, role: ['flow'] } }, 0],
      [{ related: { resources_in_roles: id.map((one) => [one, 'flow-run']) } }, 3],
      [{ related: { resources_in_roles: id.map((one) => [one, 'flow']) } }, 0],
      [{ any_resource: { id } }, 3],
      [{ any_resource: { id, id_prefix: ['prefect.flow-run.'] } }, 3],
      [{ any_resource: { id, id_prefix: ['prefect.task-run.'] } }, 0],
      [{ event: { name: ['prefect.task-run.Completed'] } }, 2],
      [{ resource: { id_prefix: ['prefect.task-run.'] } }, 6],
      [{ resource: { labels: { 'prefect.resource.id': `*${mine.run.id}` } } }, 3],
    ];
    for (const [filter, count] of counted)
      assert.equal((await namesOf(storage, filter)).length, count, JSON.stringify(filter));
  },

  'events are counted by name, resource and time': async (storage) => {
    const at = (occurred: number, name: string, resourceId: string) =>
      makeEvent({
        name,
        resourceId,
        occurred: occurred as Instant,
        labels: { 'prefect.resource.name': `the ${resourceId}` },
      });
    await record(storage, [at(1, 'a', 'x'), at(2, 'a', 'y'), at(12, 'b', 'x')]);
    assert.deepEqual(await storage.countEventsBy(ANY, { by: 'event' }), [
      { value: 'a', label: 'a', count: 2, oldest: 1, newest: 2 },
      { value: 'b', label: 'b', count: 1, oldest: 12, newest: 12 },
    ]);
    assert.deepEqual(
      (await storage.countEventsBy(ANY, { by: 'resource' })).map(({ value, label, count }) => [value, label, count]),
      [
        ['x', 'the x', 2],
        ['y', 'the y', 1],
      ],
    );
    const times = await storage.countEventsBy(ANY, { by: 'time', from: 2 as Instant, bucketUs: 5 });
    assert.deepEqual(
      times.map(({ value, count }) => [value, count]),
      [
        ['-1', 1],
        ['0', 1],
        ['2', 1],
      ],
    );
  },

  'of each resource the newest event alone, when it is asked for': async (storage) => {
    await record(storage, [
      makeEvent({ name: 'old', resourceId: 'x', labels: {} }),
      makeEvent({ name: 'new', resourceId: 'x', labels: {} }),
      makeEvent({ name: 'one', resourceId: 'y', labels: {} }),
    ]);
    const filter: EventFilter = { ...asked({ resource: { distinct: true } }), order: 'desc' };
    assert.deepEqual(
      (await storage.findEvents({ filter, limit: 50 })).map(({ name }) => name),
      ['one', 'new'],
    );
    assert.equal(await storage.countEvents(filter), 2);
  },

  'an event is found by its id': async (storage) => {
    const id = newId<EventId>();
    await record(storage, [makeEvent({ id, name: 'wanted', labels: {} }), makeEvent({ labels: {} })]);
    assert.deepEqual(await namesOf(storage, { id: { id: [id, newId<EventId>()] } }), ['wanted']);
    // One of our own engine: its id tells when it was made, as ids of a real clock do.
    const { run, states } = makeRecord();
    const entered = states.map((state, index) => ({ ...state, timestamp: (Date.now() * 1000 + index) as Instant }));
    await storage.writeTaskRuns([{ run: { ...run, state: entered.at(-1) ?? run.state }, states: entered }], []);
    const own = entered[0]?.id as unknown as EventId;
    for (const count of [1, 300]) {
      assert.deepEqual(
        await namesOf(storage, { id: { id: [...Array.from({ length: count }, () => newId<EventId>()), own] } }),
        ['prefect.task-run.Pending'],
        `among ${count}`,
      );
    }
    // Each of its own hour, and the wanted one of its own minute.
    const scattered = Array.from({ length: 900 }, (_, index) => {
      const madeAt = (Date.now() - index * 3_600_000).toString(16).padStart(12, '0');
      return `${madeAt.slice(0, 8)}-${madeAt.slice(8)}${newId<EventId>().slice(13)}`;
    });
    const ids = [...scattered, own, id];
    assert.deepEqual((await namesOf(storage, { id: { id: ids } })).toSorted(), ['prefect.task-run.Pending', 'wanted']);
  },
};
