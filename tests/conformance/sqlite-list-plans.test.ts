/** Lists that page by key go along an index, whatever their filter: without a look at each row, and without sorting. */
import assert from 'node:assert/strict';
import { after as afterAll, test } from 'node:test';

import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { idBegins, keyQuery, matching, ofFlow, withTags } from '../../src/core/list-query.ts';
import { allOf, EVERYTHING, type Condition, type Noun, type Query } from '../../src/core/query.ts';
import { openConnection } from '../../src/store/dialect/sqlite/connection.ts';
import { migrate } from '../../src/store/dialect/sqlite/migrate.ts';
import { sqliteQueryDialect as dialect } from '../../src/store/dialect/sqlite/query-dialect.ts';
import { accessPathTo } from '../../src/store/queries/access-path.ts';
import { keysPlan } from '../../src/store/queries/find.ts';
import { newId } from './samples.ts';

const connection = openConnection(':memory:', {});
migrate(connection);
afterAll(() => connection.close());

/** How SQLite finds the keys of the page. */
function stepsOf(noun: Noun, query: Query): string {
  const accessPath = accessPathTo(noun, query);
  assert.equal(typeof accessPath, 'string', 'it is known without a look at the rows');
  const { sql } = keysPlan({ dialect }, noun, query, accessPath === 'order' ? 'order' : 'condition');
  const steps = connection.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  return steps.map(({ detail }) => String(detail)).join('; ');
}

const after = newId<FlowRunId & TaskRunId>();
const FLOW_RUNS: readonly (readonly [Condition, RegExp])[] = [
  [EVERYTHING, /sqlite_autoindex_flow_run_1 \(id<\?\)/],
  [matching({ id: [newId()] }), /sqlite_autoindex_flow_run_1 \(id=\?\)/],
  [idBegins('01'), /sqlite_autoindex_flow_run_1 \(id>\? AND id<\?\)/],
  [matching({ name: 'brave-otter' }), /flow_run_by_name \(name=\? AND id<\?\)/],
  [ofFlow('sales'), /flow_run_by_flow \(flow_id=\? AND id<\?\)/],
  [
    allOf([ofFlow('sales'), matching({ stateType: ['FAILED', 'CRASHED'] })]),
    /flow_run_by_flow \(flow_id=\? AND id<\?\)/,
  ],
  [allOf([matching({ stateType: ['RUNNING'] }), withTags(['a'])]), /flow_run_by_state \(state_type=\? AND id<\?\)/],
  [matching({ parentTaskRunId: newId() }), /flow_run_by_parent_task_run \(parent_task_run_id=\? AND id<\?\)/],
];
const TASK_RUNS: readonly (readonly [Condition, RegExp])[] = [
  [EVERYTHING, /PRIMARY KEY \(id>\?\)/],
  [matching({ id: [newId()] }), /PRIMARY KEY \(id=\?\)/],
  [matching({ flowRunId: newId() }), /task_run_by_flow_run \(flow_run_id=\? AND id>\?\)/],
  [matching({ flowRunId: newId(), stateType: ['RUNNING'] }), /task_run_by_flow_run \(flow_run_id=\? AND id>\?\)/],
];
const OF_A_RUN = matching({ flowRunId: newId() });

const CASES: readonly (readonly [Noun, string, Query, RegExp])[] = [
  ...FLOW_RUNS.map(
    ([where, index]) => ['flow_run', JSON.stringify(where), keyQuery('flow_run', { where, after }, 50), index] as const,
  ),
  ...TASK_RUNS.map(([where, index]) => {
    const query = keyQuery('task_run', { where, direction: 'asc', after }, 50);
    return ['task_run', JSON.stringify(where), query, index] as const;
  }),
  [
    'log',
    'of a run',
    keyQuery('log', { where: OF_A_RUN, after: 3 }, 50),
    /log_by_flow_run \(flow_run_id=\? AND seq>\?\)/,
  ],
  [
    'log',
    'the last of a run',
    keyQuery('log', { where: OF_A_RUN, direction: 'desc' }, 50),
    /log_by_flow_run \(flow_run_id=\?\)/,
  ],
  ['flow_summary', 'by name', keyQuery('flow_summary', { after: 'a' }, 50), /sqlite_autoindex_flow_2 \(name>\?\)/],
];
/** Of those that are due in a queue, the ones whose priority is not the ordinary one (`work-pools/due-order.ts`). */
for (const op of ['lt', 'gt'] as const)
  test(`runs of a queue that are due, by priority: ${op}`, () => {
    const steps = stepsOf('flow_run', {
      where: allOf([
        { op: 'eq', field: 'workQueueId', value: newId() },
        { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
        { op, field: 'priority', value: 0 },
        { op: 'le', field: 'nextScheduledStartTime', value: 1 },
      ]),
      sort: ['priority', 'nextScheduledStartTime'].map((field) => ({ field, direction: 'asc' }) as const),
      limit: 10,
      offset: 0,
    });
    assert.match(steps, /flow_run_by_priority \(work_queue_id=\? AND state_type=\? AND priority[<>]\?\)/);
    // Only runs of equal priority and time are put in the order of their ids.
    assert.doesNotMatch(steps, /TEMP B-TREE FOR ORDER BY|SCAN flow_run/);
  });

for (const [noun, what, query, index] of CASES) {
  test(`${noun} ${what}`, () => {
    const steps = stepsOf(noun, query);
    assert.match(steps, index);
    assert.doesNotMatch(steps, /TEMP B-TREE|SCAN (?:flow|task_run|log)/);
  });
}
