import assert from 'node:assert/strict';
import type { FlowRunInputId } from '../../src/core/ids.ts';
import { allOf } from '../../src/core/query.ts';
import type { TaskRun } from '../../src/core/task-run.ts';
import { addSeconds } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeEvent, makeFlow, makeFlowRun, makeState, makeTaskRun, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

async function insertRun(storage: Storage) {
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const run = makeFlowRun(flow);
  await storage.insertFlowRun(run, []);
  return run;
}

export const orchestrationTests: StorageTests = {
  'inputs of a flow run have a key each, and are listed by the beginning of it': async (storage) => {
    const run = await insertRun(storage);
    const give = (key: string, value = key) =>
      storage.insertFlowRunInput({
        id: newId<FlowRunInputId>(),
        flowRunId: run.id,
        key,
        value,
        sender: null,
        createdAt: newInstant(),
      });
    for (const key of ['b-1', 'a-2', 'a-1']) assert.equal(await give(key), 'inserted');
    assert.equal(await give('a-1', 'other'), 'key-taken');
    const stranger = {
      id: newId<FlowRunInputId>(),
      flowRunId: makeFlowRun(makeFlow('other')).id,
      key: 'k',
      value: '',
      sender: null,
      createdAt: newInstant(),
    };
    assert.equal(await storage.insertFlowRunInput(stranger), 'no-flow-run');
    assert.equal((await storage.readFlowRunInput(run.id, 'a-1'))?.value, 'a-1');
    const keys = async (prefix: string, excludeKeys: readonly string[] = [], limit = 10) =>
      (
        await storage.find('flow_run_input', {
          where: allOf([
            { op: 'eq', field: 'flowRunId', value: run.id },
            { op: 'hasPrefix', field: 'key', text: prefix },
            { op: 'notIn', field: 'key', values: excludeKeys },
          ]),
          sort: [{ field: 'createdAt', direction: 'asc' }],
          limit,
          offset: 0,
        })
      ).map(({ key }) => key);
    assert.deepEqual(await keys('a'), ['a-2', 'a-1'], 'oldest first');
    assert.deepEqual(await keys('a', ['a-2']), ['a-1']);
    assert.deepEqual(await keys('', [], 1), ['b-1']);
    assert.deepEqual(await keys('%'), []);
    assert.deepEqual(await keys('A'), [], 'the case counts');
    assert.equal(await storage.deleteFlowRunInput(run.id, 'a-1'), true);
    assert.equal(await storage.deleteFlowRunInput(run.id, 'a-1'), false);
    await storage.deleteFlowRun(run.id, makeEvent());
    assert.deepEqual(await keys(''), []);
  },

  'the newest cached state that has not expired is found by its key': async (storage) => {
    const now = newInstant();
    const finish = async (key: string, text: string, expiresAt = null as ReturnType<typeof newInstant> | null) => {
      const run: TaskRun = {
        ...makeTaskRun({ state: makeState({ type: 'COMPLETED', data: { kind: 'foreign', text } }) }),
        flowRunId: null,
      };
      await storage.changeTaskRun({ id: run.id, naturalKey: null, flowRunId: null }, {}, () => ({
        run,
        states: [run.state],
        cached: { key, expiresAt },
        answer: null,
      }));
      return run;
    };
    const nobody = { id: makeTaskRun().id, naturalKey: null, flowRunId: null };
    const data = (key: string) =>
      storage.changeTaskRun(nobody, { cached: { key, now } }, (_, { cached }) => ({ answer: cached?.data ?? null }));
    assert.equal(await data('k'), null);
    await finish('k', '1');
    assert.deepEqual(await data('k'), { kind: 'foreign', text: '1' });
    await finish('k', '2', addSeconds(now, -1));
    assert.deepEqual(
      await data('k'),
      { kind: 'foreign', text: '1' },
      'an expired one does not hide an older one that lasts',
    );
    const last = await finish('k', '3', addSeconds(now, 60));
    assert.deepEqual(await data('k'), { kind: 'foreign', text: '3' });
    await storage.deleteTaskRun(last.id, makeEvent());
    assert.deepEqual(await data('k'), { kind: 'foreign', text: '1' }, 'a state goes with its run');
    assert.equal(await data('other'), null);
  },

  'a flow run moves with its placeholder, its inputs and its flow in one transaction': async (storage) => {
    const run = await insertRun(storage);
    const task = makeTaskRun({ state: makeState() });
    await storage.changeTaskRun({ id: task.id, naturalKey: null, flowRunId: null }, {}, () => ({
      run: task,
      states: [task.state],
      answer: null,
    }));
    const state = makeState({ type: 'RUNNING' });
    const input = {
      id: newId<FlowRunInputId>(),
      flowRunId: run.id,
      key: 'k',
      value: 'v',
      sender: null,
      createdAt: newInstant(),
    };
    const tags = await storage.changeFlowRun(run.id, { flow: true }, (found, { flow }) => ({
      run: { ...(found as typeof run), state, runCount: 7 },
      states: [state],
      inputs: [input],
      placeholder: {
        id: task.id,
        move: (there) => ({ run: there && { ...there, name: 'moved', state }, events: [makeEvent({ name: 'moved' })] }),
      },
      answer: flow?.tags,
    }));
    assert.deepEqual(tags, ['a tag']);
    const moved = await storage.readFlowRun(run.id);
    assert.deepEqual([moved?.state, moved?.runCount, moved?.name], [state, 7, run.name]);
    assert.equal((await storage.readTaskRun(task.id))?.name, 'moved');
    assert.deepEqual(
      (await storage.listTaskRunStates(task.id)).map(({ name }) => name),
      [task.state.name, 'Running'],
    );
    assert.equal((await storage.readFlowRunInput(run.id, 'k'))?.value, 'v');
    assert.equal((await storage.readEvents({ afterSeq: 0, limit: 100 })).at(-1)?.name, 'moved');
  },

  'runs that were cancelled lately are listed by id': async (storage) => {
    const run = await insertRun(storage);
    const endTime = newInstant();
    const state = makeState({ type: 'CANCELLED' }, endTime);
    await storage.changeFlowRun(run.id, {}, (found) => ({
      run: { ...(found as typeof run), state, endTime },
      states: [state],
      answer: null,
    }));
    assert.deepEqual(
      (await storage.listCancelledRuns(endTime, { limit: 10 })).map(({ id }) => id),
      [run.id],
    );
    assert.deepEqual(await storage.listCancelledRuns(addSeconds(endTime, 1), { limit: 10 }), []);
    assert.deepEqual(await storage.listCancelledRuns(endTime, { limit: 10, after: run.id }), []);
  },
};
