/** Rows TK4 and TK12: what becomes of the items of a fan-out, and fan-outs of fan-outs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowFailure, flow, OstinatoError, runContext, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const double = task((x: number) => x * 2, { name: 'double' });
const odd = task(
  (x: number) => {
    if (x % 2 === 0) throw new Error(`${x} is even`);
    return x;
  },
  { name: 'odd' },
);

test('TK4 a failed item does not stop its siblings; the outcome counts and names the failures', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => odd.map([1, 2, 3, 4]), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /2 of 4 items of odd \(mapped\) failed: item 1: 2 is even; item 3: 4 is even/);
      return true;
    },
  );
  assert.deepEqual(
    (await world.taskRuns()).map(({ state }) => state.name),
    ['Completed', 'Failed', 'Completed', 'Failed'],
  );
});

test('TK4 settled() gives every value and every error; allowFailure hands both on', async () => {
  await using world = await createTestWorld();
  const sum = task((values: readonly unknown[]) => values.filter((value) => typeof value === 'number').length, {
    name: 'sum',
  });
  const parent = flow(async () => {
    const mapped = odd.map([1, 2, 3]);
    const settled = await mapped.settled();
    return [
      settled.map((item) => (item.ok ? item.value : (item.error as Error).message)),
      await sum(allowFailure(mapped) as never),
    ];
  });
  assert.deepEqual(await world.run(() => parent()), [[1, '2 is even', 3], 2]);
});

test('TK4 each item has its retries', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double-1', attempt: [1, 2], throw: new Error('x') }] });
  const parent = flow(() => double.with({ retries: 2, retryDelaySeconds: 3600 }).map([1, 2, 3]));
  assert.deepEqual(await world.run(() => parent()), [2, 4, 6]);
  assert.equal((await world.taskRun('double-1')).runCount, 3);
});

test('TK4 a source that throws: what was started ends, the fan-out fails with that error', async () => {
  await using world = await createTestWorld();
  function* source(): Generator<number> {
    yield 1;
    yield 2;
    throw new Error('file ends here');
  }
  const parent = flow(() => double.map(source()));
  await assert.rejects(
    world.run(() => parent()),
    /file ends here/,
  );
  assert.deepEqual(
    (await world.taskRuns()).map(({ state }) => state.type),
    ['COMPLETED', 'COMPLETED'],
  );
});

test('TK4 something that cannot be walked, and a concurrency that is none, are refused', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => double.map(42 as never));
  await assert.rejects(
    world.run(() => parent()),
    /double\.map\(\) needs something to iterate over, but was given number/,
  );
  const seven = task((): unknown => 7, { name: 'seven' });
  const cases: readonly [() => unknown, RegExp][] = [
    [() => null, /was given null/],
    [() => undefined, /was given undefined/],
    [() => 'abc', /was given string/],
    [() => ({ a: 1 }), /was given a plain object/],
    [
      () =>
        new (class Page {
          length = 2;
        })(),
      /was given an instance of Page/,
    ],
    [() => Promise.resolve(7), /the promise gave number/],
    [() => Promise.resolve('abc'), /the promise gave string/],
    [() => seven(), /seven-\d gave number/],
  ];
  for (const [source, message] of cases)
    await assert.rejects(
      world.run(() => flow(() => double.map(source() as never))()),
      message,
    );
  for (const concurrency of [0, -1, 1.5, Number.NaN]) {
    assert.throws(
      () => world.enter(() => double.map([1], { concurrency })),
      (error) => OstinatoError.is(error) && /concurrency of double\.map\(\)/.test(error.message),
    );
  }
});

test('TK4 outside a flow, items are runs of their own', async () => {
  await using world = await createTestWorld();
  assert.deepEqual(await world.run(() => double.map([1, 2])), [2, 4]);
  assert.deepEqual(
    (await world.taskRuns()).map(({ flowRunId }) => flowRunId),
    [null, null],
  );
});

test('TK4 keepValues: false drops the values, not the records', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    const mapped = double.map([1, 2, 3], { keepValues: false });
    await mapped;
    await assert.rejects(Promise.resolve(double.map(mapped as never)), /are not kept/);
    return mapped.doneCount;
  });
  assert.equal(await world.run(() => parent()), 3);
});

test('TK12 a map over a map is chained item by item: the second starts before the first has ended', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double-2', delaySeconds: 3600 }] });
  const inc = task((x: number) => x + 1, { name: 'inc' });
  const parent = flow(async () => {
    const first = double.map([1, 2, 3]);
    const second = inc.map(first);
    await world.until(() => second.doneCount === 2);
    assert.equal(first.done, false);
    return await second;
  });
  assert.deepEqual(await world.run(() => parent()), [3, 5, 7]);
  const [one] = (await world.taskRuns()).filter(({ taskName }) => taskName === 'inc');
  assert.equal(one?.inputs['x']?.[0]?.kind, 'map');
});

test('TK12 a map over a map with failures: only what is made of a failed item fails, as UpstreamFailed', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    const second = double.map(odd.map([1, 2, 3]));
    return (await second.settled()).map((item) => (item.ok ? item.value : 'failed'));
  });
  assert.deepEqual(await world.run(() => parent()), [2, 'failed', 6]);
  assert.deepEqual(
    (await world.taskRuns()).filter(({ taskName }) => taskName === 'double').map(({ state }) => state.name),
    ['Completed', 'UpstreamFailed', 'Completed'],
  );
});

test('TK12 a map as an argument of a task is its list', async () => {
  await using world = await createTestWorld();
  const sum = task((values: readonly number[]) => values.reduce((total, value) => total + value, 0), { name: 'sum' });
  const parent = flow(() => sum(double.map([1, 2, 3])));
  assert.equal(await world.run(() => parent()), 12);
  assert.deepEqual(
    (await world.taskRun('sum')).inputs['values']?.map(({ kind }) => kind),
    ['map'],
  );
});

test('TK12 a list of futures of lists', async () => {
  await using world = await createTestWorld();
  const pair = task((x: number) => [x, x + 1], { name: 'pair' });
  const flatten = task((lists: readonly (readonly number[])[]) => lists.flat(), { name: 'flatten' });
  const parent = flow(() => double.map(flatten([pair(1), pair(10)])));
  assert.deepEqual(await world.run(() => parent()), [2, 4, 20, 22]);
});

test('TK4 cancellation ends a fan-out whose source is silent', async () => {
  await using world = await createTestWorld();
  async function* silent(): AsyncGenerator<number> {
    yield 1;
    await new Promise(() => {});
  }
  const parent = flow(() => double.map(silent()), { name: 'parent' });
  const future = world.enter(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['COMPLETED'] })).length === 1);
  await world.ports.client.cancelFlowRun(future.flowRunId);
  await world.clock.advance(20);
  assert.equal((await future.wait()).type, 'CANCELLED');
});

test('TK4 twenty thousand items stand in memory as neither runs nor futures', async () => {
  await using world = await createTestWorld();
  let inFlight = 0;
  const noop = task(
    (x: number) => {
      inFlight = Math.max(inFlight, runContext().flowRun ? x : 0);
    },
    { name: 'noop', durability: 'none' },
  );
  const parent = flow(async () => {
    const mapped = noop.map(Array(20_000).keys(), { keepValues: false, concurrency: 50 });
    await mapped;
    return mapped.doneCount;
  });
  assert.equal(await world.run(() => parent()), 20_000);
  assert.deepEqual(await world.ports.client.countByState('task_run'), { COMPLETED: 20_000 });
});

test('TK4 what all items are given is looked at once, however many they are, and tells the steps of one fan-out from those of another', async () => {
  await using world = await createTestWorld();
  let looks = 0;
  const rows = new Proxy([1, 2, 3], {
    ownKeys: (target) => {
      looks += 1;
      return Reflect.ownKeys(target);
    },
  });
  const add = task((x: number, list: readonly number[]) => x + list.length, { name: 'add' });
  const both = flow(async () => {
    const all: number[][] = [];
    for (const list of [rows, [4, 5]]) all.push(await add.map([1, 2, 3], { with: [list] }));
    return all;
  });
  assert.deepEqual(await world.run(() => both()), [
    [4, 5, 6],
    [3, 4, 5],
  ]);
  assert.ok(looks <= 1, `${looks} looks`);
  assert.equal(new Set((await world.taskRuns()).map(({ step }) => step)).size, 6);
});

test('TK4 who looks at a fan-out by settled(), errors or the outcome has looked at its items; who does not is told of them', async () => {
  await using world = await createTestWorld();
  const message = async (body: () => unknown): Promise<string | null> => {
    const looked = flow(body, { name: 'looking' });
    await world.run(() => looked());
    return (await world.flowRuns({ flowName: 'looking' })).at(-1)?.state.message ?? null;
  };
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  assert.equal(
    await message(async () => {
      await odd.map(numbers).settled();
      return 'done';
    }),
    null,
  );
  assert.equal(
    await message(async () => {
      const future = odd.map(numbers);
      while (!future.done) await new Promise((resolve) => setImmediate(resolve));
      return future.errors.size;
    }),
    null,
  );
  assert.equal(
    await message(async () => {
      await odd.map(numbers).catch(() => {});
      return 'done';
    }),
    null,
  );
  assert.equal(
    await message(async () => {
      await odd.map(numbers).wait();
      return 'done';
    }),
    null,
  );
  assert.equal(
    await message(async () => {
      for (const n of numbers) await odd(n).catch(() => {});
      return 'done';
    }),
    null,
    'however many',
  );
  assert.equal(
    await message(async () => {
      const all = numbers.map((n) => odd(n));
      await Promise.all(all.map((one) => one.wait()));
      return 'done';
    }),
    null,
  );
  assert.equal(
    await message(async () => {
      const late = odd(2);
      await odd(1);
      await odd(3);
      await late.wait();
      return 'done';
    }),
    null,
    'after it has failed',
  );
  assert.equal(
    await message(async () => {
      void odd.map(numbers);
      return 'done';
    }),
    'Completed, but 30 task runs failed and nothing looked at the outcome: odd-0, odd-2, odd-4, odd-6, odd-8.',
  );
  assert.match(
    (await message(async () => {
      void odd(4);
      void odd.map([2, 3]);
      await odd(6).catch(() => {});
      return 'done';
    })) ?? '',
    /but 2 task runs failed .*: odd-\d+, odd-0\.$/,
  );
});
