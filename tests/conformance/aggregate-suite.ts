import assert from 'node:assert/strict';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { Condition } from '../../src/core/query.ts';
import type { TaskRunId } from '../../src/core/ids.ts';
import { isTerminal } from '../../src/core/state.ts';
import type { Instant } from '../../src/core/time.ts';
import type { HistoryCount, HistoryRequest } from '../../src/store/port/query.ts';
import { drawing, fillWorld, START } from './query-rows.ts';
import { makeEvent, makeFlow, makeFlowRun, makeState, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const NOW = (START + 20_000_000) as Instant;
const EVERYTHING: Condition = { op: 'and', of: [] };

function latenessOf({ startTime, expectedStartTime, state }: FlowRun, now: Instant = NOW): number {
  if (expectedStartTime === null) return 0;
  if (startTime !== null) return Math.max(0, startTime - expectedStartTime);
  return isTerminal(state) ? 0 : Math.max(0, now - expectedStartTime);
}

/** What the history of these runs is, in any order. */
function historyOf(runs: readonly FlowRun[], { start, intervalUs, buckets, field, now }: HistoryRequest): Set<string> {
  const found = new Map<string, HistoryCount>();
  for (const run of runs) {
    const time = field === 'startTime' ? run.startTime : run.expectedStartTime;
    if (time === null || time < start || time >= start + intervalUs * buckets) continue;
    const bucket = Math.floor((time - start) / intervalUs);
    const key = `${bucket} ${run.state.type} ${run.state.name}`;
    const sum = found.get(key) ?? {
      bucket,
      stateType: run.state.type,
      stateName: run.state.name,
      count: 0,
      runTimeUs: 0,
      latenessUs: 0,
    };
    const runTimeUs = run.totalRunTimeUs + (run.state.type === 'RUNNING' ? Math.max(0, now - run.state.timestamp) : 0);
    found.set(key, {
      ...sum,
      count: sum.count + 1,
      runTimeUs: sum.runTimeUs + runTimeUs,
      latenessUs: sum.latenessUs + latenessOf(run, now),
    });
  }
  return new Set([...found.values()].map((count) => JSON.stringify(count)));
}

export const aggregateTests: StorageTests = {
  'histories count every run of their time once, whichever way they are found': async (storage) => {
    const { flowRuns } = await fillWorld(storage, drawing(8));
    const running: Condition = { op: 'not', of: { op: 'in', field: 'stateType', values: ['COMPLETED'] } };
    const named: Condition = { op: 'in', field: 'name', values: ['ärger', 'Quick-Otter', '日本'] };
    const [flowId, parent] = [
      flowRuns[0]?.flowId as string,
      flowRuns.find(({ parentTaskRunId }) => parentTaskRunId !== null)?.parentTaskRunId as string,
    ];
    const topLevel: Condition = { op: 'isNull', field: 'parentTaskRunId', isNull: true };
    const ofFlow: Condition = { op: 'exists', noun: 'flow', where: { op: 'in', field: 'id', values: [flowId] } };
    assert.ok(parent !== undefined, 'the world has subflows');
    const cases: readonly [where: Condition, runs: readonly FlowRun[]][] = [
      [EVERYTHING, flowRuns],
      [topLevel, flowRuns.filter(({ parentTaskRunId }) => parentTaskRunId === null)],
      [
        { op: 'and', of: [topLevel, running, ofFlow] },
        flowRuns.filter(
          (run) => run.parentTaskRunId === null && run.state.type !== 'COMPLETED' && run.flowId === flowId,
        ),
      ],
      [{ op: 'not', of: ofFlow }, flowRuns.filter((run) => run.flowId !== flowId)],
      [
        { op: 'or', of: [{ op: 'in', field: 'parentTaskRunId', values: [parent] }, ofFlow] },
        flowRuns.filter((run) => run.parentTaskRunId === parent || run.flowId === flowId),
      ],
      [running, flowRuns.filter(({ state }) => state.type !== 'COMPLETED')],
      [named, flowRuns.filter(({ name }) => ['ärger', 'Quick-Otter', '日本'].includes(name))],
    ];
    for (const [where, runs] of cases) {
      for (const field of ['expectedStartTime', 'startTime'] as const) {
        for (const [buckets, intervalUs] of [
          [5, 2_000_000],
          [1, 100_000_000],
          [500, 1_000_000],
        ] as const) {
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
    const runs = Array.from({ length: 130 }, (_, index) =>
      makeFlowRun(flow, {
        state: makeState({ type: 'COMPLETED', name: `Done ${index}`, data: null }),
        expectedStartTime: START as Instant,
        startTime: (START + 2) as Instant,
        totalRunTimeUs: 3,
      }),
    );
    runs.push(
      makeFlowRun(flow, {
        state: makeState({ type: 'RUNNING' }, START as Instant),
        expectedStartTime: (START + 12) as Instant,
        startTime: (START + 12) as Instant,
      }),
    );
    for (const run of runs) await storage.insertFlowRun(run, []);
    const request = {
      where: EVERYTHING,
      field: 'expectedStartTime',
      start: START as Instant,
      intervalUs: 10,
      buckets: 2,
      now: NOW,
    } as const;
    const check = async (): Promise<void> => {
      const found = await storage.runHistory('flow_run', request);
      assert.deepEqual(new Set(found.map((count) => JSON.stringify(count))), historyOf(runs, request));
    };
    await check();
    for (let index = 0; index < 130; index += 1) {
      const run = makeFlowRun(flow, {
        state: makeState({ type: 'RUNNING', name: `Step ${index}` }, START as Instant),
        expectedStartTime: (START + index) as Instant,
      });
      await storage.insertFlowRun(run, []);
      runs.push(run);
    }
    await check();
  },

  'histories of hours and days follow runs that begin anew, end otherwise, and are deleted': async (storage) => {
    const flow = makeFlow('hours');
    await storage.ensureFlow(flow.name, () => flow);
    const draw = drawing(11);
    const thousand = Array.from({ length: 1000 }, (_, index) => index);
    const pick = (below: number): number => Math.floor(((draw(thousand) * 1000 + draw(thousand)) / 1e6) * below);
    const HOUR = 3_600_000_000;
    const stateOf = (): FlowRun['state'] =>
      makeState(
        (
          [
            { type: 'COMPLETED', data: null },
            { type: 'COMPLETED', name: 'Mine', data: null },
            { type: 'CRASHED' },
            { type: 'RUNNING' },
            { type: 'SCHEDULED', scheduledTime: NOW },
          ] as const
        )[pick(5)],
        NOW,
      );
    const fieldsOf = (): Partial<FlowRun> => {
      const expected = START + pick(30 * HOUR);
      return {
        state: stateOf(),
        expectedStartTime: pick(9) === 0 ? null : (expected as Instant),
        startTime: pick(3) === 0 ? null : ((expected + pick(HOUR) - HOUR / 4) as Instant),
        totalRunTimeUs: pick(HOUR),
      };
    };
    const runs = new Map<FlowRun['id'], FlowRun>();
    for (let index = 0; index < 400; index += 1) {
      const run = makeFlowRun(flow, { ...fieldsOf(), parentTaskRunId: pick(3) === 0 ? newId<TaskRunId>() : null });
      await storage.insertFlowRun(run, []);
      runs.set(run.id, run);
    }
    for (const [id, run] of runs) {
      if (pick(2) === 0) continue;
      const changed = { ...run, ...fieldsOf(), ...(pick(4) === 0 ? { name: 'another', parentTaskRunId: null } : {}) };
      await storage.changeFlowRun(id, {}, () => ({ run: changed, answer: null }));
      runs.set(id, changed);
      if (pick(5) !== 0) continue;
      await storage.deleteFlowRun(id, makeEvent());
      runs.delete(id);
    }
    const now = (START + 40 * HOUR) as Instant;
    const isTop: Condition = { op: 'isNull', field: 'parentTaskRunId', isNull: true };
    const cases: readonly [where: Condition, runs: readonly FlowRun[]][] = [
      [EVERYTHING, [...runs.values()]],
      [isTop, [...runs.values()].filter(({ parentTaskRunId }) => parentTaskRunId === null)],
      [
        { op: 'isNull', field: 'parentTaskRunId', isNull: false },
        [...runs.values()].filter(({ parentTaskRunId }) => parentTaskRunId !== null),
      ],
      [{ op: 'and', of: [isTop, { op: 'isNull', field: 'parentTaskRunId', isNull: false }] }, []],
      [
        { op: 'and', of: [isTop, { op: 'in', field: 'stateName', values: ['Mine'] }] },
        [...runs.values()].filter((run) => run.parentTaskRunId === null && run.state.name === 'Mine'),
      ],
    ];
    for (const [where, expected] of cases) {
      for (const [start, intervalUs, buckets] of [
        [0, HOUR, 30],
        [HOUR / 3, 24 * HOUR, 2],
        [7, HOUR / 10, 250],
        [-HOUR, HOUR / 4, 200],
        [11, 899_999_999, 100],
        [START % 900_000_000 === 0 ? 0 : 900_000_000 - (START % 900_000_000), HOUR / 4, 100],
      ] as const) {
        const request = {
          where,
          field: 'expectedStartTime',
          start: (START + start) as Instant,
          intervalUs,
          buckets,
          now,
        } as const;
        const found = await storage.runHistory('flow_run', request);
        assert.deepEqual(new Set(found.map((count) => JSON.stringify(count))), historyOf(expected, request));
      }
    }
  },

  'sums beyond what a whole number holds': async (storage) => {
    const flow = makeFlow('long');
    await storage.ensureFlow(flow.name, () => flow);
    const totalRunTimeUs = 2 ** 52;
    for (let index = 0; index < 4; index += 1)
      await storage.insertFlowRun(makeFlowRun(flow, { expectedStartTime: START as Instant, totalRunTimeUs }), []);
    const request = { where: EVERYTHING, start: START as Instant, intervalUs: 10, buckets: 1, now: NOW };
    const [found] = await storage.runHistory('flow_run', { ...request, field: 'expectedStartTime' });
    assert.equal(found?.runTimeUs, 2 ** 54);
  },

  'task runs have histories, too': async (storage) => {
    const { taskRuns } = await fillWorld(storage, drawing(9));
    const found = await storage.runHistory('task_run', {
      where: EVERYTHING,
      field: 'startTime',
      start: START as Instant,
      intervalUs: 1_000_000,
      buckets: 100,
      now: NOW,
    });
    assert.equal(
      found.reduce((sum, { count }) => sum + count, 0),
      taskRuns.filter(({ startTime }) => startTime !== null).length,
    );
  },

  'counts by a field, and lateness on average': async (storage) => {
    const { flowRuns, taskRuns } = await fillWorld(storage, drawing(10));
    const byRun = await storage.countBy('task_run', 'flowRunId', EVERYTHING);
    for (const run of flowRuns)
      assert.equal(byRun.get(run.id) ?? 0, taskRuns.filter(({ flowRunId }) => flowRunId === run.id).length);
    const byType = await storage.countBy('task_run', 'stateType', EVERYTHING);
    assert.equal(
      [...byType.values()].reduce((sum, count) => sum + count, 0),
      taskRuns.length,
    );
    await assert.rejects(async () => storage.countBy('task_run', 'tags', EVERYTHING), { code: 'bad-input' });
    const average = await storage.averageLateness(EVERYTHING, NOW);
    const expected = flowRuns.reduce((sum, run) => sum + latenessOf(run), 0) / flowRuns.length;
    assert.ok(average !== null && Math.abs(average - expected) < 1, `${average} is about ${expected}`);
    assert.equal(await storage.averageLateness({ op: 'or', of: [] }, NOW), null);
  },
};
