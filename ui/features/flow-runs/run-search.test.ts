import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isNarrowed, parseRunSearch } from './run-search.ts';
import { periodOfSearch, selectionOf } from './run-selection.ts';

const FLOW = '0198c1d0-7a2b-7c3d-8e4f-001122334455';

test('an address that makes no sense means the plain list', () => {
  const search = parseRunSearch({
    name: {},
    states: ['SLEEPING', 3],
    span: 'aeon',
    from: 'yesterday',
    to: '2026-11-22',
    tags: [''],
    page: -2,
    flow: null,
  });
  assert.deepEqual(search, {});
  assert.equal(isNarrowed(search), false);
});

test('an address is read as it was written', () => {
  const search = {
    name: 'otter',
    states: ['RUNNING', 'FAILED'] as const,
    flow: FLOW,
    tags: ['a', 'b'],
    span: '1h' as const,
    subflows: true,
    sort: 'name' as const,
    page: 3,
  };
  assert.deepEqual(parseRunSearch(structuredClone(search)), search);
});

test('a selection asks for what the address says', () => {
  const search = parseRunSearch({ name: 'otter', states: 'FAILED', tags: 'nightly', flow: FLOW });
  const from = Date.parse('2026-11-22T00:00:00Z');
  assert.deepEqual(selectionOf(search, { start: from, end: from + 60_000 }), {
    flow_runs: {
      expected_start_time: { after_: '2026-11-22T00:00:00.000Z', before_: '2026-11-22T00:01:00.000Z' },
      name: { like_: 'otter' },
      tags: { all_: ['nightly'] },
      state: { type: { any_: ['FAILED'] } },
      parent_task_run_id: { is_null_: true },
    },
    flows: { id: { any_: [FLOW] } },
  });
  assert.equal(selectionOf(search, null, false).flow_runs?.state, undefined);
});

test('a window that was drawn wins over a span', () => {
  const search = parseRunSearch({ span: '1h', from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' });
  assert.deepEqual(periodOfSearch(search, 0), {
    start: Date.parse('2026-11-01T00:00:00Z'),
    end: Date.parse('2026-11-02T00:00:00Z'),
  });
});
