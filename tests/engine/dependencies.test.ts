/** Rows TK8, FT1, FT2: futures as arguments, `waitFor`, edges, and what a future can be asked. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asCompleted, flow, OstinatoError, task, wait } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const give = task((x: number) => x, { name: 'give' });

test('TK8 futures are resolved wherever they lie in an argument, and each is an edge of its input', async () => {
  await using world = await createTestWorld();
  const total = task(
    (parts: { list: number[]; deep: { one: number } }, extra: number) => (parts.list[0] ?? 0) + parts.deep.one + extra,
    { name: 'total' },
  );
  const parent = flow(() => total({ list: [give(1), give(5)], deep: { one: give(2) } }, give(3)));
  assert.equal(await world.run(() => parent()), 6);
  const runs = await world.taskRuns();
  const run = runs.find(({ taskName }) => taskName === 'total');
  assert.deepEqual(
    Object.entries(run?.inputs ?? {}).map(([name, edges]) => [name, edges.length]),
    [
      ['parts', 3],
      ['extra', 1],
    ],
  );
  assert.deepEqual(run?.inputs['extra'], [{ kind: 'task_run', id: runs.find(({ name }) => name === 'give-3')?.id }]);
});

test('TK8 data around futures stays what it is: dates, maps, instances', async () => {
  await using world = await createTestWorld();
  class Money {
    amount = 5;
  }
  const look = task(
    (input: { at: Date; seen: Map<string, number>; price: unknown; x: number }) => [
      input.at instanceof Date,
      input.seen.get('a'),
      input.price instanceof Money,
      input.x,
    ],
    { name: 'look' },
  );
  const parent = flow(() => look({ at: new Date(0), seen: new Map([['a', 1]]), price: new Money(), x: give(7) }));
  assert.deepEqual(await world.run(() => parent()), [true, 1, true, 7]);
});

test("TK8 the caller's own object is not changed by resolving", async () => {
  await using world = await createTestWorld();
  const look = task((input: { x: number }) => input.x, { name: 'look' });
  const parent = flow(async () => {
    const input = { x: give(1) };
    await look(input as never);
    return typeof input.x;
  });
  assert.equal(await world.run(() => parent()), 'object');
});

test('TK8 waitFor orders tasks without passing values, and is an edge', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'create', delaySeconds: 60 }] });
  const order: string[] = [];
  const create = task(
    async () => {
      order.push('create');
    },
    { name: 'create' },
  );
  const insert = task(
    async () => {
      order.push('insert');
    },
    { name: 'insert' },
  );
  const parent = flow(async () => {
    const table = create();
    await insert.with({ waitFor: [table] })();
  });
  await world.run(() => parent());
  assert.deepEqual(order, ['create', 'insert']);
  assert.equal((await world.taskRun('insert')).inputs['waitFor']?.length, 1);
});

test('TK8 waitFor on a failure: the task does not run', async () => {
  await using world = await createTestWorld();
  const bad = task(
    () => {
      throw new Error('x');
    },
    { name: 'bad' },
  );
  const next = task(() => 1, { name: 'next' });
  const parent = flow(
    () =>
      next
        .with({ waitFor: [bad()] })()
        .wait(),
    { name: 'parent' },
  );
  await world.run(() => parent());
  assert.equal((await world.taskRun('next')).state.name, 'UpstreamFailed');
});

test("TK8 a subflow's future is passed on like a task's, also as a parameter of another subflow", async () => {
  await using world = await createTestWorld();
  const child = flow(async ({ x }: { x: number }) => give(x), { name: 'child' });
  const parent = flow(() => child({ x: give.with({ name: 'plus' })(child({ x: 4 })) }));
  assert.equal(await world.run(() => parent()), 4);
  assert.equal((await world.taskRun('plus')).inputs['x']?.[0]?.kind, 'flow_run');
});

test('TK8 a diamond runs its middle side by side', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'middle', delaySeconds: 30 }] });
  const middle = task((x: number, add: number) => x + add, { name: 'middle' });
  const join = task((a: number, b: number) => [a, b], { name: 'join' });
  const parent = flow(
    () => {
      const top = give(1);
      return join(middle(top, 10), middle(top, 20));
    },
    { name: 'parent' },
  );
  assert.deepEqual(await world.run(() => parent()), [11, 21]);
  assert.ok((await world.flowRun('parent')).totalRunTimeUs < 31e6);
});

test('TK8 a long chain of futures is not recursion', async () => {
  await using world = await createTestWorld();
  const inc = task((x: number) => x + 1, { name: 'inc', durability: 'none' });
  const parent = flow(async () => {
    let future = inc(0);
    for (let n = 1; n < 2000; n += 1) future = inc(future);
    return await future;
  });
  assert.equal(await world.run(() => parent()), 2000);
});

test('FT1 a future tells its run, its state, and whether it is done', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    const future = give(1);
    const before = [future.done, future.state?.type];
    const seen: string[] = [];
    future.onDone(() => seen.push('done'));
    await future;
    future.onDone(() => seen.push('at once'));
    return { before, after: [future.done, future.state?.name], name: future.name, id: future.taskRunId, seen };
  });
  const told = await world.run(() => parent());
  assert.deepEqual(told.after, [true, 'Completed']);
  assert.equal(told.before[0], false);
  assert.deepEqual([told.name, told.id], ['give-0', (await world.taskRun('give')).id]);
  assert.deepEqual(told.seen, ['done', 'at once']);
});

test('FT1 result() waits with a limit; the run goes on', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'give', delaySeconds: 100 }] });
  const parent = flow(async () => {
    const future = give(1);
    await assert.rejects(
      future.result({ timeoutSeconds: 10 }),
      (error) => OstinatoError.is(error) && error.code === 'timed-out',
    );
    return await future.result();
  });
  assert.equal(await world.run(() => parent()), 1);
});

test('FT1 wait() gives the final state and never throws the failure', async () => {
  await using world = await createTestWorld();
  const bad = task(
    () => {
      throw new Error('x');
    },
    { name: 'bad' },
  );
  const parent = flow(async () => {
    const future = bad();
    const state = await future.wait();
    return [state.type, future.outcome?.ok];
  });
  assert.deepEqual(await world.run(() => parent()), ['FAILED', false]);
});

test('FT1 a failure that nobody awaits is no unhandled rejection, whatever the order', async () => {
  await using world = await createTestWorld();
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', listen);
  const bad = task(
    async () => {
      throw new Error('x');
    },
    { name: 'bad' },
  );
  const parent = flow(async () => {
    void bad();
    const late = bad();
    await give(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await late.catch(() => 0);
    await Promise.allSettled([bad(), bad()]);
  });
  await world.run(() => parent());
  // Node tells of a promise that nobody handled when the turn is over in which it was refused.
  for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
});

test('FT2 wait() for many: what is done, and what is not when the time is over', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'give-1', delaySeconds: 100 }] });
  const parent = flow(async () => {
    const futures = [give(0), give(1), give(2)];
    const { done, notDone } = await wait(futures, { timeoutSeconds: 10 });
    const rest = await wait(notDone);
    return [done.length, notDone.length, rest.done.length];
  });
  assert.deepEqual(await world.run(() => parent()), [2, 1, 1]);
});

test('FT2 asCompleted gives futures in the order in which they end', async () => {
  await using world = await createTestWorld({
    faults: [
      { task: 'give-0', delaySeconds: 30 },
      { task: 'give-1', delaySeconds: 10 },
      { task: 'give-2', delaySeconds: 20 },
    ],
  });
  const bad = task(
    (): number => {
      throw new Error('x');
    },
    { name: 'bad' },
  );
  const parent = flow(async () => {
    const order: string[] = [];
    for await (const { future, index } of asCompleted([give(0), give(1), give(2), bad()]))
      order.push(`${index} ${future.state?.type}`);
    return order;
  });
  assert.deepEqual(await world.run(() => parent()), ['3 FAILED', '1 COMPLETED', '2 COMPLETED', '0 COMPLETED']);
});

test('FT2 await of a list is fail-fast with Promise.all, and the flow still waits for the others', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'give', delaySeconds: 60 }] });
  const bad = task(
    (): number => {
      throw new Error('fast');
    },
    { name: 'bad' },
  );
  const parent = flow(
    async () => {
      await Promise.all([give(1), bad()]);
    },
    { name: 'parent' },
  );
  await assert.rejects(
    world.run(() => parent()),
    /fast/,
  );
  assert.equal((await world.taskRun('give')).state.type, 'COMPLETED');
});
