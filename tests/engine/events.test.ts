/** `emitEvent`: what a flow, a task and a program without either tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emitEvent, flow, OstinatoError, task, withTags, type EmitEventOptions } from '../../src/index.ts';
import type { RelatedResource } from '../../src/core/event.ts';
import { createTestWorld } from '../../src/testing.ts';
import { emits } from './fixtures/emitting-task.ts';
import { eventsOf } from './fixtures/event-option-cases.ts';

const resource = { 'prefect.resource.id': 'order.1' };
const shipped = { event: 'shop.shipped', resource } as const;
const told = (related: readonly RelatedResource[] = []) =>
  related.map((labels) => [
    labels['prefect.resource.role'],
    labels['prefect.resource.name'] ?? labels['prefect.resource.id'],
  ]);

test('an event outside any run is stored as it was said, with numbers to the letter', async () => {
  await using world = await createTestWorld();
  const occurred = new Date('2026-11-30T20:00:00.123Z');
  const sent = await world.run(() =>
    emitEvent({
      ...shipped,
      occurred,
      payload: { digits: 1234567890123456789n, odd: ['\u0000', '\ud800', 'é🚚'], deep: { 10: 1, 2: 2 } },
    }),
  );
  const [event] = await eventsOf(world);
  assert.equal(event?.id, sent.id);
  assert.deepEqual(event.resource, resource);
  assert.deepEqual(event.related, []);
  assert.equal(event.occurred, occurred.getTime() * 1000);
  assert.match(event.payload, /"digits":1234567890123456789\b/);
  assert.match(event.payload, /é🚚/);
  assert.equal(sent.occurred.getTime(), occurred.getTime());
});

test('inside a flow and a task, what they belong to is related; what is named already is not named twice', async () => {
  await using world = await createTestWorld();
  const ship = task(
    async () =>
      await emitEvent({
        ...shipped,
        related: [{ 'prefect.resource.id': 'prefect.tag.nightly', 'prefect.resource.role': 'why' }],
      }),
    { name: 'ship', tags: ['fast'] },
  );
  const sell = flow(
    async () => {
      await emitEvent({ event: 'shop.opened', resource });
      await withTags(['nightly'], () => ship());
    },
    { name: 'sell', tags: ['sales', 'daily'], runName: 'monday' },
  );
  await world.run(() => sell());
  const [opened, sent] = await eventsOf(world);
  assert.deepEqual(told(opened?.related), [
    ['flow-run', 'monday'],
    ['flow', 'sell'],
    ['tag', 'prefect.tag.daily'],
    ['tag', 'prefect.tag.sales'],
  ]);
  const run = await world.flowRun('sell');
  assert.equal(opened?.related[0]?.['prefect.resource.id'], `prefect.flow-run.${run.id}`);
  assert.equal(opened.related[1]?.['prefect.resource.id'], `prefect.flow.${run.flowId}`);
  const taskRun = await world.taskRun('ship');
  assert.deepEqual(told(sent?.related), [
    ['why', 'prefect.tag.nightly'],
    ['flow-run', 'monday'],
    ['task-run', taskRun.name],
    ['flow', 'sell'],
    ['tag', 'prefect.tag.daily'],
    ['tag', 'prefect.tag.fast'],
    ['tag', 'prefect.tag.sales'],
  ]);
});

for (const isolation of ['thread', 'process'] as const)
  test(`a task in a ${isolation} of its own tells what it belongs to`, async () => {
    await using world = await createTestWorld({ clock: 'real' });
    const sell = flow(async () => await emits.with({ isolation })('shop.isolated'), { name: 'sell', runName: 'apart' });
    await world.run(() => sell());
    const [event] = await eventsOf(world);
    assert.deepEqual(told(event?.related).slice(0, 1), [['flow-run', 'apart']]);
    assert.deepEqual(told(event?.related).slice(2), [['flow', 'sell']]);
  });

test('an event follows one that occurred shortly before or after it, and no other', async () => {
  await using world = await createTestWorld();
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
  await world.run(async () => {
    const first = await emitEvent({ ...shipped, occurred: at(0) });
    const close = await emitEvent({ ...shipped, occurred: at(299), follows: first });
    assert.equal(close.follows, first.id);
    assert.equal((await emitEvent({ ...shipped, occurred: at(-299), follows: first })).follows, first.id);
    assert.equal((await emitEvent({ ...shipped, occurred: at(300), follows: first })).follows, null);
  });
  const events = await eventsOf(world);
  assert.deepEqual(
    events.map(({ follows }) => follows !== null),
    [false, true, true, false],
  );
});

test('there is room for a hundred related resources: those of the run come last', async () => {
  await using world = await createTestWorld();
  const related = Array.from({ length: 99 }, (_, n) => ({
    'prefect.resource.id': `part.${n}`,
    'prefect.resource.role': 'part',
  }));
  const sell = flow(async () => await emitEvent({ ...shipped, related }), { name: 'sell', runName: 'full' });
  await world.run(() => sell());
  const [event] = await eventsOf(world);
  assert.equal(event?.related.length, 100);
  assert.deepEqual(told(event.related.slice(-1)), [['flow-run', 'full']]);
});

const WRONG: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'needs "prefect.resource.id"': { resource: {} },
  'its name must be text': { event: '' },
  'of 1 to 1024 characters': { event: 'x'.repeat(1025) },
  'the label "n" of resource is no text': { resource: { ...resource, n: 1 } },
  'resource must be an object': { resource: null },
  'has 501 labels': {
    resource: Object.fromEntries([...Array(500).keys()].map((n) => [`l${n}`, '']).concat(Object.entries(resource))),
  },
  'related[0] needs "prefect.resource.role"': { related: [resource] },
  'at most 100 resources': { related: Array(101).fill({ ...resource, 'prefect.resource.role': 'x' }) },
  'id must be a UUID': { id: 'seven' },
  'occurred must be a Date': { occurred: '2026-01-01' },
  'a year from 1 to 2200': { occurred: new Date(8.64e15) },
  'payload must be an object': { payload: [1] },
  '"when" is a Date': { payload: { when: new Date(0) } },
  'at most 1572864 are kept': { payload: { text: 'é'.repeat(800_000) } },
  'follows must be a UUID': { follows: { id: '', occurred: new Date(0) } },
};

for (const [words, options] of Object.entries(WRONG))
  test(`what cannot be kept is refused: ${words}`, async () => {
    await using world = await createTestWorld();
    await assert.rejects(
      world.run(() => emitEvent({ ...shipped, ...options } as unknown as EmitEventOptions)),
      (error) => OstinatoError.is(error) && error.code === 'bad-input' && error.message.includes(words),
    );
    assert.deepEqual(await eventsOf(world), []);
  });
