/** Transactions over attempts: what tasks keep, what their hooks are given, and which tasks count. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentTransaction, flow, task, transaction } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

test('what a task kept is there for its hooks and its siblings after a crash, whatever kind of value it is', async () => {
  const values = [
    new Date(5),
    new Map([[1, { a: [2n] }]]),
    Buffer.from('x'),
    'text',
    null,
    undefined,
    { deep: { list: [1, 'two'] } },
    new Set(['s']),
    Infinity,
  ];
  for (const crash of ['before', 'recorded'] as const) {
    await using world = await createTestWorld({ faults: [{ task: 'after', crash }] });
    const seen: unknown[] = [];
    let read: unknown;
    const keep = task(
      () => {
        currentTransaction()?.set('values', values);
        return 1;
      },
      {
        name: 'keep',
        onRollback: ({ get }) => {
          seen.push(get('values'));
        },
      },
    );
    const after = task(() => 1, { name: 'after' });
    const saga = flow(
      () =>
        transaction(async (tx) => {
          await keep();
          await after();
          read = tx.get('values');
          throw new Error('no');
        }),
      { name: 'saga' },
    );
    await assert.rejects(world.run(() => saga()));
    world.restart();
    await assert.rejects(world.retry(saga), /no/);
    assert.deepEqual([seen, read], [[values], values], crash);
  }
});

test('hooks have the result and the inputs of their own task, by position and by name, now and after a crash', async () => {
  const hooksSaw: unknown[] = [];
  const charge = task(
    async (amount: number, options: { readonly currency: string }) => ({
      id: `${amount} ${options.currency}`,
      at: new Date(amount),
    }),
    {
      name: 'charge',
      onRollback: ({ result, inputs, hasResult }) => {
        hooksSaw.push([result.id, result.at.getTime(), inputs[0], inputs[1].currency, inputs['amount'], hasResult]);
      },
    },
  );
  const decline = task(
    () => {
      throw new Error('declined');
    },
    { name: 'decline' },
  );
  const buy = flow(
    () =>
      transaction(async () => {
        await charge.map([3, 1, 2], { with: [{ currency: 'eur' }] });
        await decline();
      }),
    { name: 'buy' },
  );
  for (const isKilled of [false, true]) {
    hooksSaw.length = 0;
    await using world = await createTestWorld({ faults: isKilled ? [{ task: 'decline', crash: 'before' }] : [] });
    await world.run(() => buy()).catch(() => {});
    if (isKilled) {
      world.restart();
      await world.retry(buy).catch(() => {});
    }
    assert.deepEqual(
      hooksSaw,
      [2, 1, 3].map((n) => [`${n} eur`, n, n, 'eur', n, true]),
      String(isKilled),
    );
  }
});

test('a value that cannot be recorded is kept in the process, and asked for after it, it is an error that says so', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'stop', crash: 'before' }] });
  const seen: unknown[] = [];
  const keep = task(
    () => {
      const tx = currentTransaction();
      tx?.set('close', () => 'closed');
      tx?.set('path', '/a');
      return 1;
    },
    {
      name: 'keep',
      onRollback: (tx) => {
        seen.push(tx.get('path'));
        seen.push(typeof tx.get('close'));
      },
    },
  );
  const stop = task(
    () => {
      throw new Error('stop');
    },
    { name: 'stop' },
  );
  const saga = flow(
    () =>
      transaction(async () => {
        await keep();
        await stop();
      }),
    { name: 'saga' },
  );
  await world.run(() => saga()).catch(() => {});
  world.restart();
  await world.retry(saga).catch(() => {});
  assert.deepEqual(seen, ['/a']);
  assert.match(
    (await world.messages({ level: 'error' })).join('\n'),
    /What keep kept as "close" could not be recorded, and the process that had it is gone/,
  );
  assert.match(
    (await world.messages({ level: 'warning' })).join('\n'),
    /keeps "close" for its hooks in this process only/,
  );
  seen.length = 0;
  await using calm = await createTestWorld();
  await calm.run(() => saga()).catch(() => {});
  assert.deepEqual(seen, ['/a', 'function'], 'in one process it is there');
});

test('a result that is not recorded is no undefined for a hook of another process', async () => {
  const seen: unknown[] = [];
  await using world = await createTestWorld();
  let dies = true;
  const put = task(() => 'secret', {
    name: 'put',
    persistResult: false,
    onRollback: [
      (tx) => {
        seen.push(tx.hasResult ? tx.result : 'none');
      },
      ({ result }) => {
        seen.push(result);
      },
    ],
  });
  const other = task(() => 1, {
    name: 'other',
    onRollback: () => {
      if (!dies) return;
      dies = false;
      world.crash();
      return new Promise(() => {});
    },
  });
  const saga = flow(
    async (parameters: { readonly isOver: boolean }) => {
      if (parameters.isOver || !dies) return 'over';
      return await transaction(async () => {
        await put();
        await other();
        throw new Error('no');
      });
    },
    { name: 'saga' },
  );
  await world.run(() => saga({ isOver: false })).catch(() => {});
  world.restart();
  assert.equal(await world.retry(saga), 'over');
  assert.deepEqual(seen, ['none']);
  assert.match((await world.messages({ level: 'error' })).join('\n'), /The result of put was not kept/);
});

test('tasks of a subflow, of its subflow, and of tasks in it count with the transaction around; so does what they keep', async () => {
  const undone: string[] = [];
  const put = task(
    (name: string) => {
      currentTransaction()?.set('name', name);
      return name;
    },
    {
      name: 'put',
      onRollback: ({ get, result }) => {
        undone.push(`${result} ${String(get('name'))} ${String(get('by'))}`);
      },
    },
  );
  const nest = task((name: string) => put(name), { name: 'nest' });
  const inner = flow(
    async () => {
      await put('inner');
      await nest('nested');
    },
    { name: 'inner' },
  );
  const outer = flow(
    async () => {
      currentTransaction()?.set('by', 'outer');
      await put('outer');
      await inner();
    },
    { name: 'outer' },
  );
  for (const isRetried of [false, true]) {
    undone.length = 0;
    await using world = await createTestWorld(isRetried ? { faults: [{ task: 'check', crash: 'before' }] } : {});
    const check = task(
      () => {
        throw new Error('refused');
      },
      { name: 'check' },
    );
    const saga = flow(
      () =>
        transaction(async () => {
          await outer();
          await check();
        }),
      { name: 'saga' },
    );
    await world.run(() => saga()).catch(() => {});
    if (isRetried) {
      world.restart();
      await world.retry(saga).catch(() => {});
    }
    assert.deepEqual(undone, ['nested nested outer', 'inner inner outer', 'outer outer outer']);
    assert.deepEqual(
      (await world.taskRuns()).filter(({ taskName }) => taskName === 'put').map(({ state }) => state.name),
      ['RolledBack', 'RolledBack', 'RolledBack'],
    );
  }
});

test('a subflow that tries again counts its steps once', async () => {
  await using world = await createTestWorld();
  const committed: string[] = [];
  let failures = 2;
  const put = task((name: string) => name, {
    name: 'put',
    onCommit: ({ result }) => {
      committed.push(result);
    },
  });
  const child = flow(
    async () => {
      await put('a');
      if (failures-- > 0) throw new Error('again');
      await put('b');
    },
    { name: 'child', retries: 2 },
  );
  const saga = flow(
    () =>
      transaction(async () => {
        await child();
      }),
    { name: 'saga' },
  );
  await world.run(() => saga());
  assert.deepEqual(committed, ['a', 'b']);
});

test('a flow that is retried after its transaction committed does not commit again, also when the body would throw now', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  let laterFails = true;
  let bodyFails = false;
  const put = task(() => 1, {
    name: 'put',
    onRollback: () => {
      log.push('rollback');
    },
  });
  const told = task(() => 1, {
    name: 'told',
    onCommit: () => {
      log.push('commit');
    },
  });
  const saga = flow(
    async () => {
      await transaction(async () => {
        await put();
        await told();
        if (bodyFails) throw new Error('now');
      }).catch(() => {});
      if (laterFails) throw new Error('later');
      return 'done';
    },
    { name: 'saga', retries: 2 },
  );
  await assert.rejects(world.run(() => saga()));
  bodyFails = true;
  await assert.rejects(world.retry(saga));
  laterFails = false;
  assert.equal(await world.retry(saga), 'done');
  assert.deepEqual(log, ['commit']);
  assert.deepEqual([...new Set((await world.taskRuns()).map(({ state }) => state.name))], ['Completed']);
});

test('what a body no longer calls when its flow goes on is taken back with the rest, and left out of a commit, which is said', async () => {
  for (const isRefused of [true, false]) {
    const log: string[] = [];
    let isFirst = true;
    await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
    const put = task((name: string) => name, {
      name: 'put',
      onRollback: ({ result }) => {
        log.push(`rollback ${result}`);
      },
      onCommit: ({ result }) => {
        log.push(`commit ${result}`);
      },
    });
    const check = task(() => 1, { name: 'check' });
    const saga = flow(
      () =>
        transaction(async () => {
          await put('a');
          if (isFirst) await put('b');
          isFirst = false;
          await check();
          if (isRefused) throw new Error('no');
        }),
      { name: 'saga' },
    );
    await world.run(() => saga()).catch(() => {});
    world.restart();
    await world.retry(saga).catch(() => {});
    assert.deepEqual(log, isRefused ? ['rollback a', 'rollback b'] : ['commit a']);
    if (!isRefused)
      assert.match((await world.messages({ level: 'warning' })).join('\n'), /did not call it: none of its hooks run/);
  }
});

test('a body that throws before it takes any step over takes back what the attempt before had done', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const log: string[] = [];
  let fails = false;
  const put = task((name: string) => name, {
    name: 'put',
    onRollback: ({ result }) => {
      log.push(result);
    },
  });
  const check = task(() => 1, { name: 'check' });
  const saga = flow(
    () =>
      transaction(async () => {
        if (fails) throw new Error('at once');
        await put('a');
        await check();
      }),
    { name: 'saga' },
  );
  await world.run(() => saga()).catch(() => {});
  world.restart();
  fails = true;
  await assert.rejects(world.retry(saga), /at once/);
  assert.deepEqual(log, ['a']);
});
