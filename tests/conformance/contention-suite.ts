import assert from 'node:assert/strict';
import { makeFlow, makeFlowRun, makeProcess, makeRecord, makeVariable } from './samples.ts';
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
    assert.deepEqual(await second.insertFlowRun(makeFlowRun(flow, { idempotencyKey: 'k' }), []), { run, created: false });
    const record = makeRecord({ flowRunId: run.id });
    await second.writeTaskRuns([record], []);
    await first.writeTaskRuns([record, makeRecord({ flowRunId: run.id })], []);
    assert.deepEqual(await first.countTaskRuns({ flowRunId: run.id }), { COMPLETED: 2 });
    assert.equal((await second.readEvents({ afterSeq: 0, limit: 100 })).length, 6);
    const process = makeProcess();
    await first.writeProcess(process);
    assert.deepEqual(await second.listProcesses(), [process]);
  },

  'two connections change one row in turn, without losing a change': async (first, { openSecond }) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    const increment = (storage: (typeof storages)[number]): Promise<null> => Promise.resolve(
      storage.changeVariable('counter', (found) => ({ variable: makeVariable('counter', Number(found?.value ?? 0) + 1), answer: null })),
    );
    await Promise.all(Array.from({ length: 100 }, (_, index) => increment(storages[index % storages.length] ?? first)));
    assert.equal((await first.readVariable('counter'))?.value, 100);
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
