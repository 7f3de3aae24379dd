/** Row RT4 and durable resume: a run goes on from where it stood, whatever ended it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentTransaction, flow, OstinatoError, task } from '../../src/index.ts';
import { withDoor } from '../../src/engine/door.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

/** Tasks that count how often each name ran. */
function counting(): { readonly work: ReturnType<typeof make>; readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const make = () =>
    task(
      async (name: string) => {
        await new Promise((resolve) => setImmediate(resolve));
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return `${name}!`;
      },
      { name: 'work', runName: 'work {name}' },
    );
  return { work: make(), counts };
}

async function crashAndGoOn<R>(
  world: TestWorld,
  start: () => PromiseLike<R>,
  resumed: Parameters<TestWorld['retry']>[0],
): Promise<unknown> {
  await assert.rejects(world.run(start), /crashed/);
  world.restart();
  return await world.retry(resumed);
}

test('RT4 a failed run is retried by hand: same run id, next attempt, finished steps are not repeated', async () => {
  await using world = await createTestWorld();
  const { work, counts } = counting();
  let healthy = false;
  const parent = flow(
    async ({ day }: { day: string }) => {
      const first = await work('a');
      if (!healthy) throw new Error('not yet');
      return [day, first, await work('b')];
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state({ day: 'monday' }));
  const before = await world.flowRun('parent');
  healthy = true;
  assert.deepEqual(await world.retry(parent), ['monday', 'a!', 'b!']);
  const after = await world.flowRun('parent');
  assert.deepEqual([after.id, after.runCount], [before.id, 2]);
  assert.deepEqual(
    [...counts],
    [
      ['a', 1],
      ['b', 1],
    ],
  );
  assert.deepEqual(await world.states('parent'), [
    'Pending',
    'Running',
    'Failed',
    'AwaitingRetry',
    'Running',
    'Completed',
  ]);
  assert.ok(
    (await world.messages()).some((text) =>
      text.includes('1 step was finished by an earlier attempt and not run again'),
    ),
  );
});

test('RT4 a completed run has nothing to go on with', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => 1, { name: 'parent' });
  await world.run(() => parent());
  await assert.rejects(
    world.retry(parent),
    (error) => OstinatoError.is(error) && error.code === 'conflict' && /already COMPLETED/.test(error.message),
  );
});

test('RT4 a run that another living process holds is not taken from it', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  const parent = flow(() => new Promise(() => {}), { name: 'parent' });
  world.enter(() => parent());
  await world.until(async () => (await world.flowRuns({ stateTypes: ['RUNNING'] })).length === 1);
  const other = world.ports.startProcess();
  const run = await world.flowRun('parent');
  await assert.rejects(
    withDoor(other.door, () => parent.continueRun(run).result()),
    (error) => OstinatoError.is(error) && /in a process that is alive/.test(error.message),
  );
});

for (const moment of ['before', 'unrecorded', 'recorded'] as const) {
  test(`RT4 a process that dies ${moment === 'before' ? "before the third step's body" : moment === 'unrecorded' ? 'after its body, before its record' : 'right after its record'}: the run ends as if undisturbed`, async () => {
    await using world = await createTestWorld({
      faults: [{ task: 'work', crash: moment, when: (run) => run.name === 'work c' }],
    });
    const { work, counts } = counting();
    const parent = flow(
      async () => {
        const all: string[] = [];
        for (const name of ['a', 'b', 'c', 'd']) all.push(await work(name));
        return all;
      },
      { name: 'parent' },
    );
    assert.deepEqual(await crashAndGoOn(world, () => parent(), parent), ['a!', 'b!', 'c!', 'd!']);
    assert.deepEqual(
      [...counts],
      [
        ['a', 1],
        ['b', 1],
        ['c', moment === 'unrecorded' ? 2 : 1],
        ['d', 1],
      ],
    );
    const run = await world.flowRun('parent');
    const crashed = (await world.stateHistory('parent')).find(({ type }) => type === 'CRASHED');
    assert.match(crashed?.type === 'CRASHED' ? (crashed.evidence ?? '') : '', /is gone/);
    assert.equal(run.runCount, 2);
    assert.equal((await world.taskRuns()).length, 4);
  });
}

test('RT4 concurrent branches with the same task cannot swap results, in whatever order they come back', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'recorded', when: (run) => run.name === 'work b2' }],
  });
  const { work, counts } = counting();
  let reversed = false;
  const branch = async (name: string): Promise<string> =>
    `${await work(`${name}1`)} ${await work(`${name}2`)} ${await work(`${name}3`)}`;
  const parent = flow(
    async () => {
      const names = reversed ? ['c', 'b', 'a'] : ['a', 'b', 'c'];
      const all = await Promise.all(names.map(branch));
      return reversed ? all.reverse() : all;
    },
    { name: 'parent' },
  );
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  reversed = true;
  world.restart();
  assert.deepEqual(
    await world.retry(parent),
    ['a', 'b', 'c'].map((name) => `${name}1! ${name}2! ${name}3!`),
  );
  assert.equal(counts.get('b2'), 1);
});

test('RT4 a hundred mapped items, killed half-way: none that was recorded runs again', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'recorded', when: (run) => run.name === 'work 50' }],
  });
  const { work, counts } = counting();
  const parent = flow(
    () =>
      work.map(
        Array.from({ length: 100 }, (_, n) => String(n)),
        { concurrency: 5 },
      ),
    { name: 'parent' },
  );
  const recorded = (): Promise<readonly { readonly name: string }[]> => world.taskRuns({ stateTypes: ['COMPLETED'] });
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  const done = new Set((await recorded()).map(({ name }) => name.slice('work '.length)));
  assert.ok(done.size >= 46 && done.size < 100, String(done.size));
  world.restart();
  assert.deepEqual(
    await world.retry(parent),
    Array.from({ length: 100 }, (_, n) => `${n}!`),
  );
  for (const [name, count] of counts) assert.ok(count === 1 || !done.has(name), `${name} ran ${count} times`);
});

