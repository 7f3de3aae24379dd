/** Rows FL1–FL7 and AS1: flows, their options, names, versions, and how they are called. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, runContext, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const double = task((x: number) => x * 2, { name: 'double' });

test('FL1 a flow run carries its options: name, version, tags, labels, policy', async () => {
  await using world = await createTestWorld();
  const etl = flow(async () => double(4), {
    name: 'ETL',
    description: 'all of it',
    version: '7',
    tags: ['nightly'],
    labels: { team: 'sales' },
    retries: 2,
    retryDelaySeconds: [1, 5],
    timeoutSeconds: 60,
    durability: 'none',
    resume: 'automatic',
  });
  assert.equal(await world.run(() => etl()), 8);
  const run = await world.flowRun('ETL');
  assert.equal(run.flowVersion, '7');
  assert.deepEqual(run.tags, ['nightly']);
  assert.deepEqual(run.labels, { team: 'sales' });
  assert.equal(run.durability, 'none');
  assert.deepEqual(
    { ...run.policy },
    { retries: 2, retryDelaySeconds: [1, 5], timeoutSeconds: 60, resume: 'automatic' },
  );
  assert.deepEqual(await world.states('ETL'), ['Pending', 'Running', 'Completed']);
  assert.equal(run.entrypoint?.file, import.meta.filename);
});

test('FL2 a plain call is a run, and its result what the function returned', async () => {
  await using world = await createTestWorld();
  const greet = flow(({ name }: { name: string }) => `hello ${name}`);
  assert.equal(await world.run(() => greet({ name: 'Ada' })), 'hello Ada');
  const run = await world.flowRun('greet');
  assert.deepEqual(await world.value(run.parameters), { name: 'Ada' });
  assert.equal(run.state.type === 'COMPLETED' ? await world.value(run.state.data) : null, 'hello Ada');
});

test('FL2 one flow may run many times at once, each on its own', async () => {
  await using world = await createTestWorld();
  const square = flow(async ({ x }: { x: number }) => (await double(x)) * (runContext().flowRun?.runCount ?? 0));
  const values = await world.run(() => Promise.all([1, 2, 3, 4, 5].map((x) => square({ x }))));
  assert.deepEqual(values, [2, 4, 6, 8, 10]);
  assert.equal(new Set((await world.flowRuns()).map(({ id }) => id)).size, 5);
});

test('FL3 sync, async, arrow and method bodies', async () => {
  await using world = await createTestWorld();
  class Report {
    factor = 3;
    times = flow(
      function (this: Report, { x }: { x: number }) {
        return x * this.factor;
      },
      { name: 'times' },
    );
    timesTask = task(
      function (this: Report, x: number) {
        return x * this.factor;
      },
      { name: 'times task' },
    );
    static version = flow(() => 'v1', { name: 'version' });
  }
  const report = new Report();
  assert.equal(await world.run(() => report.times({ x: 2 })), 6);
  assert.equal(await world.run(() => report.timesTask(5)), 15);
  assert.equal(await world.run(() => Report.version()), 'v1');
  const sync = flow(() => [double(1), double(2)], { name: 'sync' });
  assert.deepEqual(await world.run(() => sync()), [2, 4]);
});

test('FL3 an async generator flow hands values on as they come, and its result is their list', async () => {
  await using world = await createTestWorld();
  const seen: string[] = [];
  const pages = flow(async function* ({ count }: { count: number }) {
    for (let page = 1; page <= count; page += 1) {
      yield await double(page);
      seen.push(`after ${page}`);
    }
  });
  await world.run(async () => {
    for await (const value of pages({ count: 3 })) seen.push(`got ${value}`);
  });
  assert.deepEqual(seen, ['got 2', 'after 1', 'got 4', 'after 2', 'got 6', 'after 3']);
  assert.deepEqual(await world.run(() => pages({ count: 2 })), [2, 4]);
});

test('FL3 a sync generator flow is drained to a list', async () => {
  await using world = await createTestWorld();
  const letters = flow(function* () {
    yield 'a';
    yield 'b';
  });
  assert.deepEqual(await world.run(() => letters()), ['a', 'b']);
});

test('FL3 a generator flow that fails: its reader gets what came before, then the error', async () => {
  await using world = await createTestWorld();
  const broken = flow(async function* () {
    yield 1;
    throw new Error('dry');
  });
  const got: number[] = [];
  await assert.rejects(
    world.run(async () => {
      for await (const value of broken()) got.push(value);
    }),
    /dry/,
  );
  assert.deepEqual(got, [1]);
  assert.deepEqual(await world.states('broken'), ['Pending', 'Running', 'Failed']);
});

test('FL3 a reader that stops early stops the generator: its finally runs, and the run completes with what it gave', async () => {
  await using world = await createTestWorld();
  let cleaned = false;
  const endless = flow(async function* () {
    try {
      for (let n = 0; ; n += 1) yield n;
    } finally {
      cleaned = true;
    }
  });
  await world.run(async () => {
    const run = endless();
    for await (const n of run) if (n === 3) break;
    await run.wait();
  });
  assert.equal(cleaned, true);
  const { state } = await world.flowRun('endless');
  assert.equal(state.type, 'COMPLETED');
  const kept = state.type === 'COMPLETED' ? ((await world.value(state.data)) as number[]) : [];
  assert.deepEqual(kept.slice(0, 4), [0, 1, 2, 3]);
});

test('FL4 run names: a template, a function, or adjective and animal', async () => {
  await using world = await createTestWorld({ seed: 7 });
  const load = flow(({ date, limit }: { date: string; limit?: number }) => `${date}${limit ?? ''}`, {
    name: 'load',
    runName: 'load-{date}',
  });
  await world.run(() => load({ date: '2030-01-01' }));
  await world.run(() => load.with({ runName: ({ date }) => `of ${String(date)}` })({ date: '2031' }));
  await world.run(() => load.with({ name: 'unnamed' }).with({ runName: undefined as never })({ date: 'x' }));
  assert.deepEqual((await world.flowRuns()).map(({ name }) => name).slice(0, 2), ['load-2030-01-01', 'of 2031']);
  assert.match((await world.flowRuns())[2]?.name ?? '', /^[a-z]+-[a-z]+$/);
});

test('FL4 a name that cannot be made does not keep the run from running', async () => {
  await using world = await createTestWorld();
  const load = flow(({ date }: { date: string }) => date, { name: 'load', runName: 'load-{day}' });
  assert.equal(await world.run(() => load({ date: 'today' })), 'today');
  const broken = flow(() => 1, {
    name: 'broken',
    runName: () => {
      throw new Error('no name');
    },
  });
  assert.equal(await world.run(() => broken()), 1);
  assert.ok(
    (await world.messages({ level: 'warning' })).some((text) => text.includes('{day}')),
    'a warning says why',
  );
  assert.ok((await world.messages({ level: 'warning' })).some((text) => text.includes('no name')));
});

test('FL5 without a version, the hash of the source is recorded', async () => {
  await using world = await createTestWorld();
  const one = flow(() => 1, { name: 'one' });
  const two = flow(() => 2, { name: 'two' });
  await world.run(() => Promise.all([one(), two(), one.with({ version: '2.0' })()]));
  const [a, b, c] = (await world.flowRuns()).map(({ flowVersion }) => flowVersion);
  assert.match(a ?? '', /^[0-9a-f]{16}$/);
  assert.notEqual(a, b);
  assert.equal(c, '2.0');
});

test('FL6 with() gives a copy with other options and leaves the first as it is', async () => {
  await using world = await createTestWorld();
  const base = flow(({ x }: { x: number }) => x, { name: 'base', tags: ['a'], retries: 1 });
  const other = base.with({ name: 'other', tags: ['b'] });
  assert.equal(other.flowName, 'other');
  assert.equal(base.flowName, 'base');
  assert.equal(other.fn, base.fn);
  await world.run(() => Promise.all([base({ x: 1 }), other({ x: 2 })]));
  assert.deepEqual((await world.flowRun('base')).tags, ['a']);
  assert.deepEqual((await world.flowRun('other')).tags, ['b']);
  assert.equal((await world.flowRun('other')).policy.retries, 1);
});

test('FL7 state() gives the final state instead of throwing', async () => {
  await using world = await createTestWorld();
  const shaky = flow(({ ok }: { ok: boolean }) => {
    if (!ok) throw new TypeError('not today');
    return 1;
  });
  const good = await world.run(() => shaky.state({ ok: true }));
  assert.equal(good.type, 'COMPLETED');
  const bad = await world.run(() => shaky.state({ ok: false }));
  assert.equal(bad.type, 'FAILED');
  assert.equal(bad.message, 'TypeError: not today');
  assert.equal(bad.type === 'FAILED' && bad.failure?.name, 'TypeError');
});

test('AS1 a flow that fails unawaited never is an unhandled rejection', async () => {
  await using world = await createTestWorld();
  const fails = flow(
    () => {
      throw new Error('alone');
    },
    { name: 'fails' },
  );
  await world.run(async () => {
    const future = fails();
    await world.until(() => future.done);
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await world.flowRun('fails')).state.type, 'FAILED');
});
