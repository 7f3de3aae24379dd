/** Row RT5 and AS5: timeouts and cancellation, whether the body listens or not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, runContext, task } from '../../src/index.ts';
import { StopReason } from '../../src/engine/cancellation.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

/** Ends only when it is asked to. */
function untilAborted(): Promise<never> {
  const { signal } = runContext();
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}

const listening = task(() => untilAborted(), { name: 'listening', timeoutSeconds: 30 });
const deaf = task(() => new Promise<number>(() => {}), { name: 'deaf', timeoutSeconds: 30 });

async function cancel(world: TestWorld, name: string): Promise<void> {
  await world.ports.client.cancelFlowRun((await world.flowRun(name)).id);
}

test('RT5 a body that listens ends by its signal: TimedOut, with the limit in the message', async () => {
  await using world = await createTestWorld();
  await assert.rejects(
    world.run(() => listening()),
    (error) => error instanceof Error && error.name === 'TimeoutError',
  );
  const { state } = await world.taskRun('listening');
  assert.deepEqual([state.type, state.name], ['FAILED', 'TimedOut']);
  assert.match(state.message ?? '', /was not done within its timeout of 30 s/);
});

test('RT5 a body that does not listen is given up, and the message says that it may still be running', async () => {
  await using world = await createTestWorld();
  await assert.rejects(
    world.run(() => deaf()),
    /did not listen to its signal/,
  );
  assert.equal((await world.taskRun('deaf')).state.name, 'TimedOut');
});

test('RT5 what a body that was given up does later changes nothing', async () => {
  await using world = await createTestWorld();
  const { promise, resolve } = Promise.withResolvers<number>();
  const late = task(() => promise, { name: 'late', timeoutSeconds: 1 });
  await assert.rejects(world.run(() => late()));
  resolve(1);
  await world.clock.settle();
  assert.deepEqual(await world.states('late'), ['Pending', 'Running', 'TimedOut']);
});

test('RT5 a body that swallows its abort and answers after its time is over its time all the same', async () => {
  await using world = await createTestWorld();
  const stubborn = task(() => untilAborted().catch(() => 'fine'), { name: 'stubborn', timeoutSeconds: 5 });
  await assert.rejects(
    world.run(() => stubborn()),
    /timeout of 5 s/,
  );
});

test('RT5 a body that never gave the thread back is TimedOut, too, with the remedy', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const busy = task(
    () => {
      const end = performance.now() + 60;
      while (performance.now() < end);
      return 1;
    },
    { name: 'busy', timeoutSeconds: 0.02 },
  );
  await assert.rejects(
    world.run(() => busy()),
    /could not be stopped: it never gave the thread back.*isolation: 'thread'/,
  );
});

test('RT5 a timeout counts for one attempt, retries get a fresh one', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'quick', attempt: 1, hang: true }] });
  const quick = task(() => 1, { name: 'quick', timeoutSeconds: 10, retries: 1 });
  assert.equal(await world.run(() => quick()), 1);
  assert.deepEqual(await world.states('quick'), ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'Completed']);
});

test("RT5 a flow's timeout reaches its tasks and subflows", async () => {
  await using world = await createTestWorld();
  const waiting = task(() => untilAborted(), { name: 'waiting', retries: 5 });
  const child = flow(() => waiting(), { name: 'child' });
  const parent = flow(
    async () => {
      await Promise.all([waiting(), child()]);
    },
    { name: 'parent', timeoutSeconds: 60 },
  );
  await assert.rejects(
    world.run(() => parent()),
    /Flow run ".*" was not done within its timeout of 60 s/,
  );
  assert.deepEqual(
    [(await world.flowRun('parent')).state.type, (await world.flowRun('parent')).state.name],
    ['FAILED', 'TimedOut'],
  );
  assert.equal((await world.flowRun('child')).state.type, 'CANCELLED');
  for (const run of (await world.taskRuns()).filter(({ taskName }) => taskName === 'waiting')) {
    assert.deepEqual([run.state.type, run.runCount], ['CANCELLED', 1], run.name);
  }
});

