import assert from 'node:assert/strict';
import type { ConcurrencyLimit } from '../../src/core/concurrency/limit.ts';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { ConcurrencyLeaseId } from '../../src/core/ids.ts';
import { matching } from '../../src/core/list-query.ts';
import { addSeconds } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import { countByState } from '../../src/orchestrator/count-by-state.ts';
import {
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeLog,
  makeProcess,
  makeRecord,
  makeVariable,
  newId,
  newInstant,
} from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

/** Two connections to one database, where the store can have two. */
export const contentionTests: StorageTests = {
  'two connections see what the other committed, at once': async (first, { openSecond }) => {
    if (openSecond === null) return;
    const second = await openSecond();
    const flow = makeFlow('sales');
    await first.ensureFlow('sales', () => flow);
    assert.deepEqual(await second.ensureFlow('sales', () => makeFlow('sales')), flow);
    const run = makeFlowRun(flow, { idempotencyKey: 'k' });
    await first.insertFlowRun(run, []);
    assert.deepEqual(await second.readFlowRun(run.id), run);
    assert.deepEqual(await second.insertFlowRun(makeFlowRun(flow, { idempotencyKey: 'k' }), []), {
      run,
      created: false,
    });
    const record = makeRecord({ flowRunId: run.id });
    await second.writeTaskRuns([record], []);
    await first.writeTaskRuns([record, makeRecord({ flowRunId: run.id })], []);
    assert.deepEqual(await countByState(first, 'task_run', matching({ flowRunId: run.id })), { COMPLETED: 2 });
    assert.equal((await second.readEvents({ afterSeq: 0, limit: 100 })).length, 6);
    const process = makeProcess();
    await first.writeProcess(process);
    assert.deepEqual(await second.listProcesses(), [process]);
  },

  'two connections change one row in turn, without losing a change': async (first, { openSecond }) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const increment = (storage: (typeof storages)[number]): Promise<null> =>
      Promise.resolve(
        storage.changeVariable({ name: 'counter' }, (found) => ({
          variable: makeVariable('counter', Number(found?.value ?? 0) + 1),
          answer: null,
        })),
      );
    await Promise.all(Array.from({ length: 100 }, (_, index) => increment(storages[index % storages.length] ?? first)));
    assert.equal((await first.readVariable({ name: 'counter' }))?.value, 100);
  },

  'two connections never give one slot twice': async (first, { openSecond }) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const now = newInstant();
    const limit: ConcurrencyLimit = {
      id: newId(),
      name: 'narrow',
      limit: 3,
      active: true,
      activeSlots: 0,
      deniedSlots: 0,
      slotDecayPerSecond: 0,
      avgSlotOccupancySeconds: 2,
      slotsAt: now,
      createdAt: now,
      updatedAt: now,
    };
    await first.changeSlots({}, () => ({ limits: [limit], answer: null }));
    const take = async (storage: Storage): Promise<boolean> =>
      await storage.changeSlots({ names: ['narrow'], withLeases: true }, ({ leases }) => {
        if (leases.length >= limit.limit) return { answer: false };
        const lease = {
          id: newId<ConcurrencyLeaseId>(),
          slots: 1,
          limitIds: [limit.id],
          holder: null,
          createdAt: now,
          expiresAt: addSeconds(now, 60),
        };
        return { leases: [lease], answer: true };
      });
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_, index) => take(storages[index % storages.length] ?? first)),
    );
    assert.equal(taken.filter(Boolean).length, 3);
    assert.equal((await first.readSlots({ names: ['narrow'], withLeases: true })).leases.length, 3);
  },

  'two connections that write at once leave nothing unseen behind the number that a listener has reached': async (
    first,
    { openSecond },
  ) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const [events, logs]: [string[], string[]] = [[], []];
    const reached = { event: 0, log: 0 };
    const listen = async (): Promise<void> => {
      for (const { id, seq } of await first.readEvents({ afterSeq: reached.event, limit: 1000 })) {
        events.push(id);
        reached.event = seq;
      }
      for (const { id, seq } of await first.list('log', { after: reached.log, limit: 1000 })) {
        logs.push(id);
        reached.log = seq;
      }
    };
    let isWriting = true;
    const write = async (storage: Storage, name: string): Promise<number> => {
      const sent = Array.from({ length: 3 }, () => makeEvent());
      await storage.changeVariable({ name }, () => ({
        variable: makeVariable(name, 1),
        event: sent[0] as OutboxEvent,
        answer: null,
      }));
      await storage.recordEvents(sent.slice(1).map((event) => ({ event, taskRun: null })));
      await storage.writeTaskRuns([makeRecord()], [makeLog(), makeLog()]);
      return 6;
    };
    const writing = Promise.all(
      Array.from({ length: 16 }, (_, index) => write(storages[index % storages.length] ?? first, `v${index}`)),
    ).finally(() => {
      isWriting = false;
    });
    while (isWriting) {
      await listen();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const counts = await writing;
    await listen();
    assert.equal(
      events.length,
      counts.reduce((sum, count) => sum + count, 0),
    );
    assert.equal(new Set(events).size, events.length);
    assert.equal(logs.length, 32);
  },

  'two connections keep everything when they close and open again': async (first, { openSecond }) => {
    if (openSecond === null) return;
    const record = makeRecord();
    await first.writeTaskRuns([record], []);
    await first.flush();
    await first.close();
    await first.close();
    const second = await openSecond();
    assert.deepEqual(await second.readTaskRun(record.run.id), record.run);
  },
};
