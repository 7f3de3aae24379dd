/** Tasks that differ in what their functions close over alone: what is recorded of one never counts for another. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flow, INPUTS, OstinatoError, task, type Flow, type Task } from '../../src/index.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

async function goOn<T>(world: TestWorld, program: Flow<never, Promise<T>>): Promise<unknown> {
  await assert.rejects(
    world.run(() => program()),
    /crashed/,
  );
  world.restart();
  return await world.retry(program);
}

type Load = Task<readonly [id: number], Promise<string>>;

test('random programs with tasks of one factory: every call has the result of its own task, in whatever order and attempt', async () => {
  const calls = fc.array(fc.record({ tenant: fc.nat(2), id: fc.nat(1), fails: fc.boolean(), skips: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(calls, fc.boolean(), fc.boolean(), fc.boolean(), async (all, concurrent, inFlow, crashes) => {
      await using world = await createTestWorld();
      let attempt = 0;
      const make = (tenant: number): Load =>
        task(
          async (id: number) => {
            if (attempt === 1 && all.some((each) => each.tenant === tenant && each.id === id && each.fails))
              throw new Error('not yet');
            return `${tenant}:${id}`;
          },
          { name: 'load' },
        );
      const outside = [0, 1, 2].map(make);
      const program = flow(
        async () => {
          attempt += 1;
          const tasks = inFlow ? (attempt === 1 ? [2, 1, 0].map(make).reverse() : [0, 1, 2].map(make)) : outside;
          const one = async ({ tenant, id }: { tenant: number; id: number }): Promise<string> =>
            await (tasks[tenant] as Load)(id).catch(() => 'failed');
          const wanted = attempt === 1 ? all.filter(({ skips }) => !skips) : all;
          const got: string[] = [];
          if (concurrent) got.push(...(await Promise.all(wanted.map(one))));
          else for (const each of wanted) got.push(await one(each));
          if (attempt === 1) {
            if (!crashes) throw new Error('again');
            world.crash();
          }
          return got;
        },
        { name: 'program', retries: 1, resume: 'automatic' },
      );
      const got = crashes ? await goOn(world, program) : await world.run(() => program());
      assert.deepEqual(
        got,
        all.map(({ tenant, id }) => `${tenant}:${id}`),
      );
    }),
    { numRuns: 60 },
  );
});

test('a task and the flow that calls it: the twin of a subflow is another one, too', async () => {
  await using world = await createTestWorld();
  const make = (name: string) => flow(async () => name, { name: 'sub' });
  const [a, b] = [make('a'), make('b')];
  let attempt = 0;
  const program = flow(
    async () => {
      attempt += 1;
      const got: string[] = [];
      for (const each of attempt === 1 ? [b] : [a, b]) got.push(await each());
      if (attempt === 1) throw new Error('again');
      return got;
    },
    { name: 'program', retries: 1 },
  );
  assert.deepEqual(await world.run(() => program()), ['a', 'b']);
});

test('a cached result counts for the task that gave it; of a task that a flow makes, in the attempt that made it', async () => {
  await using world = await createTestWorld();
  let bodies = 0;
  const make = (name: string) =>
    task(
      async (id: number) => {
        bodies += 1;
        return name + id;
      },
      { name: 'cached', cache: INPUTS },
    );
  const [a, b] = [make('a'), make('b')];
  const outside = flow(async () => [await a(1), await b(1), await a(1), await b(1)], { name: 'outside' });
  assert.deepEqual(await world.run(() => outside()), ['a1', 'b1', 'a1', 'b1']);
  assert.equal(bodies, 2);
  bodies = 0;
  const inside = flow(
    async ({ tenant }: { tenant: string }) => {
      const load = task(
        async () => {
          bodies += 1;
          return tenant;
        },
        { name: 'inside', cache: INPUTS },
      );
      return [await load(), await load()];
    },
    { name: 'inside' },
  );
  assert.deepEqual(
    await world.run(async () => [
      await inside({ tenant: 'x' }),
      await inside({ tenant: 'y' }),
      await inside({ tenant: 'x' }),
    ]),
    [
      ['x', 'x'],
      ['y', 'y'],
      ['x', 'x'],
    ],
  );
  assert.equal(bodies, 3);
  let tenants = ['p', 'q'];
  const loop = flow(
    async () => {
      const got: string[] = [];
      for (const tenant of tenants) got.push(await task(async () => tenant, { name: 'loop', cache: INPUTS })());
      return got;
    },
    { name: 'loop' },
  );
  assert.deepEqual(await world.run(() => loop()), ['p', 'q']);
  tenants = ['q', 'p'];
  assert.deepEqual(await world.run(() => loop()), ['q', 'p']);
});

test('another thread cannot tell them apart, and is not asked', async () => {
  await using world = await createTestWorld();
  const make = (name: string) => task(async () => name, { name: 'elsewhere', isolation: 'thread' });
  const [a] = [make('a'), make('b')];
  await assert.rejects(
    async () => await world.run(() => flow(async () => await a(), { name: 'isolated' })()),
    (error: unknown) =>
      OstinatoError.is(error) &&
      error.code === 'cannot-isolate' &&
      /several tasks "elsewhere"/.test(error.message) &&
      /a name of its own/.test(error.remedy),
  );
});

test('what a module makes that a flow imports is made once, and for all runs', async () => {
  await using world = await createTestWorld();
  const program = flow(
    async () => {
      const { late, lateToo } = await import('./fixtures/late-tasks.ts');
      return [await late(1), await lateToo(1)];
    },
    { name: 'imports' },
  );
  assert.deepEqual(await world.run(async () => [await program(), await program()]), [
    ['late 1, body 1', 'late too 1, body 2'],
    ['late 1, body 1', 'late too 1, body 2'],
  ]);
});
