import assert from 'node:assert/strict';
import { test } from 'node:test';

import { targetsOf } from './search-targets.ts';

const run = { id: 'r', name: 'blue-otter', state_type: 'FAILED' as const, state_name: 'Failed', created: '' };

test('pages by their names, then what the server found: each leads to its page, and says what it belongs to', () => {
  assert.deepEqual(
    targetsOf('', undefined).map(({ name, to }) => [name, to]),
    [
      ['Runs', '/runs'],
      ['Flows', '/flows'],
      ['Deployments', '/deployments'],
      ['Work pools', '/work-pools'],
      ['Events', '/events'],
      ['Automations', '/automations'],
      ['API', '/docs'],
    ],
  );
  const found = {
    flows: [{ id: 'f', name: 'Shops' }],
    deployments: [{ id: 'd', name: 'nightly', flow_name: 'Shops' }],
    work_pools: [{ id: 'p', name: 'a/b' }],
    flow_runs: [{ ...run, flow_name: 'Shops' }],
    is_partial: false,
    task_runs: [
      { ...run, id: 't', name: 'load-0', flow_run_id: 'r', flow_run_name: 'blue-otter' },
      { ...run, id: 'u', flow_run_id: null, flow_run_name: null },
    ],
  };
  assert.deepEqual(
    targetsOf('', found).flatMap(({ params }) => (params === null ? [] : [params])),
    [{ id: 'f' }, { id: 'd' }, { name: 'a/b' }, { id: 'r' }, { id: 't' }, { id: 'u' }],
  );
  assert.deepEqual(
    targetsOf(' FLOW ', found).map(({ kind, name, of, to }) => [kind, name, of, to]),
    [
      ['Page', 'Flows', null, '/flows'],
      ['Flow', 'Shops', null, '/flows/flow/$id'],
      ['Deployment', 'nightly', 'Shops', '/deployments/deployment/$id'],
      ['Work pool', 'a/b', null, '/work-pools/work-pool/$name'],
      ['Flow run', 'blue-otter', 'Shops', '/runs/flow-run/$id'],
      ['Task run', 'load-0', 'blue-otter', '/runs/task-run/$id'],
      ['Task run', 'blue-otter', null, '/runs/task-run/$id'],
    ],
  );
});
