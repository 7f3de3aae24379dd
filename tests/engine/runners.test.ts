/** Rows FT3, FT4, FT8 and the forced half of RT5: where task bodies run, how many at once, and how they are ended. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { threadId } from 'node:worker_threads';
import { asyncRunner, flow, processRunner, task, threadRunner, type TaskRunner } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';
import { dies, explodes, fibonacci, neverEnds, numbers, whereAmI } from './fixtures/isolated-tasks.ts';

const here = { pid: process.pid, threadId };

test('FT3 FT8 the async runner (the default) bounds how many bodies are in flight', async () => {
  await using world = await createTestWorld();
  let [running, most] = [0, 0];
  const work = task(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    },
    { name: 'work' },
  );
  const parent = flow(
    async () => {
      await Promise.all(Array.from({ length: 20 }, () => work()));
    },
    { taskRunner: asyncRunner({ concurrency: 3 }) },
  );
  await world.run(() => parent());
  assert.equal(most, 3);
  assert.ok((await world.taskRuns()).every(({ isolation }) => isolation === 'signal'));
});

test('FT3 the thread runner: bodies run in worker threads, and the run says so', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(async () => Promise.all([whereAmI(), fibonacci(10)]), {
    name: 'parent',
    taskRunner: threadRunner({ workers: 2 }),
  });
  const [where, fib] = await world.run(() => parent());
  assert.deepEqual([where.pid, fib], [here.pid, 55]);
  assert.notEqual(where.threadId, here.threadId);
  assert.ok((await world.taskRuns()).every(({ isolation }) => isolation === 'thread'));
});

test('FT4 the process runner: bodies run in child processes', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(() => whereAmI(), { name: 'parent', taskRunner: processRunner({ workers: 1 }) });
  assert.notEqual((await world.run(() => parent())).pid, here.pid);
});

test('FT8 one task may run elsewhere than its flow, and a subflow may use another runner', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const child = flow(() => whereAmI(), { name: 'child', taskRunner: threadRunner({ workers: 1 }) });
  const parent = flow(async () => [await whereAmI(), await whereAmI.with({ isolation: 'thread' })(), await child()], {
    name: 'parent',
  });
  const threads = (await world.run(() => parent())).map((place) => place.threadId === here.threadId);
  assert.deepEqual(threads, [true, false, false]);
});

test('RT5 FT3 a body in a thread that does not listen is ended by force: TimedOut, and the thread is gone', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(() => neverEnds.with({ isolation: 'thread', timeoutSeconds: 0.1 })(), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    /worker thread was ended by force/,
  );
  const run = await world.taskRun('never ends');
  assert.deepEqual([run.state.name, run.isolation], ['TimedOut', 'thread']);
});

test('FT3 an error inside a thread comes back as what it was', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(() => explodes.with({ isolation: 'thread', retries: 1 })(), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    (error) => error instanceof RangeError && error.message === 'inside',
  );
  assert.equal((await world.taskRun('explodes')).runCount, 2);
});

test('FT4 a child process that dies takes neither the program nor its siblings along', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(
    async () => {
      const [dead, alive] = await Promise.allSettled([dies(), fibonacci(8)]);
      return [dead.status, alive.status === 'fulfilled' ? alive.value : null];
    },
    { name: 'parent', taskRunner: processRunner({ workers: 2 }) },
  );
  assert.deepEqual(await world.run(() => parent()), ['rejected', 21]);
  assert.match((await world.taskRun('dies')).state.message ?? '', /child process ended/);
});

test("FT8 a runner of one's own: one interface, told about every attempt", async () => {
  await using world = await createTestWorld({ faults: [{ task: 'work', attempt: 1, throw: new Error('x') }] });
  const log: string[] = [];
  const cluster: TaskRunner = {
    name: 'cluster',
    concurrency: 2,
    isolation: 'signal',
    open: () => ({
      run: async (work) => {
        log.push(`run ${work.run.name} ${work.run.runCount}`);
        return await work.inline();
      },
      close: async () => {
        log.push('close');
      },
    }),
  };
  const work = task((x: number) => x, { name: 'work', retries: 1 });
  const parent = flow(() => work(5), { name: 'parent', taskRunner: cluster });
  assert.equal(await world.run(() => parent()), 5);
  assert.deepEqual(log, ['run work-0 2', 'close']);
});

test('FT8 a runner that does not close cleanly is a warning, not a failure', async () => {
  await using world = await createTestWorld();
  const rude: TaskRunner = {
    name: 'rude',
    concurrency: null,
    isolation: 'signal',
    open: () => ({
      run: (work) => work.inline(),
      close: async () => {
        throw new Error('still busy');
      },
    }),
  };
  const work = task(() => 1, { name: 'work' });
  const parent = flow(() => work(), { taskRunner: rude });
  assert.equal(await world.run(() => parent()), 1);
  assert.ok((await world.messages({ level: 'warning' })).some((text) => text.includes('still busy')));
});

test('TK13 FT3 breaking off an endless generator stops it in a thread or process, too; it does not run ahead of its reader', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-numbers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const taskRunner of [threadRunner({ workers: 1 }), processRunner({ workers: 1 })]) {
    await using world = await createTestWorld({ clock: 'real' });
    const path = join(folder, taskRunner.name);
    const parent = flow(
      async () => {
        const got: number[] = [];
        for await (const n of numbers(path)) {
          got.push(n);
          if (n === 2) break;
        }
        return got;
      },
      { name: 'parent', taskRunner },
    );
    assert.deepEqual(await world.run(() => parent()), [0, 1, 2], taskRunner.name);
    const { state } = await world.taskRun('numbers');
    assert.deepEqual([state.type, state.message], ['COMPLETED', 'Its reader stopped after 3 values.']);
    assert.equal(readFileSync(path, 'utf8'), '0 1 2 end');
  }
});
