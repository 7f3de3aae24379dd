/** Events are found along an index, whatever is asked of them; no statement reads a whole table. */
import assert from 'node:assert/strict';
import { after as afterAll, test } from 'node:test';

import type { EventFilterIn } from '../../src/contract/body/event-filter.ts';
import { eventFilter } from '../../src/contract/decode/event-filter.ts';
import type { EventFilter } from '../../src/core/event-filter.ts';
import type { Instant } from '../../src/core/time.ts';
import { openConnection } from '../../src/store/dialect/sqlite/connection.ts';
import { FOLD_CASE, foldCase } from '../../src/store/dialect/sqlite/fold-case.ts';
import { migrate } from '../../src/store/dialect/sqlite/migrate.ts';
import { sqliteQueryDialect as dialect } from '../../src/store/dialect/sqlite/query-dialect.ts';
import { EventLists } from '../../src/store/queries/event-lists.ts';
import type { Plan } from '../../src/store/queries/find.ts';
import { newId } from './samples.ts';

const connection = openConnection(':memory:', {});
migrate(connection);
connection.db.function(FOLD_CASE, { deterministic: true }, foldCase);
afterAll(() => connection.close());

/** How SQLite finds what is asked. */
function stepsOf(ask: (lists: EventLists) => unknown): string {
  const plans: Plan[] = [];
  const run = (_shape: unknown, compile: () => Plan): readonly unknown[] => (plans.push(compile()), []);
  const runner = { dialect, run, probe: run, readFlowRuns: () => [], flowRunHistory: () => null };
  void ask(new EventLists(runner));
  return plans
    .flatMap(({ sql }) => connection.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
    .map(({ detail }) => String(detail))
    .join('; ');
}

const NOW = 1_790_000_000_000_000 as Instant;
const BY_TIME = /SEARCH event USING (?:COVERING )?INDEX event_by_occurred \(occurred>\? AND occurred<\?\)/;
const BY_SEQ = /SEARCH event USING INTEGER PRIMARY KEY \(rowid=\?\); LIST SUBQUERY/;
const BY_RESOURCE = /SEARCH event_resource USING PRIMARY KEY \(resource_id=\?\)/;
const OF_STATE = /SEARCH compact USING INDEX event_by_occurred \(occurred=\?\)/;
const BODY = /SEARCH event_body USING INTEGER PRIMARY KEY \(rowid=\?\)/;

const [run, other] = [newId(), newId()];
const CASES: readonly (readonly [string, EventFilterIn, readonly RegExp[]])[] = [
  ['everything', {}, [BY_TIME]],
  ['by name', { event: { name: ['a', 'b'] } }, [BY_TIME]],
  ['by prefix of name', { event: { prefix: ['a.'], exclude_prefix: ['a.b'] } }, [BY_TIME]],
  ['by resource', { resource: { id: ['a'] } }, [BY_SEQ, BY_RESOURCE]],
  [
    'by task run',
    { resource: { id: [`prefect.task-run.${run}`] } },
    [BY_SEQ, BY_RESOURCE, OF_STATE, /SEARCH state USING PRIMARY KEY \(run_id=\?\)/],
  ],
  ['by resource and label', { resource: { id: ['a'], labels: { b: 'c' } } }, [BY_SEQ, BY_RESOURCE, BODY]],
  ['by prefix of resource', { resource: { id_prefix: ['a'] } }, [BY_TIME]],
  ['by label', { resource: { labels: { b: 'c*' } } }, [BY_TIME, BODY]],
  ['by related resource', { related: { id: ['a'], role: ['b'] } }, [BY_SEQ, BY_RESOURCE]],
  [
    'by flow run',
    { related: { id: [`prefect.flow-run.${run}`], role: ['flow-run'] } },
    [
      BY_SEQ,
      BY_RESOURCE,
      OF_STATE,
      /SEARCH task_run USING (?:COVERING )?INDEX task_run_by_flow_run \(flow_run_id=\?\)/,
    ],
  ],
  [
    'by resources in roles',
    {
      related: {
        resources_in_roles: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      },
    },
    [BY_SEQ, BY_RESOURCE],
  ],
  ['by related role', { related: { role: ['a'] } }, [BY_TIME, BODY]],
  ['by any resource', { any_resource: [{ id: ['a'] }, { id: ['b', 'c'] }] }, [BY_SEQ, BY_RESOURCE]],
  [
    'by id',
    { id: { id: [run, other] } },
    [
      BY_SEQ,
      /SEARCH by_id USING INDEX event_by_id \(id=\?\)/,
      /SEARCH by_id USING INDEX event_by_occurred \(occurred>\? AND occurred<\?\)/,
    ],
  ],
  ['by text', { text: { query: 'a -b' } }, [BY_TIME, BODY]],
  ['one of each resource', { resource: { distinct: true } }, [BY_TIME]],
];

/** A table that is read whole; the parts of a text in JSON are, and pages that were found already. */
const WHOLE = /SCAN (?!part\b|entry\b|wanted\b|page\b|ranked\b|\(subquery)/;

for (const [what, asked, steps] of CASES) {
  test(what, () => {
    const filter = eventFilter(asked, NOW);
    const page = stepsOf((lists) => lists.find({ filter, limit: 50 }));
    const counts = [
      stepsOf((lists) => lists.count(filter)),
      stepsOf((lists) => lists.countBy(filter, { by: 'event' })),
      stepsOf((lists) => lists.countBy(filter, { by: 'resource' })),
      stepsOf((lists) => lists.countBy(filter, { by: 'time', from: 0 as Instant, bucketUs: 60 })),
    ];
    for (const found of [page, ...counts]) {
      for (const step of steps) assert.match(found, step);
      assert.doesNotMatch(found, WHOLE);
    }
  });
}

test('a page is a piece of the index of times: nothing is sorted, and the walk begins where the page before ended', () => {
  for (const order of ['asc', 'desc'] as const) {
    const filter: EventFilter = { ...eventFilter({ event: { prefix: ['a.'] } }, NOW), order };
    const after = { occurred: (NOW - 5) as Instant, seq: 7 };
    const keys = stepsOf((lists) => lists.find({ filter, limit: 50, after, seqMax: 9 })).split('; SCAN page')[0] ?? '';
    assert.match(keys, BY_TIME);
    assert.doesNotMatch(keys, /TEMP B-TREE/);
    let bounds: readonly unknown[] = [];
    const run = ({ values }: { readonly values: readonly unknown[] }): readonly unknown[] => ((bounds = values), []);
    const runner = { dialect, run, probe: run, readFlowRuns: () => [], flowRunHistory: () => null };
    void new EventLists(runner).find({ filter, limit: 50, after });
    assert.deepEqual(
      bounds.slice(0, 2),
      order === 'asc' ? [after.occurred, filter.until] : [filter.since, after.occurred],
    );
  }
});
