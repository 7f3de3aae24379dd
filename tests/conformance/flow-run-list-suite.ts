import assert from 'node:assert/strict';
import type { FlowRunFilter } from '../../src/core/filter.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId, ProcessId, TaskRunId } from '../../src/core/ids.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeFlow, makeFlowRun, makeState, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const flowRunListTests: StorageTests = {
  'lists of flow runs narrow by each part of the filter, and by all of them together': async (storage) => {
    const { plain, busy, child, other, processId, parent } = await fill(storage);
    const expectations: readonly [filter: FlowRunFilter, runs: readonly FlowRun[]][] = [
      [{}, [other, child, busy, plain]],
      [{ ids: [plain.id, other.id] }, [other, plain]],
      [{ ids: [] }, []],
      [{ idPrefix: busy.id }, [busy]],
      [{ idPrefix: busy.id.toUpperCase().replaceAll('-', '') }, [busy]],
      [{ idPrefix: busy.id.slice(0, 7) }, [other, child, busy, plain]],
      [{ idPrefix: 'ffff' }, []],
      [{ idPrefix: 'not hexadecimal' }, []],
      [{ name: 'brave-lynx' }, [busy]],
      [{ flowName: 'sales' }, [child, busy, plain]],
      [{ flowName: 'unknown' }, []],
      [{ stateTypes: ['RUNNING'] }, [child, busy]],
      [{ stateTypes: ['RUNNING', 'COMPLETED'] }, [other, child, busy]],
      [{ stateTypes: [] }, []],
      [{ stateNames: ['Retrying'] }, [child]],
      [{ tags: ['a'] }, [other, busy]],
      [{ tags: ['a', 'it\'s "b"'] }, [busy]],
      [{ tags: [] }, [other, child, busy, plain]],
      [{ parentTaskRunId: parent }, [child]],
      [{ rootOnly: true }, [other, busy, plain]],
      [{ rootOnly: false }, [other, child, busy, plain]],
      [{ processId }, [busy]],
      [{ processId, stateTypes: ['PENDING'] }, []],
      [{ flowName: 'sales', stateTypes: ['RUNNING'], rootOnly: true }, [busy]],
    ];
    for (const [filter, runs] of expectations) {
      assert.deepEqual(
        (await storage.listFlowRuns(filter, {})).map((run) => run.id),
        runs.map((run) => run.id),
        JSON.stringify(filter),
      );
      assert.equal(await storage.countFlowRuns(filter), runs.length, JSON.stringify(filter));
    }
    assert.deepEqual(await storage.listFlowRuns({ name: 'brave-lynx' }, {}), [busy]);
    assert.deepEqual(await storage.listFlowRuns({ stateTypes: ['RUNNING'], processId }, {}), [busy]);
  },

  'lists of flow runs page by key, so that runs which come in between move nothing': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const runs: FlowRun[] = [];
    const add = async (): Promise<void> => {
      const run = makeFlowRun(flow);
      runs.push(run);
      await storage.insertFlowRun(run, []);
    };
    for (let index = 0; index < 60; index++) await add();
    assert.equal((await storage.listFlowRuns({}, {})).length, 50, 'the default page');
    const expected = runs.map((run) => run.id).reverse();
    for (const filter of [{}, { stateTypes: ['PENDING'] }] satisfies FlowRunFilter[]) {
      const seen: FlowRunId[] = [];
      for (let after: FlowRunId | undefined; ; after = seen.at(-1)) {
        const page = await storage.listFlowRuns(filter, { limit: 7, after });
        seen.push(...page.map((run) => run.id));
        await add();
        if (page.length < 7) break;
      }
      assert.deepEqual(seen.slice(-60), expected);
    }
  },

  'lists of flow runs have bounds': async (storage) => {
    for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
      await assert.rejects(async () => storage.listFlowRuns({}, { limit }), { code: 'bad-input' });
      await assert.rejects(async () => storage.listFlowRuns({ stateTypes: ['RUNNING'] }, { limit }), {
        code: 'bad-input',
      });
    }
  },

  'lists of flows go by name, with counts and the newest run': async (storage) => {
    const { plain, child, other } = await fill(storage);
    await storage.ensureFlow('empty', () => makeFlow('empty'));
    const flows = await storage.listFlows({});
    assert.deepEqual(
      flows.map((flow) => [flow.name, flow.runCount, flow.lastRun]),
      [
        ['empty', 0, null],
        ['sales', 3, child],
        ['stars', 1, other],
      ],
    );
    assert.equal(flows[1]?.id, plain.flowId);
    const firstPage = await storage.listFlows({ limit: 1 });
    const rest = await storage.listFlows({ limit: 5, after: firstPage[0]?.name });
    assert.deepEqual([...firstPage, ...rest], flows);
  },
};

async function fill(storage: Storage) {
  const [sales, stars] = [makeFlow('sales'), makeFlow('stars')];
  await storage.ensureFlow('sales', () => sales);
  await storage.ensureFlow('stars', () => stars);
  const processId = newId<ProcessId>();
  const parent = newId<TaskRunId>();
  const plain = makeFlowRun(sales);
  const busy = makeFlowRun(sales, {
    name: 'brave-lynx',
    tags: ['a', 'it\'s "b"'],
    state: makeState({ type: 'RUNNING' }),
    lease: { processId, token: 1 },
  });
  const child = makeFlowRun(sales, {
    parentTaskRunId: parent,
    parentFlowRunId: busy.id,
    state: makeState({ type: 'RUNNING', name: 'Retrying' }),
  });
  const other = makeFlowRun(stars, { tags: ['a'], state: makeState({ type: 'COMPLETED', data: null }) });
  for (const run of [plain, busy, child, other]) await storage.insertFlowRun(run, []);
  return { plain, busy, child, other, processId, parent };
}
