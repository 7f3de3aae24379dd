/** Rows RC11, RC12: tasks that count together or not at all. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentTransaction, flow, INPUTS, OstinatoError, task, transaction } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

function recorded(): { readonly log: string[]; readonly step: ReturnType<typeof define> } {
  const log: string[] = [];
  const define = () =>
    task(
      async (name: string) => {
        log.push(`run ${name}`);
        currentTransaction()?.set('last', name);
        return name;
      },
      {
        name: 'step',
        cache: INPUTS,
        runName: '{name}',
        onCommit: (txn) => {
          log.push(`commit ${String(txn.get('last'))}`);
        },
        onRollback: (txn) => {
          log.push(`rollback ${txn.name}`);
        },
      },
    );
  return { log, step: define() };
}

test('RC11 a body that returns commits: hooks run once, in order, after the body', async () => {
  await using world = await createTestWorld();
  const { log, step } = recorded();
  const parent = flow(() =>
    transaction(async (txn) => {
      await step('a');
      await step('b');
      log.push(`end ${txn.status}`);
      return 'done';
    }),
  );
  assert.equal(await world.run(() => parent()), 'done');
  assert.deepEqual(log, ['run a', 'run b', 'end active', 'commit a', 'commit b']);
  assert.deepEqual(
    (await world.taskRuns()).map(({ state }) => state.name),
    ['Completed', 'Completed'],
  );
});

test('RC11 a body that throws rolls back in reverse order; the states say so, the error goes on', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const write = task(
    async (file: string) => {
      log.push(`write ${file}`);
      return file;
    },
    {
      name: 'write',
      onRollback: () => {
        log.push('undo');
      },
    },
  );
  const other = write.with({
    onRollback: [
      () => {
        log.push('undo b 1');
      },
      () => {
        log.push('undo b 2');
      },
    ],
  });
  const parent = flow(
    () =>
      transaction(async () => {
        await write('a');
        await other('b');
        throw new RangeError('quality check');
      }),
    { name: 'parent' },
  );
  await assert.rejects(
    world.run(() => parent()),
    RangeError,
  );
  assert.deepEqual(log, ['write a', 'write b', 'undo b 1', 'undo b 2', 'undo']);
  assert.deepEqual(
    (await world.taskRuns()).map(({ state }) => [state.type, state.name]),
    [
      ['COMPLETED', 'RolledBack'],
      ['COMPLETED', 'RolledBack'],
    ],
  );
  assert.equal((await world.flowRun('parent')).state.type, 'FAILED');
});

test('RC12 set and get: a hook sees what the transaction of its task keeps, and those around it', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const write = task(
    async (path: string) => {
      currentTransaction()?.set('path', path);
      return path;
    },
    {
      name: 'write',
      onRollback: (txn) => {
        log.push(`remove ${String(txn.get('path'))} by ${String(txn.get('who'))}`);
      },
    },
  );
  const parent = flow(() =>
    transaction(async (outer) => {
      outer.set('who', 'ada');
      await transaction(() => write('inner.csv').result(), { name: 'inner' });
      await write('outer.csv');
      throw new Error('x');
    }),
  );
  await assert.rejects(world.run(() => parent()));
  assert.deepEqual(log, ['remove outer.csv by ada', 'remove inner.csv by ada']);
});

test('RC11 nested: an inner failure that is caught rolls back the inner one only; an outer failure takes the inner along', async () => {
  await using world = await createTestWorld();
  const { log, step } = recorded();
  const parent = flow(() =>
    transaction(
      async () => {
        await step('outer');
        await transaction(
          async () => {
            await step('inner');
            throw new Error('inner');
          },
          { name: 'in' },
        ).catch(() => {});
        await step('after');
      },
      { name: 'out' },
    ),
  );
  await world.run(() => parent());
  assert.deepEqual(
    log.filter((line) => line.startsWith('rollback')),
    ['rollback in'],
  );
  assert.deepEqual(
    (await world.taskRuns()).map(({ name, state }) => `${name} ${state.name}`),
    ['outer Completed', 'inner RolledBack', 'after Completed'],
  );

  const deep = recorded();
  const failing = flow(
    () =>
      transaction(
        async () => {
          await transaction(() => deep.step('inner').result(), { name: 'in' });
          throw new Error('outer');
        },
        { name: 'out' },
      ),
    { name: 'failing' },
  );
  await assert.rejects(world.run(() => failing()));
  assert.deepEqual(deep.log, ['run inner', 'rollback in']);
});

test('RC12 a hook that throws is logged; the others run, and the transaction ends as it would', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const bad = (): void => {
    throw new Error('hook trouble');
  };
  const step = task(async () => 1, {
    name: 'step',
    onCommit: [
      bad,
      () => {
        log.push('second commit');
      },
    ],
    onRollback: [
      bad,
      () => {
        log.push('second rollback');
      },
    ],
  });
  const good = flow(() => transaction(() => step().result()), { name: 'good' });
  assert.equal(await world.run(() => good()), 1);
  const worse = flow(
    () =>
      transaction(async () => {
        await step();
        throw new Error('x');
      }),
    { name: 'worse' },
  );
  await world.run(() => worse.state());
  assert.deepEqual(log, ['second commit', 'second rollback']);
  assert.equal((await world.messages({ level: 'error' })).filter((text) => text.includes('hook trouble')).length, 2);
});

test('RC12 a failed task has no rollback hook to run, its finished siblings have', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const step = task(
    async (ok: boolean) => {
      if (!ok) throw new Error('bad');
      return 1;
    },
    {
      name: 'step',
      onRollback: () => {
        log.push('undo');
      },
    },
  );
  const parent = flow(() =>
    transaction(async () => {
      await step(true);
      await step(false);
    }),
  );
  await assert.rejects(
    world.run(() => parent()),
    /bad/,
  );
  assert.deepEqual(log, ['undo']);
});

test('RC12 a task that ends after the rollback is taken back, too', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'slow', delaySeconds: 60 }] });
  const log: string[] = [];
  const slow = task(async () => 1, {
    name: 'slow',
    onRollback: () => {
      log.push('undo slow');
    },
  });
  const parent = flow(async () => {
    const futures: PromiseLike<unknown>[] = [];
    await transaction(async () => {
      futures.push(slow());
      throw new Error('x');
    }).catch(() => {});
    await assert.rejects(
      Promise.resolve(futures[0]),
      (error) => OstinatoError.is(error) && error.code === 'rolled-back',
    );
  });
  await world.run(() => parent());
  assert.deepEqual(log, ['undo slow']);
  assert.equal((await world.taskRun('slow')).state.name, 'RolledBack');
});

test('RC12 rolled back work is done again when the flow goes on', async () => {
  await using world = await createTestWorld();
  const runs: string[] = [];
  let healthy = false;
  const load = task(
    async (name: string) => {
      runs.push(name);
      return name;
    },
    { name: 'load' },
  );
  const parent = flow(
    async () => {
      const kept = await load('before');
      return await transaction(async () => {
        const inside = await load('inside');
        if (!healthy) throw new Error('not yet');
        return [kept, inside];
      });
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  healthy = true;
  assert.deepEqual(await world.retry(parent), ['before', 'inside']);
  assert.deepEqual(runs, ['before', 'inside', 'inside']);
  const states = await world.stateHistory(
    (await world.taskRuns()).find(({ name }) => name.startsWith('load-1'))?.id ?? '',
  );
  assert.deepEqual(
    states.map(({ name }) => name),
    ['Pending', 'Running', 'Completed', 'RolledBack', 'Pending', 'Running', 'Completed'],
  );
});

test('RC12 work of an earlier attempt belongs to the transaction again: when that fails now, it is undone', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'second', crash: 'before' }] });
  const log: string[] = [];
  const first = task(
    async () => {
      log.push('first');
      return 1;
    },
    {
      name: 'first',
      onRollback: () => {
        log.push('undo first');
      },
    },
  );
  const second = task(
    async () => {
      throw new Error('second is broken');
    },
    { name: 'second' },
  );
  const parent = flow(
    () =>
      transaction(async () => {
        await first();
        await second();
      }),
    { name: 'parent' },
  );
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  await assert.rejects(world.retry(parent), /second is broken/);
  assert.deepEqual(log, ['first', 'undo first']);
  assert.equal((await world.taskRun('first')).state.name, 'RolledBack');
});

test('RC11 outside a run a transaction is refused', async () => {
  await assert.rejects(
    transaction(() => 1),
    (error) => OstinatoError.is(error) && error.code === 'not-in-run',
  );
});

test('RC11 tasks inside tasks belong to the transaction around them', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const inner = task(async () => 1, {
    name: 'inner',
    onRollback: () => {
      log.push('undo inner');
    },
  });
  const outer = task(async () => inner(), {
    name: 'outer',
    onRollback: () => {
      log.push('undo outer');
    },
  });
  const parent = flow(() =>
    transaction(async () => {
      await outer();
      throw new Error('x');
    }),
  );
  await world.run(() => parent.state());
  assert.deepEqual(log, ['undo outer', 'undo inner']);
});
