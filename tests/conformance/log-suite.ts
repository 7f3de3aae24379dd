import assert from 'node:assert/strict';
import type { LogFilter } from '../../src/core/filter.ts';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import type { LogRecord } from '../../src/core/log.ts';
import { makeEvent, makeFlow, makeFlowRun, makeLog, makeRecord, newId, withoutSeq } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const logTests: StorageTests = {
  'logs narrow by each part of the filter, in the order of commits': async (storage) => {
    const [flowRunId, taskRunId] = [newId<FlowRunId>(), newId<TaskRunId>()];
    const a = makeLog({ flowRunId, message: 'Read 5,000 rows', level: 10 });
    const b = makeLog({ flowRunId, taskRunId, message: 'ÄRGER with 100%_ of "rows"\nsecond line', level: 40 });
    const c = makeLog({ message: 'elsewhere', level: 30 });
    await storage.writeTaskRuns([], [a, b]);
    await storage.writeTaskRuns([], [c]);
    const expectations: readonly [filter: LogFilter, logs: readonly LogRecord[]][] = [
      [{}, [a, b, c]],
      [{ flowRunId }, [a, b]],
      [{ taskRunId }, [b]],
      [{ levelMin: 30 }, [b, c]],
      [{ levelMin: 50 }, []],
      [{ text: 'ROWS' }, [a, b]],
      [{ text: 'ärger' }, [b]],
      [{ text: '%_' }, [b]],
      [{ text: '_' }, [b]],
      [{ text: '' }, [a, b, c]],
      [{ flowRunId, levelMin: 20, text: 'rows' }, [b]],
      [{ flowRunId: newId<FlowRunId>() }, []],
    ];
    for (const [filter, logs] of expectations) {
      const found = await storage.readLogs(filter, {});
      assert.deepEqual(found.map(withoutSeq), logs, JSON.stringify(filter));
    }
  },

  'logs page by number, so that they can be followed': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const logs = Array.from({ length: 25 }, () => makeLog({ flowRunId }));
    await storage.writeLogs([makeLog({ message: 'of another run' })]);
    await storage.writeTaskRuns([], logs);
    const seen: string[] = [];
    for (let afterSeq = 0; ;) {
      const page = await storage.readLogs({ flowRunId }, { afterSeq, limit: 10 });
      seen.push(...page.map((log) => log.id));
      if (page.length === 0) break;
      afterSeq = page.at(-1)?.seq ?? 0;
    }
    assert.deepEqual(
      seen,
      logs.map((log) => log.id),
    );
    const last = await storage.readLogs({ flowRunId }, { last: 10 });
    assert.deepEqual(
      last.map(({ id }) => id),
      logs.slice(-10).map(({ id }) => id),
      'the last ones, oldest first',
    );
    assert.equal((await storage.readLogs({ flowRunId }, { last: 100 })).length, 25);
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
      const fresh = await storage.readLogs({}, { afterSeq: heard });
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
