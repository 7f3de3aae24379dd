/** The timeout of a flow is the run's: a process that is gone does not begin it anew. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../../src/core/time.ts';
import { flow, runContext, task, transaction, currentTransaction, type Flow } from '../../src/index.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

const HOUR = 3600;

/** Works for so many hours; is over its time after 24. */
function longWork(world: TestWorld, hours: number, retries = 0): Flow<void, Promise<string>> {
  return flow(
    async () => {
      await sleep(world.clock, hours * HOUR * 1000, runContext().signal);
      return 'done';
    },
    { name: 'long', timeoutSeconds: 24 * HOUR, retries },
  );
}

/** The process ends so many hours after now, and the next one begins so many hours later. */
async function killAfter(world: TestWorld, hours: number, work: () => Promise<unknown>, downHours = 0): Promise<void> {
  const timer = world.clock.setTimer(hours * HOUR * 1000, () => world.crash());
  await assert.rejects(work(), /crashed while the body ran/);
  timer.cancel();
  if (downHours > 0) await sleep(world.clock, downHours * HOUR * 1000);
  world.restart();
}

/** Hours from the first start to the end. */
async function hoursOf(world: TestWorld): Promise<number> {
  const run = await world.flowRun('long');
  return Math.round((((run.endTime ?? 0) - (run.startTime ?? 0)) / 1e6 / HOUR) * 100) / 100;
}

test('killed after 11 of its 24 hours, a run has 13 left', async () => {
  await using world = await createTestWorld();
  const long = longWork(world, 30);
  await killAfter(world, 11, () => world.run(() => long()));
  await assert.rejects(world.retry(long), /timeout of 86400 s, which began at 2030-01-01T/);
  assert.equal((await world.flowRun('long')).state.name, 'TimedOut');
  assert.equal(await hoursOf(world), 24);
});

test('killed again and again, and with time to spare, it ends in its time', async () => {
  await using world = await createTestWorld();
  const long = longWork(world, 4);
  await killAfter(world, 3, () => world.run(() => long()));
  await killAfter(world, 3, () => world.retry(long));
  await killAfter(world, 3, () => world.retry(long));
  assert.equal(await world.retry(long), 'done');
  assert.equal(await hoursOf(world), 13);
});

test('the time that it was down counts; one that was over meanwhile ends at once, and a retry after that has all of its time', async () => {
  await using world = await createTestWorld();
  const long = longWork(world, 20);
  await killAfter(world, 2, () => world.run(() => long()), 30);
  await assert.rejects(
    world.retry(long),
    /the time was over when the run was continued, for the time that it was down counts/,
  );
  assert.equal((await world.flowRun('long')).state.name, 'TimedOut');
  assert.equal(await world.retry(long), 'done');
});

test('a retry of the flow itself has all of the time, also when its process is gone after it began', async () => {
  await using world = await createTestWorld();
  let failures = 1;
  const long = flow(
    async () => {
      await sleep(world.clock, 20 * HOUR * 1000, runContext().signal);
      if (failures-- > 0) throw new Error('once');
      return 'done';
    },
    { name: 'long', timeoutSeconds: 24 * HOUR, retries: 1 },
  );
  await killAfter(world, 21, () => world.run(() => long()));
  assert.equal(await world.retry(long), 'done', 'one hour of the second attempt was spent');
});

test('a subflow has its own', async () => {
  await using world = await createTestWorld();
  const child = flow(
    async () => {
      await sleep(world.clock, 8 * HOUR * 1000, runContext().signal);
      return 'child';
    },
    { name: 'child', timeoutSeconds: 10 * HOUR },
  );
  const long = flow(async () => await child(), { name: 'long' });
  await killAfter(world, 5, () => world.run(() => long()));
  await assert.rejects(world.retry(long), /Flow run ".*" was not done within its timeout of 36000 s, which began at/);
  const { startTime, endTime, state } = await world.flowRun('child');
  assert.deepEqual([state.name, Math.round(((endTime ?? 0) - (startTime ?? 0)) / 1e6 / HOUR)], ['TimedOut', 10]);
});

test('a flow without a timeout has none', async () => {
  await using world = await createTestWorld();
  const long = flow(
    async () => {
      await sleep(world.clock, 100 * HOUR * 1000);
      return 'done';
    },
    { name: 'long' },
  );
  await killAfter(world, 50, () => world.run(() => long()), 50);
  assert.equal(await world.retry(long), 'done');
});

test('what its transactions had done is taken back when the time is over before it goes on', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const undone: unknown[] = [];
  const put = task(
    (name: string) => {
      currentTransaction()?.set('name', name);
      return name;
    },
    {
      name: 'put',
      onRollback: ({ get }) => {
        undone.push(get('name'));
      },
    },
  );
  const check = task(() => true, { name: 'check' });
  const long = flow(
    () =>
      transaction(async () => {
        await put('a');
        await put('b');
        await check();
      }),
    { name: 'long', timeoutSeconds: HOUR },
  );
  await world.run(() => long()).catch(() => {});
  await sleep(world.clock, 2 * HOUR * 1000);
  world.restart();
  await assert.rejects(world.retry(long), /the time was over/);
  assert.deepEqual(undone, ['b', 'a']);
  assert.deepEqual(
    (await world.taskRuns({})).filter(({ taskName }) => taskName === 'put').map(({ state }) => state.name),
    ['RolledBack', 'RolledBack'],
  );
});
