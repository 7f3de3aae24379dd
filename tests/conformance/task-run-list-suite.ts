import assert from 'node:assert/strict';
import type { TaskRunFilter } from '../../src/core/filter.ts';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import type { State } from '../../src/core/state.ts';
import type { RecordedStep, TaskRun } from '../../src/core/task-run.ts';
import { makeRecord, makeState, makeTaskRun, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const taskRunListTests: StorageTests = {
  'lists of task runs narrow by each part of the filter, and by all of them together': async (storage) => {
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
    const expectations: readonly [filter: TaskRunFilter, runs: readonly TaskRun[]][] = [
      [{}, [d, c, b, a]],
      [{ ids: [a.id, d.id] }, [d, a]],
      [{ ids: [] }, []],
      [{ idPrefix: c.id }, [c]],
      [{ idPrefix: 'zz' }, []],
      [{ name: 'train-0' }, [b]],
      [{ flowRunId }, [b, a]],
      [{ stateTypes: ['FAILED', 'RUNNING'] }, [c, b]],
      [{ stateTypes: [] }, []],
      [{ stateNames: ['TimedOut', 'Pending'] }, [b, a]],
      [{ taskKey: 'train' }, [d, b]],
      [{ taskKey: 'train', flowRunId }, [b]],
    ];
    for (const [filter, runs] of expectations) {
      assert.deepEqual(await storage.listTaskRuns(filter, {}), runs, JSON.stringify(filter));
      assert.deepEqual(
        await storage.listTaskRuns(filter, { order: 'oldest' }),
        runs.toReversed(),
        JSON.stringify(filter),
      );
      const counts = await storage.countTaskRuns(filter);
      assert.equal(
        Object.values(counts).reduce((sum, count) => sum + count, 0),
        runs.length,
        JSON.stringify(filter),
      );
    }
    assert.deepEqual(await storage.countTaskRuns({}), { PENDING: 1, FAILED: 1, RUNNING: 1, COMPLETED: 1 });
  },

  'lists of task runs page by key in both orders': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const records = Array.from({ length: 40 }, () => makeRecord({ flowRunId }));
    await storage.writeTaskRuns(records, []);
    const oldest = records.map((record) => record.run.id);
    for (const [order, expected] of [
      ['oldest', oldest],
      ['newest', oldest.toReversed()],
    ] as const) {
      const seen: TaskRunId[] = [];
      for (let after: TaskRunId | undefined; ; after = seen.at(-1)) {
        const page = await storage.listTaskRuns({ flowRunId }, { limit: 16, after, order });
        seen.push(...page.map((run) => run.id));
        if (page.length < 16) break;
      }
      assert.deepEqual(seen, expected);
    }
    await assert.rejects(async () => storage.listTaskRuns({}, { limit: 0 }), { code: 'bad-input' });
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
