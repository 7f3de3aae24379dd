/** The search of our pages: by names, by ids in every spelling, by their beginnings; and how much it looks at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_SEARCH } from '../contract/routes/ui-search.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

interface Found {
  readonly flows: { readonly id: string; readonly name: string }[];
  readonly deployments: { readonly id: string; readonly name: string; readonly flow_name: string }[];
  readonly work_pools: { readonly id: string; readonly name: string }[];
  readonly flow_runs: { readonly id: string; readonly name: string; readonly flow_name: string }[];
  readonly task_runs: { readonly id: string; readonly name: string; readonly flow_run_name: string | null }[];
  readonly is_partial: boolean;
}

async function search(api: ApiUnderTest, text: string, more: object = {}): Promise<Found> {
  const { status, body } = await api.post('/ui/pages/search', { text, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(
    Value.Check(UI_SEARCH.answers[200], body),
    JSON.stringify([...Value.Errors(UI_SEARCH.answers[200], body)].slice(0, 3)),
  );
  return body as unknown as Found;
}

const idOf = async (api: ApiUnderTest, path: string, body: object): Promise<string> =>
  ((await api.post(path, body)).body as { id: string }).id;

async function seed(api: ApiUnderTest): Promise<{ flow: string; run: string; task: string }> {
  const flow = await idOf(api, '/flows/', { name: 'Daily Sales' });
  const run = await idOf(api, '/flow_runs/', { flow_id: flow, name: 'blue-otter', state: { type: 'FAILED' } });
  const task = await idOf(api, '/task_runs/', {
    flow_run_id: run,
    task_key: 'load',
    dynamic_key: '0',
    name: 'load_north-0',
    state: { type: 'COMPLETED' },
  });
  return { flow, run, task };
}

test('names: a part, whatever its case, of flows, runs and task runs, each with what it belongs to', () =>
  withApi({}, async (api) => {
    const { flow, run, task } = await seed(api);
    assert.deepEqual((await search(api, 'SALES')).flows, [{ id: flow, name: 'Daily Sales' }]);
    const otter = await search(api, ' otter ');
    assert.deepEqual(
      otter.flow_runs.map(({ id, flow_name: of }) => [id, of]),
      [[run, 'Daily Sales']],
    );
    const load = await search(api, 'load_n');
    assert.deepEqual(
      load.task_runs.map(({ id, flow_run_name: of }) => [id, of]),
      [[task, 'blue-otter']],
    );
    assert.deepEqual(await search(api, 'nothing of this name'), {
      flows: [],
      deployments: [],
      work_pools: [],
      flow_runs: [],
      task_runs: [],
      is_partial: false,
    });
  }));

test('deployments and work pools: by a part of their name, and by their id', () =>
  withApi({}, async (api) => {
    const { flow } = await seed(api);
    const deployment = await idOf(api, '/deployments/', { name: 'nightly', flow_id: flow });
    const pool = await idOf(api, '/work_pools/', { name: 'night shift', type: 'process' });
    const found = await search(api, 'Night');
    assert.deepEqual(found.deployments, [{ id: deployment, name: 'nightly', flow_name: 'Daily Sales' }]);
    assert.deepEqual(found.work_pools, [{ id: pool, name: 'night shift' }]);
    assert.deepEqual((await search(api, deployment)).deployments[0]?.id, deployment);
    assert.deepEqual((await search(api, pool)).work_pools[0]?.id, pool);
  }));

test('ids: whole, without dashes, in capitals, in an address, and the first eight digits or more', () =>
  withApi({}, async (api) => {
    const { flow, run, task } = await seed(api);
    const shown = (found: Found): string[] =>
      [...found.flows, ...found.flow_runs, ...found.task_runs].map(({ id }) => id);
    for (const id of [flow, run, task]) {
      for (const words of [
        id,
        id.replaceAll('-', ''),
        id.toUpperCase(),
        `http://127.0.0.1:4200/runs/flow-run/${id}?tab=logs`,
      ])
        assert.deepEqual(shown(await search(api, words)), [id], words);
      for (const length of [8, 9, 13, 14, 20, 35])
        assert.ok(shown(await search(api, id.slice(0, length))).includes(id), `${length} characters of it`);
      assert.ok(shown(await search(api, id.replaceAll('-', '').slice(0, 31))).includes(id));
      assert.deepEqual(shown(await search(api, id.slice(0, 7))), [], 'fewer digits are no id');
    }
  }));

test('what is found by its id comes first, and nothing twice; a task run that stands for a subflow is found as its run', () =>
  withApi({}, async (api) => {
    const { flow, run } = await seed(api);
    const named = await idOf(api, '/flow_runs/', { flow_id: flow, name: `after ${run}` });
    const both = await search(api, run);
    assert.deepEqual(
      both.flow_runs.map(({ id }) => id),
      [run, named],
    );
    const placeholder = await idOf(api, '/task_runs/', {
      flow_run_id: run,
      task_key: 'sub',
      dynamic_key: '0',
      name: 'Inner-0',
      state: { type: 'RUNNING' },
    });
    const child = await idOf(api, '/flow_runs/', { flow_id: flow, name: 'Inner-0', parent_task_run_id: placeholder });
    const inner = await search(api, 'Inner-0');
    assert.deepEqual([inner.flow_runs.map(({ id }) => id), inner.task_runs], [[child], []]);
    for (let number = 0; number < 12; number += 1)
      await api.post('/flow_runs/', { flow_id: flow, name: `many-${number}` });
    assert.deepEqual(
      (await search(api, 'many-', { limit: 3 })).flow_runs.map(({ name }) => name),
      ['many-11', 'many-10', 'many-9'],
    );
    assert.equal((await search(api, 'many-')).flow_runs.length, 8);
  }));

test('odd words are words; what is no search is refused', () =>
  withApi({}, async (api) => {
    await seed(api);
    for (const text of [
      '',
      '   ',
      '%',
      '_',
      "'; drop table flow; --",
      '\0',
      '\uD800',
      '----------',
      '00000000',
      'ffffffff-ffff',
      'x'.repeat(500),
      '🦦'.repeat(100),
      '"',
    ])
      await search(api, text);
    for (const body of [{}, { text: 7 }, { text: 'x'.repeat(501) }, { text: 'a', limit: 0 }, { text: 'a', limit: 51 }])
      assert.equal((await api.post('/ui/pages/search', body)).status, 422, JSON.stringify(body).slice(0, 60));
  }));

test('its work is bounded: names of the newest runs are asked for, and the answer says that there are older ones', () =>
  withApi({}, async (api) => {
    const { task } = await seed(api);
    const asked: { noun: string; where: unknown; limit: number; offset: number }[] = [];
    const { find } = api.useCases;
    Object.assign(api.useCases, {
      find: async (...[noun, query]: Parameters<typeof find>) => {
        asked.push({ noun, where: query.where, limit: query.limit, offset: query.offset });
        // As if there were very many: something lies behind the newest of them.
        return query.offset > 0 ? find(noun, { ...query, offset: 0 }) : find(noun, query);
      },
    });
    const found = await search(api, 'load');
    assert.deepEqual(
      [found.task_runs, found.is_partial],
      [[], true],
      'the only one is older than those that are looked through',
    );
    assert.ok(asked.every(({ limit }) => limit <= 8));
    assert.deepEqual(
      asked.filter(({ offset }) => offset > 0).map(({ noun, limit }) => [noun, limit]),
      [
        ['flow_run', 1],
        ['task_run', 1],
      ],
    );
    assert.deepEqual(
      (await search(api, task)).task_runs.map(({ id }) => id),
      [task],
      'by its id it is found',
    );
  }));
