/** Lists on our own wire: every comparison arrives as it was sent; what cannot be asked is refused with a reason. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { makeLog, newId } from '../../../tests/conformance/samples.ts';
import { codecOf } from '../../contract/codec.ts';
import { condition } from '../../contract/own/condition.ts';
import type { FlowRunId } from '../../core/ids.ts';
import { idBegins, matching, ofFlow, ROOT_RUNS, withTags } from '../../core/list-query.ts';
import { allOf, EVERYTHING, NOTHING, type Condition } from '../../core/query.ts';
import { openApi, type ApiUnderTest } from '../fixtures/api-under-test.ts';

interface Named {
  readonly id: FlowRunId;
  readonly name: string;
}

interface World {
  readonly api: ApiUnderTest;
  readonly runs: Readonly<Record<string, Named>>;
  readonly ask: (path: string, body: object) => Promise<{ readonly status: number; readonly body: unknown }>;
}

const wire = (where: Condition): unknown => codecOf(condition).write(where);

async function open(t: TestContext): Promise<World> {
  const api = openApi();
  t.after(() => api.close());
  const sales = (await api.post('/flows/', { name: 'sales' })).body as Named;
  const stars = (await api.post('/flows/', { name: 'stars' })).body as Named;
  const runs: Record<string, Named> = {};
  for (const [flow, name, tags] of [
    [sales, 'one', ['a', 'b']],
    [sales, 'two', ['a']],
    [stars, '100% three', []],
  ] as const) {
    api.advance(60);
    runs[name] = (await api.post('/flow_runs/', { flow_id: flow.id, name, tags })).body as Named;
  }
  await api.post(`/flow_runs/${runs['two']?.id}/set_state`, { state: { type: 'RUNNING' } });
  return { api, runs, ask: (path, body) => api.post(`/ostinato${path}`, body) };
}

test('flow runs are found by every comparison', async (t) => {
  const { ask, runs } = await open(t);
  const one = runs['one']?.id as FlowRunId;
  const expectations: readonly [Condition, readonly string[]][] = [
    [EVERYTHING, ['100% three', 'two', 'one']],
    [NOTHING, []],
    [matching({ id: one }), ['one']],
    [idBegins(one), ['one']],
    [matching({ name: ['one', 'two'] }), ['two', 'one']],
    [{ op: 'notIn', field: 'name', values: ['one'] }, ['100% three', 'two']],
    [ofFlow('sales'), ['two', 'one']],
    [withTags(['a', 'b']), ['one']],
    [{ op: 'hasAny', field: 'tags', values: ['b', 'c'] }, ['one']],
    [{ op: 'isEmpty', field: 'tags', isEmpty: true }, ['100% three']],
    [ROOT_RUNS, ['100% three', 'two', 'one']],
    [{ op: 'isNull', field: 'startTime', isNull: false }, ['two']],
    [{ op: 'contains', field: 'name', text: 'O' }, ['two', 'one']],
    [{ op: 'startsWith', field: 'name', text: 'TW' }, ['two']],
    [{ op: 'hasPrefix', field: 'name', text: 'TW' }, []],
    [{ op: 'hasAnyPrefix', field: 'name', values: ['TW', '100%', 'on'] }, ['100% three', 'one']],
    [{ op: 'glob', field: 'name', patterns: ['?w*', '*[1]*', 'ONE'] }, ['two']],
    [{ op: 'like', field: 'name', pattern: '%_e' }, ['100% three', 'one']],
    [{ op: 'gt', field: 'runCount', value: 0 }, ['two']],
    [{ op: 'le', field: 'runCount', value: 0 }, ['100% three', 'one']],
    [{ op: 'not', of: ofFlow('sales') }, ['100% three']],
    [{ op: 'or', of: [matching({ stateType: ['RUNNING'] }), withTags(['b'])] }, ['two', 'one']],
    [allOf([ofFlow('sales'), { op: 'not', of: matching({ stateName: 'Running' }) }]), ['one']],
  ];
  for (const [where, found] of expectations) {
    const sent = wire(where);
    assert.deepEqual(codecOf(condition).read(structuredClone(sent), 'where'), where);
    const { status, body } = await ask('/flow_runs/filter', { where: sent });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(
      (body as Named[]).map(({ name }) => name),
      found,
      JSON.stringify(sent),
    );
    const counts = await ask('/flow_runs/count', { where: sent });
    const total = Object.values(counts.body as Record<string, number>).reduce((sum, count) => sum + count, 0);
    assert.equal(total, found.length, JSON.stringify(sent));
  }
});

test('pages go on behind a key, in either direction', async (t) => {
  const { api, ask, runs } = await open(t);
  const names = async (body: object) =>
    ((await ask('/flow_runs/filter', body)).body as Named[]).map(({ name }) => name);
  assert.deepEqual(await names({ limit: 1 }), ['100% three']);
  assert.deepEqual(await names({ after: runs['100% three']?.id }), ['two', 'one']);
  assert.deepEqual(await names({ after: runs['one']?.id, direction: 'asc' }), ['two', '100% three']);
  const flowRunId = runs['one']?.id ?? newId<FlowRunId>();
  await api.storage.writeLogs([1, 2, 3].map((number) => makeLog({ flowRunId, message: `line ${number}` })));
  const lines = async (body: object) =>
    ((await ask('/logs/filter', body)).body as { readonly seq: number; readonly message: string }[]).map(
      ({ message }) => message,
    );
  const where = wire(matching({ flowRunId }));
  assert.deepEqual(await lines({ where, direction: 'desc', limit: 2 }), ['line 3', 'line 2']);
  assert.deepEqual(await lines({ where, after: 1 }), ['line 2', 'line 3']);
  const flows = (await ask('/flows/filter', { after: 'sales' })).body as { readonly last_run_id: string }[];
  assert.deepEqual(
    flows.map(({ last_run_id: last }) => last),
    [runs['100% three']?.id],
  );
});

test('what cannot be asked is refused with a reason, and the server goes on', async (t) => {
  const { ask } = await open(t);
  let deep: object = { op: 'and', of: [] };
  for (let depth = 0; depth < 120; depth += 1) deep = { op: 'not', of: deep };
  const many = (count: number): unknown => ({ op: 'or', of: Array.from({ length: count }, () => wire(ROOT_RUNS)) });
  const nonsense: readonly unknown[] = [
    null,
    'everything',
    [],
    {},
    { op: 'drop' },
    { op: 'eq', field: 'name' },
    { op: 'eq', field: 'name', value: 'one', more: 1 },
    { op: 'eq', field: 'name', value: null },
    { op: 'eq', field: 'name', value: 3 },
    { op: 'eq', field: '__proto__', value: 'x' },
    { op: 'eq', field: 'constructor', value: 'x' },
    { op: 'eq', field: "id' or '1'='1", value: 'x' },
    { op: 'in', field: 'id', values: ['../../etc/passwd'] },
    { op: 'in', field: 'name', values: Array.from({ length: 5_001 }, () => 'x') },
    { op: 'like', field: 'name', pattern: '%'.repeat(501) },
    { op: 'hasAnyPrefix', field: 'name', values: ['a', 'a'.repeat(501)] },
    { op: 'glob', field: 'name', patterns: Array.from({ length: 101 }, () => '*a*') },
    { op: 'glob', field: 'runCount', patterns: ['1'] },
    { op: 'exists', noun: 'event_resource', where: wire(matching({ id: 'x' })) },
    { op: 'contains', field: 'runCount', text: '1' },
    { op: 'hasAll', field: 'name', values: ['a'] },
    { op: 'exists', noun: 'secret', where: { op: 'and', of: [] } },
    { op: 'exists', noun: '__proto__', where: { op: 'and', of: [] } },
    { op: 'exists', noun: 'secret', where: wire(matching({ name: 'x' })) },
    { op: 'exists', noun: 'flow', by: 'child', where: { op: 'and', of: [] } },
    { op: 'and', of: { op: 'and', of: [] } },
    { op: 'not', of: [] },
    many(101),
    deep,
  ];
  for (const where of nonsense) {
    for (const path of ['/flow_runs/filter', '/flow_runs/count']) {
      const { status, body } = await ask(path, { where });
      assert.ok(status === 422 || status === 400, `${status} ${JSON.stringify(where).slice(0, 200)}`);
      assert.match(JSON.stringify(body), /\w+ \w+/);
    }
  }
  for (const page of [{ direction: 'up' }, { after: 'x' }, { after: 3 }, { limit: 'many' }, { offset: 1 }])
    assert.equal((await ask('/flow_runs/filter', page)).status, 422, JSON.stringify(page));
  assert.equal(((await ask('/flow_runs/filter', { limit: -5 })).body as unknown[]).length, 1);
  assert.equal((await ask('/flow_runs/filter', { where: many(99) })).status, 200);
});
