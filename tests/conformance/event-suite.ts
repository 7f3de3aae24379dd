import assert from 'node:assert/strict';
import { makeEvent, makeFlow, makeFlowRun, makeRecord, makeState, withoutSeq } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const eventTests: StorageTests = {
  'events come in the order of commits, page by page': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const inserted = makeEvent({
      name: 'inserted',
      resourceId: `prefect.flow-run.${flow.id}`,
      payload: '{"text":"ü"}',
    });
    const run = makeFlowRun(flow);
    await storage.insertFlowRun(run, [inserted]);
    const record = makeRecord({ state: makeState({ type: 'COMPLETED', name: 'Cached', data: null }) });
    await storage.writeTaskRuns([record], []);
    const changed = [makeEvent({ name: 'changed' }), makeEvent({ name: 'changed too' })];
    await storage.changeFlowRun(run.id, {}, () => ({ events: changed, answer: null }));

    const all = await storage.readEvents({ afterSeq: 0, limit: 100 });
    const expected = [
      inserted,
      ...[...record.states, record.run.state].map((state) => ({
        id: state.id,
        name: `prefect.task-run.${state.name}`,
        resourceId: `prefect.task-run.${record.run.id}`,
        occurred: state.timestamp,
        payload: null,
      })),
      ...changed,
    ];
    assert.deepEqual(all.map(withoutSeq), expected);
    const seqs = all.map((event) => event.seq);
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(seqs).size, seqs.length);
    const first = await storage.readEvents({ afterSeq: 0, limit: 3 });
    assert.deepEqual([...first, ...(await storage.readEvents({ afterSeq: first[2]?.seq ?? 0, limit: 100 }))], all);
    assert.deepEqual(await storage.readEvents({ afterSeq: seqs.at(-1) ?? 0, limit: 1 }), []);
  },

  'events are not written by a transaction that fails': async (storage) => {
    const event = makeEvent({ id: 'no id' as never });
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow);
    await assert.rejects(async () => storage.insertFlowRun(run, [makeEvent(), event]), { code: 'bad-input' });
    assert.equal(await storage.readFlowRun(run.id), null);
    assert.deepEqual(await storage.readEvents({ afterSeq: 0, limit: 10 }), []);
  },
};
