import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi } from './fixtures/api-under-test.ts';

const NOBODY = '11111111-1111-4111-8111-111111111119';
/** Read as it comes. */
type Body = ReturnType<typeof JSON.parse>;

test('a graph shows what fed what, what was called within what, and subflows in place of their placeholders', async () => {
  const api = openApi();
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Body;
  const open = async (body: object) =>
    (await api.post('/flow_runs/', { flow_id: flow.id, state: { type: 'RUNNING' }, ...body })).body as Body;
  const run = await open({});
  const make = async (name: string, task_inputs: object, state: object = { type: 'COMPLETED' }): Promise<string> => {
    api.advance(1);
    return (
      (
        await api.post('/task_runs/', {
          flow_run_id: run.id,
          task_key: name,
          dynamic_key: '0',
          name,
          task_inputs,
          state,
        })
      ).body as Body
    ).id;
  };
  const from = (...ids: readonly string[]) => ids.map((id) => ({ input_type: 'task_run', id }));
  const a = await make('a', {});
  const sub = await make('sub-0', { x: from(a) }, { type: 'PENDING' });
  const child = await open({ parent_task_run_id: sub, name: 'child' });
  const b = await make(
    'b',
    { x: from(a), y: [...from(a, sub), { input_type: 'constant', type: 'int' }] },
    { type: 'RUNNING' },
  );
  const c = await make(
    'c',
    { __parents__: from(b), z: [{ input_type: 'flow_run', id: child.id }] },
    { type: 'FAILED' },
  );
  const names: Readonly<Record<string, string>> = { [a]: 'a', [b]: 'b', [c]: 'c', [child.id]: 'child' };
  const edges = (list: Body) => list.map(({ id }: Body) => names[id]);
  const graph = (await api.get(`/flow_runs/${run.id}/graph-v2`)).body as Body;
  assert.deepEqual(
    graph.nodes.map(([id, node]: Body) => [
      names[id],
      node.kind,
      node.label,
      node.state_type,
      edges(node.parents),
      edges(node.children),
      edges(node.encapsulating),
    ]),
    [
      ['a', 'task-run', 'a', 'COMPLETED', [], ['child', 'b'], []],
      ['child', 'flow-run', 'sales / child', 'RUNNING', ['a'], ['b', 'c'], []],
      ['b', 'task-run', 'b', 'RUNNING', ['a', 'child'], [], []],
      ['c', 'task-run', 'c', 'FAILED', ['child'], [], ['b']],
    ],
  );
  assert.deepEqual(
    graph.root_node_ids.map((id: string) => names[id]),
    ['a'],
  );
  assert.deepEqual(
    graph.states.map(({ name }: Body) => name),
    ['Running'],
  );
  assert.deepEqual([graph.start_time, graph.end_time, graph.artifacts], [run.start_time, null, []]);
  const later = (await api.get(`/flow_runs/${run.id}/graph-v2?since=2100-01-01T00:00:00Z`)).body as Body;
  assert.deepEqual(
    later.nodes.map(([id]: Body) => names[id]),
    ['child', 'b'],
    'what goes on',
  );
  const flat = (await api.get(`/flow_runs/${run.id}/graph`)).body as Body;
  assert.deepEqual(
    flat.map(({ name, upstream_dependencies }: Body) => [name, upstream_dependencies.length]),
    [
      ['a', 0],
      ['sub-0', 1],
      ['b', 3],
      ['c', 2],
    ],
  );
  for (const path of ['graph', 'graph-v2']) assert.equal((await api.get(`/flow_runs/${NOBODY}/${path}`)).status, 404);
  assert.deepEqual(api.failures, []);
  await api.close();
});
