/** Rows AS1, AS2 and TK7: flows in flows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asyncRunner, flow, runContext, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const step = task((x: number) => x + 1, { name: 'step' });

test('AS2 a subflow is a run of its own, with a placeholder task run in its parent', async () => {
  await using world = await createTestWorld();
  const child = flow(({ x }: { x: number }) => step(x), { name: 'child' });
  const parent = flow(async () => (await child({ x: 1 })) + (await child({ x: 10 })), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 13);
  const parentRun = await world.flowRun('parent');
  const children = (await world.flowRuns()).filter(({ flowName }) => flowName === 'child');
  assert.deepEqual(
    children.map(({ parentFlowRunId }) => parentFlowRunId),
    [parentRun.id, parentRun.id],
  );
  const placeholders = await world.taskRuns({ flowRunId: parentRun.id });
  assert.deepEqual(
    placeholders.map(({ name, state }) => [name, state.name]),
    [
      ['child-0', 'Completed'],
      ['child-1', 'Completed'],
    ],
  );
  assert.deepEqual(
    placeholders.map(({ id }) => id),
    children.map(({ parentTaskRunId }) => parentTaskRunId),
  );
  assert.deepEqual(
    placeholders.map(({ state }) => state.details.childFlowRunId),
    children.map(({ id }) => id),
  );
  assert.equal((await world.flowRuns({ rootOnly: true })).length, 1);
});

test('AS2 a failed subflow throws at its call; the parent may catch it', async () => {
  await using world = await createTestWorld();
  const child = flow(
    (): number => {
      throw new RangeError('child trouble');
    },
    { name: 'child' },
  );
  const brave = flow(
    async () => {
      try {
        return await child();
      } catch (error) {
        return (error as Error).message;
      }
    },
    { name: 'brave' },
  );
  assert.equal(await world.run(() => brave()), 'child trouble');
  const shy = flow(() => child(), { name: 'shy' });
  await assert.rejects(
    world.run(() => shy()),
    RangeError,
  );
  assert.equal((await world.flowRun('shy')).state.type, 'FAILED');
});

test('AS2 subflows run side by side, each with its own task runner', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'step', delaySeconds: 10 }] });
  const wide = flow(() => step.map([1, 2, 3, 4]), { name: 'wide', taskRunner: asyncRunner({ concurrency: 4 }) });
  const narrow = flow(() => step.map([1, 2, 3, 4]), { name: 'narrow', taskRunner: asyncRunner({ concurrency: 1 }) });
  const parent = flow(
    async () => {
      await Promise.all([wide(), narrow()]);
    },
    { name: 'parent', taskRunner: asyncRunner({ concurrency: 1 }) },
  );
  await world.run(() => parent());
  const took = async (name: string): Promise<number> => Math.round((await world.flowRun(name)).totalRunTimeUs / 1e6);
  assert.deepEqual([await took('wide'), await took('narrow'), await took('parent')], [10, 40, 40]);
});

test('AS2 a parent that goes on: the finished child is not run again, the failed one continues from where it stood', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  let healthy = false;
  const work = task(
    (what: string) => {
      log.push(what);
      if (what === 'b2' && !healthy) throw new Error('not yet');
      return what;
    },
    { name: 'work' },
  );
  const child = flow(async ({ name }: { name: string }) => [await work(`${name}1`), await work(`${name}2`)], {
    name: 'child',
  });
  const parent = flow(async () => [await child({ name: 'a' }), await child({ name: 'b' })], { name: 'parent' });
  await world.run(() => parent.state());
  healthy = true;
  assert.deepEqual(await world.retry(parent), [
    ['a1', 'a2'],
    ['b1', 'b2'],
  ]);
  assert.deepEqual(log, ['a1', 'a2', 'b1', 'b2', 'b2']);
  const children = (await world.flowRuns()).filter(({ flowName }) => flowName === 'child');
  assert.deepEqual(
    children.map(({ runCount, state }) => [runCount, state.type]),
    [
      [1, 'COMPLETED'],
      [2, 'COMPLETED'],
    ],
  );
});

test('AS2 crash and resume with concurrent children: results are not swapped', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'recorded', when: (run) => run.name === 'work c' }],
  });
  const log: string[] = [];
  const work = task(
    (name: string) => {
      log.push(name);
      return name.toUpperCase();
    },
    { name: 'work', runName: 'work {name}' },
  );
  const child = flow(({ name }: { name: string }) => work(name), { name: 'child' });
  const give = task((name: string) => name, { name: 'give' });
  const parent = flow(() => Promise.all(['a', 'b', 'c', 'd'].map((name) => child({ name: give(name) }))), {
    name: 'parent',
  });
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  assert.deepEqual(await world.retry(parent), ['A', 'B', 'C', 'D']);
  assert.equal(log.filter((name) => name === 'c').length, 1);
});

test('AS2 three levels, and flows in tasks', async () => {
  await using world = await createTestWorld();
  const leaf = flow(({ x }: { x: number }) => step(x), { name: 'leaf' });
  const wrapped = task(async (x: number) => leaf({ x }), { name: 'wrapped' });
  const middle = flow(async ({ x }: { x: number }) => (await leaf({ x })) + (await wrapped(x)), { name: 'middle' });
  const root = flow(() => middle({ x: 1 }), { name: 'root' });
  assert.equal(await world.run(() => root()), 4);
  const leaves = (await world.flowRuns()).filter(({ flowName }) => flowName === 'leaf');
  assert.deepEqual(
    leaves.map(({ parentFlowRunId }) => parentFlowRunId),
    [(await world.flowRun('middle')).id, (await world.flowRun('middle')).id],
  );
  const inTask = await world.taskRun(leaves[1]?.parentTaskRunId ?? '');
  assert.equal(inTask.parentTaskRunId, (await world.taskRun('wrapped')).id);
});

test("AS2 a task's timeout reaches the subflow that it started", async () => {
  await using world = await createTestWorld();
  const endless = flow(
    () =>
      new Promise((_, reject) =>
        runContext().signal.addEventListener('abort', () => reject(runContext().signal.reason as Error)),
      ),
    { name: 'endless' },
  );
  const starter = task(
    async () => {
      await endless();
    },
    { name: 'starter', timeoutSeconds: 30 },
  );
  const parent = flow(() => starter.state(), { name: 'parent' });
  await world.run(() => parent());
  assert.equal((await world.taskRun('starter')).state.name, 'TimedOut');
  assert.equal((await world.flowRun('endless')).state.type, 'CANCELLED');
});

test('AS2 an unawaited subflow is waited for, and its failure is reported', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'step', throw: new Error('late') }] });
  const child = flow(() => step(1), { name: 'child' });
  const parent = flow(
    () => {
      void child();
      return 'done';
    },
    { name: 'parent' },
  );
  assert.equal(await world.run(() => parent()), 'done');
  assert.equal((await world.flowRun('child')).state.type, 'FAILED');
  assert.match((await world.flowRun('parent')).state.message ?? '', /failed and nothing looked at/);
});

test('AS2 a subflow retries by its own policy', async () => {
  await using world = await createTestWorld();
  let n = 0;
  const child = flow(
    () => {
      if ((n += 1) < 3) throw new Error('x');
      return n;
    },
    { name: 'child', retries: 2, retryDelaySeconds: 60 },
  );
  const parent = flow(() => child(), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 3);
  assert.equal((await world.flowRun('child')).runCount, 3);
});

test('AS1 a flow may call itself', async () => {
  await using world = await createTestWorld();
  const factorial = flow(
    async ({ n }: { n: number }): Promise<number> => (n <= 1 ? 1 : n * ((await factorial({ n: n - 1 })) as number)),
    { name: 'factorial' },
  );
  assert.equal(await world.run(() => factorial({ n: 5 })), 120);
  assert.equal((await world.flowRuns()).length, 5);
});

test('AS2 a generator as a subflow streams to its parent', async () => {
  await using world = await createTestWorld();
  const child = flow(
    async function* ({ to }: { to: number }) {
      for (let n = 1; n <= to; n += 1) yield await step(n);
    },
    { name: 'child' },
  );
  const parent = flow(
    async () => {
      let sum = 0;
      for await (const value of child({ to: 3 })) sum += value;
      return sum;
    },
    { name: 'parent' },
  );
  assert.equal(await world.run(() => parent()), 9);
});