test('RT5 a flow that returned in time is Completed, though its timeout is near', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'slow', delaySeconds: 50 }] });
  const slow = task(() => 1, { name: 'slow' });
  const parent = flow(() => slow(), { name: 'parent', timeoutSeconds: 60 });
  assert.equal(await world.run(() => parent()), 1);
});

test("RT5 tasks that were left behind count against the flow's timeout", async () => {
  await using world = await createTestWorld();
  const waiting = task(() => untilAborted(), { name: 'waiting' });
  const parent = flow(
    () => {
      void waiting();
      return 1;
    },
    { name: 'parent', timeoutSeconds: 60 },
  );
  await assert.rejects(
    world.run(() => parent()),
    /timeout of 60 s/,
  );
  assert.equal((await world.taskRun('waiting')).state.type, 'CANCELLED');
});

test('RT5 a task that timed out fails its flow, which itself did not time out', async () => {
  await using world = await createTestWorld();
  const outer = task(() => listening(), { name: 'outer' });
  const parent = flow(() => outer(), { name: 'parent', retries: 1 });
  await assert.rejects(
    world.run(() => parent()),
    (error) => error instanceof Error && error.name === 'TimeoutError',
  );
  assert.deepEqual(
    [
      (await world.taskRun('listening')).state.name,
      (await world.taskRun('outer')).state.name,
      (await world.flowRun('parent')).state.name,
    ],
    ['TimedOut', 'Failed', 'Failed'],
  );
  assert.equal((await world.flowRun('parent')).runCount, 2);
});

test('AS5 a subflow that is cancelled alone: its parent gets the error, and is not cancelled itself', async () => {
  await using world = await createTestWorld();
  const waiting = task(() => untilAborted(), { name: 'waiting' });
  const child = flow(() => waiting(), { name: 'child' });
  const brave = flow(async () => child().catch(() => 'went on'), { name: 'brave' });
  const future = world.enter(() => brave());
  await world.until(async () =>
    (await world.taskRuns({ stateTypes: ['RUNNING'] })).some(({ taskName }) => taskName === 'waiting'),
  );
  await world.ports.client.cancelFlowRun((await world.flowRuns({ flowName: 'child' }))[0]?.id ?? ('' as never));
  await world.clock.advance(1);
  assert.equal(await future, 'went on');
  assert.deepEqual(
    (await world.flowRuns()).map(({ flowName, state }) => `${flowName} ${state.type}`),
    ['brave COMPLETED', 'child CANCELLED'],
  );
});

test('AS5 cancelling a run from outside: Cancelling, its tasks get the signal, Cancelled', async () => {
  await using world = await createTestWorld();
  const waiting = task(() => untilAborted(), { name: 'waiting' });
  const parent = flow(() => waiting(), { name: 'parent' });
  const future = world.enter(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await cancel(world, 'parent');
  await world.clock.advance(1);
  assert.equal((await future.wait()).type, 'CANCELLED');
  assert.deepEqual(await world.states('parent'), ['Pending', 'Running', 'Cancelling', 'Cancelled']);
  assert.equal((await world.taskRun('waiting')).state.type, 'CANCELLED');
});

test('AS5 cancelling passes on to subflows, mapped items, and tasks that wait for a retry', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  const waiting = task((x: number) => untilAborted().then(() => x), { name: 'waiting' });
  const failing = task(
    () => {
      throw new Error('x');
    },
    { name: 'failing', retries: 3, retryDelaySeconds: 3600 },
  );
  const child = flow(() => waiting.map([1, 2, 3], { concurrency: 2 }), { name: 'child' });
  const parent = flow(
    async () => {
      await Promise.allSettled([child(), failing()]);
      return 'ignored';
    },
    { name: 'parent' },
  );
  const future = world.enter(() => parent());
  await world.until(
    async () =>
      (await world.taskRuns({ stateTypes: ['SCHEDULED'] })).length === 1 &&
      (await world.taskRuns({ stateTypes: ['RUNNING'] })).length >= 3,
  );
  await cancel(world, 'parent');
  await world.clock.advance(11);
  assert.equal((await future.wait()).type, 'CANCELLED');
  assert.equal((await world.flowRun('child')).state.type, 'CANCELLED');
  const states = (await world.taskRuns()).map((run) => `${run.taskName} ${run.state.type}`).sort();
  assert.deepEqual(states, ['child CANCELLED', 'failing CANCELLED', 'waiting CANCELLED', 'waiting CANCELLED']);
});

