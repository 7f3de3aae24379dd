/** Rows CX1–CX3 and CX6: the run context, loggers, captured output, metadata. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { currentRun, flow, OstinatoError, runContext, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

/** Runs the body with `console` muted: what it prints is not the test's output. */
async function muted<T>(body: () => Promise<T>): Promise<{ readonly value: T; readonly printed: string[] }> {
  const printed: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  const writeError = process.stderr.write.bind(process.stderr);
  const keep = (chunk: unknown): boolean => {
    printed.push(String(chunk));
    return true;
  };
  process.stdout.write = keep as typeof process.stdout.write;
  process.stderr.write = keep as typeof process.stderr.write;
  try {
    return { value: await body(), printed };
  } finally {
    process.stdout.write = write;
    process.stderr.write = writeError;
  }
}

test('CX1 the context anywhere below: helpers, after awaits, timers, emitters, nested calls', async () => {
  await using world = await createTestWorld();
  const helper = (): string => `${runContext().flowRun?.flowName}/${runContext().taskRun?.name ?? '-'}`;
  const deep = task(
    async () => {
      const seen = [helper()];
      await pause(1);
      seen.push(helper());
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          seen.push(helper());
          resolve();
        }, 1);
      });
      const emitter = new EventEmitter();
      emitter.on('x', () => seen.push(helper()));
      emitter.emit('x');
      seen.push(
        ...(await Promise.all(
          [1, 2].map(async () => {
            await pause(1);
            return helper();
          }),
        )),
      );
      queueMicrotask(() => seen.push(helper()));
      await pause(1);
      return new Set(seen);
    },
    { name: 'deep', persistResult: false },
  );
  const parent = flow(
    async () => {
      const before = helper();
      const inside = await deep();
      return [before, [...inside].join(), helper()];
    },
    { name: 'parent' },
  );
  assert.deepEqual(await world.run(() => parent()), ['parent/-', 'parent/deep-0', 'parent/-']);
});

test("CX1 concurrent branches never see each other's run", async () => {
  await using world = await createTestWorld();
  const who = task(
    async (n: number) => {
      await pause(n % 3);
      return [n, runContext().taskRun?.name];
    },
    { name: 'who', runName: '{n}' },
  );
  const parent = flow(() => who.map([0, 1, 2, 3, 4, 5]));
  assert.deepEqual(
    await world.run(() => parent()),
    [0, 1, 2, 3, 4, 5].map((n) => [n, String(n)]),
  );
});

test('CX2 what the context tells: run, parameters, attempt, tags, parents, signal', async () => {
  await using world = await createTestWorld();
  const inner = task(
    (day: string) => {
      const { flowRun, taskRun, parameters, attempt, signal } = runContext();
      return {
        day,
        flow: flowRun?.flowName,
        task: taskRun?.taskName,
        parameters,
        attempt,
        signal: signal.aborted,
        tags: taskRun?.tags,
        version: flowRun?.flowVersion,
        state: flowRun?.state.type,
      };
    },
    { name: 'inner', tags: ['io'] },
  );
  const parent = flow(({ day }: { day: string }) => inner(day), { name: 'parent', version: '3' });
  assert.deepEqual(await world.run(() => parent({ day: 'monday' })), {
    day: 'monday',
    flow: 'parent',
    task: 'inner',
    parameters: { day: 'monday' },
    attempt: 1,
    signal: false,
    tags: ['io'],
    version: '3',
    state: 'RUNNING',
  });
});

test('CX2 a subflow knows its parent run', async () => {
  await using world = await createTestWorld();
  const child = flow(() => runContext().flowRun?.parentFlowRunId, { name: 'child' });
  const parent = flow(async () => [await child(), runContext().flowRun?.id], { name: 'parent' });
  const [told, own] = await world.run(() => parent());
  assert.equal(told, own);
});

test('CX1 CX2 outside a run: runContext() is refused with a remedy, currentRun() is undefined', () => {
  assert.throws(
    () => runContext(),
    (error) => OstinatoError.is(error) && error.code === 'not-in-run' && error.remedy.includes('currentRun()'),
  );
  assert.equal(currentRun(), undefined);
});

test('CX3 the logger writes records with the ids of its run, all levels, details as text', async () => {
  await using world = await createTestWorld();
  const talk = task(
    () => {
      const { logger } = runContext();
      logger.debug('d');
      logger.warning('w', { rows: 3 }, 'and', new RangeError('far'));
      logger.error('e');
      logger.critical('c');
    },
    { name: 'talk' },
  );
  const parent = flow(
    async () => {
      runContext().logger.info('from the flow');
      await talk();
    },
    { name: 'parent' },
  );
  await world.run(() => parent());
  const [flowRun, taskRun] = [await world.flowRun('parent'), await world.taskRun('talk')];
  const logs = await world.logs();
  assert.deepEqual(
    logs.map(({ level }) => level),
    [20, 10, 30, 40, 50],
  );
  assert.match(logs[2]?.message ?? '', /^w \{"rows":3\} and RangeError: far\n/);
  assert.deepEqual([logs[0]?.flowRunId, logs[0]?.taskRunId, logs[0]?.name], [flowRun.id, null, 'ostinato.flow_runs']);
  assert.deepEqual(
    [logs[1]?.flowRunId, logs[1]?.taskRunId, logs[1]?.name],
    [flowRun.id, taskRun.id, 'ostinato.task_runs'],
  );
  assert.deepEqual(await world.messages({ taskRunId: taskRun.id, level: 'error' }), ['e', 'c']);
});

