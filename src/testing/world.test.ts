import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { artifacts, flow, OstinatoError, runContext, task, variables } from '../index.ts';
import { createTestPorts, createTestWorld } from '../testing.ts';

const load = task(async (day: string) => `rows of ${day}`, { name: 'load', retries: 3, retryDelaySeconds: 3600 });
const report = flow(({ day }: { day: string }) => load(day), { name: 'report' });

test('a retry delay of an hour takes no time', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'load', attempt: [1, 2], throw: new Error('down') }] });
  const [startedAt, realStart] = [world.clock.now(), performance.now()];
  assert.equal(await world.run(() => report({ day: 'monday' })), 'rows of monday');
  assert.ok((world.clock.now() - startedAt) / 1e6 >= 7200);
  assert.ok(performance.now() - realStart < 2000);
  assert.deepEqual(await world.states('load'), [
    'Pending',
    'Running',
    'AwaitingRetry',
    'Retrying',
    'AwaitingRetry',
    'Retrying',
    'Completed',
  ]);
});

test('the same seed gives the same ids, names, times and draws; another seed gives others', async () => {
  const story = async (seed: number): Promise<string> => {
    await using world = await createTestWorld({ seed, faults: [{ task: 'load', attempt: 1, throw: new Error('x') }] });
    await world.run(() =>
      Promise.all([report({ day: 'a' }), report({ day: 'b' }), load.with({ retryJitterFactor: 1 })('c')]),
    );
    const logs = (await world.logs()).map(({ id, timestamp }) => [id, timestamp]);
    return JSON.stringify([await world.flowRuns(), await world.taskRuns(), logs]);
  };
  const first = await story(1);
  assert.equal(await story(1), first);
  assert.notEqual(await story(2), first);
});

test('worlds that run side by side do not see each other', async () => {
  const stories = await Promise.all(
    [1, 2, 3].map(async (n) => {
      await using world = await createTestWorld({
        seed: n,
        faults: [{ task: 'load', attempt: 1, throw: new Error('x') }],
      });
      await world.run(async () => {
        await report({ day: String(n) });
        await variables.set('n', n);
        await artifacts.markdown(String(n));
      });
      return [(await world.flowRuns()).length, (await world.variables())[0]?.value, (await world.artifacts())[0]?.data];
    }),
  );
  assert.deepEqual(stories, [
    [1, 1, '1'],
    [1, 2, '2'],
    [1, 3, '3'],
  ]);
});

test('faults: throw, delay, hang, at named attempts, runs, and by a condition', async () => {
  await using world = await createTestWorld({
    faults: [
      { task: 'load-1', throw: new Error('only the second') },
      { task: 'load', delaySeconds: 30, when: (run) => run.name === 'load-0' },
    ],
  });
  const once = load.with({ retries: 0 });
  const parent = flow(
    async () => (await Promise.allSettled([once('a'), once('b'), once('c')])).map(({ status }) => status),
    { name: 'parent' },
  );
  assert.deepEqual(await world.run(() => parent()), ['fulfilled', 'rejected', 'fulfilled']);
  assert.ok((await world.taskRun('load-0')).totalRunTimeUs >= 30e6);
  world.clearFaults();
  world.addFaults({ task: 'load', hang: true }, { task: 'never called', throw: 1 });
  const limited = flow(() => once.with({ timeoutSeconds: 60 })('d'), { name: 'limited' });
  await assert.rejects(
    world.run(() => limited()),
    /timeout of 60 s/,
  );
  world.clearFaults();
  world.addFaults({ task: 'load', delaySeconds: 5, throw: new Error('late trouble') });
  await assert.rejects(
    world.run(() => once('e')),
    /late trouble/,
  );
});

test('crash and restart: the store stays, the process is gone, the run goes on', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'load', crash: 'before' }] });
  await assert.rejects(
    world.run(() => report({ day: 'monday' })),
    (error) => OstinatoError.is(error) && error.code === 'run-crashed',
  );
  assert.equal(world.process.alive, false);
  await assert.rejects(
    world.run(() => report({ day: 'tuesday' })),
    /world\.restart\(\)|has crashed/,
  );
  const before = world.process.id;
  world.restart();
  assert.notEqual(world.process.id, before);
  assert.equal(await world.retry(report), 'rows of monday');
  assert.deepEqual(await world.states('report'), [
    'Pending',
    'Running',
    'Crashed',
    'AwaitingRetry',
    'Running',
    'Completed',
  ]);
  assert.match((await world.why('report'))?.headline ?? '', /Completed/i);
});

