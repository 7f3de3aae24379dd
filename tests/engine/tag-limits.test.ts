/** Limits on tags hold for tasks of this engine: one process or several, retries, nested calls, several tags. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TakeTagSlots } from '../../src/core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId } from '../../src/core/ids.ts';
import { flow, task, withTags, type TaskOptions } from '../../src/index.ts';
import { withDoor } from '../../src/engine/door.ts';
import { concurrencyUseCases } from '../../src/orchestrator/concurrency/use-cases.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';
import { callsTagged, tagged, taggedAround } from './fixtures/nesting-tasks.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A task that counts how many of its bodies run at once, a tag at a time. */
function counted(options: TaskOptions) {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const work = task(
    async (n: number, tags: readonly string[]) => {
      for (const tag of tags) {
        running.set(tag, (running.get(tag) ?? 0) + 1);
        most.set(tag, Math.max(most.get(tag) ?? 0, running.get(tag) ?? 0));
      }
      for (let turns = 0; turns < 3; turns += 1) await turn();
      for (const tag of tags) running.set(tag, (running.get(tag) ?? 0) - 1);
      return n;
    },
    { name: 'work', ...options },
  );
  return { work, most };
}

/** What people make and look at; tasks only take slots. */
function limitsOf({ ports }: Pick<TestWorld, 'ports'>) {
  return concurrencyUseCases({ ...ports, liveness: () => assert.fail('no limit is about a process') });
}

async function taken(world: TestWorld): Promise<number[]> {
  return (await limitsOf(world).listTagLimits({ limit: 10, offset: 0 })).map(({ limit }) => limit.activeSlots);
}

test('at most so many run at once, in a map and in branches; nothing is held when all is over', async () => {
  await using world = await createTestWorld();
  await limitsOf(world).setTagLimit('db', 2);
  const { work, most } = counted({ tags: ['db'] });
  const parent = flow(async () => await Promise.all(Array.from({ length: 8 }, (_, n) => work(n, ['db']))), {
    name: 'parent',
  });
  assert.deepEqual(await world.run(() => parent()), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(most.get('db'), 2);
  assert.deepEqual(await taken(world), [0]);
  const runs = await world.taskRuns();
  const states = (await Promise.all(runs.map(async ({ id }) => await world.ports.client.listTaskRunStates(id))))
    .flat()
    .map(({ name, message }) => `${name} ${message ?? ''}`);
  assert.ok(
    states.some((text) =>
      text.startsWith(
        'AwaitingConcurrencySlot Waits for a slot of the concurrency limit on tag "db" (2), held by work-',
      ),
    ),
    states.join('\n'),
  );
});

test('several tags: all or none, without a deadlock', async () => {
  await using world = await createTestWorld();
  for (const tag of ['a', 'b', 'c']) await limitsOf(world).setTagLimit(tag, 1);
  const { work, most } = counted({});
  const sets = [['a', 'b'], ['b', 'c'], ['c', 'a'], ['a'], ['a', 'b', 'c'], ['free', 'b']];
  const parent = flow(
    async () => await Promise.all(sets.flatMap((tags) => [1, 2].map((n) => work.with({ tags })(n, tags)))),
    { name: 'parent' },
  );
  await world.run(() => parent());
  assert.deepEqual(
    ['a', 'b', 'c'].map((tag) => most.get(tag)),
    [1, 1, 1],
  );
  assert.deepEqual(await taken(world), [0, 0, 0]);
});

test('a run that waits for its next attempt holds nothing; one that fails gives back', async () => {
  await using world = await createTestWorld();
  await limitsOf(world).setTagLimit('db', 1);
  const order: string[] = [];
  let attempts = 0;
  const flaky = task(
    () => {
      order.push('flaky');
      attempts += 1;
      if (attempts < 3) throw new Error('no');
    },
    { name: 'flaky', tags: ['db'], retries: 2, retryDelaySeconds: 3600 },
  );
  const other = task(
    () => {
      order.push('other');
      throw new Error('never');
    },
    { name: 'other', tags: ['db'] },
  );
  const parent = flow(
    async () => {
      await Promise.allSettled([flaky(), other()]);
    },
    { name: 'parent' },
  );
  await world.run(() => parent());
  assert.deepEqual(order, ['flaky', 'other', 'flaky', 'flaky']);
  assert.deepEqual(await taken(world), [0]);
});

test('what a task calls runs on its slots, through flows too', async () => {
  await using world = await createTestWorld();
  await limitsOf(world).setTagLimit('db', 1);
  const inner = task(() => 1, { name: 'inner', tags: ['db'] });
  const child = flow(async () => await inner(), { name: 'child' });
  const outer = task(async () => (await inner()) + (await child()), { name: 'outer', tags: ['db'] });
  const parent = flow(async () => await withTags(['db'], () => outer()), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 2);
});

test('of the calls inside a task that holds a slot one runs at once, also of those inside them; what is called off gives its turn on', async () => {
  await using world = await createTestWorld();
  await limitsOf(world).setTagLimit('db', 1);
  await limitsOf(world).setTagLimit('api', 1);
  const { work, most } = counted({ tags: ['db', 'api'] });
  const deep = task(async () => await Promise.all([1, 2].map((n) => work(n, ['db']))), { name: 'deep', tags: ['db'] });
  const cut = task(async () => await new Promise(() => {}), { name: 'cut', tags: ['db'], timeoutSeconds: 0.05 });
  const outer = task(
    async () => {
      const inner = await Promise.all([
        work(1, ['db']),
        deep(),
        work(2, ['db']),
        deep(),
        cut().catch(() => 'cut'),
        work(3, ['db']),
      ]);
      return inner.flat();
    },
    { name: 'outer', tags: ['api', 'db'] },
  );
  assert.deepEqual(await world.run(() => flow(async () => await outer(), { name: 'inside' })()), [
    1,
    1,
    2,
    2,
    1,
    2,
    'cut',
    3,
  ]);
  assert.deepEqual([...most.values()], [1]);
  assert.deepEqual(await taken(world), [0, 0]);
});

test('a limit of 0 lets nothing run, and says so; a limit that is made later is obeyed', async () => {
  await using world = await createTestWorld();
  const { work, most } = counted({ tags: ['db'] });
  const parent = flow(async () => await Promise.all([1, 2, 3].map((n) => work(n, ['db']))), { name: 'parent' });
  await world.run(() => parent());
  assert.equal(most.get('db'), 3);
  most.clear();
  await limitsOf(world).setTagLimit('db', 1);
  await world.run(() =>
    flow(
      async () => {
        await new Promise<void>((resolve) => {
          world.ports.clock.setTimer(2000, resolve);
        });
        await parent();
      },
      { name: 'later' },
    )(),
  );
  assert.equal(most.get('db'), 1);
  await limitsOf(world).setTagLimit('db', 0);
  await assert.rejects(
    world.run(() => parent()),
    /work-0 cannot run: the concurrency limit on tag "db" is 0/,
  );
});

test('processes share a limit; the slots of one that is gone are free', async () => {
  await using world = await createTestWorld();
  await limitsOf(world).setTagLimit('db', 1);
  const { work, most } = counted({ tags: ['db'] });
  const parent = flow(async () => await Promise.all([1, 2, 3].map((n) => work(n, ['db']))), { name: 'parent' });
  const other = world.ports.startProcess();
  await world.run(() => Promise.all([parent(), withDoor(other.door, () => parent())]));
  assert.equal(most.get('db'), 1);
  assert.deepEqual(await taken(world), [0]);
});

test('a process that dies while it holds a slot: whoever comes next has it', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'unrecorded', when: (run) => run.name === 'work-0' }],
  });
  await limitsOf(world).setTagLimit('db', 1);
  const { work } = counted({ tags: ['db'] });
  const parent = flow(async () => await work(7, ['db']), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  assert.equal(
    await world.run(() => flow(async () => await work.with({ name: 'next' })(8, ['db']), { name: 'second' })()),
    8,
  );
  assert.equal(await world.retry(parent), 7);
  assert.deepEqual(await taken(world), [0]);
});

