import assert from 'node:assert/strict';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { matching } from '../../src/core/list-query.ts';
import type { LogRecord } from '../../src/core/log.ts';
import { allOf, EVERYTHING, type Condition } from '../../src/core/query.ts';
import { makeEvent, makeFlow, makeFlowRun, makeLog, makeRecord, newId, withoutSeq } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const logTests: StorageTests = {
  'logs narrow by each condition, in the order of commits': async (storage) => {
    const [flowRunId, taskRunId] = [newId<FlowRunId>(), newId<TaskRunId>()];
    const a = makeLog({ flowRunId, message: 'Read 5,000 rows', level: 10 });
    const b = makeLog({ flowRunId, taskRunId, message: 'ÄRGER with 100%_ of "rows"\nsecond line', level: 40 });
    const c = makeLog({ message: 'elsewhere', level: 30 });
    await storage.writeTaskRuns([], [a, b]);
    await storage.writeTaskRuns([], [c]);
    const above = (level: number): Condition => ({ op: 'ge', field: 'level', value: level });
    const saying = (text: string): Condition => ({ op: 'contains', field: 'message', text });
    const expectations: readonly [where: Condition, logs: readonly LogRecord[]][] = [
      [EVERYTHING, [a, b, c]],
      [matching({ flowRunId }), [a, b]],
      [matching({ taskRunId }), [b]],
      [above(30), [b, c]],
      [above(50), []],
      [saying('ROWS'), [a, b]],
      [saying('ärger'), [b]],
      [saying('%_'), [b]],
      [saying('_'), [b]],
      [saying(''), [a, b, c]],
      [allOf([matching({ flowRunId }), above(20), saying('rows')]), [b]],
      [matching({ flowRunId: newId<FlowRunId>() }), []],
    ];
    for (const [where, logs] of expectations) {
      const found = await storage.list('log', { where });
      assert.deepEqual(found.map(withoutSeq), logs, JSON.stringify(where));
    }
  },

  'logs page by number, so that they can be followed': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const logs = Array.from({ length: 25 }, () => makeLog({ flowRunId }));
    await storage.writeLogs([makeLog({ message: 'of another run' })]);
    await storage.writeTaskRuns([], logs);
    const seen: string[] = [];
    for (let after = 0; ;) {
      const page = await storage.list('log', { where: matching({ flowRunId }), after, limit: 10 });
      seen.push(...page.map((log) => log.id));
      if (page.length === 0) break;
      after = page.at(-1)?.seq ?? 0;
    }
    assert.deepEqual(
      seen,
      logs.map((log) => log.id),
    );
    const last = await storage.list('log', { where: matching({ flowRunId }), direction: 'desc', limit: 10 });
    assert.deepEqual(
      last.map(({ id }) => id),
      logs
        .slice(-10)
        .map(({ id }) => id)
        .reverse(),
      'the newest first',
    );
    const before = await storage.list('log', { direction: 'desc', after: last.at(-1)?.seq, limit: 100 });
    assert.equal(before.length, 16, 'a page goes on in its direction');
  },

  'the number of a log that was deleted with its run is not given again': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const [first, second] = [makeFlowRun(flow), makeFlowRun(flow)];
    const task = makeRecord({});
    for (const run of [first, second]) await storage.insertFlowRun(run, []);
    await storage.writeTaskRuns(
      [task],
      [makeLog({ flowRunId: first.id }), makeLog({ flowRunId: second.id }), makeLog({ taskRunId: task.run.id })],
    );
    // Somebody listens, and has heard of all so far.
    let heard = await storage.newestLogSeq();
    const hears = async (message: string) => {
      await storage.writeLogs([makeLog({ message })]);
      const fresh = await storage.list('log', { after: heard });
      assert.deepEqual(
        fresh.map((log) => log.message),
        [message],
      );
      heard = await storage.newestLogSeq();
    };
    await storage.deleteTaskRun(task.run.id, makeEvent());
    await hears('after a task run');
    await storage.deleteFlowRun(second.id, makeEvent());
    await hears('after the newest flow run');
    await storage.deleteFlowRun(first.id, makeEvent());
    await hears('after all of them');
  },
};
