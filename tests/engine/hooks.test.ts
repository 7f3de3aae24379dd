/** Row RT6: state-change hooks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, runContext, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

test('RT6 task hooks: running at each attempt, then completion or failure', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'work', attempt: 1, throw: new Error('x') }] });
  const heard: string[] = [];
  const hear =
    (kind: string) =>
    (run: { name: string; runCount: number }, state: { name: string }): void =>
      void heard.push(`${kind} ${run.name} ${run.runCount} ${state.name}`);
  const work = task(
    (ok: boolean) => {
      if (!ok) throw new Error('bad');
      return 1;
    },
    {
      name: 'work',
      retries: 1,
      onRunning: hear('running'),
      onCompletion: [hear('first'), hear('second')],
      onFailure: hear('failure'),
    },
  );
  const parent = flow(async () => {
    await work(true);
    await work.with({ retries: 0, name: 'other' })(false).wait();
  });
  await world.run(() => parent());
  assert.deepEqual(heard, [
    'running work-0 1 Running',
    'running work-0 2 Retrying',
    'first work-0 2 Completed',
    'second work-0 2 Completed',
    'running other-1 1 Running',
    'failure other-1 1 Failed',
  ]);
});

test('RT6 flow hooks: running, completion, failure, and each sees the run', async () => {
  await using world = await createTestWorld();
  const heard: string[] = [];
  const hear =
    (kind: string) =>
    (run: { flowName: string }, state: { type: string; message: string | null }): void =>
      void heard.push(
        `${kind} ${run.flowName} ${state.type} ${runContext().flowRun?.flowName} ${state.message ?? ''}`.trim(),
      );
  const parent = flow(
    ({ ok }: { ok: boolean }) => {
      if (!ok) throw new Error('bad');
    },
    { name: 'parent', onRunning: hear('running'), onCompletion: hear('completion'), onFailure: hear('failure') },
  );
  await world.run(() => parent({ ok: true }));
  await world.run(() => parent.state({ ok: false }));
  assert.deepEqual(heard, [
    'running parent RUNNING parent',
    'completion parent COMPLETED parent',
    'running parent RUNNING parent',
    'failure parent FAILED parent Error: bad',
  ]);
});

test('RT6 a flow that will be retried has not failed yet', async () => {
  await using world = await createTestWorld();
  const heard: string[] = [];
  let n = 0;
  const parent = flow(
    () => {
      if ((n += 1) < 3) throw new Error('x');
    },
    {
      name: 'parent',
      retries: 2,
      onFailure: () => heard.push('failure'),
      onCompletion: () => heard.push('completion'),
    },
  );
  await world.run(() => parent());
  assert.deepEqual(heard, ['completion']);
});

test("RT6 hooks may be async: the run's caller continues after them", async () => {
  await using world = await createTestWorld();
  const order: string[] = [];
  const pause = async (what: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    order.push(what);
  };
  const work = task(() => 1, { name: 'work', onCompletion: () => pause('task hook') });
  const parent = flow(
    async () => {
      await work();
      order.push('after task');
    },
    { onCompletion: () => pause('flow hook') },
  );
  await world.run(async () => {
    await parent();
    order.push('after flow');
  });
  assert.deepEqual(order, ['task hook', 'after task', 'flow hook', 'after flow']);
});

test('RT6 a hook that throws is logged with its name, the others run, the run stays as it is', async () => {
  await using world = await createTestWorld();
  const heard: string[] = [];
  function tellSlack(): void {
    throw new Error('slack is down');
  }
  const work = task(() => 1, {
    name: 'work',
    onRunning: tellSlack,
    onCompletion: [
      tellSlack,
      () => {
        heard.push('still called');
      },
    ],
  });
  const parent = flow(() => work(), {
    name: 'parent',
    onRunning: tellSlack,
    onCompletion: [
      async () => {
        throw new Error('async trouble');
      },
      () => {
        heard.push('flow');
      },
    ],
  });
  assert.equal(await world.run(() => parent()), 1);
  assert.deepEqual(heard, ['still called', 'flow']);
  const errors = await world.messages({ level: 'error' });
  assert.equal(errors.filter((text) => /hook tellSlack threw; the run goes on\..*slack is down/s.test(text)).length, 3);
  assert.ok(errors.some((text) => text.includes('async trouble')));
  assert.equal((await world.flowRun('parent')).state.type, 'COMPLETED');
});

test('RT6 onCancellation', async () => {
  await using world = await createTestWorld();
  const heard: string[] = [];
  const parent = flow(
    async () => {
      await new Promise((_, reject) =>
        runContext().signal.addEventListener('abort', () => reject(runContext().signal.reason as Error)),
      );
    },
    {
      name: 'parent',
      onCancellation: (_, state) => {
        heard.push(`cancelled ${state.type}`);
      },
      onFailure: () => {
        heard.push('failure');
      },
    },
  );
  const future = world.enter(() => parent());
  await world.until(() => future.state?.type === 'RUNNING');
  await world.ports.client.cancelFlowRun(future.flowRunId);
  await world.clock.advance(1);
  await future.wait();
  assert.deepEqual(heard, ['cancelled CANCELLED']);
});

test('RT6 onCrashed: when the run is stopped with its process', async () => {
  await using world = await createTestWorld();
  const heard: string[] = [];
  const { crashed } = await import('../../src/index.ts');
  const parent = flow(() => crashed({ message: 'out of memory' }), {
    name: 'parent',
    onCrashed: (_, state) => {
      heard.push(state.type);
    },
  });
  await world.run(() => parent.state());
  assert.deepEqual(heard, ['CRASHED']);
});

test('RT6 hooks of a cached task: it completed, and nothing ran', async () => {
  await using world = await createTestWorld();
  const { INPUTS } = await import('../../src/index.ts');
  const heard: string[] = [];
  const work = task((x: number) => x, {
    name: 'work',
    cache: INPUTS,
    onRunning: () => {
      heard.push('running');
    },
    onCompletion: (_, state) => {
      heard.push(state.name);
    },
  });
  await world.run(async () => {
    await work(1);
    await work(1);
  });
  assert.deepEqual(heard, ['running', 'Completed', 'Cached']);
});
