import assert from 'node:assert/strict';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { matching } from '../../src/core/list-query.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { addSeconds } from '../../src/core/time.ts';
import type { State } from '../../src/core/state.ts';
import type { TaskRunRecord } from '../../src/core/task-run.ts';
import type { Storage } from '../../src/store/port.ts';
import { countByState } from '../../src/orchestrator/count-by-state.ts';
import { makeLog, makeRecord, makeState, makeTaskRun, newId, withoutSeq } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const taskRunTests: StorageTests = {
  'batches of task runs write runs, states, one event a state, and logs': async (storage) => {
    const [a, b] = [
      makeRecord(),
      makeRecord({ name: 'other', taskKey: 'other', inputs: { rows: [{ kind: 'map', id: 'm', count: 3 }] } }),
    ];
    const log = makeLog({ taskRunId: a.run.id });
    await storage.writeTaskRuns([a, b], [log]);
    assert.deepEqual(await storage.readTaskRun(a.run.id), a.run);
    assert.deepEqual(await storage.readTaskRun(b.run.id), b.run);
    assert.deepEqual(await storage.listTaskRunStates(a.run.id), a.states);
    assert.deepEqual(
      await eventIds(storage),
      [...a.states, ...b.states].map((state) => state.id),
    );
    assert.deepEqual((await storage.list('log', {})).map(withoutSeq), [log]);
  },

  'batches of task runs of an earlier attempt add states and do not move the row': async (storage) => {
    const later = makeRecord();
    const { run } = later;
    await storage.writeTaskRuns([{ ...later, run: { ...run, flowRunRunCount: 2 } }], []);
    const stale = makeState({ type: 'CRASHED' }, addSeconds(run.state.timestamp, 1));
    await storage.writeTaskRuns([{ run: { ...run, flowRunRunCount: 1, state: stale }, states: [stale] }], []);
    assert.deepEqual((await storage.readTaskRun(run.id))?.state, run.state);
    assert.ok((await storage.listTaskRunStates(run.id)).some((state) => state.id === stale.id));
  },

  'batches of task runs may be empty, or hold logs only': async (storage) => {
    await storage.writeTaskRuns([], []);
    await storage.writeTaskRuns([], [makeLog()]);
    assert.equal((await storage.list('log', {})).length, 1);
  },

  'batches of task runs may be repeated, whole or in part': async (storage) => {
    const records = Array.from({ length: 30 }, () => makeRecord());
    const logs = Array.from({ length: 5 }, () => makeLog());
    await storage.writeTaskRuns(records.slice(0, 20), logs.slice(0, 3));
    await storage.writeTaskRuns(records, logs);
    await storage.writeTaskRuns(records.toReversed(), logs.toReversed());
    assert.deepEqual(
      await eventIds(storage),
      records.flatMap((record) => record.states.map((state) => state.id)),
    );
    assert.deepEqual(await countByState(storage, 'task_run', EVERYTHING), { COMPLETED: 30 });
    assert.deepEqual(
      (await storage.list('log', {})).map((log) => log.id),
      logs.map((log) => log.id),
    );
    for (const { run, states } of records) {
      assert.deepEqual(await storage.readTaskRun(run.id), run);
      assert.deepEqual(await storage.listTaskRunStates(run.id), states);
    }
  },

  'batches of task runs hold one run several times': async (storage) => {
    const [pending, running, done] = makeRecord().states as [State, State, State];
    const run = makeTaskRun({ state: pending });
    const steps: TaskRunRecord[] = [
      { run, states: [pending] },
      { run: { ...run, state: running, runCount: 1 }, states: [running] },
      { run: { ...run, state: done, runCount: 1, endTime: done.timestamp }, states: [done] },
    ];
    await storage.writeTaskRuns(steps, []);
    assert.deepEqual(await storage.readTaskRun(run.id), steps[2]?.run);
    assert.deepEqual(await eventIds(storage), [pending.id, running.id, done.id]);
  },

  'batches of task runs do not move a run back, but take the states of the late record': async (storage) => {
    const {
      run,
      states: [pending, running, done],
    } = makeRecord() as { run: TaskRunRecord['run']; states: [State, State, State] };
    await storage.writeTaskRuns([{ run, states: [running, done] }], []);
    await storage.writeTaskRuns([{ run: { ...run, state: pending, runCount: 0 }, states: [pending] }], []);
    assert.deepEqual(await storage.readTaskRun(run.id), run);
    assert.deepEqual(await storage.listTaskRunStates(run.id), [pending, running, done]);
    assert.deepEqual(await eventIds(storage), [running.id, done.id, pending.id]);
  },

  'batches of task runs that were taken for lost are what their process says in the end, though it says so later':
    async (storage) => {
      const {
        run: bare,
        states: [pending, running, done],
      } = makeRecord() as { run: TaskRunRecord['run']; states: [State, State, State] };
      const run = { ...bare, endTime: done.timestamp };
      const open = { ...run, state: running, endTime: null };
      const lost = makeState({ type: 'CRASHED', evidence: 'gone' }, addSeconds(done.timestamp, 5));
      await storage.writeTaskRuns([{ run: open, states: [pending, running] }], []);
      await storage.writeTaskRuns([{ run: { ...run, state: lost, endTime: lost.timestamp }, states: [lost] }], []);
      await storage.writeTaskRuns([{ run: open, states: [running] }], []);
      assert.equal((await storage.readTaskRun(run.id))?.state.id, lost.id, 'it says no more than was known');
      await storage.writeTaskRuns([{ run, states: [running, done] }], []);
      assert.deepEqual(await storage.readTaskRun(run.id), run);
      assert.deepEqual(await storage.listTaskRunStates(run.id), [pending, running, done, lost]);
      await storage.writeTaskRuns(
        [
          {
            run: { ...run, state: lost, endTime: lost.timestamp, flowRunRunCount: run.flowRunRunCount + 1 },
            states: [lost],
          },
        ],
        [],
      );
      await storage.writeTaskRuns([{ run, states: [done] }], []);
      assert.equal((await storage.readTaskRun(run.id))?.state.id, lost.id, 'an earlier attempt has no say in it');
    },

  'batches of task runs tell states of one instant apart by their order': async (storage) => {
    const pending = makeState();
    const done = makeState({ type: 'COMPLETED', data: null }, pending.timestamp);
    const run = makeTaskRun({ state: done });
    await storage.writeTaskRuns([{ run, states: [pending, done] }], []);
    await storage.writeTaskRuns([{ run: { ...run, state: pending }, states: [pending] }], []);
    assert.deepEqual((await storage.readTaskRun(run.id))?.state, done);
    assert.deepEqual(await storage.listTaskRunStates(run.id), [pending, done]);
  },

  'batches of task runs change fields of a run that stays in its state, and write a current state that was left out':
    async (storage) => {
      const { run } = makeRecord();
      await storage.writeTaskRuns([{ run, states: [] }], []);
      const changed = {
        ...run,
        cache: { outcome: 'miss', key: 'k', reason: 'first run with this key' } as const,
        totalRunTimeUs: 5,
      };
      await storage.writeTaskRuns([{ run: changed, states: [] }], []);
      assert.deepEqual(await storage.readTaskRun(run.id), changed);
      assert.deepEqual(await eventIds(storage), [run.state.id]);
    },

  'batches of task runs follow a run whose policy or code changed': async (storage) => {
    const { run } = makeRecord();
    await storage.writeTaskRuns([{ run, states: [] }], []);
    const state = makeState({ type: 'RUNNING' });
    const changed = {
      ...run,
      state,
      flowRunRunCount: run.flowRunRunCount + 1,
      sourceHash: 'new source',
      tags: ['new'],
      policy: { ...run.policy, retries: 2 },
      isolation: 'thread' as const,
    };
    await storage.writeTaskRuns([{ run: changed, states: [state] }], []);
    assert.deepEqual(await storage.readTaskRun(run.id), changed);
    await storage.writeTaskRuns(
      [makeRecord(), { run: makeTaskRun({ policy: { ...run.policy, retryDelaySeconds: [1] } }), states: [] }],
      [],
    );
    assert.deepEqual(await storage.readTaskRun(run.id), changed);
  },

  'batches of task runs can be big, and of any size': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    let total = 0;
    for (const size of [1, 2, 3, 5, 17, 63, 64, 65, 127, 128, 129, 3000]) {
      const records = Array.from({ length: size }, (_, index) => makeRecord({ flowRunId, name: `clean-${index}` }));
      await storage.writeTaskRuns(records, []);
      total += size;
      for (const record of [records[0], records.at(-1)] as TaskRunRecord[]) {
        assert.deepEqual(await storage.readTaskRun(record.run.id), record.run);
        assert.deepEqual(await storage.listTaskRunStates(record.run.id), record.states);
      }
    }
    assert.deepEqual(await countByState(storage, 'task_run', matching({ flowRunId })), { COMPLETED: total });
    assert.equal((await eventIds(storage)).length, Math.min(total * 3, 10_000));
  },

  'batches of task runs leave nothing behind when one record cannot be written': async (storage) => {
    const [good, bad] = [makeRecord(), makeRecord({ id: 'no id' as TaskRunId })];
    await assert.rejects(async () => storage.writeTaskRuns([good, bad], [makeLog()]), { code: 'bad-input' });
    assert.equal(await storage.readTaskRun(good.run.id), null);
    await storage.writeTaskRuns([good], []);
    assert.deepEqual(await storage.readTaskRun(good.run.id), good.run);
  },

  'batches of task runs are nothing when the id is unknown, or is none': async (storage) => {
    for (const id of [newId<TaskRunId>(), 'nonsense' as TaskRunId]) {
      assert.equal(await storage.readTaskRun(id), null);
      assert.deepEqual(await storage.listTaskRunStates(id), []);
    }
  },
};

async function eventIds(storage: Storage): Promise<readonly string[]> {
  return (await storage.readEvents({ afterSeq: 0, limit: 10_000 })).map((event) => event.id);
}
