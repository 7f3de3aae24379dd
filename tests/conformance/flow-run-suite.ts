import assert from 'node:assert/strict';
import type { FlowRunId } from '../../src/core/ids.ts';
import { makeEvent, makeFlow, makeFlowRun, makeState, newId, withoutSeq } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const flowRunTests: StorageTests = {
  'flows are made once a name': async (storage) => {
    const flow = makeFlow('sales');
    assert.deepEqual(await storage.ensureFlow('sales', () => flow), flow);
    assert.deepEqual(await storage.ensureFlow('sales', () => assert.fail('made again')), flow);
    const other = makeFlow('Sales');
    assert.deepEqual(await storage.ensureFlow('Sales', () => other), other, 'names differ by case');
  },

  'flow runs are inserted with their state and events, once an id': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow);
    const event = makeEvent();
    assert.deepEqual(await storage.insertFlowRun(run, [event]), { run, created: true });
    assert.deepEqual(await storage.insertFlowRun({ ...run, name: 'other' }, [makeEvent()]), { run, created: false });
    assert.deepEqual(await storage.readFlowRun(run.id), run);
    assert.deepEqual(await storage.listFlowRunStates(run.id), [run.state]);
    assert.deepEqual((await storage.readEvents({ afterSeq: 0, limit: 10 })).map(withoutSeq), [event]);
  },

  'flow runs are inserted once for an idempotency key of a flow': async (storage) => {
    const [sales, stars] = [makeFlow('sales'), makeFlow('stars')];
    await storage.ensureFlow('sales', () => sales);
    await storage.ensureFlow('stars', () => stars);
    const run = makeFlowRun(sales, { idempotencyKey: 'today' });
    assert.equal((await storage.insertFlowRun(run, [])).created, true);
    const again = await storage.insertFlowRun(makeFlowRun(sales, { idempotencyKey: 'today' }), [makeEvent()]);
    assert.deepEqual(again, { run, created: false });
    assert.equal(
      (await storage.insertFlowRun(makeFlowRun(stars, { idempotencyKey: 'today' }), [])).created,
      true,
      'another flow',
    );
    assert.equal((await storage.insertFlowRun(makeFlowRun(sales), [])).created, true, 'no key');
    assert.equal((await storage.insertFlowRun(makeFlowRun(sales), [])).created, true, 'no key again');
    assert.equal((await storage.readEvents({ afterSeq: 0, limit: 10 })).length, 0);
  },

  'flow runs are nothing when the id is unknown, or is none': async (storage) => {
    for (const id of [newId<FlowRunId>(), 'nonsense' as FlowRunId, '' as FlowRunId]) {
      assert.equal(await storage.readFlowRun(id), null);
      assert.deepEqual(await storage.listFlowRunStates(id), []);
      assert.equal(await storage.changeFlowRun(id, {}, (found) => ({ answer: found })), null);
      assert.equal(await storage.deleteFlowRun(id, makeEvent()), false);
    }
    assert.equal((await storage.readEvents({ afterSeq: 0, limit: 10 })).length, 0);
  },

  'flow runs change with states and events together': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow);
    await storage.insertFlowRun(run, []);
    const [retry, running] = [
      makeState({ type: 'SCHEDULED', scheduledTime: run.createdAt }),
      makeState({ type: 'RUNNING' }),
    ];
    const lease = { processId: newId<never>(), token: 3 };
    const moved = { ...run, state: running, runCount: 1, lease, startTime: running.timestamp };
    const events = [makeEvent({ name: 'one' }), makeEvent({ name: 'two', payload: '{"a":1}' })];
    const answer = await storage.changeFlowRun(run.id, {}, (found) => {
      assert.deepEqual(found, run);
      return { run: moved, states: [retry, running], events, answer: 'moved' };
    });
    assert.equal(answer, 'moved');
    assert.deepEqual(await storage.readFlowRun(run.id), moved);
    assert.deepEqual(await storage.listFlowRunStates(run.id), [run.state, retry, running]);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map((event) => event.name),
      ['one', 'two'],
    );
  },

  'flow runs stay as they are when the change only looks, or throws': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow);
    await storage.insertFlowRun(run, []);
    assert.equal(await storage.changeFlowRun(run.id, {}, (found) => ({ answer: found?.name })), run.name);
    const refusal = new Error('refused');
    await assert.rejects(
      async () =>
        storage.changeFlowRun(run.id, {}, () => {
          throw refusal;
        }),
      (error) => error === refusal,
    );
    assert.deepEqual(await storage.readFlowRun(run.id), run);
    assert.equal(await storage.changeFlowRun(run.id, {}, () => ({ answer: 'still open' })), 'still open');
  },

  'flow runs keep a state that is written twice as it was': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow);
    await storage.insertFlowRun(run, []);
    await storage.changeFlowRun(run.id, {}, () => ({ states: [{ ...run.state, message: 'again' }], answer: null }));
    assert.deepEqual(await storage.listFlowRunStates(run.id), [run.state]);
  },
};