test('CX3 logging never fails a run: cycles, huge messages, odd values', async () => {
  await using world = await createTestWorld();
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const talk = task(
    () => {
      const { logger } = runContext();
      logger.info('cycle', cycle);
      logger.info('odd', undefined, null, 5n, Symbol('s'), () => 1);
      logger.info('x'.repeat(200_000));
      logger.info(undefined as never);
      logger.info('throws', {
        toJSON() {
          throw new Error('no');
        },
      });
      return 1;
    },
    { name: 'talk' },
  );
  assert.equal(await world.run(() => talk()), 1);
  const messages = await world.messages();
  assert.equal(messages.length, 5);
  assert.match(messages[2] ?? '', /… \(200000 characters\)$/);
});

test('CX3 console.* inside runs is printed and becomes a record of its run; outside it stays alone', async () => {
  await using world = await createTestWorld();
  const talk = task(
    () => {
      console.log('rows: %d', 3, { a: 1 });
      console.warn('careful');
      console.error('bad');
      console.debug('small');
      console.info('fine');
    },
    { name: 'talk' },
  );
  const { printed } = await muted(() =>
    world.run(async () => {
      console.log('outside');
      await talk();
    }),
  );
  const logs = await world.logs();
  assert.deepEqual(
    logs.map(({ level, message }) => `${level} ${message}`),
    ['20 rows: 3 { a: 1 }', '30 careful', '40 bad', '10 small', '20 fine'],
  );
  assert.ok(logs.every(({ taskRunId }) => taskRunId !== null));
  assert.ok(printed.join('').includes('outside') && printed.join('').includes('careful'));
});

test('CX3 whatever method of the console prints, its run has the line', async () => {
  await using world = await createTestWorld();
  const talk = task(
    () => {
      console.dir({ table: 'orders', deep: { deeper: { deepest: { x: 1 } } } }, { depth: 5 });
      console.table([{ table: 'items' }]);
      console.dirxml({ table: 'lines' });
      console.assert(false, 'not so');
      console.group('inside');
      console.groupEnd();
      console.count('rows');
      console.trace('from here');
      console.time('t');
      console.timeEnd('t');
    },
    { name: 'talk' },
  );
  await muted(() => world.run(() => talk()));
  const messages = (await world.messages()).join('\n');
  for (const part of ['orders', 'x: 1', 'items', 'lines', 'not so', 'inside', 'rows: 1', 'from here', 't: '])
    assert.ok(messages.includes(part), part);
});

test('CX3 details of a line are told whatever they are', async () => {
  await using world = await createTestWorld();
  const loop: { name: string; self?: unknown } = { name: 'root' };
  loop.self = loop;
  const talk = task(
    () =>
      runContext().logger.warning(
        'of %s: %d',
        'orders',
        3,
        12n,
        loop,
        new Map([['a', 1]]),
        new TypeError('no'),
        undefined,
      ),
    { name: 'talk' },
  );
  await world.run(() => talk());
  const text = (await world.messages()).find((message) => message.startsWith('of orders'));
  assert.match(
    String(text),
    /^of orders: 3 12n \{"name":"root","self":\[circular\]\} Map\(1\) \{"a" => 1\} TypeError: no[^]* undefined$/,
  );
});

test('CX3 logPrints: false leaves console alone, for a task or a whole flow', async () => {
  await using world = await createTestWorld();
  const talk = task(
    () => {
      console.log('x');
    },
    { name: 'talk' },
  );
  const quiet = flow(
    async () => {
      console.log('flow');
      await talk();
      await talk.with({ logPrints: true })();
    },
    { name: 'quiet', logPrints: false },
  );
  await muted(() => world.run(() => quiet()));
  assert.deepEqual(await world.messages(), ['x']);
});

test('CX3 records go out in batches, not one by one', async () => {
  let calls = 0;
  await using world = await createTestWorld({
    wrapStorage: (storage) => ({
      ...storage,
      writeTaskRuns: (...batch) => {
        calls += 1;
        return storage.writeTaskRuns(...batch);
      },
    }),
  });
  const parent = flow(async () => {
    for (let n = 0; n < 500; n += 1) runContext().logger.info(`line ${n}`);
    await Promise.resolve();
  });
  await world.run(() => parent());
  assert.equal((await world.logs()).length, 500);
  assert.ok(calls <= 3, `500 lines were written in ${calls} calls`);
});

test('CX3 lines keep their order, across flow and tasks', async () => {
  await using world = await createTestWorld();
  const talk = task(
    (n: number) => {
      runContext().logger.info(`task ${n}`);
    },
    { name: 'talk' },
  );
  const parent = flow(async () => {
    for (let n = 0; n < 5; n += 1) {
      runContext().logger.info(`flow ${n}`);
      await talk(n);
    }
  });
  await world.run(() => parent());
  assert.deepEqual(
    await world.messages(),
    [0, 1, 2, 3, 4].flatMap((n) => [`flow ${n}`, `task ${n}`]),
  );
});

test('CX6 labels and tags are recorded on the run', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => 1, { name: 'parent', labels: { team: 'sales', cost: '7' }, tags: ['b', 'a', 'b'] });
  await world.run(() => parent());
  const run = await world.flowRun('parent');
  assert.deepEqual(run.labels, { team: 'sales', cost: '7' });
  assert.deepEqual([...run.tags].sort(), ['a', 'b']);
  assert.equal((await world.flowRuns({ tags: ['a'] })).length, 1);
});