test('RT4 equal calls at one place are told apart by their number, or by a key', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'after', crash: 'before' }] });
  let rolls = 0;
  const roll = task(() => (rolls += 1), { name: 'roll' });
  const after = task(() => 1, { name: 'after' });
  const parent = flow(
    async () => {
      const all = [];
      for (let n = 0; n < 3; n += 1) all.push(await roll());
      for (const key of ['x', 'y']) all.push(await roll.with({ key })());
      await after();
      return all;
    },
    { name: 'parent' },
  );
  assert.deepEqual(await crashAndGoOn(world, () => parent(), parent), [1, 2, 3, 4, 5]);
  assert.equal(rolls, 5);
});

test('RT4 steps inside steps', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'recorded', when: (run) => run.name === 'work x2' }],
  });
  const { work, counts } = counting();
  const outer = task(async (name: string) => [await work(`${name}1`), await work(`${name}2`), await work(`${name}3`)], {
    name: 'outer',
  });
  const parent = flow(async () => [await outer('w'), await outer('x')], { name: 'parent' });
  assert.deepEqual(await crashAndGoOn(world, () => parent(), parent), [
    ['w1!', 'w2!', 'w3!'],
    ['x1!', 'x2!', 'x3!'],
  ]);
  assert.deepEqual([...counts.values()], [1, 1, 1, 1, 1, 1]);
  const nested = (await world.taskRuns()).filter(({ taskName }) => taskName === 'work');
  assert.ok(nested.every(({ parentTaskRunId }) => parentTaskRunId !== null));
});

test('RT4 other inputs are other steps: what depends on a changed value runs again', async () => {
  await using world = await createTestWorld();
  const { work, counts } = counting();
  let day = 'monday';
  let healthy = false;
  const parent = flow(
    async () => {
      await work('fixed');
      const value = await work(day);
      if (!healthy) throw new Error('x');
      return value;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  [day, healthy] = ['tuesday', true];
  assert.equal(await world.retry(parent), 'tuesday!');
  assert.deepEqual(
    [...counts],
    [
      ['fixed', 1],
      ['monday', 1],
      ['tuesday', 1],
    ],
  );
});

test('RT4 other code of a task is run again', async () => {
  await using world = await createTestWorld();
  let version = 1;
  const old = task(() => 'old', { name: 'step' });
  const renewed = task(() => 'new', { name: 'step' });
  const parent = flow(
    async () => {
      const value = await (version === 1 ? old : renewed)();
      if (version === 1) throw new Error('x');
      return value;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  version = 2;
  assert.equal(await world.retry(parent), 'new');
});

test('RT4 a step that failed runs again with all its retries; its history stays', async () => {
  await using world = await createTestWorld({
    faults: [1, 2].map((attempt) => ({ task: 'shaky', attempt, throw: new Error('down') })),
  });
  const shaky = task(() => 'up', { name: 'shaky', retries: 1 });
  const parent = flow(() => shaky(), { name: 'parent' });
  await world.run(() => parent.state());
  assert.equal((await world.taskRun('shaky')).state.type, 'FAILED');
  world.clearFaults();
  world.addFaults({ task: 'shaky', attempt: 1, throw: new Error('still down') });
  assert.equal(await world.retry(parent), 'up');
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

test('RT4 UpstreamFailed and cancelled steps run when the run goes on', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'first', attempt: 1, throw: new Error('x'), when: (run) => run.flowRunRunCount === 1 }],
  });
  const first = task(() => 1, { name: 'first' });
  const second = task((x: number) => x + 1, { name: 'second' });
  const parent = flow(() => second(first()), { name: 'parent' });
  await world.run(() => parent.state());
  assert.equal(await world.retry(parent), 2);
  assert.equal((await world.taskRun('second')).state.type, 'COMPLETED');
});

test('RT4 generators: a stream that was finished is replayed from the record', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'after', crash: 'before' }] });
  let made = 0;
  const stream = task(
    async function* () {
      for (const n of [1, 2, 3]) {
        made += 1;
        yield n;
      }
    },
    { name: 'stream' },
  );
  const after = task((all: readonly number[]) => all, { name: 'after' });
  const parent = flow(
    async () => {
      const got: number[] = [];
      for await (const n of stream()) got.push(n);
      return await after(got);
    },
    { name: 'parent' },
  );
  assert.deepEqual(await crashAndGoOn(world, () => parent(), parent), [1, 2, 3]);
  assert.equal(made, 3);
});

test('RT4 flows that retry inside one process and crash between attempts', async () => {
  await using world = await createTestWorld();
  const { work, counts } = counting();
  let bodies = 0;
  const parent = flow(
    async () => {
      bodies += 1;
      await work('a');
      if (bodies === 1) throw new Error('first');
      if (bodies === 2) world.crash();
      return await work('b');
    },
    { name: 'parent', retries: 3 },
  );
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  assert.equal(await world.retry(parent), 'b!');
  assert.deepEqual(
    [...counts],
    [
      ['a', 1],
      ['b', 1],
    ],
  );
  assert.equal((await world.flowRun('parent')).runCount, 3);
  assert.equal(currentTransaction(), null);
});
