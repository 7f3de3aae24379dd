import assert from 'node:assert/strict';

import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { STATE_TYPES, type State } from '../../src/core/state.ts';
import type { TaskRunRecord } from '../../src/core/task-run.ts';
import { makeRecord, makeState, makeTaskRun, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

/** More than the store counts in one step. */
const MANY = 20_500;

function failed(fields: Parameters<typeof makeTaskRun>[0]): TaskRunRecord {
  const states = [
    makeState({ type: 'RUNNING' }),
    makeState({ type: 'FAILED', failure: null, name: 'TimedOut', message: 'too slow' }),
  ];
  return { run: makeTaskRun({ state: states[1] as State, runCount: 1, ...fields }), states };
}

export const taskRunGroupTests: StorageTests = {
  'task runs of a flow run are folded by task and map, with their states, their time and their first run': async (
    storage,
  ) => {
    const flowRunId = newId<FlowRunId>();
    const of = (taskName: string, mapId: string | null) => ({
      flowRunId,
      taskName,
      taskKey: `${taskName}-1`,
      mapId,
      startTime: newInstant(),
      endTime: newInstant(),
    });
    const load = makeRecord(of('load', null));
    const scores = Array.from({ length: 6 }, () => makeRecord(of('score', 'score-1')));
    const slow = failed(of('score', 'score-1'));
    const more = [makeRecord(of('score', 'score-2'))];
    const open = {
      run: makeTaskRun({ ...of('score', 'score-2'), endTime: null, state: makeState({ type: 'RUNNING' }) }),
      states: [],
    };
    await storage.writeTaskRuns(
      [
        load,
        ...scores,
        slow,
        ...more,
        { ...open, states: [open.run.state] },
        makeRecord({ ...of('load', null), flowRunId: newId<FlowRunId>() }),
      ],
      [],
    );
    const groups = await storage.groupTaskRuns(flowRunId, 100);
    assert.deepEqual(
      groups.map(({ taskName, mapId, count, states, firstId, start, end }) => [
        taskName,
        mapId,
        count,
        states.toSorted((a, b) => b.count - a.count),
        firstId,
        start,
        end,
      ]),
      [
        [
          'load',
          null,
          1,
          [{ type: 'COMPLETED', name: 'Completed', count: 1 }],
          load.run.id,
          load.run.startTime,
          load.run.endTime,
        ],
        [
          'score',
          'score-1',
          7,
          [
            { type: 'COMPLETED', name: 'Completed', count: 6 },
            { type: 'FAILED', name: 'TimedOut', count: 1 },
          ],
          scores[0]?.run.id,
          scores[0]?.run.startTime,
          slow.run.endTime,
        ],
        ['score', 'score-2', 2, groups[2]?.states, more[0]?.run.id, more[0]?.run.startTime, null],
      ],
    );
    assert.deepEqual(
      (await storage.groupTaskRuns(flowRunId, 1)).map(({ taskName, lastTaskName, shapeCount, count }) => [
        taskName,
        lastTaskName,
        shapeCount,
        count,
      ]),
      [['load', 'score', 3, 10]],
    );
    for (const nobody of [newId<FlowRunId>(), 'nonsense' as FlowRunId])
      assert.deepEqual(await storage.groupTaskRuns(nobody, 100), []);
  },

  'a group opens in pages, by kind of state, by a stretch of shapes or by single ones': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const fields = { flowRunId, taskName: 'score', taskKey: 'score-1', mapId: 'score-1' };
    const before = makeRecord({ flowRunId, taskName: 'load', taskKey: 'load-1' });
    const records = Array.from({ length: 25 }, (_, at) =>
      at % 10 === 5 ? failed(fields) : makeRecord({ ...fields, item: { index: at, input: String(at) } }),
    );
    await storage.writeTaskRuns([before, ...records], []);
    const [load, score] = await storage.groupTaskRuns(flowRunId, 100);
    assert.ok(load !== undefined && score !== undefined);
    const page = (change: object) =>
      storage.listGroupedTaskRuns({
        flowRunId,
        shapes: score,
        stateTypes: STATE_TYPES,
        after: '',
        limit: 10,
        ...change,
      });
    const seen: TaskRunId[] = [];
    for (let after: TaskRunId | '' = ''; ; after = seen.at(-1) ?? '') {
      const runs = await page({ after });
      seen.push(...runs.map(({ id }) => id));
      if (runs.length < 10) break;
    }
    assert.deepEqual(
      seen,
      records.map(({ run }) => run.id),
    );
    assert.deepEqual(
      await page({ stateTypes: ['FAILED', 'CRASHED'] }),
      records.filter((_, at) => at % 10 === 5).map(({ run }) => run),
    );
    assert.deepEqual(await page({ shapes: [load.first] }), [before.run]);
    assert.deepEqual(
      await page({ shapes: { first: load.first, last: score.last }, limit: 3 }),
      [before, ...records].slice(0, 3).map(({ run }) => run),
    );
    for (const nothing of [
      { shapes: [] },
      { stateTypes: [] },
      { flowRunId: newId<FlowRunId>() },
      { flowRunId: 'nonsense' as FlowRunId },
    ])
      assert.deepEqual(await page(nothing), []);
    for (const limit of [0, 1001, 1.5]) await assert.rejects(async () => page({ limit }), { code: 'bad-input' });
  },

  'more task runs than one step counts are all in the groups': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const records = Array.from({ length: MANY }, (_, at) =>
      makeRecord({ flowRunId, taskName: at % 3 === 0 ? 'a' : 'b', taskKey: at % 3 === 0 ? 'a' : 'b' }),
    );
    await storage.writeTaskRuns(records, []);
    const groups = await storage.groupTaskRuns(flowRunId, 100);
    assert.deepEqual(
      groups.map(({ taskName, count, firstId }) => [taskName, count, firstId]),
      [
        ['a', Math.ceil(MANY / 3), records[0]?.run.id],
        ['b', MANY - Math.ceil(MANY / 3), records[1]?.run.id],
      ],
    );
  },

  'states of many task runs come by run, oldest first': async (storage) => {
    const records = [makeRecord(), failed({}), makeRecord()];
    await storage.writeTaskRuns(records, []);
    const marks = await storage.listStateMarks(records.slice(0, 2).map(({ run }) => run.id));
    assert.deepEqual(
      [...marks],
      records
        .slice(0, 2)
        .map(({ run, states }) => [run.id, states.map(({ type, name, timestamp }) => ({ type, name, timestamp }))]),
    );
    assert.deepEqual([...(await storage.listStateMarks([]))], []);
  },
};
