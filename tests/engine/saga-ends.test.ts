/** How transactions end: cancelled, timed out, thrown out of, and what their hooks see then. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { currentTransaction, flow, OstinatoError, runContext, task, transaction } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

test('a cancelled flow rolls back, and its hooks may call tasks', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const refund = task(
    async (id: string) => {
      log.push(`refund ${id}`);
      return id;
    },
    { name: 'refund' },
  );
  const charge = task(() => 'c1', {
    name: 'charge',
    onRollback: async ({ result }) => {
      await refund(result);
    },
  });
  const wait = task(
    () =>
      new Promise<never>((_, reject) => {
        const { signal } = runContext();
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    { name: 'wait' },
  );
  const saga = flow(
    () =>
      transaction(async () => {
        await charge();
        await wait();
      }),
    { name: 'saga' },
  );
  const running = world.enter(() => saga());
  await world.until(async () => (await world.taskRuns({ stateTypes: ['RUNNING'] })).length === 1);
  await world.ports.client.cancelFlowRun((await world.flowRun('saga')).id);
  await world.clock.advance(1);
  await running.wait();
  assert.deepEqual(log, ['refund c1']);
  assert.deepEqual(
    [
      (await world.flowRun('saga')).state.type,
      (await world.taskRun('refund')).state.type,
      (await world.taskRun('charge')).state.name,
    ],
    ['CANCELLED', 'COMPLETED', 'RolledBack'],
  );
});

test('a flow whose body is given up at its timeout rolls its transaction back; what the body does later changes nothing', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let late: unknown;
  const put = task(() => 1, {
    name: 'put',
    onRollback: () => {
      log.push('rollback');
    },
    onCommit: () => {
      log.push('commit');
    },
  });
  const saga = flow(
    async () => {
      late = transaction(async () => {
        await put();
        await promise;
      }).catch((error: unknown) => error);
      await late;
    },
    { name: 'saga', timeoutSeconds: 5 },
  );
  await assert.rejects(
    world.run(() => saga()),
    /timeout of 5 s/,
  );
  assert.deepEqual(log, ['rollback']);
  resolve();
  assert.match(String(await late), /was rolled back with its flow run/);
  assert.deepEqual(log, ['rollback']);
});

test('a transaction that nobody awaits is waited for, as tasks are', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  const put = task(async () => 1, {
    name: 'put',
    onCommit: () => {
      log.push('commit');
    },
  });
  const saga = flow(
    async () => {
      void transaction(async () => {
        await put();
      });
      return 'returned';
    },
    { name: 'saga' },
  );
  assert.equal(await world.run(() => saga()), 'returned');
  assert.deepEqual(log, ['commit']);
});

test('hooks that throw are counted on the record, and do not run again when the flow does', async () => {
  await using world = await createTestWorld();
  const log: string[] = [];
  let fails = true;
  const put = task(() => 1, {
    name: 'put',
    onCommit: [
      () => {
        log.push('first');
        throw new Error('trouble');
      },
      () => {
        log.push('second');
      },
    ],
  });
  const saga = flow(
    async () => {
      await transaction(() => put().result());
      if (fails) throw new Error('later');
    },
    { name: 'saga' },
  );
  await assert.rejects(world.run(() => saga()));
  fails = false;
  await world.retry(saga);
  assert.deepEqual(log, ['first', 'second']);
  const { participation } = await world.taskRun('put');
  assert.deepEqual(
    [participation?.decision?.hooksDone, participation?.decision?.hooksFailed, participation?.decision?.isFinished],
    [2, 1, true],
  );
});

test('each of many siblings sees its own values and none of the others, kept or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ id: fc.nat(1000), keeps: fc.boolean(), delay: fc.nat(3) }), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (items, isKilled) => {
        await using world = await createTestWorld(isKilled ? { faults: [{ task: 'check', crash: 'before' }] } : {});
        const seen: unknown[] = [];
        const put = task(
          async (item: (typeof items)[number], index: number) => {
            for (let turn = 0; turn < item.delay; turn += 1) await Promise.resolve();
            if (item.keeps) currentTransaction()?.set('own', `${index} ${item.id}`);
            return index;
          },
          {
            name: 'put',
            onRollback: ({ get, result, inputs }) => {
              seen[result] = [get('own'), inputs[0].id, get('shared')];
            },
          },
        );
        const check = task(
          () => {
            throw new OstinatoError('bad-input', 'no');
          },
          { name: 'check' },
        );
        const saga = flow(
          () =>
            transaction(async (tx) => {
              tx.set('shared', items.length);
              await Promise.all(items.map((item, index) => put(item, index)));
              await check();
            }),
          { name: 'saga' },
        );
        await world.run(() => saga()).catch(() => {});
        if (isKilled) {
          world.restart();
          await world.retry(saga).catch(() => {});
        }
        assert.deepEqual(
          seen,
          items.map((item, index) => [item.keeps ? `${index} ${item.id}` : undefined, item.id, items.length]),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('hooks see what was recorded, whatever the caller has done to its objects since', async () => {
  await using world = await createTestWorld();
  const seen: unknown[] = [];
  const charge = task(
    async (order: { id: number; lines: string[] }) => {
      currentTransaction()?.set('lines', order.lines);
      return { charged: [order.id] };
    },
    {
      name: 'charge',
      onRollback: ({ inputs, result, get }) => void seen.push([inputs[0].id, result.charged, get('lines')]),
    },
  );
  const shop = flow(
    async () => {
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
    },
    { name: 'shop' },
  );
  await assert.rejects(
    world.run(() => shop()),
    /out of stock/,
  );
  assert.deepEqual(seen, [
    [3, [3], ['line 1', 'line 2', 'line 3']],
    [2, [2], ['line 1', 'line 2']],
    [1, [1], ['line 1']],
  ]);
});

test('whatever is thrown in it, a transaction rolls back, and the caller gets the very thing', async () => {
  await using world = await createTestWorld();
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const thrown: readonly unknown[] = [
    Object.create(null),
    revoked.proxy,
    Symbol('s'),
    {
      toString: () => {
        throw new Error('no');
      },
    },
    undefined,
    10n,
    Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('no');
      },
    }),
  ];
  for (const each of thrown) {
    let undone = 0;
    const step = task(async () => 1, { name: 'step', onRollback: () => void (undone += 1) });
    const state = { caught: [] as unknown[] };
    const throws = flow(
      async () => {
        try {
          await transaction(async () => {
            await step();
            throw each;
          });
        } catch (error) {
          state.caught.push(error);
        }
      },
      { name: 'throws' },
    );
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
    const charge = task(() => `charged in life ${life}`, {
      name: 'charge',
      onRollback: ({ result }) => {
        taken.push(result);
      },
    });
    const chargeBelow = flow(() => charge(), { name: 'below' });
    const order = task(async () => await (how === 'a task' ? charge() : chargeBelow()), { name: 'order' });
    const saga = flow(
      () =>
        transaction(async () => {
          await order();
          throw new Error('declined');
        }).catch(() => {}),
      { name: 'saga' },
    );
    /** The process ends with this promise: nothing else of it has reached the store. */
    const dieWith = (
      isLast: (run: { readonly taskName: string; readonly state: { readonly type: string } }) => boolean,
    ): void => {
      const { recorder } = world.process.ports;
      const settle = recorder.settle.bind(recorder);
      recorder.settle = (record, durability) => {
        const settled = settle(record, durability);
        if (!isLast(record.run)) return settled;
        world.crash();
        return new Promise<never>(() => {});
      };
    };
    dieWith(
      ({ taskName, state }) => taskName === (how === 'a task' ? 'charge' : 'below') && state.type === 'COMPLETED',
    );
    await world.run(() => saga()).catch(() => {});
    for (life = 2; life <= 3; life += 1) {
      world.restart();
      if (life === 2) dieWith(({ taskName, state }) => taskName === 'order' && state.type === 'COMPLETED');
      await world.retry(saga).catch(() => {});
    }
    assert.deepEqual(taken, ['charged in life 1']);
  });
}

test('a step that finished and is done again, since its source changed, is taken back first', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const log: string[] = [];
  const hooks = {
    name: 'put',
    onRollback: ({ result }: { readonly result: unknown }) => {
      log.push(`undo ${String(result)}`);
    },
  };
  const check = task(() => 1, { name: 'check' });
  const saga = (put: () => PromiseLike<unknown>) =>
    flow(
      () =>
        transaction(async () => {
          await put();
          await check();
        }),
      { name: 'saga' },
    );
  const old = saga(
    task(() => {
      log.push('old');
      return 'old';
    }, hooks),
  );
  await world.run(() => old()).catch(() => {});
  world.restart();
  await world.retry(
    saga(
      task(() => {
        log.push('new');
        return 'new';
      }, hooks),
    ),
  );
  assert.deepEqual(log, ['old', 'undo old', 'new']);
});
