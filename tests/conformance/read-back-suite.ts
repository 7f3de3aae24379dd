import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { matching } from '../../src/core/list-query.ts';
import type { State } from '../../src/core/state.ts';
import { anyFlowRun, anyState, anyTaskRun } from './arbitraries.ts';
import { makeFlow, makeFlowRun, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const RUNS = { numRuns: 200 };

/** What a body came to; a crash is what somebody makes of its silence. */
function isOutcome({ type }: State): boolean {
  return type === 'COMPLETED' || type === 'FAILED' || type === 'CANCELLED';
}

export const readBackTests: StorageTests = {
  'any state of a flow run is read back as it was written': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    await fc.assert(
      fc.asyncProperty(fc.array(anyState, { minLength: 1, maxLength: 4 }), async (states) => {
        const run = makeFlowRun(flow, { state: states.at(-1) as (typeof states)[number] });
        await storage.insertFlowRun(run, []);
        await storage.changeFlowRun(run.id, {}, () => ({ states, answer: null }));
        const inOrder = states.toSorted((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
        assert.deepEqual(await storage.listFlowRunStates(run.id), inOrder);
      }),
      RUNS,
    );
  },

  'any flow run is read back as it was written': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    await fc.assert(
      fc.asyncProperty(anyFlowRun(flow), anyFlowRun(flow), async (sample, second) => {
        const first = { ...sample, id: newId<FlowRunId>() };
        await storage.insertFlowRun(first, []);
        assert.deepEqual(await storage.readFlowRun(first.id), first);
        const changed = { ...second, id: first.id };
        await storage.changeFlowRun(first.id, {}, () => ({ run: changed, answer: null }));
        assert.deepEqual(await storage.readFlowRun(first.id), changed);
        assert.deepEqual(await storage.list('flow_run', { where: matching({ id: [first.id] }) }), [changed]);
      }),
      RUNS,
    );
  },

  'any task run is read back as it was written': async (storage) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTaskRun, { minLength: 1, maxLength: 9 }), async (samples) => {
        const runs = samples.map((run) => ({ ...run, id: newId<TaskRunId>() }));
        await storage.writeTaskRuns(
          runs.map((run) => ({ run, states: [run.state] })),
          [],
        );
        for (const run of runs) {
          assert.deepEqual(await storage.readTaskRun(run.id), run);
          assert.deepEqual(await storage.listTaskRunStates(run.id), [run.state]);
        }
        const listed = await storage.list('task_run', {
          where: matching({ id: runs.map((run) => run.id) }),
          direction: 'asc',
        });
        assert.deepEqual(listed, runs);
      }),
      RUNS,
    );
  },

  'any order of the same records, whole or repeated, gives the same runs': async (storage) => {
    const states = fc.uniqueArray(anyState, { minLength: 1, maxLength: 5, selector: (state) => state.timestamp });
    const orders = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(anyTaskRun, states, orders, async (task, history, picks) => {
        const sample = { ...task, id: newId<TaskRunId>() };
        const records = history.map((state) => ({ run: { ...sample, state }, states: [state] }));
        const left = [...records, ...records];
        while (left.length > 0) {
          const [pick] = left.splice((picks.next().value as number) % left.length, 1);
          if (pick) await storage.writeTaskRuns([pick], []);
        }
        const inOrder = history.toSorted((a, b) => a.timestamp - b.timestamp);
        const last = inOrder.findLast(isOutcome) ?? inOrder.at(-1);
        assert.deepEqual(await storage.readTaskRun(sample.id), { ...sample, state: last });
        assert.deepEqual(await storage.listTaskRunStates(sample.id), inOrder);
      }),
      { numRuns: 100 },
    );
  },
};
