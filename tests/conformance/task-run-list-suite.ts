import assert from 'node:assert/strict';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { idBegins, matching } from '../../src/core/list-query.ts';
import { EVERYTHING, type Condition } from '../../src/core/query.ts';
import type { State } from '../../src/core/state.ts';
import type { RecordedStep, TaskRun } from '../../src/core/task-run.ts';
import { countByState } from '../../src/orchestrator/count-by-state.ts';
import { makeRecord, makeState, makeTaskRun, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const taskRunListTests: StorageTests = {
  'lists of task runs narrow by each condition, and by all of them together': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const a = makeTaskRun({ flowRunId });
    const b = makeTaskRun({
      flowRunId,
      name: 'train-0',
      taskKey: 'train',
      state: makeState({ type: 'FAILED', failure: null, name: 'TimedOut' }),
    });
    const c = makeTaskRun({ flowRunId: newId<FlowRunId>(), state: makeState({ type: 'RUNNING' }) });
    const d = makeTaskRun({
      taskKey: 'train',
      callSite: 'elsewhere',
      state: makeState({ type: 'COMPLETED', data: null }),
    });
    await storage.writeTaskRuns(
      [a, b, c, d].map((run) => ({ run, states: [run.state] })),
      [],
    );
    const expectations: readonly [where: Condition, runs: readonly TaskRun[]][] = [
      [EVERYTHING, [d, c, b, a]],
      [matching({ id: [a.id, d.id] }), [d, a]],
      [matching({ id: [] }), []],
      [idBegins(c.id), [c]],
      [idBegins('zz'), []],
      [matching({ name: 'train-0' }), [b]],
      [matching({ flowRunId }), [b, a]],
      [matching({ stateType: ['FAILED', 'RUNNING'] }), [c, b]],
      [matching({ stateType: [] }), []],
      [matching({ stateName: ['TimedOut', 'Pending'] }), [b, a]],
      [matching({ taskKey: 'train' }), [d, b]],
      [matching({ taskKey: 'train', flowRunId }), [b]],
    ];
    for (const [where, runs] of expectations) {
      assert.deepEqual(await storage.list('task_run', { where }), runs, JSON.stringify(where));
      assert.deepEqual(
        await storage.list('task_run', { where, direction: 'asc' }),
        runs.toReversed(),
        JSON.stringify(where),
      );
      const counts = await countByState(storage, 'task_run', where);
      assert.equal(
        Object.values(counts).reduce((sum, count) => sum + count, 0),
        runs.length,
        JSON.stringify(where),
      );
    }
    assert.deepEqual(await countByState(storage, 'task_run', EVERYTHING), {
      PENDING: 1,
      FAILED: 1,
      RUNNING: 1,
      COMPLETED: 1,
    });
  },

  'lists of task runs page by key in both orders': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const records = Array.from({ length: 40 }, () => makeRecord({ flowRunId }));
    await storage.writeTaskRuns(records, []);
    const oldest = records.map((record) => record.run.id);
    for (const [direction, expected] of [
      ['asc', oldest],
      ['desc', oldest.toReversed()],
    ] as const) {
      const seen: TaskRunId[] = [];
      for (let after: TaskRunId | undefined; ; after = seen.at(-1)) {
        const page = await storage.list('task_run', { where: matching({ flowRunId }), direction, limit: 16, after });
        seen.push(...page.map((run) => run.id));
        if (page.length < 16) break;
      }
      assert.deepEqual(seen, expected);
    }
    await assert.rejects(async () => storage.list('task_run', { limit: 0 }), { code: 'bad-input' });
  },

  'states of a task run are listed oldest first': async (storage) => {
    const { run, states } = makeRecord();
    await storage.writeTaskRuns([{ run, states: states.toReversed() }], []);
    assert.deepEqual(await storage.listTaskRunStates(run.id), states);
  },

  'recorded steps are those of one flow run, oldest first, page by page': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const records = Array.from({ length: 25 }, (_, index) =>
      makeRecord({ flowRunId, step: `step ${index}`, dynamicKey: String(index) }),
    );
    await storage.writeTaskRuns([...records, makeRecord(), makeRecord({ flowRunId: newId<FlowRunId>() })], []);
    const seen: RecordedStep[] = [];
    for (let after: TaskRunId | undefined; ; after = seen.at(-1)?.id) {
      const page = await storage.listRecordedSteps(flowRunId, { after, limit: 10 });
      seen.push(...page);
      if (page.length < 10) break;
    }
    assert.deepEqual(
      seen,
      records.map(({ run }) => ({
        id: run.id,
        step: run.step,
        state: run.state as State,
        runCount: run.runCount,
        sourceHash: run.sourceHash,
        taskKey: run.taskKey,
        dynamicKey: run.dynamicKey,
        createdAt: run.createdAt,
      })),
    );
    assert.deepEqual(await storage.listRecordedSteps(newId<FlowRunId>(), { limit: 10 }), []);
    assert.deepEqual(await storage.listRecordedSteps('nonsense' as FlowRunId, { limit: 10 }), []);
  },
};
