/** In PostgreSQL, too, pages by key and pages of events are pieces of an index: nothing is sorted to find them. */
import assert from 'node:assert/strict';
import { after as afterAll, before, test } from 'node:test';
import { Client } from 'pg';

import { eventFilter } from '../../src/contract/decode/event-filter.ts';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { keyQuery, matching, ofFlow } from '../../src/core/list-query.ts';
import type { Noun, Query } from '../../src/core/query.ts';
import type { Instant } from '../../src/core/time.ts';
import { openPostgresStorage } from '../../src/store/dialect/postgres/index.ts';
import { postgresQueryDialect as dialect } from '../../src/store/dialect/postgres/query-dialect.ts';
import { EventLists } from '../../src/store/queries/event-lists.ts';
import { keysPlan, type Plan } from '../../src/store/queries/find.ts';
import { newId } from './samples.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
let client: Client;

before(async () => {
  server = await startPostgres();
  const url = server.createDatabase();
  await (await openPostgresStorage({ url })).close();
  client = new Client({ connectionString: url });
  await client.connect();
  // Tables without rows are read whole, and sorted; forbidden, it is done only where nothing else can be.
  await client.query('SET search_path = ostinato; SET enable_seqscan = off; SET enable_sort = off');
  await client.query(
    'SET enable_incremental_sort = on; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan',
  );
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

/** How PostgreSQL finds it, whatever the values are. */
async function stepsOf({ sql }: Plan): Promise<string> {
  let count = 0;
  const text = sql.replaceAll('?', () => `$${(count += 1)}`);
  await client.query(`PREPARE asked AS ${text}`);
  const values = Array.from({ length: count }, () => 'NULL').join(', ');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) EXECUTE asked(${values})`);
  await client.query('DEALLOCATE asked');
  return rows.map((row) => row['QUERY PLAN'].trim()).join('; ');
}

const after = newId<FlowRunId & TaskRunId>();
const run = matching({ flowRunId: newId() });
const CASES: readonly (readonly [Noun, string, Query, RegExp])[] = [
  ['flow_run', 'newest', keyQuery('flow_run', {}, 50), /Backward using flow_run_pkey/],
  [
    'flow_run',
    'behind one',
    keyQuery('flow_run', { after }, 50),
    /Backward using flow_run_pkey on flow_run; Index Cond: \(id </,
  ],
  [
    'flow_run',
    'of a flow',
    keyQuery('flow_run', { where: ofFlow('sales'), after }, 50),
    /Backward using flow_run_by_flow/,
  ],
  ['task_run', 'newest', keyQuery('task_run', {}, 50), /Backward using task_run_pkey/],
  [
    'task_run',
    'of a run',
    keyQuery('task_run', { where: run, direction: 'asc', after }, 50),
    /using task_run_by_flow_run/,
  ],
  ['log', 'of a run', keyQuery('log', { where: run, after: 3 }, 50), /using log_by_flow_run/],
  ['flow_summary', 'by name', keyQuery('flow_summary', { after: 'a' }, 50), /using flow_name_key/],
];

for (const [noun, what, query, index] of CASES) {
  test(`${noun} ${what}`, async () => {
    const steps = await stepsOf(keysPlan({ dialect }, noun, query, 'condition'));
    assert.match(steps, index);
    assert.doesNotMatch(steps, /(?<!Incremental )Sort;/);
  });
}

test('events go along the index of times', async () => {
  for (const [order, index] of [
    ['ASC', /Index Scan using event_by_occurred/],
    ['DESC', /Index Scan Backward using event_by_occurred/],
  ] as const) {
    const plans: Plan[] = [];
    const asked = (_shape: unknown, compile: () => Plan): readonly unknown[] => (plans.push(compile()), []);
    const lists = new EventLists({
      dialect,
      run: asked,
      probe: asked,
      readFlowRuns: () => [],
      flowRunHistory: () => null,
    });
    void lists.find({ filter: eventFilter({ order }, 1 as Instant), limit: 50 });
    const [page] = (await stepsOf(plans[0] as Plan)).split('; ->  Limit; ').slice(1);
    assert.match(page ?? '', index);
    // Events of one time are put in the order of their commits.
    assert.match(page ?? '', /^->  Incremental Sort; Sort Key: [^;]*; Presorted Key: event_1\.occurred; /);
  }
});
