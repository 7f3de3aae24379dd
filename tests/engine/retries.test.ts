/** Rows RT1–RT3: retries of tasks and flows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponential, flow, runContext, task, TerminalError } from '../../src/index.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

const load = task((x: number) => x, { name: 'load', retries: 3 });

/** Seconds between each failed attempt and the time that the next was due. */
async function waits(world: TestWorld, name: string): Promise<number[]> {
  return (await world.stateHistory(name)).flatMap((state) =>
    state.type === 'SCHEDULED' ? [(state.scheduledTime - state.timestamp) / 1e6] : [],
  );
}

const down = (attempt: number | number[]): { task: string; attempt: number | number[]; throw: Error } => ({
  task: 'load',
  attempt,
  throw: new Error('down'),
});

test('RT1 a failed attempt is followed by another, at most `retries` times', async () => {
  await using world = await createTestWorld({ faults: [down([1, 2, 3])] });
  assert.equal(await world.run(() => load(7)), 7);
  assert.deepEqual(await world.states('load'), [
    'Pending',
    'Running',
    'AwaitingRetry',
    'Retrying',
    'AwaitingRetry',
    'Retrying',
    'AwaitingRetry',
    'Retrying',
    'Completed',
  ]);
  assert.equal((await world.taskRun('load')).runCount, 4);
});

test('RT1 when all retries are used up, the last error is thrown', async () => {
  await using world = await createTestWorld({
    faults: [
      { task: 'load', attempt: [1, 2, 3], throw: new Error('down') },
      { task: 'load', attempt: 4, throw: new RangeError('still down') },
    ],
  });
  await assert.rejects(
    world.run(() => load(7)),
    RangeError,
  );
  assert.equal((await world.taskRun('load')).state.message, 'RangeError: still down');
});

test('RT1 delays: one number, a list whose last entry repeats, a function, backoff with a ceiling', async () => {
  for (const [delay, expected] of [
    [3600, [3600, 3600, 3600]],
    [
      [1, 10],
      [1, 10, 10],
    ],
    [(retry: number) => retry * 7, [7, 14, 21]],
    [exponential(2), [2, 4, 8]],
    [exponential(10, { factor: 10, max: 500 }), [10, 100, 500]],
  ] as const) {
    await using world = await createTestWorld({ faults: [down([1, 2, 3])] });
    const startedAt = world.clock.now();
    await world.run(() => load.with({ retryDelaySeconds: delay })(1));
    assert.deepEqual(await waits(world, 'load'), expected);
    const passed = (world.clock.now() - startedAt) / 1e6;
    const total = expected.reduce((sum, seconds) => sum + seconds, 0);
    assert.ok(passed >= total && passed < total + 1, `${passed} s passed`);
  }
});

test('RT1 jitter spreads the delays around the mean, differently each time', async () => {
  await using world = await createTestWorld({ faults: [down([1])], seed: 3 });
  const jittery = load.with({ retryDelaySeconds: 100, retryJitterFactor: 0.5 });
  const parent = flow(() => jittery.map(Array.from({ length: 40 }, (_, n) => n)), { name: 'parent' });
  await world.run(() => parent());
  const delays = (await Promise.all((await world.taskRuns()).map(({ name }) => waits(world, name)))).flat();
  assert.ok(
    delays.every((seconds) => seconds >= 50 && seconds <= 150),
    String(delays),
  );
  assert.ok(new Set(delays).size > 30);
  assert.ok(Math.min(...delays) < 75 && Math.max(...delays) > 125);
});

test('RT1 Retry-After on the error, its response or its cause wins over the policy', async () => {
  const errors: [unknown, number][] = [
    [Object.assign(new Error('busy'), { retryAfterSeconds: 90 }), 90],
    [Object.assign(new Error('busy'), { headers: new Headers({ 'Retry-After': '42' }) }), 42],
    [Object.assign(new Error('busy'), { response: { headers: { 'retry-after': '17' } } }), 17],
    [new Error('outer', { cause: Object.assign(new Error('busy'), { retryAfter: '5' }) }), 5],
    [
      Object.assign(new Error('busy'), { headers: new Headers({ 'Retry-After': 'Tue, 01 Jan 2030 00:02:00 GMT' }) }),
      120,
    ],
    [Object.assign(new Error('busy'), { headers: new Headers({ 'Retry-After': 'soon' }) }), 1],
  ];
  for (const [error, expected] of errors) {
    await using world = await createTestWorld({ faults: [{ task: 'load', attempt: 1, throw: error }] });
    await world.run(() => load.with({ retryDelaySeconds: 1, retryJitterFactor: 0 })(1));
    const [waited = 0] = await waits(world, 'load');
    assert.ok(Math.abs(waited - expected) < 0.01, `${waited} instead of ${expected}`);
  }
});

test('RT1 a TerminalError is final, however many retries are left', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'load', throw: new TerminalError('no such repository') }],
  });
  await assert.rejects(
    world.run(() => load(1)),
    /no such repository/,
  );
  assert.deepEqual(await world.states('load'), ['Pending', 'Running', 'Failed']);
});

test('RT1 a subclass of TerminalError is final, too', async () => {
  class NotThere extends TerminalError {}
  await using world = await createTestWorld({ faults: [{ task: 'load', throw: new NotThere('404') }] });
  await assert.rejects(
    world.run(() => load(1)),
    NotThere,
  );
  assert.equal((await world.taskRun('load')).runCount, 1);
});

