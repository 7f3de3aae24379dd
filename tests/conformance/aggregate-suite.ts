import assert from 'node:assert/strict';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { Condition } from '../../src/core/query.ts';
import { isTerminal } from '../../src/core/state.ts';
import type { Instant } from '../../src/core/time.ts';
import type { HistoryCount, HistoryRequest } from '../../src/store/port/query.ts';
import { drawing, fillWorld, START } from './query-rows.ts';
import { makeFlow, makeFlowRun, makeState } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const NOW = (START + 20_000_000) as Instant;
const EVERYTHING: Condition = { op: 'and', of: [] };

function latenessOf({ startTime, expectedStartTime, state }: FlowRun): number {
  if (expectedStartTime === null) return 0;
  if (startTime !== null) return Math.max(0, startTime - expectedStartTime);
  return isTerminal(state) ? 0 : Math.max(0, NOW - expectedStartTime);
}

/** What the history of these runs is, in any order. */
function historyOf(runs: readonly FlowRun[], { start, intervalUs, buckets, field }: HistoryRequest): Set<string> {
  const found = new Map<string, HistoryCount>();
  for (const run of runs) {
    const time = field === 'startTime' ? run.startTime : run.expectedStartTime;
    if (time === null || time < start || time >= start + intervalUs * buckets) continue;
    const bucket = Math.floor((time - start) / intervalUs);
    const key = `${bucket} ${run.state.type} ${run.state.name}`;
    const sum = found.get(key) ?? { bucket, stateType: run.state.type, stateName: run.state.name, count: 0, runTimeUs: 0, latenessUs: 0 };
    const runTimeUs = run.totalRunTimeUs + (run.state.type === 'RUNNING' ? Math.max(0, NOW - run.state.timestamp) : 0);
    found.set(key, { ...sum, count: sum.count + 1, runTimeUs: sum.runTimeUs + runTimeUs, latenessUs: sum.latenessUs + latenessOf(run) });
  }
  return new Set([...found.values()].map((count) => JSON.stringify(count)));
}

export const aggregateTests: StorageTests = {
  'histories count every run of their time once, whichever way they are found': async (storage) => {
    const { flowRuns } = await fillWorld(storage, drawing(8));
    const running: Condition = { op: 'not', of: { op: 'in', field: 'stateType', values: ['COMPLETED'] } };
    const named: Condition = { op: 'in', field: 'name', values: ['ärger', 'Quick-Otter', '日本'] };
    const [flowId, parent] = [flowRuns[0]?.flowId as string, flowRuns.find(({ parentTaskRunId }) => parentTaskRunId !== null)?.parentTaskRunId as string];
    const topLevel: Condition = { op: 'isNull', field: 'parentTaskRunId', isNull: true };
    const ofFlow: Condition = { op: 'exists', noun: 'flow', where: { op: 'in', field: 'id', values: [flowId] } };
    assert.ok(parent !== undefined, 'the world has subflows');
    const cases: readonly [where: Condition, runs: readonly FlowRun[]][] = [
      [EVERYTHING, flowRuns],
      [topLevel, flowRuns.filter(({ parentTaskRunId }) => parentTaskRunId === null)],
      [{ op: 'and', of: [topLevel, running, ofFlow] }, flowRuns.filter((run) => run.parentTaskRunId === null && run.state.type !== 'COMPLETED' && run.flowId === flowId)],
      [{ op: 'not', of: ofFlow }, flowRuns.filter((run) => run.flowId !== flowId)],
      [{ op: 'or', of: [{ op: 'in', field: 'parentTaskRunId', values: [parent] }, ofFlow] }, flowRuns.filter((run) => run.parentTaskRunId === parent || run.flowId === flowId)],
      [running, flowRuns.filter(({ state }) => state.type !== 'COMPLETED')],
      [named, flowRuns.filter(({ name }) => ['ärger', 'Quick-Otter', '日本'].includes(name))],
    ];
    for (const [where, runs] of cases) {
      for (const field of ['expectedStartTime', 'startTime'] as const) {
        for (const [buckets, intervalUs] of [[5, 2_000_000], [1, 100_000_000], [500, 1_000_000]] as const) {
          const request = { where, field, start: (START + 1_000_000) as Instant, intervalUs, buckets, now: NOW };
          const found = await storage.runHistory('flow_run', request);
          assert.deepEqual(new Set(found.map((count) => JSON.stringify(count))), historyOf(runs, request));
        }
      }
    }
  },

  'histories with more names of states than are asked for one by one': async (storage) => {
    const flow = makeFlow('names');
    await storage.ensureFlow(flow.name, () => flow);
    const runs = Array.from({ length: 130 }, (_, index) => makeFlowRun(flow, {
      state: makeState({ type: 'COMPLETED', name: `Done ${index}`, data: null }), expectedStartTime: START as Instant, startTime: (START + 2) as Instant, totalRunTimeUs: 3,
    }));
    for (const run of runs) await storage.insertFlowRun(run, []);
    const request = { where: EVERYTHING, field: 'expectedStartTime', start: START as Instant, intervalUs: 10, buckets: 2, now: NOW } as const;
    const found = await storage.runHistory('flow_run', request);
    assert.deepEqual(new Set(found.map((count) => JSON.stringify(count))), historyOf(runs, request));
  },

  'sums beyond what a whole number holds': async (storage) => {
    const flow = makeFlow('long');
    await storage.ensureFlow(flow.name, () => flow);
    const totalRunTimeUs = 2 ** 52;
    for (let index = 0; index < 4; index += 1) await storage.insertFlowRun(makeFlowRun(flow, { expectedStartTime: START as Instant, totalRunTimeUs }), []);
    const request = { where: EVERYTHING, start: START as Instant, intervalUs: 10, buckets: 1, now: NOW };
    const [found] = await storage.runHistory('flow_run', { ...request, field: 'expectedStartTime' });
    assert.equal(found?.runTimeUs, 2 ** 54);
  },

  'task runs have histories, too': async (storage) => {
    const { taskRuns } = await fillWorld(storage, drawing(9));
    const found = await storage.runHistory('task_run', { where: EVERYTHING, field: 'startTime', start: START as Instant, intervalUs: 1_000_000, buckets: 100, now: NOW });
    assert.equal(found.reduce((sum, { count }) => sum + count, 0), taskRuns.filter(({ startTime }) => startTime !== null).length);
  },

  'counts by a field, and lateness on average': async (storage) => {
    const { flowRuns, taskRuns } = await fillWorld(storage, drawing(10));
    const byRun = await storage.countBy('task_run', 'flowRunId', EVERYTHING);
    for (const run of flowRuns) assert.equal(byRun.get(run.id) ?? 0, taskRuns.filter(({ flowRunId }) => flowRunId === run.id).length);
    const byType = await storage.countBy('task_run', 'stateType', EVERYTHING);
    assert.equal([...byType.values()].reduce((sum, count) => sum + count, 0), taskRuns.length);
    await assert.rejects(async () => storage.countBy('task_run', 'tags', EVERYTHING), { code: 'bad-input' });
    const average = await storage.averageLateness(EVERYTHING, NOW);
    const expected = flowRuns.reduce((sum, run) => sum + latenessOf(run), 0) / flowRuns.length;
    assert.ok(average !== null && Math.abs(average - expected) < 1, `${average} is about ${expected}`);
    assert.equal(await storage.averageLateness({ op: 'or', of: [] }, NOW), null);
  },
};
