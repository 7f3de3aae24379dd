/** Rows RC1–RC5 and RC13: what is kept of values, where, and in which form. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { flow, INPUTS, OstinatoError, task } from '../../src/index.ts';
import { hashText } from '../../src/platform/hash.ts';
import { createTestWorld } from '../../src/testing.ts';

test('RC1 results persist by default, of tasks and flows; persistResult: false keeps nothing', async () => {
  await using world = await createTestWorld();
  const kept = task(() => ({ rows: 3 }), { name: 'kept' });
  const secret = task(() => 'token', { name: 'secret', persistResult: false });
  const parent = flow(
    async () => {
      await kept();
      return await secret();
    },
    { name: 'parent', persistResult: false },
  );
  assert.equal(await world.run(() => parent()), 'token');
  const data = async (state: { readonly type: string; readonly data?: unknown }): Promise<unknown> => state.data;
  assert.deepEqual(await world.value((await data((await world.taskRun('kept')).state)) as never), { rows: 3 });
  assert.deepEqual(await data((await world.taskRun('secret')).state), { kind: 'unpersisted' });
  assert.deepEqual(await data((await world.flowRun('parent')).state), { kind: 'unpersisted' });
});

test('RC2 small values travel with the row, large ones go to the result store by content', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-results-'));
  try {
    await using world = await createTestWorld({ folder });
    const big = task((n: number) => `${n}`.padEnd(50_000, 'x'), { name: 'big' });
    const small = task(() => 'y', { name: 'small' });
    await world.run(async () => {
      await big(1);
      await big(1);
      await big(2);
      await small();
    });
    const refs = (await world.taskRuns()).map(({ state }) => (state.type === 'COMPLETED' ? state.data : null));
    assert.deepEqual(
      refs.map((ref) => ref?.kind),
      ['stored', 'stored', 'stored', 'inline'],
    );
    assert.deepEqual(refs[0], refs[1]);
    const files = readdirSync(join(folder, 'results'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    assert.equal(files.length, 2);
    assert.equal(String(await world.value(refs[2] ?? null)).slice(0, 2), '2x');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('RC4 a result may have a name of its own: a template or a function of the arguments, any size', async () => {
  await using world = await createTestWorld();
  const daily = task((date: string, region: { name: string }) => ({ date, region: region.name }), {
    name: 'daily',
    resultName: 'daily/{date}-{region.name}.json',
  });
  const nothing = task((): null => null, { name: 'nothing', resultName: () => 'nothing' });
  await world.run(() =>
    flow(
      async () => {
        await daily('2026-07-01', { name: 'eu' });
        await nothing();
      },
      { name: 'parent' },
    )(),
  );
  assert.deepEqual((world.ports.results as unknown as { keys: readonly string[] }).keys, [
    'named/daily/2026-07-01-eu.json',
    'named/nothing',
  ]);
  const { state } = await world.taskRun('daily');
  assert.equal(
    state.type === 'COMPLETED' && state.data?.kind === 'stored' && state.data.key,
    'named/daily/2026-07-01-eu.json',
  );
});

test('RC4 the newest result of a name counts; an earlier run whose result it replaced runs again when it is needed', async () => {
  await using world = await createTestWorld();
  let computed = 0;
  const latest = task(
    (n: number) => {
      computed += 1;
      return n * 2;
    },
    { name: 'latest', resultName: 'latest', cache: INPUTS },
  );
  assert.equal(await world.run(() => latest(1)), 2);
  assert.equal(await world.run(() => latest(1)), 2);
  assert.equal(computed, 1, 'its own result is there');
  assert.equal(await world.run(() => latest(2)), 4);
  assert.equal(await world.run(() => latest(1)), 2);
  assert.equal(computed, 3);
  assert.match((await world.taskRuns()).at(-1)?.cache?.reason ?? '', /where another result has taken its place/);
});

test('RC4 a name that is no place in the store fails the task', async () => {
  await using world = await createTestWorld();
  for (const resultName of ['../escape', '/etc/passwd', 'a//b', '.hidden', 'a\u0000b', '{absent}', 'x'.repeat(300)]) {
    const named = task((_n: number) => 1, { name: 'named', resultName });
    await assert.rejects(
      world.run(() => named(1)),
      { code: 'bad-input' },
      resultName,
    );
  }
});

test('RC4 the key of a stored result is the hash of its content: known beforehand, the same everywhere', async () => {
  const keys: string[] = [];
  for (const seed of [1, 2]) {
    await using world = await createTestWorld({ seed });
    const big = task(() => 'z'.repeat(20_000), { name: `big ${seed}` });
    await world.run(() => big());
    const { state } = await world.taskRun(`big ${seed}`);
    if (state.type === 'COMPLETED' && state.data?.kind === 'stored')
      keys.push(state.data.key, state.data.hash, hashText(JSON.stringify('z'.repeat(20_000))));
  }
  assert.equal(keys.length, 6);
  assert.equal(new Set(keys).size, 1);
});

const VALUES: Record<string, unknown> = {
  date: new Date('2030-02-03T04:05:06.789Z'),
  map: new Map<unknown, unknown>([
    ['a', 1],
    [{ key: true }, new Set([1])],
  ]),
  set: new Set(['x', 2]),
  bigint: 2n ** 80n,
  floats: new Float64Array([1.5, -0, Number.NaN]),
  bytes: new Uint8Array([0, 255, 7]),
  odd: [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -0],
  nested: { deep: [{ at: new Date(0), rows: new Map([[1, [2n]]]) }] },
  text: 'Grüße, 漢字 🎼 {"$": "Date"}',
  regexp: /a+/gi,
  url: new URL('https://example.com/?a=1'),
  dollar: { $: 'Map', entries: [] },
  nothing: undefined,
};

test('RC3 values keep their types through the record: a resumed run gets them back as they were', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'after', crash: 'before' }] });
  let made = 0;
  const make = task(
    (name: string) => {
      made += 1;
      return VALUES[name];
    },
    { name: 'make' },
  );
  const after = task(() => 1, { name: 'after' });
  const got: Record<string, unknown> = {};
  const parent = flow(
    async () => {
      for (const name of Object.keys(VALUES)) got[name] = await make(name);
      await after();
    },
    { name: 'parent' },
  );
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  await world.retry(parent);
  assert.equal(made, Object.keys(VALUES).length);
  assert.deepEqual(got, VALUES);
  assert.ok(Object.is((got['odd'] as unknown[])[4], -0));
  assert.ok(got['floats'] instanceof Float64Array && got['date'] instanceof Date);
});

test('RC3 an error as a value, with cause and fields', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'after', crash: 'before' }] });
  const make = task(() => Object.assign(new TypeError('wrong', { cause: new RangeError('inner') }), { status: 429 }), {
    name: 'make',
  });
  const after = task(() => 1, { name: 'after' });
  const parent = flow(
    async () => {
      const error = await make();
      await after();
      return [error instanceof TypeError, error.message, (error.cause as Error).name, error.status];
    },
    { name: 'parent' },
  );
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  assert.deepEqual(await world.retry(parent), [true, 'wrong', 'RangeError', 429]);
});

test('RC3 a value that cannot be recorded fails the task that made it, naming the path and the remedy', async () => {
  await using world = await createTestWorld();
  class Session {
    open = true;
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  for (const [value, path] of [
    [{ list: [{ send: () => 1 }] }, /list\[0\]\.send/],
    [{ session: new Session() }, /session.*Session/],
    [cycle, /self/],
    [{ when: Symbol('x') }, /when/],
  ] as const) {
    const make = task(() => value, { name: 'make' });
    const parent = flow(() => make());
    await assert.rejects(
      world.run(() => parent()),
      (error) => {
        assert.ok(OstinatoError.is(error) && error.code === 'unserialisable-value');
        assert.match(error.message, path);
        assert.match(error.remedy, /persistResult: false/);
        return true;
      },
    );
  }
  assert.ok((await world.taskRuns()).every(({ state }) => state.type === 'FAILED'));
});

test("RC3 a flow's own result that cannot be recorded is handed to its caller, with a warning", async () => {
  await using world = await createTestWorld();
  const parent = flow(() => ({ close: () => 'closed' }), { name: 'parent' });
  assert.equal((await world.run(() => parent())).close(), 'closed');
  assert.equal((await world.flowRun('parent')).state.type, 'COMPLETED');
  assert.ok((await world.messages({ level: 'warning' })).some((text) => text.includes('result is not kept')));
});

test('RC5 persistResult: false and resume: the value is made again', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'after', crash: 'before' }] });
  let made = 0;
  const connect = task(
    () => {
      made += 1;
      return { query: () => made };
    },
    { name: 'connect', persistResult: false },
  );
  const after = task((n: number) => n, { name: 'after' });
  const parent = flow(async () => after((await connect()).query()), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  assert.equal(await world.retry(parent), 2);
});

test('RC2 a result that is gone from the store is made again when the run goes on', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'after', crash: 'before' }] });
  let made = 0;
  const big = task(
    () => {
      made += 1;
      return 'x'.repeat(20_000);
    },
    { name: 'big' },
  );
  const after = task((text: string) => text.length, { name: 'after' });
  const parent = flow(() => after(big()), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  (world.ports.results as { clear(): void } & typeof world.ports.results).clear();
  assert.equal(await world.retry(parent), 20_000);
  assert.equal(made, 2);
  assert.ok(
    (await world.messages({ level: 'warning' })).some((text) => text.includes('cannot be read, so it runs again')),
  );
});

test('RC13 an idempotency key: a second call answers the run that is there', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'bill', delaySeconds: 60 }] });
  let bills = 0;
  const bill = task(() => (bills += 1), { name: 'bill' });
  const invoice = flow(({ month }: { month: string }) => bill.with({ key: month })(), {
    name: 'invoice',
    idempotencyKey: ({ month }) => `invoice ${String(month)}`,
  });
  const both = await world.run(() => Promise.all([invoice({ month: 'may' }), invoice({ month: 'may' })]));
  assert.deepEqual(both, [1, 1]);
  assert.equal(await world.run(() => invoice({ month: 'may' })), 1);
  assert.equal(await world.run(() => invoice({ month: 'june' })), 2);
  assert.equal((await world.flowRuns()).length, 2);
});

test('RC13 an idempotency key of a run that failed: the call tells that failure, and starts nothing', async () => {
  await using world = await createTestWorld();
  let n = 0;
  const once = flow(
    () => {
      n += 1;
      throw new RangeError('no');
    },
    { name: 'once', idempotencyKey: 'x' },
  );
  await assert.rejects(
    world.run(() => once()),
    /no/,
  );
  await assert.rejects(
    world.run(() => once()),
    (error) => error instanceof Error && error.name === 'RangeError',
  );
  assert.equal(n, 1);
  const future = world.enter(() => once());
  await future.wait();
  assert.equal(future.flowRunId, (await world.flowRun('once')).id);
});
