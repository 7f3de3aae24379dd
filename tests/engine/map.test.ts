/** Rows TK4 and TK12: fan-outs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowFailure, flow, opaque, OstinatoError, runContext, task, unmapped, zipped } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const double = task((x: number) => x * 2, { name: 'double' });
const odd = task((x: number) => { if (x % 2 === 0) throw new Error(`${x} is even`); return x; }, { name: 'odd' });

test('TK4 values lie in item order, whoever finishes first', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double-0', delaySeconds: 60 }] });
  const parent = flow(() => double.map([1, 2, 3]));
  assert.deepEqual(await world.run(() => parent()), [2, 4, 6]);
  const runs = await world.taskRuns();
  assert.equal(new Set(runs.map(({ mapId }) => mapId)).size, 1);
  assert.ok(runs[0]?.mapId);
});

test('TK4 at most `concurrency` are in flight, and the source is read no further ahead', async () => {
  await using world = await createTestWorld();
  let [running, most, pulled, done] = [0, 0, 0, 0];
  const work = task(async (x: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    done += 1;
    return x;
  }, { name: 'work' });
  const ahead: number[] = [];
  function* source(): Generator<number> {
    for (let n = 0; n < 50; n += 1) {
      pulled += 1;
      ahead.push(pulled - done);
      yield n;
    }
  }
  const parent = flow(() => work.map(source(), { concurrency: 4 }));
  assert.equal((await world.run(() => parent())).length, 50);
  assert.equal(most, 4);
  assert.ok(Math.max(...ahead) <= 5, `read ${Math.max(...ahead)} ahead`);
});

test('TK4 arrays, sets, maps, generators, async iterables, and futures of them', async () => {
  await using world = await createTestWorld();
  const list = task(() => [1, 2], { name: 'list' });
  async function* slowly(): AsyncGenerator<number> { yield 1; await new Promise((resolve) => setImmediate(resolve)); yield 2; }
  const streamed = task(async function* () { yield 1; yield 2; }, { name: 'streamed' });
  const name = task((pair: readonly [string, number]) => pair[0], { name: 'name' });
  const parent = flow(async () => [
    await double.map(new Set([1, 2])), await double.map(slowly()), await double.map(list()), await double.map(streamed()),
    await name.map(new Map([['a', 1], ['b', 2]])), await double.map(function* () { yield 1; yield 2; }()),
  ]);
  assert.deepEqual(await world.run(() => parent()), [[2, 4], [2, 4], [2, 4], [2, 4], ['a', 'b'], [2, 4]]);
});

test('TK4 names and order are the index, with a window and without, in the first fan-out and in later ones', async () => {
  await using world = await createTestWorld();
  const noop = task(async (x: { readonly n: number }) => { if (x.n % 3 === 0) await new Promise((resolve) => setImmediate(resolve)); return x.n; }, { name: 'noop' });
  const items = Array.from({ length: 150 }, (_, n) => ({ n: n * 10 }));
  const parent = flow(async () => { await noop.map(items); await noop.map(items, { concurrency: 7 }); await noop(items[5] as { n: number }); });
  await world.run(() => parent());
  const runs = (await world.taskRuns()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const maps = [...new Set(runs.map(({ mapId }) => mapId))];
  assert.equal(maps.length, 3);
  for (const map of maps.filter((id) => id !== null)) {
    const own = runs.filter(({ mapId }) => mapId === map);
    assert.deepEqual(own.map(({ name, item }) => [name, item]), items.map(({ n }, index) => [`noop-${index}`, { index, input: `{n: ${n}}` }]));
  }
  assert.equal(runs.find(({ mapId }) => mapId === null)?.item, undefined);
  assert.equal(new Set(runs.map(({ dynamicKey }) => dynamicKey)).size, 301, 'what the wire tells them apart by');
});

test('TK4 the preview of an item: bounded, nothing of what is opaque or has no upstream, a name of its own beside it', async () => {
  await using world = await createTestWorld();
  const first = task((n: number) => { if (n === 1) throw new Error('no'); return n; }, { name: 'first' });
  const size = task((x: unknown) => String(x).length, { name: 'size', runName: 'size of {x}' });
  const secret = { token: 'of nobody else' };
  const parent = flow(async () => {
    await size.map([opaque(secret), 'x'.repeat(10_000)]);
    await double.map(first.map([0, 1, 2])).settled();
  });
  await world.run(() => parent());
  const items = async (name: string) => (await world.taskRuns()).filter(({ taskName }) => taskName === name).map(({ item }) => item);
  const [hidden, long] = await items('size');
  assert.deepEqual(hidden, { index: 0, input: 'opaque' });
  assert.match(long?.input ?? '', /^"x{119}…$/);
  assert.deepEqual(await items('double'), [{ index: 0, input: '0' }, { index: 1, input: null }, { index: 2, input: '2' }]);
  assert.deepEqual((await world.taskRuns()).filter(({ taskName }) => taskName === 'size').map(({ name }) => name)[1]?.slice(0, 10), 'size of xx');
});

test('TK4 who looks at a fan-out by settled(), errors or the outcome has looked at its items; who does not is told of them', async () => {
  await using world = await createTestWorld();
  const message = async (body: () => unknown): Promise<string | null> => {
    const looked = flow(body, { name: 'looking' });
    await world.run(() => looked());
    return (await world.flowRuns({ flowName: 'looking' })).at(-1)?.state.message ?? null;
  };
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  assert.equal(await message(async () => { await odd.map(numbers).settled(); return 'done'; }), null);
  assert.equal(await message(async () => { const future = odd.map(numbers); while (!future.done) await new Promise((resolve) => setImmediate(resolve)); return future.errors.size; }), null);
  assert.equal(await message(async () => { await odd.map(numbers).catch(() => {}); return 'done'; }), null);
  assert.equal(await message(async () => { await odd.map(numbers).wait(); return 'done'; }), null);
  assert.equal(await message(async () => { for (const n of numbers) await odd(n).catch(() => {}); return 'done'; }), null, 'however many');
  assert.equal(await message(async () => { const all = numbers.map((n) => odd(n)); await Promise.all(all.map((one) => one.wait())); return 'done'; }), null);
  assert.equal(await message(async () => { const late = odd(2); await odd(1); await odd(3); await late.wait(); return 'done'; }), null, 'after it has failed');
  assert.equal(await message(async () => { void odd.map(numbers); return 'done'; }), 'Completed, but 30 task runs failed and nothing looked at the outcome: odd-0, odd-2, odd-4, odd-6, odd-8.');
  assert.match(await message(async () => { void odd(4); void odd.map([2, 3]); await odd(6).catch(() => {}); return 'done'; }) ?? '', /but 2 task runs failed .*: odd-\d+, odd-0\.$/);
});

test('TK4 an empty source gives an empty list', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => [await double.map([]), await double.map(double.map([]))]);
  assert.deepEqual(await world.run(() => parent()), [[], []]);
  assert.equal((await world.taskRuns()).length, 0);
});

test('TK4 further arguments: constants, unmapped arrays, zipped lists, futures', async () => {
  await using world = await createTestWorld();
  const join = task((a: number, b: readonly string[], c: string, d: number) => `${a}${b.join('')}${c}${d}`, { name: 'join' });
  const parent = flow(() => join.map([1, 2], { with: [unmapped(['x', 'y']), zipped(['p', 'q']), double(5)] }));
  assert.deepEqual(await world.run(() => parent()), ['1xyp10', '2xyq10']);
  const [first] = await world.taskRuns({ stateTypes: ['COMPLETED'] }).then((runs) => runs.filter(({ taskName }) => taskName === 'join'));
  assert.deepEqual(Object.keys(first?.inputs ?? {}), ['d']);
});

test('TK4 a zipped list of another length than the items is refused before anything starts, with both lengths', async () => {
  await using world = await createTestWorld();
  const add = task((a: number, b: number) => a + b, { name: 'add' });
  const cases: readonly [Iterable<number>, Iterable<number>, RegExp][] = [
    [[1, 2, 3], [10, 20], /zipped\(…\) argument `b` of add\.map\(\) has 2 values, but there are 3 items/],
    [[1, 2], [10, 20, 30], /has 3 values, but there are 2 items/],
    [[1], new Set([10, 20]), /has 2 values, but there is 1 item/],
    [[1], Float64Array.of(), /has 0 values, but there is 1 item/],
    [[], [1], /has 1 value, but there are 0 items/],
  ];
  for (const [items, values, message] of cases) {
    const parent = flow(() => add.map(items, { with: [zipped(values)] }));
    await assert.rejects(world.run(() => parent()), message);
  }
  assert.equal((await world.taskRuns()).length, 0);
});

test('TK4 a zipped stream is found too short or too long when it or the items end', async () => {
  await using world = await createTestWorld();
  const add = task((a: number, b: number) => a + b, { name: 'add' });
  let closed = 0;
  function* upTo(count: number): Generator<number> {
    try {
      for (let n = 1; n <= count; n += 1) yield n;
    } finally {
      closed += 1;
    }
  }
  async function* slowly(count: number): AsyncGenerator<number> { yield* upTo(count); }
  const cases: readonly [Iterable<number> | AsyncIterable<number>, Iterable<number> | AsyncIterable<number>, RegExp][] = [
    [[1, 2, 3], upTo(2), /has 2 values, but there are 3 items/],
    [[1, 2, 3], upTo(Infinity), /has more than 3 values, but there are 3 items/],
    [upTo(3), [1, 2], /has 2 values, but there are at least 3 items/],
    [upTo(1), [1, 2], /has 2 values, but there is 1 item/],
    [slowly(2), slowly(1), /has 1 value, but there are at least 2 items/],
    [upTo(1), slowly(5), /has more than 1 value, but there is 1 item/],
  ];
  for (const [items, values, message] of cases) {
    await assert.rejects(world.run(() => flow(() => add.map(items, { with: [zipped(values)] }))()), message);
  }
  assert.equal(closed, 8);
  const streamed = task(async function* () { yield 10; yield 20; }, { name: 'streamed' });
  const equal = flow(async () => [
    await add.map([1, 2], { with: [zipped(slowly(2))] }), await add.map(slowly(2), { with: [zipped(streamed())] }),
    await add.map([1, 2], { with: [zipped(Promise.resolve([5, 6]))] }), await add.map([1, 2], { with: [zipped(add.map([1, 2], { with: [0] }))] }),
    await add.map([1, 2], { with: [zipped([add(1, 1), Promise.resolve(2)])] }),
  ]);
  assert.deepEqual(await world.run(() => equal()), [[2, 4], [11, 22], [6, 8], [2, 4], [3, 4]]);
});

test('TK4 zipped(…) anywhere else is refused: nothing would walk it', async () => {
  await using world = await createTestWorld();
  const look = task((input: unknown) => input, { name: 'look' });
  for (const call of [() => look({ rows: zipped([1]) }), () => look(zipped([1]) as never)]) {
    await assert.rejects(world.run(() => flow(async () => await call())()), /zipped\(…\) has a meaning only as a further argument of map\(\)/);
  }
});

test('TK4 a promise of something that can be walked, and items that are promises', async () => {
  await using world = await createTestWorld();
  const later = async <T>(value: T): Promise<T> => await new Promise((resolve) => setImmediate(() => resolve(value)));
  const parent = flow(async () => [
    await double.map(later([1, 2])), await double.map(later(new Set([3]))), await double.map(later(function* () { yield 4; }())),
    await double.map(later(async function* () { yield 5; }())), await double.map(later(Uint8Array.of(6, 7))), await double.map(later([])),
    await double.map(double.map([1]).then((values) => values)), await double.map([later(1), 2, later(3)]), await double.map({ then: (done: (value: number[]) => void) => done([9]) } as PromiseLike<number[]>),
  ]);
  assert.deepEqual(await world.run(() => parent()), [[2, 4], [6], [8], [10], [12, 14], [], [4], [2, 4, 6], [18]]);
});

test('TK4 a promise that fails fails the fan-out; one among the items fails its item', async () => {
  await using world = await createTestWorld();
  const failing = (): Promise<never> => Promise.reject(new Error('no pages'));
  await assert.rejects(world.run(() => flow(() => double.map(failing()))()), /no pages/);
  const parent = flow(async () => (await double.map([Promise.resolve(1), failing(), 3, failing()], { concurrency: 1 }).settled()).map((item) => (item.ok ? item.value : (item.error as Error).message)));
  const [one, two, three] = await world.run(() => parent());
  assert.deepEqual([one, three], [2, 6]);
  assert.match(String(two), /the promise of item 1 ended with an error/);
});

test('TK4 items that are futures are waited for each by itself, with an edge of its own', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'odd-0', delaySeconds: 60 }] });
  const parent = flow(async () => {
    const ups = [odd(1), odd(3)];
    const downs = double.map(ups);
    await world.until(() => downs.doneCount === 1);
    assert.equal(ups[0]?.done, false);
    return await downs;
  });
  assert.deepEqual(await world.run(() => parent()), [2, 6]);
  const runs = await world.taskRuns();
  const ids = runs.filter(({ taskName }) => taskName === 'odd').map(({ id }) => id);
  const edges = runs.filter(({ taskName }) => taskName === 'double').map(({ inputs }) => inputs['x']?.map((edge) => (edge.kind === 'task_run' ? edge.id : '')));
  assert.deepEqual(new Set(edges.flat()), new Set(ids));
});

test('TK4 a failed item does not stop its siblings; the outcome counts and names the failures', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => odd.map([1, 2, 3, 4]), { name: 'parent' });
  await assert.rejects(world.run(() => parent()), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /2 of 4 items of odd \(mapped\) failed: item 1: 2 is even; item 3: 4 is even/);
    return true;
  });
  assert.deepEqual((await world.taskRuns()).map(({ state }) => state.name), ['Completed', 'Failed', 'Completed', 'Failed']);
});

test('TK4 settled() gives every value and every error; allowFailure hands both on', async () => {
  await using world = await createTestWorld();
  const sum = task((values: readonly unknown[]) => values.filter((value) => typeof value === 'number').length, { name: 'sum' });
  const parent = flow(async () => {
    const mapped = odd.map([1, 2, 3]);
    const settled = await mapped.settled();
    return [settled.map((item) => (item.ok ? item.value : (item.error as Error).message)), await sum(allowFailure(mapped) as never)];
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
  function* source(): Generator<number> { yield 1; yield 2; throw new Error('file ends here'); }
  const parent = flow(() => double.map(source()));
  await assert.rejects(world.run(() => parent()), /file ends here/);
  assert.deepEqual((await world.taskRuns()).map(({ state }) => state.type), ['COMPLETED', 'COMPLETED']);
});

test('TK4 something that cannot be walked, and a concurrency that is none, are refused', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => double.map(42 as never));
  await assert.rejects(world.run(() => parent()), /double\.map\(\) needs something to iterate over, but was given number/);
  const seven = task((): unknown => 7, { name: 'seven' });
  const cases: readonly [() => unknown, RegExp][] = [
    [() => null, /was given null/], [() => undefined, /was given undefined/], [() => 'abc', /was given string/], [() => ({ a: 1 }), /was given a plain object/],
    [() => new (class Page { length = 2; })(), /was given an instance of Page/], [() => Promise.resolve(7), /the promise gave number/], [() => Promise.resolve('abc'), /the promise gave string/],
    [() => seven(), /seven-\d gave number/],
  ];
  for (const [source, message] of cases) await assert.rejects(world.run(() => flow(() => double.map(source() as never))()), message);
  for (const concurrency of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => world.enter(() => double.map([1], { concurrency })), (error) => OstinatoError.is(error) && /concurrency of double\.map\(\)/.test(error.message));
  }
});

test('TK4 outside a flow, items are runs of their own', async () => {
  await using world = await createTestWorld();
  assert.deepEqual(await world.run(() => double.map([1, 2])), [2, 4]);
  assert.deepEqual((await world.taskRuns()).map(({ flowRunId }) => flowRunId), [null, null]);
});

test('TK4 keepValues: false drops the values, not the records', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    const mapped = double.map([1, 2, 3], { keepValues: false });
    await mapped;
    await assert.rejects(Promise.resolve(double.map(mapped)), /are not kept/);
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
  assert.deepEqual((await world.taskRuns()).filter(({ taskName }) => taskName === 'double').map(({ state }) => state.name), ['Completed', 'UpstreamFailed', 'Completed']);
});

test('TK12 a map as an argument of a task is its list', async () => {
  await using world = await createTestWorld();
  const sum = task((values: readonly number[]) => values.reduce((total, value) => total + value, 0), { name: 'sum' });
  const parent = flow(() => sum(double.map([1, 2, 3])));
  assert.equal(await world.run(() => parent()), 12);
  assert.deepEqual((await world.taskRun('sum')).inputs['values']?.map(({ kind }) => kind), ['map']);
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
  async function* silent(): AsyncGenerator<number> { yield 1; await new Promise(() => {}); }
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
  const noop = task((x: number) => { inFlight = Math.max(inFlight, runContext().flowRun ? x : 0); }, { name: 'noop', durability: 'none' });
  const parent = flow(async () => {
    const mapped = noop.map(Array(20_000).keys(), { keepValues: false, concurrency: 50 });
    await mapped;
    return mapped.doneCount;
  });
  assert.equal(await world.run(() => parent()), 20_000);
  assert.deepEqual(await world.ports.client.countTaskRuns({}), { COMPLETED: 20_000 });
});

test('TK4 what all items are given is looked at once, however many they are, and tells the steps of one fan-out from those of another', async () => {
  await using world = await createTestWorld();
  let looks = 0;
  const rows = new Proxy([1, 2, 3], { ownKeys: (target) => { looks += 1; return Reflect.ownKeys(target); } });
  const add = task((x: number, list: readonly number[]) => x + list.length, { name: 'add' });
  const both = flow(async () => {
    const all: number[][] = [];
    for (const list of [rows, [4, 5]]) all.push(await add.map([1, 2, 3], { with: [list] }));
    return all;
  });
  assert.deepEqual(await world.run(() => both()), [[4, 5, 6], [3, 4, 5]]);
  assert.ok(looks <= 1, `${looks} looks`);
  assert.equal(new Set((await world.taskRuns()).map(({ step }) => step)).size, 6);
});