test('what a process that crashed still does reaches nothing', async () => {
  await using world = await createTestWorld();
  const { promise, resolve } = Promise.withResolvers<void>();
  const after: string[] = [];
  const slow = task(
    async () => {
      await promise;
      after.push('body');
      return 1;
    },
    { name: 'slow' },
  );
  const next = task(
    () => {
      after.push('next');
    },
    { name: 'next' },
  );
  const parent = flow(
    async () => {
      await slow();
      await next();
      runContext().logger.info('late');
    },
    { name: 'parent' },
  );
  const lost = world.run(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  world.crash();
  await assert.rejects(lost, /crashed/);
  resolve();
  await world.clock.settle();
  assert.deepEqual(after, ['body']);
  assert.deepEqual(await world.states('slow'), ['Pending', 'Running']);
  assert.deepEqual(await world.messages(), []);
});

test('the manual clock stands until it is moved', async () => {
  await using world = await createTestWorld({
    clock: 'manual',
    faults: [{ task: 'load', attempt: 1, throw: new Error('x') }],
  });
  const future = world.enter(() => report({ day: 'monday' }));
  await world.until(async () => (await world.taskRuns({ stateTypes: ['SCHEDULED'] })).length === 1);
  await world.clock.advance(3599);
  assert.equal(future.done, false);
  await world.clock.advance(2);
  assert.equal(await future, 'rows of monday');
});

test('virtual time waits for work outside: a server that answers is not overtaken by a timeout, one that does not is', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/ok') setTimeout(() => response.end('fine'), 30);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, resolve);
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using world = await createTestWorld();
  const get = task(async (path: string) => (await fetch(base + path, { signal: runContext().signal })).text(), {
    name: 'get',
    timeoutSeconds: 10,
  });
  try {
    assert.equal(await world.run(() => get('/ok')), 'fine');
    const realStart = performance.now();
    await assert.rejects(
      world.run(() => get('/never')),
      /timeout of 10 s/,
    );
    assert.ok(performance.now() - realStart < 5000);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("virtual time waits for a body's own short pauses", async () => {
  await using world = await createTestWorld();
  const nap = task(
    async () => {
      await pause(20);
      return 'rested';
    },
    { name: 'nap', timeoutSeconds: 1 },
  );
  assert.equal(await world.run(() => nap()), 'rested');
});

test('the clock moves by itself only as far as it must', async () => {
  await using world = await createTestWorld();
  const startedAt = world.clock.now();
  for (let n = 0; n < 20; n += 1) await world.run(() => report({ day: String(n) }));
  assert.ok(world.clock.now() - startedAt < 1e6, `${(world.clock.now() - startedAt) / 1e6} s passed`);
});

test('a busy loop sees its deadline come, though nothing ever waits', async () => {
  await using world = await createTestWorld();
  const noop = task((n: number) => n, { name: 'noop', durability: 'none', persistResult: false });
  const endless = flow(
    async () => {
      for (let n = 0; ; n += 1) await noop(n);
    },
    { name: 'endless', timeoutSeconds: 0.2 },
  );
  await assert.rejects(
    world.run(() => endless()),
    /timeout of 0\.2 s/,
  );
});

test('asking for a run that is not there, or not the only one, says which there are', async () => {
  await using world = await createTestWorld();
  await world.run(() => Promise.all([report({ day: 'a' }), report({ day: 'b' })]));
  await assert.rejects(
    world.taskRun('lode'),
    (error) => OstinatoError.is(error) && error.code === 'not-found' && error.remedy.includes('load-0'),
  );
  await assert.rejects(world.states('load'), (error) => OstinatoError.is(error) && error.code === 'conflict');
  const [first] = await world.taskRuns();
  assert.equal((await world.taskRun(first?.id ?? '')).id, first?.id);
});

test('a folder keeps everything, journals too, for the next world', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-world-'));
  try {
    const fragile = flow(
      async () => {
        const rows = await load('monday');
        return await shout(rows);
      },
      { name: 'fragile' },
    );
    const shout = task((text: string) => text.toUpperCase(), { name: 'shout' });
    {
      await using world = await createTestWorld({ folder, faults: [{ task: 'shout', crash: 'recorded' }] });
      await assert.rejects(
        world.run(() => fragile()),
        /crashed/,
      );
    }
    await using world = await createTestWorld({
      folder,
      seed: 2,
      faults: [
        { task: 'load', throw: new Error('must not run again') },
        { task: 'shout', throw: new Error('must not run again') },
      ],
    });
    await world.ports.recover();
    assert.equal(await world.retry(fragile), 'ROWS OF MONDAY');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a store that is full: the run goes on, and says so when it ends', async () => {
  let full = true;
  const noticed: string[] = [];
  await using world = await createTestWorld({
    observers: [
      {
        noticed: (_, message) => {
          noticed.push(message);
        },
      },
    ],
    wrapStorage: (storage) => ({
      ...storage,
      writeTaskRuns: (...batch) => {
        if (full) throw new OstinatoError('store-full', 'No space left.');
        return storage.writeTaskRuns(...batch);
      },
    }),
  });
  const parent = flow(() => load('monday'), { name: 'parent' });
  const future = world.enter(() => parent());
  await world.until(() => future.done);
  full = false;
  await world.clock.advance(60);
  assert.equal(await future, 'rows of monday');
  assert.ok((await world.taskRuns()).length === 1);
});

test('a world leaves nothing behind: no timer, no handle', async () => {
  const before = process.getActiveResourcesInfo().length;
  for (let n = 0; n < 5; n += 1) {
    await using world = await createTestWorld({ seed: n });
    await world.run(() => report({ day: 'monday' }));
    void world.enter(() => flow(() => new Promise(() => {}), { name: 'left running' })());
    await world.clock.settle();
  }
  // What is closed leaves the list in one of the next turns.
  for (let turns = 0; process.getActiveResourcesInfo().length > before + 1; turns += 1) {
    assert.ok(turns < 1000, process.getActiveResourcesInfo().join());
    await pause(1);
  }
});

test('createTestPorts: several processes on one store', async () => {
  const ports = createTestPorts();
  const [one, two] = [ports.startProcess(), ports.startProcess()];
  assert.notEqual(one.id, two.id);
  await one.ports.client.registerProcess(one.ports.process);
  one.crash();
  await one.crashed;
  assert.deepEqual([one.alive, two.alive], [false, true]);
  await ports.close();
});