test('RT2 retryIf decides by error and run, and may take its time', async () => {
  await using world = await createTestWorld({
    faults: [
      { task: 'load', attempt: 1, throw: new Error('429') },
      { task: 'load', attempt: 2, throw: new Error('403') },
    ],
  });
  const asked: string[] = [];
  const choosy = load.with({
    retryIf: async (error, run) => {
      await new Promise((resolve) => setImmediate(resolve));
      asked.push(`${(error as Error).message} after ${run.runCount}`);
      return (error as Error).message === '429';
    },
  });
  await assert.rejects(
    world.run(() => choosy(1)),
    /403/,
  );
  assert.deepEqual(asked, ['429 after 1', '403 after 2']);
  assert.deepEqual(await world.states('load'), ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'Failed']);
});

test('RT2 a retryIf that throws ends the run with its own failure, and the log says so', async () => {
  await using world = await createTestWorld({ faults: [down(1)] });
  const broken = load.with({
    retryIf: () => {
      throw new Error('condition is broken');
    },
  });
  await assert.rejects(
    world.run(() => broken(1)),
    /down/,
  );
  assert.ok((await world.messages({ level: 'error' })).some((text) => text.includes('condition is broken')));
});

test('RT1 while it waits for its next attempt, a task holds no slot', async () => {
  await using world = await createTestWorld({
    settings: { concurrency: 1 },
    faults: [{ ...down(1), when: (run) => run.name === 'load-0' }],
  });
  const order: number[] = [];
  const work = task(
    (x: number) => {
      order.push(x);
    },
    { name: 'load', retries: 1, retryDelaySeconds: 60 },
  );
  const parent = flow(async () => {
    await Promise.all([work(0), work(1), work(2)]);
  });
  await world.run(() => parent());
  assert.deepEqual(order, [1, 2, 0]);
});

test('RT1 the attempt is known to the body, and each has a fresh signal', async () => {
  await using world = await createTestWorld();
  const attempts: [number, boolean][] = [];
  const flaky = task(
    async () => {
      const { attempt, signal } = runContext();
      attempts.push([attempt, signal.aborted]);
      if (attempt < 3)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      return attempt;
    },
    { name: 'flaky', retries: 2, timeoutSeconds: 5 },
  );
  assert.equal(await world.run(() => flaky()), 3);
  assert.deepEqual(attempts, [
    [1, false],
    [2, false],
    [3, false],
  ]);
  assert.deepEqual((await world.stateHistory('flaky')).filter(({ type }) => type === 'SCHEDULED').length, 2);
});

test('RT1 a value that cannot be recorded is not retried: trying again would not help', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const bad = task(
    () => {
      calls += 1;
      return () => 1;
    },
    { name: 'bad', retries: 3 },
  );
  await assert.rejects(
    world.run(() => bad()),
    /result of task "bad" cannot be recorded/,
  );
  assert.equal(calls, 1);
});

test('RT3 a flow runs its function again; tasks that finished are not repeated', async () => {
  await using world = await createTestWorld();
  let [bodies, steps] = [0, 0];
  const step = task(
    (x: number) => {
      steps += 1;
      return x * 2;
    },
    { name: 'step' },
  );
  const parent = flow(
    async () => {
      bodies += 1;
      const value = await step(21);
      if (bodies < 3) throw new Error(`body ${bodies}`);
      return value;
    },
    { name: 'parent', retries: 2, retryDelaySeconds: [60, 120] },
  );
  const startedAt = world.clock.now();
  assert.equal(await world.run(() => parent()), 42);
  assert.deepEqual([bodies, steps], [3, 1]);
  assert.deepEqual(await world.states('parent'), [
    'Pending',
    'Running',
    'AwaitingRetry',
    'Running',
    'AwaitingRetry',
    'Running',
    'Completed',
  ]);
  assert.equal((await world.flowRun('parent')).runCount, 3);
  assert.ok((world.clock.now() - startedAt) / 1e6 >= 180);
});

test('RT3 a task that failed in one attempt of the flow runs again in the next, under its own id, with its own retries', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const shaky = task(
    () => {
      calls += 1;
      if (calls <= 3) throw new Error(`call ${calls}`);
      return calls;
    },
    { name: 'shaky', retries: 1 },
  );
  const parent = flow(async () => shaky(), { name: 'parent', retries: 1 });
  assert.equal(await world.run(() => parent()), 4);
  assert.equal((await world.taskRuns()).length, 1);
  assert.deepEqual(await world.states('shaky'), [
    'Pending',
    'Running',
    'AwaitingRetry',
    'Retrying',
    'Failed',
    'Pending',
    'Running',
    'AwaitingRetry',
    'Retrying',
    'Completed',
  ]);
});

test("RT3 flow retries end: the last failure is the run's", async () => {
  await using world = await createTestWorld();
  let n = 0;
  const parent = flow(
    () => {
      throw new Error(`body ${(n += 1)}`);
    },
    { name: 'parent', retries: 2 },
  );
  await assert.rejects(
    world.run(() => parent()),
    /body 3/,
  );
  assert.equal((await world.flowRun('parent')).state.message, 'Error: body 3');
});

test('RT3 parameters that are wrong are not retried', async () => {
  await using world = await createTestWorld();
  const { z } = await import('zod');
  const parent = flow(({ n }) => n, { name: 'parent', retries: 5, parameters: z.object({ n: z.number() }) });
  await assert.rejects(world.run(() => parent({ n: 'x' } as never)));
  assert.deepEqual(await world.states('parent'), ['Pending', 'Failed']);
});