test('AS5 cancelled work has a grace to clean up in', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  let cleaned = false;
  const tidy = task(
    async () => {
      try {
        await untilAborted();
      } finally {
        await new Promise<void>((resolve) => {
          world.clock.setTimer(5000, resolve);
        });
        cleaned = true;
      }
    },
    { name: 'tidy' },
  );
  const parent = flow(() => tidy(), { name: 'parent' });
  const future = world.enter(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await cancel(world, 'parent');
  await world.clock.advance(3);
  assert.equal(future.done, false);
  await world.clock.advance(5);
  assert.equal((await future.wait()).type, 'CANCELLED');
  assert.equal(cleaned, true);
});

test('AS5 work that does not listen is given up after the grace', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  const parent = flow(() => deaf.with({ timeoutSeconds: 9999 })(), { name: 'parent' });
  const future = world.enter(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await cancel(world, 'parent');
  await world.clock.advance(9);
  assert.equal(future.done, false);
  await world.clock.advance(3);
  assert.equal((await future.wait()).type, 'CANCELLED');
  assert.match((await world.taskRun('deaf')).state.message ?? '', /did not listen to its signal for 10 s/);
});

test('AS5 a run that waits for its next attempt is cancelled at once', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  const heard: string[] = [];
  const parent = flow(
    () => {
      throw new Error('x');
    },
    {
      name: 'parent',
      retries: 1,
      retryDelaySeconds: 3600,
      onCancellation: () => {
        heard.push('cancelled');
      },
    },
  );
  const future = world.enter(() => parent());
  await world.until(() => future.state?.type === 'SCHEDULED');
  await cancel(world, 'parent');
  await world.clock.advance(1);
  assert.equal((await future.wait()).type, 'CANCELLED');
  assert.deepEqual(heard, ['cancelled']);
});

test('AS5 a cancellation that comes while the run is ending still counts', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  const { promise, resolve } = Promise.withResolvers<void>();
  const parent = flow(
    async () => {
      await promise;
      return 1;
    },
    { name: 'parent' },
  );
  const future = world.enter(() => parent());
  await world.until(() => future.state?.type === 'RUNNING');
  await cancel(world, 'parent');
  resolve();
  assert.equal((await future.wait()).type, 'CANCELLED');
  assert.deepEqual(await world.states('parent'), ['Pending', 'Running', 'Cancelling', 'Cancelled']);
});

test('AS5 a flow body that swallows the cancellation is Cancelled all the same', async () => {
  await using world = await createTestWorld();
  const waiting = task(() => untilAborted(), { name: 'waiting' });
  const parent = flow(
    async () => {
      await waiting().catch(() => {});
      return 'as if nothing had happened';
    },
    { name: 'parent' },
  );
  const future = world.enter(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await cancel(world, 'parent');
  await world.clock.advance(1);
  assert.equal((await future.wait()).type, 'CANCELLED');
});

test('AS5 no task starts in a run that is being cancelled', async () => {
  await using world = await createTestWorld();
  let ran = 0;
  const waiting = task(() => untilAborted(), { name: 'waiting' });
  const next = task(
    () => {
      ran += 1;
    },
    { name: 'next' },
  );
  const parent = flow(
    async () => {
      await waiting().catch(() => {});
      await next();
    },
    { name: 'parent' },
  );
  const future = world.enter(() => parent());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await cancel(world, 'parent');
  await world.clock.advance(1);
  await future.wait();
  assert.equal(ran, 0);
  assert.equal((await world.taskRun('next')).state.type, 'CANCELLED');
});

test("RT5 the signal's reason is an AbortError or TimeoutError, as fetch and timers expect", async () => {
  await using world = await createTestWorld();
  let reason: unknown;
  const looking = task(
    () =>
      untilAborted().catch((error: unknown) => {
        reason = error;
        throw error;
      }),
    { name: 'looking', timeoutSeconds: 1 },
  );
  await assert.rejects(world.run(() => looking()));
  assert.ok(reason instanceof StopReason);
  assert.deepEqual([reason.name, reason.code], ['TimeoutError', 'timed-out']);
});
