import assert from 'node:assert/strict';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId, ProcessId, TaskRunId } from '../../src/core/ids.ts';
import { idBegins, matching, ofFlow, ROOT_RUNS, withTags } from '../../src/core/list-query.ts';
import { allOf, EVERYTHING, NOTHING, type Condition } from '../../src/core/query.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeFlow, makeFlowRun, makeState, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const HELD: Condition = { op: 'isNull', field: 'processId', isNull: false };

export const flowRunListTests: StorageTests = {
  'lists of flow runs narrow by each condition, and by all of them together': async (storage) => {
    const { plain, busy, child, other, processId, parent } = await fill(storage);
    const expectations: readonly [where: Condition, runs: readonly FlowRun[]][] = [
      [EVERYTHING, [other, child, busy, plain]],
      [NOTHING, []],
      [matching({ id: [plain.id, other.id] }), [other, plain]],
      [matching({ id: [] }), []],
      [idBegins(busy.id), [busy]],
      [idBegins(busy.id.toUpperCase().replaceAll('-', '')), [busy]],
      [idBegins(busy.id.slice(0, 7)), [other, child, busy, plain]],
      [idBegins('ffff'), []],
      [idBegins('not hexadecimal'), []],
      [matching({ name: 'brave-lynx' }), [busy]],
      [matching({ name: undefined }), [other, child, busy, plain]],
      [ofFlow('sales'), [child, busy, plain]],
      [ofFlow('unknown'), []],
      [matching({ stateType: ['RUNNING'] }), [child, busy]],
      [matching({ stateType: ['RUNNING', 'COMPLETED'] }), [other, child, busy]],
      [matching({ stateType: [] }), []],
      [matching({ stateName: ['Retrying'] }), [child]],
      [withTags(['a']), [other, busy]],
      [withTags(['a', 'it\'s "b"']), [busy]],
      [withTags([]), [other, child, busy, plain]],
      [matching({ parentTaskRunId: parent }), [child]],
      [ROOT_RUNS, [other, busy, plain]],
      [matching({ processId }), [busy]],
      [matching({ processId, stateType: ['PENDING'] }), []],
      [matching({ processId, stateType: 'RUNNING' }), [busy]],
      [allOf([matching({ stateType: ['RUNNING', 'PENDING'] }), HELD]), [busy]],
      [HELD, [busy]],
      [{ op: 'or', of: [matching({ stateType: 'PENDING' }), matching({ stateName: 'Retrying' })] }, [child, plain]],
      [allOf([ofFlow('sales'), matching({ stateType: ['RUNNING'] }), ROOT_RUNS]), [busy]],
    ];
    for (const [where, runs] of expectations) {
      assert.deepEqual(
        (await storage.list('flow_run', { where })).map((run) => run.id),
        runs.map((run) => run.id),
        JSON.stringify(where),
      );
      assert.equal(await storage.count('flow_run', where), runs.length, JSON.stringify(where));
    }
    assert.deepEqual(await storage.list('flow_run', { where: matching({ name: 'brave-lynx' }) }), [busy]);
    assert.deepEqual(await storage.list('flow_run', { where: matching({ stateType: ['RUNNING'], processId }) }), [
      busy,
    ]);
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
    assert.equal((await storage.list('flow_run', {})).length, 50, 'the default page');
    const expected = runs.map((run) => run.id).reverse();
    for (const where of [EVERYTHING, matching({ stateType: ['PENDING'] })]) {
      const seen: FlowRunId[] = [];
      for (let after: FlowRunId | undefined; ; after = seen.at(-1)) {
        const page = await storage.list('flow_run', { where, limit: 7, after });
        seen.push(...page.map((run) => run.id));
        await add();
        if (page.length < 7) break;
      }
      assert.deepEqual(seen.slice(-60), expected);
      const [oldest] = await storage.list('flow_run', { where, direction: 'asc', limit: 1 });
      assert.equal(oldest?.id, expected.at(-1));
    }
  },

  'lists of flow runs have bounds': async (storage) => {
    for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
      await assert.rejects(async () => storage.list('flow_run', { limit }), { code: 'bad-input' });
      await assert.rejects(
        async () => storage.list('flow_run', { where: matching({ stateType: ['RUNNING'] }), limit }),
        { code: 'bad-input' },
      );
    }
  },

  'what a field cannot be asked is refused, and nothing is listed': async (storage) => {
    const nonsense: readonly Condition[] = [
      matching({ colour: 'red' }),
      matching({ name: 5 }),
      matching({ name: [true] }),
      matching({ runCount: 'many' }),
      matching({ runCount: Number.NaN }),
      matching({ id: 'x' }),
      matching({ id: 7 }),
      matching({ tags: 'a' }),
      { op: 'contains', field: 'runCount', text: '1' },
      { op: 'hasAll', field: 'name', values: ['a'] },
      { op: 'isEmpty', field: 'name', isEmpty: true },
      { op: 'exists', noun: 'variable', where: EVERYTHING },
      { op: 'not', of: { op: 'or', of: [matching({ colour: 'red' })] } },
    ];
    for (const where of nonsense) {
      await assert.rejects(
        async () => storage.list('flow_run', { where }),
        { code: 'bad-input' },
        JSON.stringify(where),
      );
      await assert.rejects(async () => storage.count('flow_run', where), { code: 'bad-input' }, JSON.stringify(where));
    }
  },

  'lists of flows go by name, with counts and the newest run': async (storage) => {
    const { plain, child, other } = await fill(storage);
    await storage.ensureFlow('empty', () => makeFlow('empty'));
    const flows = await storage.list('flow_summary', {});
    assert.deepEqual(
      flows.map((flow) => [flow.name, flow.runCount, flow.lastRunId]),
      [
        ['empty', 0, null],
        ['sales', 3, child.id],
        ['stars', 1, other.id],
      ],
    );
    assert.equal(flows[1]?.id, plain.flowId);
    const firstPage = await storage.list('flow_summary', { limit: 1 });
    const rest = await storage.list('flow_summary', { limit: 5, after: firstPage[0]?.name });
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
