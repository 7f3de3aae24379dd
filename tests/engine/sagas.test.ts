/** Transactions over attempts: what tasks keep, what their hooks are given, and which tasks count. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { currentTransaction, flow, OstinatoError, runContext, task, transaction } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

test('what a task kept is there for its hooks and its siblings after a crash, whatever kind of value it is', async () => {
  const values = [new Date(5), new Map([[1, { a: [2n] }]]), Buffer.from('x'), 'text', null, undefined, { deep: { list: [1, 'two'] } }, new Set(['s']), Infinity];
  for (const crash of ['before', 'recorded'] as const) {
    await using world = await createTestWorld({ faults: [{ task: 'after', crash }] });
    const seen: unknown[] = [];
    let read: unknown;
    const keep = task(() => { currentTransaction()?.set('values', values); return 1; }, { name: 'keep', onRollback: ({ get }) => { seen.push(get('values')); } });
    const after = task(() => 1, { name: 'after' });
    const saga = flow(() => transaction(async (tx) => {
      await keep();
      await after();
      read = tx.get('values');
      throw new Error('no');
    }), { name: 'saga' });
    await assert.rejects(world.run(() => saga()));
    world.restart();
    await assert.rejects(world.retry(saga), /no/);
    assert.deepEqual([seen, read], [[values], values], crash);
  }
});

test('hooks have the result and the inputs of their own task, by position and by name, now and after a crash', async () => {
  const hooksSaw: unknown[] = [];
  const charge = task(async (amount: number, options: { readonly currency: string }) => ({ id: `${amount} ${options.currency}`, at: new Date(amount) }), {
    name: 'charge',
    onRollback: ({ result, inputs, hasResult }) => { hooksSaw.push([result.id, result.at.getTime(), inputs[0], inputs[1].currency, inputs['amount'], hasResult]); },
  });
  const decline = task(() => { throw new Error('declined'); }, { name: 'decline' });
  const buy = flow(() => transaction(async () => { await charge.map([3, 1, 2], { with: [{ currency: 'eur' }] }); await decline(); }), { name: 'buy' });
  for (const isKilled of [false, true]) {
    hooksSaw.length = 0;
    await using world = await createTestWorld({ faults: isKilled ? [{ task: 'decline', crash: 'before' }] : [] });
    await world.run(() => buy()).catch(() => {});
    if (isKilled) {
      world.restart();
      await world.retry(buy).catch(() => {});
    }
    assert.deepEqual(hooksSaw, [2, 1, 3].map((n) => [`${n} eur`, n, n, 'eur', n, true]), String(isKilled));
  }
});

test('a value that cannot be recorded is kept in the process, and asked for after it, it is an error that says so', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'stop', crash: 'before' }] });
  const seen: unknown[] = [];
  const keep = task(() => { const tx = currentTransaction(); tx?.set('close', () => 'closed'); tx?.set('path', '/a'); return 1; }, {
    name: 'keep', onRollback: (tx) => { seen.push(tx.get('path')); seen.push(typeof tx.get('close')); },
  });
  const stop = task(() => { throw new Error('stop'); }, { name: 'stop' });
  const saga = flow(() => transaction(async () => { await keep(); await stop(); }), { name: 'saga' });
  await world.run(() => saga()).catch(() => {});
  world.restart();
  await world.retry(saga).catch(() => {});
  assert.deepEqual(seen, ['/a']);
  assert.match((await world.messages({ level: 'error' })).join('\n'), /What keep kept as "close" could not be recorded, and the process that had it is gone/);
  assert.match((await world.messages({ level: 'warning' })).join('\n'), /keeps "close" for its hooks in this process only/);
  seen.length = 0;
  await using calm = await createTestWorld();
  await calm.run(() => saga()).catch(() => {});
  assert.deepEqual(seen, ['/a', 'function'], 'in one process it is there');
});

test('a result that is not recorded is no undefined for a hook of another process', async () => {
  const seen: unknown[] = [];
  await using world = await createTestWorld();
  let dies = true;
  const put = task(() => 'secret', { name: 'put', persistResult: false, onRollback: [(tx) => { seen.push(tx.hasResult ? tx.result : 'none'); }, ({ result }) => { seen.push(result); }] });
  const other = task(() => 1, { name: 'other', onRollback: () => { if (!dies) return; dies = false; world.crash(); return new Promise(() => {}); } });
  const saga = flow(async (parameters: { readonly isOver: boolean }) => {
    if (parameters.isOver || !dies) return 'over';
    return await transaction(async () => { await put(); await other(); throw new Error('no'); });
  }, { name: 'saga' });
  await world.run(() => saga({ isOver: false })).catch(() => {});
  world.restart();
  assert.equal(await world.retry(saga), 'over');
  assert.deepEqual(seen, ['none']);
  assert.match((await world.messages({ level: 'error' })).join('\n'), /The result of put was not kept/);
});

test('tasks of a subflow, of its subflow, and of tasks in it count with the transaction around; so does what they keep', async () => {
  const undone: string[] = [];
  const put = task((name: string) => { currentTransaction()?.set('name', name); return name; }, { name: 'put', onRollback: ({ get, result }) => { undone.push(`${result} ${String(get('name'))} ${String(get('by'))}`); } });
  const nest = task((name: string) => put(name), { name: 'nest' });
  const inner = flow(async () => { await put('inner'); await nest('nested'); }, { name: 'inner' });
  const outer = flow(async () => { currentTransaction()?.set('by', 'outer'); await put('outer'); await inner(); }, { name: 'outer' });
  for (const isRetried of [false, true]) {
    undone.length = 0;
    await using world = await createTestWorld(isRetried ? { faults: [{ task: 'check', crash: 'before' }] } : {});
    const check = task(() => { throw new Error('refused'); }, { name: 'check' });
    const saga = flow(() => transaction(async () => { await outer(); await check(); }), { name: 'saga' });
    await world.run(() => saga()).catch(() => {});
    if (isRetried) {
      world.restart();
      await world.retry(saga).catch(() => {});
    }
    assert.deepEqual(undone, ['nested nested outer', 'inner inner outer', 'outer outer outer']);
    assert.deepEqual((await world.taskRuns()).filter(({ taskName }) => taskName === 'put').map(({ state }) => state.name), ['RolledBack', 'RolledBack', 'RolledBack']);
  }
});

test('a subflow that tries again counts its steps once', async () => {
  await using world = await createTestWorld();
  const committed: string[] = [];
  let failures = 2;
  const put = task((name: string) => name, { name: 'put', onCommit: ({ result }) => { committed.push(result); } });
  const child = flow(async () => { await put('a'); if (failures-- > 0) throw new Error('again'); await put('b'); }, { name: 'child', retries: 2 });
  const saga = flow(() => transaction(async () => { await child(); }), { name: 'saga' });
  await world.run(() => saga());
  assert.deepEqual(committed, ['a', 'b']);
});

test('a flow that is retried after its transaction committed does not commit again, also when the body would throw now', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  let laterFails = true;
  let bodyFails = false;
  const put = task(() => 1, { name: 'put', onRollback: () => { log.push('rollback'); } });
  const told = task(() => 1, { name: 'told', onCommit: () => { log.push('commit'); } });
  const saga = flow(async () => {
    await transaction(async () => { await put(); await told(); if (bodyFails) throw new Error('now'); }).catch(() => {});
    if (laterFails) throw new Error('later');
    return 'done';
  }, { name: 'saga', retries: 2 });
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
    const put = task((name: string) => name, { name: 'put', onRollback: ({ result }) => { log.push(`rollback ${result}`); }, onCommit: ({ result }) => { log.push(`commit ${result}`); } });
    const check = task(() => 1, { name: 'check' });
    const saga = flow(() => transaction(async () => {
      await put('a');
      if (isFirst) await put('b');
      isFirst = false;
      await check();
      if (isRefused) throw new Error('no');
    }), { name: 'saga' });
    await world.run(() => saga()).catch(() => {});
    world.restart();
    await world.retry(saga).catch(() => {});
    assert.deepEqual(log, isRefused ? ['rollback a', 'rollback b'] : ['commit a']);
    if (!isRefused) assert.match((await world.messages({ level: 'warning' })).join('\n'), /did not call it: none of its hooks run/);
  }
});

test('a body that throws before it takes any step over takes back what the attempt before had done', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const log: string[] = [];
  let fails = false;
  const put = task((name: string) => name, { name: 'put', onRollback: ({ result }) => { log.push(result); } });
  const check = task(() => 1, { name: 'check' });
  const saga = flow(() => transaction(async () => { if (fails) throw new Error('at once'); await put('a'); await check(); }), { name: 'saga' });
  await world.run(() => saga()).catch(() => {});
  world.restart();
  fails = true;
  await assert.rejects(world.retry(saga), /at once/);
  assert.deepEqual(log, ['a']);
});

test('a step that finished and is done again, since its source changed, is taken back first', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const log: string[] = [];
  const hooks = { name: 'put', onRollback: ({ result }: { readonly result: unknown }) => { log.push(`undo ${String(result)}`); } };
  const check = task(() => 1, { name: 'check' });
  const saga = (put: () => PromiseLike<unknown>) => flow(() => transaction(async () => { await put(); await check(); }), { name: 'saga' });
  const old = saga(task(() => { log.push('old'); return 'old'; }, hooks));
  await world.run(() => old()).catch(() => {});
  world.restart();
  await world.retry(saga(task(() => { log.push('new'); return 'new'; }, hooks)));
  assert.deepEqual(log, ['old', 'undo old', 'new']);
});

test('a cancelled flow rolls back, and its hooks may call tasks', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const refund = task(async (id: string) => { log.push(`refund ${id}`); return id; }, { name: 'refund' });
  const charge = task(() => 'c1', { name: 'charge', onRollback: async ({ result }) => { await refund(result); } });
  const wait = task(() => new Promise<never>((_, reject) => { const { signal } = runContext(); signal.addEventListener('abort', () => reject(signal.reason as Error)); }), { name: 'wait' });
  const saga = flow(() => transaction(async () => { await charge(); await wait(); }), { name: 'saga' });
  const running = world.enter(() => saga());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await world.ports.client.cancelFlowRun((await world.flowRun('saga')).id);
  await world.clock.advance(1);
  await running.wait();
  assert.deepEqual(log, ['refund c1']);
  assert.deepEqual([(await world.flowRun('saga')).state.type, (await world.taskRun('refund')).state.type, (await world.taskRun('charge')).state.name], ['CANCELLED', 'COMPLETED', 'RolledBack']);
});

test('a flow whose body is given up at its timeout rolls its transaction back; what the body does later changes nothing', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let late: unknown;
  const put = task(() => 1, { name: 'put', onRollback: () => { log.push('rollback'); }, onCommit: () => { log.push('commit'); } });
  const saga = flow(async () => { late = transaction(async () => { await put(); await promise; }).catch((error: unknown) => error); await late; }, { name: 'saga', timeoutSeconds: 5 });
  await assert.rejects(world.run(() => saga()), /timeout of 5 s/);
  assert.deepEqual(log, ['rollback']);
  resolve();
  assert.match(String(await late), /was rolled back with its flow run/);
  assert.deepEqual(log, ['rollback']);
});

test('a transaction that nobody awaits is waited for, as tasks are', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const put = task(async () => 1, { name: 'put', onCommit: () => { log.push('commit'); } });
  const saga = flow(async () => { void transaction(async () => { await put(); }); return 'returned'; }, { name: 'saga' });
  assert.equal(await world.run(() => saga()), 'returned');
  assert.deepEqual(log, ['commit']);
});

test('hooks that throw are counted on the record, and do not run again when the flow does', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  let fails = true;
  const put = task(() => 1, { name: 'put', onCommit: [() => { log.push('first'); throw new Error('trouble'); }, () => { log.push('second'); }] });
  const saga = flow(async () => { await transaction(() => put().result()); if (fails) throw new Error('later'); }, { name: 'saga' });
  await assert.rejects(world.run(() => saga()));
  fails = false;
  await world.retry(saga);
  assert.deepEqual(log, ['first', 'second']);
  const { participation } = await world.taskRun('put');
  assert.deepEqual([participation?.decision?.hooksDone, participation?.decision?.hooksFailed, participation?.decision?.isFinished], [2, 1, true]);
});

test('each of many siblings sees its own values and none of the others, kept or not', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ id: fc.nat(1000), keeps: fc.boolean(), delay: fc.nat(3) }), { minLength: 1, maxLength: 12 }), fc.boolean(), async (items, isKilled) => {
    await using world = await createTestWorld(isKilled ? { faults: [{ task: 'check', crash: 'before' }] } : {});
    const seen: unknown[] = [];
    const put = task(async (item: (typeof items)[number], index: number) => {
      for (let turn = 0; turn < item.delay; turn += 1) await Promise.resolve();
      if (item.keeps) currentTransaction()?.set('own', `${index} ${item.id}`);
      return index;
    }, { name: 'put', onRollback: ({ get, result, inputs }) => { seen[result] = [get('own'), inputs[0].id, get('shared')]; } });
    const check = task(() => { throw new OstinatoError('bad-input', 'no'); }, { name: 'check' });
    const saga = flow(() => transaction(async (tx) => {
      tx.set('shared', items.length);
      await Promise.all(items.map((item, index) => put(item, index)));
      await check();
    }), { name: 'saga' });
    await world.run(() => saga()).catch(() => {});
    if (isKilled) {
      world.restart();
      await world.retry(saga).catch(() => {});
    }
    assert.deepEqual(seen, items.map((item, index) => [item.keeps ? `${index} ${item.id}` : undefined, item.id, items.length]));
  }), { numRuns: 40 });
});

test('hooks see what was recorded, whatever the caller has done to its objects since', async () => {
  await using world = await createTestWorld();
  const seen: unknown[] = [];
  const charge = task(async (order: { id: number; lines: string[] }) => {
    currentTransaction()?.set('lines', order.lines);
    return { charged: [order.id] };
  }, { name: 'charge', onRollback: ({ inputs, result, get }) => void seen.push([inputs[0].id, result.charged, get('lines')]) });
  const shop = flow(async () => {
    const order = { id: 0, lines: [] as string[] };
    await transaction(async () => {
      for (const id of [1, 2, 3]) {
        order.id = id;
        order.lines.push(`line ${id}`);
        const result = await charge(order);
        result.charged.push(-1);
      }
      throw new Error('out of stock');
    });
  }, { name: 'shop' });
  await assert.rejects(world.run(() => shop()), /out of stock/);
  assert.deepEqual(seen, [[3, [3], ['line 1', 'line 2', 'line 3']], [2, [2], ['line 1', 'line 2']], [1, [1], ['line 1']]]);
});

test('whatever is thrown in it, a transaction rolls back, and the caller gets the very thing', async () => {
  await using world = await createTestWorld();
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const thrown: readonly unknown[] = [Object.create(null), revoked.proxy, Symbol('s'), { toString: () => { throw new Error('no'); } }, undefined, 10n, Object.defineProperty(new Error('x'), 'message', { get: () => { throw new Error('no'); } })];
  for (const each of thrown) {
    let undone = 0;
    const step = task(async () => 1, { name: 'step', onRollback: () => void (undone += 1) });
    const state = { caught: [] as unknown[] };
    const throws = flow(async () => {
      try {
        await transaction(async () => {
          await step();
          throw each;
        });
      } catch (error) {
        state.caught.push(error);
      }
    }, { name: 'throws' });
    await world.run(() => throws());
    assert.equal(undone, 1);
    assert.ok(state.caught.length === 1 && Object.is(state.caught[0], each));
  }
});

for (const how of ['a task', 'a subflow'] as const) {
  test(`what ${how} inside a task did counts, when one process ends before that task has, and the next as soon as it has`, async () => {
    await using world = await createTestWorld();
    let life = 1;
    const taken: string[] = [];
    const charge = task(() => `charged in life ${life}`, { name: 'charge', onRollback: ({ result }) => { taken.push(result); } });
    const chargeBelow = flow(() => charge(), { name: 'below' });
    const order = task(async () => await (how === 'a task' ? charge() : chargeBelow()), { name: 'order' });
    const saga = flow(() => transaction(async () => {
      await order();
      throw new Error('declined');
    }).catch(() => {}), { name: 'saga' });
    /** The process ends with this promise: nothing else of it has reached the store. */
    const dieWith = (isLast: (run: { readonly taskName: string; readonly state: { readonly type: string } }) => boolean): void => {
      const { recorder } = world.process.ports;
      const settle = recorder.settle.bind(recorder);
      recorder.settle = (record, durability) => {
        const settled = settle(record, durability);
        if (!isLast(record.run)) return settled;
        world.crash();
        return new Promise<never>(() => {});
      };
    };
    dieWith(({ taskName, state }) => taskName === (how === 'a task' ? 'charge' : 'below') && state.type === 'COMPLETED');
    await world.run(() => saga()).catch(() => {});
    for (life = 2; life <= 3; life += 1) {
      world.restart();
      if (life === 2) dieWith(({ taskName, state }) => taskName === 'order' && state.type === 'COMPLETED');
      await world.retry(saga).catch(() => {});
    }
    assert.deepEqual(taken, ['charged in life 1']);
  });
}