test('slots that are gone stop the run that had them', async () => {
  const leases: ConcurrencyLeaseId[] = [];
  await using world = await createTestWorld({
    wrapClient: (client) => ({
      ...client,
      takeTagSlots: async (request: TakeTagSlots) => {
        const answer = await client.takeTagSlots(request);
        if (answer.outcome === 'taken') leases.push(answer.leaseId);
        return answer;
      },
    }),
  });
  const { client, clock } = world.ports;
  await limitsOf(world).setTagLimit('db', 1);
  const work = task(
    async () => {
      // As if this process had not been heard of for long, and another had taken the slot.
      for (const id of leases) await client.releaseLease(id);
      for (let turns = 0; turns < 100; turns += 1)
        await new Promise<void>((resolve) => {
          clock.setTimer(10_000, resolve);
        });
    },
    { name: 'work', tags: ['db'] },
  );
  await assert.rejects(
    world.run(() => flow(async () => await work(), { name: 'parent' })()),
    /has lost its slot of a concurrency limit/,
  );
  assert.equal(leases.length, 1);
  assert.equal((await world.taskRun('work')).state.type, 'CRASHED');
});

test('tasks that run in threads take slots where their flow is, and give them back', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  await limitsOf(world).setTagLimit('db', 1);
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-tags-'));
  const log = join(folder, 'log');
  const parent = flow(
    async () => {
      await Promise.all([callsTagged(log), callsTagged(log), taggedAround(log), tagged(log)]);
    },
    { name: 'parent' },
  );
  await world.run(() => parent());
  assert.equal(readFileSync(log, 'utf8'), '+-'.repeat(6));
  assert.deepEqual(await taken(world), [0]);
  rmSync(folder, { recursive: true });
});
