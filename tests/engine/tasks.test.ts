/** Rows TK1–TK3, TK7, TK9–TK11, TK14, AS1: tasks, wherever they are called. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowFailure,
  flow,
  opaque,
  OstinatoError,
  runContext,
  task,
  withTags,
  type TaskFuture,
} from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const add = task((a: number, b: number) => a + b, { name: 'add' });

test('TK1 a task run carries what was said about it', async () => {
  await using world = await createTestWorld();
  const load = task((url: string) => url.length, {
    name: 'load',
    tags: ['io'],
    retries: 2,
    retryDelaySeconds: [1, 2],
    retryJitterFactor: 0.5,
    timeoutSeconds: 30,
    durability: 'none',
  });
  const parent = flow(() => load('http://x'), { name: 'parent', tags: ['nightly'] });
  assert.equal(await world.run(() => parent()), 8);
  const run = await world.taskRun('load');
  assert.equal(run.name, 'load-0');
  assert.deepEqual(run.policy, { retries: 2, retryDelaySeconds: [1, 2], retryJitterFactor: 0.5, timeoutSeconds: 30 });
  assert.deepEqual([...run.tags].sort(), ['io', 'nightly']);
  assert.equal(run.durability, 'none');
  assert.match(run.callSite, /tasks\.test\.ts · .*load\('http:\/\/x'\)/);
  assert.equal(run.flowRunId, (await world.flowRun('parent')).id);
  assert.ok(run.startTime !== null && run.endTime !== null && run.totalRunTimeUs > 0);
});

test("TK1 a task takes its function's name, or that of its constant", () => {
  const fetchPage = task(async () => 1);
  const named = task(function download() {});
  assert.deepEqual(
    [fetchPage.taskName, named.taskName, task(() => 1, { name: 'x' }).taskName],
    ['fetchPage', 'download', 'x'],
  );
});

test('TK2 awaiting a call gives the value, and a failure is thrown where it is awaited', async () => {
  await using world = await createTestWorld();
  const explode = task(
    (): number => {
      throw new TypeError('boom');
    },
    { name: 'explode' },
  );
  const parent = flow(async () => {
    const three = await add(1, 2);
    await assert.rejects(explode(), TypeError);
    return three;
  });
  assert.equal(await world.run(() => parent()), 3);
  assert.equal(add.fn(2, 3), 5);
});

test('TK3 a call starts at once and gives a future: calls run side by side', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'add', delaySeconds: 10 }] });
  const parent = flow(
    async () => {
      const futures = [add(1, 1), add(2, 2), add(3, 3)];
      return (await Promise.all(futures)).reduce((sum, value) => sum + value);
    },
    { name: 'parent' },
  );
  assert.equal(await world.run(() => parent()), 12);
  const run = await world.flowRun('parent');
  assert.ok(run.totalRunTimeUs < 11_000_000, `three tasks of ten seconds took ${run.totalRunTimeUs / 1e6} s`);
});

test('TK3 the order in which futures are awaited does not matter', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    const [a, b] = [add(1, 0), add(2, 0)];
    return [await b, await a, await b];
  });
  assert.deepEqual(await world.run(() => parent()), [2, 1, 2]);
});

test('TK7 tasks in tasks, tasks outside flows, flows in tasks', async () => {
  await using world = await createTestWorld();
  const inner = flow(({ x }: { x: number }) => add(x, 1), { name: 'inner' });
  const outer = task(async (x: number) => (await add(x, 10)) + (await inner({ x })), { name: 'outer' });
  const parent = flow(() => outer(1), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 13);
  const runs = await world.taskRuns();
  const outerRun = await world.taskRun('outer');
  const nested = runs.filter(({ taskName, flowRunId }) => taskName === 'add' && flowRunId === outerRun.flowRunId);
  assert.deepEqual(
    nested.map(({ parentTaskRunId }) => parentTaskRunId),
    [outerRun.id],
  );
  assert.equal(await world.run(() => add(20, 1)), 21);
  const alone = (await world.taskRuns()).at(-1);
  assert.deepEqual([alone?.flowRunId, alone?.parentTaskRunId, alone?.state.type], [null, null, 'COMPLETED']);
});

test('TK7 tasks three levels deep cannot block each other, however narrow the gate', async () => {
  await using world = await createTestWorld({ settings: { concurrency: 1 } });
  const deep = task((n: number): TaskFuture<number> | number => (n === 0 ? 0 : (deep(n - 1) as never)), {
    name: 'deep',
  });
  const parent = flow(async () => Promise.all([deep(3), deep(3)]));
  assert.deepEqual(await world.run(() => parent()), [0, 0]);
});

test('TK9 allowFailure hands the error over in place of the value', async () => {
  await using world = await createTestWorld();
  const bad = task(
    (): number => {
      throw new Error('gone');
    },
    { name: 'bad' },
  );
  const cope = task((value: unknown) => (value instanceof Error ? `coped with ${value.message}` : 'fine'), {
    name: 'cope',
  });
  const parent = flow(() => cope(allowFailure(bad())));
  assert.equal(await world.run(() => parent()), 'coped with gone');
  assert.equal(await world.run(() => flow(() => cope(allowFailure(add(1, 1))), { name: 'p2' })()), 'fine');
});

test('TK9 allowFailure works inside a nested argument', async () => {
  await using world = await createTestWorld();
  const bad = task(
    (): number => {
      throw new Error('gone');
    },
    { name: 'bad' },
  );
  const count = task((parts: { list: unknown[] }) => parts.list.filter((part) => part instanceof Error).length, {
    name: 'count',
  });
  const parent = flow(() => count({ list: [allowFailure(bad()), allowFailure(bad()), 1] } as never));
  assert.equal(await world.run(() => parent()), 2);
});

test('TK9 without allowFailure the task does not run: UpstreamFailed, naming the upstream, with its error as cause', async () => {
  await using world = await createTestWorld();
  let ran = false;
  const bad = task(
    (): number => {
      throw new Error('gone');
    },
    { name: 'bad' },
  );
  const next = task(
    (x: number) => {
      ran = true;
      return x;
    },
    { name: 'next' },
  );
  const last = task((x: number) => x, { name: 'last' });
  const parent = flow(() => last(next(bad())));
  await assert.rejects(
    world.run(() => parent()),
    (error) => OstinatoError.is(error) && error.code === 'upstream-failed' && /next/.test(error.message),
  );
  assert.equal(ran, false);
  const { state } = await world.taskRun('next');
  assert.deepEqual([state.type, state.name], ['FAILED', 'UpstreamFailed']);
  assert.match(state.message ?? '', /bad-0/);
  assert.equal(state.type === 'FAILED' && state.failure?.cause?.message, 'gone');
  assert.equal((await world.taskRun('last')).state.name, 'UpstreamFailed');
  assert.equal((await world.taskRun('next')).runCount, 0);
});

test('TK9 opaque is passed as it is: not searched for futures', async () => {
  await using world = await createTestWorld();
  const keep = task((value: unknown) => (value as { future: TaskFuture<number> }).future.name, { name: 'keep' });
  const parent = flow(async () => {
    const future = add(1, 1);
    return await keep(opaque({ future }));
  });
  assert.equal(await world.run(() => parent()), 'add-0');
});

test('TK10 task run names: numbered, by template over the inputs, or by a function', async () => {
  await using world = await createTestWorld();
  const load = task((date: string, { limit }: { limit: number }) => `${date}${limit}`, { name: 'load' });
  const parent = flow(async () => {
    await load('a', { limit: 1 });
    await load('b', { limit: 1 });
    await load.with({ runName: 'of {date}' })('c', { limit: 1 });
    await load.with({ runName: (inputs) => `${String(inputs['date'])}!` })('d', { limit: 1 });
    await load.with({ runName: 'of {nothing}' })('e', { limit: 1 });
  });
  await world.run(() => parent());
  assert.deepEqual(
    (await world.taskRuns()).map(({ name }) => name),
    ['load-0', 'load-1', 'of c', 'd!', 'load-4'],
  );
  assert.ok((await world.messages({ level: 'warning' })).some((text) => text.includes('{nothing}')));
});

test('TK10 tags of withTags reach every run made inside, and no other', async () => {
  await using world = await createTestWorld();
  const child = flow(() => add(1, 1), { name: 'child' });
  const parent = flow(
    async () => {
      await withTags(['a', 'b'], async () => {
        await add(1, 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        await withTags(['c'], () => add.with({ tags: ['own', 'a'] })(2, 2));
        await child();
      });
      await add(3, 3);
    },
    { name: 'parent' },
  );
  await world.run(() => withTags(['outside'], () => parent()));
  const tags = (await world.taskRuns()).map((run) => `${run.taskName}: ${[...run.tags].sort().join(' ')}`);
  assert.deepEqual(tags, [
    'add: a b outside',
    'add: a b c outside own',
    'child: a b outside',
    'add: a b outside',
    'add: outside',
  ]);
  assert.deepEqual([...(await world.flowRun('child')).tags].sort(), ['a', 'b', 'outside']);
  assert.deepEqual((await world.flowRun('parent')).tags, ['outside']);
});

test('TK11 the engine decides task runs by itself: no call to the orchestrator between two steps', async () => {
  const calls: string[] = [];
  await using world = await createTestWorld({
    wrapClient: (client) =>
      new Proxy(client, {
        get: (of, key) => {
          if (typeof key === 'string') calls.push(key);
          return Reflect.get(of, key);
        },
        ownKeys: (of) => Reflect.ownKeys(of),
      }),
  });
  const parent = flow(
    async () => {
      for (let n = 0; n < 50; n += 1) await add(n, 1);
    },
    { name: 'parent' },
  );
  await world.run(() => parent());
  assert.equal((await world.taskRuns()).length, 50);
  const recorded = calls.filter((name) => name === 'recordTaskRuns').length;
  assert.ok(recorded <= 5, `50 steps were recorded in ${recorded} calls`);
});

test('TK14 AS1 async tasks are gathered with Promise.all, allSettled and race', async () => {
  await using world = await createTestWorld();
  const bad = task(
    async (): Promise<number> => {
      throw new Error('x');
    },
    { name: 'bad' },
  );
  const parent = flow(async () => {
    const settled = await Promise.allSettled([add(1, 1), bad()]);
    const first = await Promise.race([add(5, 5), new Promise(() => {})]);
    return [settled.map(({ status }) => status), first];
  });
  assert.deepEqual(await world.run(() => parent()), [['fulfilled', 'rejected'], 10]);
});

test('TK14 the body sees its own run', async () => {
  await using world = await createTestWorld();
  const who = task(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return runContext().taskRun?.name;
    },
    { name: 'who' },
  );
  const parent = flow(async () => [...(await Promise.all([who(), who(), who()])), runContext().taskRun]);
  assert.deepEqual(await world.run(() => parent()), ['who-0', 'who-1', 'who-2', null]);
});
