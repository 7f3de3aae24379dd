/** Rows FL8, FL9, ST1–ST3: the state a run ends in, by what its function gave back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowFailure, cancelled, completed, crashed, failed, flow, OstinatoError, task } from '../../src/index.ts';
import { isTerminal } from '../../src/core/state.ts';
import { createTestWorld } from '../../src/testing.ts';

const good = task((x: number) => x, { name: 'good' });
const bad = task(
  (why: string): number => {
    throw new Error(why);
  },
  { name: 'bad' },
);

test('FL8 a thrown error fails the run, and the caller gets that very error', async () => {
  await using world = await createTestWorld();
  const error = new RangeError('too far');
  const thrower = flow(
    () => {
      throw error;
    },
    { name: 'thrower' },
  );
  await assert.rejects(
    world.run(() => thrower()),
    (caught) => caught === error,
  );
  const { state } = await world.flowRun('thrower');
  assert.equal(state.type === 'FAILED' && state.failure?.message, 'too far');
  assert.match(state.type === 'FAILED' ? (state.failure?.stack ?? '') : '', /final-states\.test\.ts/);
});

test('FL8 something else than an error may be thrown', async () => {
  await using world = await createTestWorld();
  // What a careless library does.
  const thrower = flow(
    () => {
      throw 'a text' as unknown as Error;
    },
    { name: 'thrower' },
  );
  await assert.rejects(
    world.run(() => thrower()),
    (caught) => caught === 'a text',
  );
  assert.match((await world.flowRun('thrower')).state.message ?? '', /a text/);
});

test('FL8 a returned future decides: it failed, so the run fails with its error', async () => {
  await using world = await createTestWorld();
  const lone = flow(() => bad('down'), { name: 'lone' });
  await assert.rejects(
    world.run(() => lone()),
    /down/,
  );
  assert.equal((await world.flowRun('lone')).state.type, 'FAILED');
});

test('FL8 a returned state that did not complete is no mistake in the engine: its failure shows no stack of ours', async () => {
  await using world = await createTestWorld();
  await assert.rejects(
    world.run(() => flow(() => failed({ message: 'the attic is locked' }), { name: 'locked' })()),
    /attic/,
  );
  await assert.rejects(
    world.run(() => flow(() => [good(1), bad('x')], { name: 'mixed' })()),
    /1 of 2/,
  );
  for (const name of ['locked', 'mixed']) {
    const { state } = await world.flowRun(name);
    assert.doesNotMatch(state.type === 'FAILED' ? (state.failure?.stack ?? '') : 'none', /\n {4}at /);
  }
});

test('FL8 a list of futures: all completed gives their values, one failed fails the run and names it', async () => {
  await using world = await createTestWorld();
  const all = flow(() => [good(1), good(2)], { name: 'all' });
  assert.deepEqual(await world.run(() => all()), [1, 2]);
  const some = flow(() => [good(1), bad('x'), good(3)], { name: 'some' });
  await assert.rejects(
    world.run(() => some()),
    /1 of 3 returned states did not complete: bad-0/,
  );
  const nested = flow(() => ({ rows: { first: good(1) }, list: [good(2)] }), { name: 'nested' });
  assert.deepEqual(await world.run(() => nested()), { rows: { first: 1 }, list: [2] });
});

test('FL8 any other value completes the run, though a task failed: the message names it, nothing is lost', async () => {
  await using world = await createTestWorld();
  const careless = flow(
    () => {
      void bad('forgotten');
      return 'done';
    },
    { name: 'careless' },
  );
  assert.equal(await world.run(() => careless()), 'done');
  const { state } = await world.flowRun('careless');
  assert.equal(state.type, 'COMPLETED');
  assert.match(state.message ?? '', /1 task run failed and nothing looked at the outcome: bad-0/);
  assert.deepEqual(await world.states('bad'), ['Pending', 'Running', 'Failed']);
});

test('FL8 the run waits for tasks that nobody awaited', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'good', delaySeconds: 60 }] });
  const hasty = flow(
    () => {
      void good(1);
    },
    { name: 'hasty' },
  );
  await world.run(() => hasty());
  const [run, step] = [await world.flowRun('hasty'), await world.taskRun('good')];
  assert.equal(step.state.type, 'COMPLETED');
  assert.ok(run.state.timestamp > step.state.timestamp);
});

test("FL8 a caught failure is the flow's own business", async () => {
  await using world = await createTestWorld();
  const brave = flow(
    async () => {
      try {
        return await bad('x');
      } catch {
        return -1;
      }
    },
    { name: 'brave' },
  );
  assert.equal(await world.run(() => brave()), -1);
  assert.equal((await world.flowRun('brave')).state.message, null);
});

test('FL8 a returned state, also inside a list', async () => {
  await using world = await createTestWorld();
  const one = flow(() => failed({ message: 'quota is used up' }), { name: 'one' });
  assert.equal((await world.run(() => one.state())).message, 'quota is used up');
  const list = flow(() => [completed({ value: 1 }), failed({ message: 'second' })], { name: 'list' });
  assert.equal((await world.run(() => list.state())).type, 'FAILED');
  const fine = flow(() => [completed({ value: 1 }), completed({ value: 2 })], { name: 'fine' });
  assert.deepEqual(await world.run(() => fine()), [1, 2]);
});

test('FL8 allowFailure around a returned future keeps the run Completed', async () => {
  await using world = await createTestWorld();
  const lenient = flow(
    async () => {
      const error = await bad('x').catch((thrown: unknown) => thrown);
      const seen = await count(allowFailure(bad('y')) as never);
      return [error instanceof Error, seen];
    },
    { name: 'lenient' },
  );
  const count = task((value: unknown) => (value instanceof Error ? value.message : 'fine'), { name: 'count' });
  assert.deepEqual(await world.run(() => lenient()), [true, 'y']);
});

test('FL9 custom names label a state, its type drives the rules', async () => {
  await using world = await createTestWorld();
  const skip = flow(() => completed({ name: 'Skipped', message: 'nothing new', value: 0 }), { name: 'skip' });
  const state = await world.run(() => skip.state());
  assert.deepEqual([state.type, state.name, state.message], ['COMPLETED', 'Skipped', 'nothing new']);
  assert.equal(await world.run(() => skip()), 0);
  const out = flow(() => failed({ name: 'OutOfStock', error: new Error('empty') }), { name: 'out' });
  assert.deepEqual(await world.run(async () => [(await out.state()).type, (await out.state()).name]), [
    'FAILED',
    'OutOfStock',
  ]);
  const partial = task(() => completed({ name: 'Partial', value: 3 }), { name: 'partial' });
  const parent = flow(() => partial(), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 3);
  assert.deepEqual(await world.states('partial'), ['Pending', 'Running', 'Partial']);
});

test('FL9 cancelled and crashed can be returned, too', async () => {
  await using world = await createTestWorld();
  const stop = flow(() => cancelled({ message: 'not needed' }), { name: 'stop' });
  assert.equal((await world.run(() => stop.state())).type, 'CANCELLED');
  const fall = flow(() => crashed({ message: 'disk on fire' }), { name: 'fall' });
  assert.equal((await world.run(() => fall.state())).type, 'CRASHED');
  const task1 = task(() => cancelled({ name: 'Withdrawn' }), { name: 'withdrawn' });
  assert.equal((await world.run(() => task1.state())).name, 'Withdrawn');
  await assert.rejects(
    world.run(() => stop()),
    (error) => OstinatoError.is(error) || error instanceof Error,
  );
});

test('FL9 a returned failure of a task is retried like any other', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const flaky = task(() => ((calls += 1) < 3 ? failed({ name: 'Busy', message: 'later' }) : calls), {
    name: 'flaky',
    retries: 3,
    retryDelaySeconds: 10,
  });
  assert.equal(await world.run(() => flaky()), 3);
  assert.deepEqual(await world.states('flaky'), [
    'Pending',
    'Running',
    'AwaitingRetry',
    'Retrying',
    'AwaitingRetry',
    'Retrying',
    'Completed',
  ]);
});

test('ST1 ST2 types and names as Prefect has them', async () => {
  await using world = await createTestWorld({
    faults: [
      { task: 'slow', hang: true },
      { task: 'again', attempt: 1, throw: new Error('x') },
    ],
  });
  const slow = task(() => 1, { name: 'slow', timeoutSeconds: 1 });
  const again = task(() => 1, { name: 'again', retries: 1, retryDelaySeconds: 5 });
  await world.run(async () => {
    await slow.state();
    await again();
  });
  const named = async (name: string): Promise<string[]> =>
    (await world.stateHistory(name)).map((state) => `${state.type} ${state.name}`);
  assert.deepEqual(await named('slow'), ['PENDING Pending', 'RUNNING Running', 'FAILED TimedOut']);
  assert.deepEqual(await named('again'), [
    'PENDING Pending',
    'RUNNING Running',
    'SCHEDULED AwaitingRetry',
    'RUNNING Retrying',
    'COMPLETED Completed',
  ]);
});

test('ST3 the history is kept: unique ids, rising times, one terminal state', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'good', attempt: [1, 2], throw: new Error('x') }] });
  const parent = flow(() => good.with({ retries: 2 })(1), { name: 'parent' });
  await world.run(() => parent());
  for (const name of ['good', 'parent']) {
    const states = await world.stateHistory(name);
    assert.equal(new Set(states.map(({ id }) => id)).size, states.length);
    assert.ok(states.every((state, index) => index === 0 || state.timestamp > (states[index - 1]?.timestamp ?? 0)));
    assert.deepEqual(
      states.filter(isTerminal).map(({ type }) => type),
      ['COMPLETED'],
    );
  }
});
