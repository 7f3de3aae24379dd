import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Condition, Noun, Query, Scalar, Sort } from '../../src/core/query.ts';
import type { EntityByNoun } from '../../src/core/query.ts';
import { evaluate, type MemoryTables } from './query-evaluator.ts';
import { drawing, fillWorld, NAMES, START, TAGS, tablesOf } from './query-rows.ts';
import { newId, withoutSeq } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

type Kind = 'id' | 'text' | 'time' | 'list';

type Listed = Exclude<
  keyof EntityByNoun,
  | 'flow_summary'
  | 'flow_run_input'
  | 'concurrency_limit'
  | 'deployment'
  | 'saved_search'
  | 'automation'
  | 'backfill'
  | 'block_type'
  | 'block_schema'
  | 'block_document'
>;

/** What conditions are made of, by noun. */
const FIELDS: Readonly<Record<Listed, Readonly<Record<string, Kind>>>> = {
  flow: { id: 'id', name: 'text', tags: 'list', createdAt: 'time' },
  flow_run: {
    id: 'id',
    flowId: 'id',
    name: 'text',
    tags: 'list',
    flowVersion: 'text',
    stateType: 'text',
    stateName: 'text',
    deploymentId: 'id',
    workQueueId: 'id',
    workQueueName: 'text',
    priority: 'time',
    retryType: 'text',
    idempotencyKey: 'text',
    parentTaskRunId: 'id',
    parentFlowRunId: 'id',
    creatorId: 'text',
    creatorType: 'text',
    startTime: 'time',
    endTime: 'time',
    expectedStartTime: 'time',
    startOrExpectedTime: 'time',
    nextScheduledStartTime: 'time',
  },
  task_run: {
    id: 'id',
    flowRunId: 'id',
    name: 'text',
    tags: 'list',
    stateType: 'text',
    stateName: 'text',
    startTime: 'time',
    endTime: 'time',
    expectedStartTime: 'time',
  },
  log: {
    flowRunId: 'id',
    taskRunId: 'id',
    name: 'text',
    level: 'time',
    message: 'text',
    text: 'text',
    timestamp: 'time',
  },
  artifact: {
    id: 'id',
    key: 'text',
    type: 'text',
    flowRunId: 'id',
    taskRunId: 'id',
    createdAt: 'time',
    updatedAt: 'time',
  },
  artifact_collection: { latestId: 'id', key: 'text', type: 'text', flowRunId: 'id', taskRunId: 'id' },
  variable: { id: 'id', name: 'text', tags: 'list', updatedAt: 'time' },
  work_pool: { id: 'id', name: 'text', type: 'text', status: 'text' },
  work_queue: { id: 'id', workPoolId: 'id', name: 'text', priority: 'time', status: 'text', lastPolled: 'time' },
  worker: { id: 'id', workPoolId: 'id', name: 'text', status: 'text', lastHeartbeat: 'time' },
};

const TIES: Readonly<Partial<Record<Noun, readonly (readonly [Noun, ('parent' | 'child')?])[]>>> = {
  flow: [['flow_run'], ['deployment']],
  flow_run: [['flow'], ['task_run'], ['task_run', 'parent'], ['work_queue']],
  work_queue: [['work_pool']],
  task_run: [['flow_run'], ['flow_run', 'child']],
  artifact: [['flow_run'], ['task_run']],
  artifact_collection: [['flow_run'], ['task_run']],
};

/** Values that are there, that are not, and lists long enough to be bound in another way. */
function values(tables: MemoryTables, noun: Noun, field: string, kind: Kind): fc.Arbitrary<Scalar> {
  const there = tables
    .rows(noun)
    .map((row) => row.fields[field])
    .filter((value): value is Scalar => value !== null && value !== undefined && !Array.isArray(value));
  const strange: fc.Arbitrary<Scalar> =
    kind === 'id'
      ? fc.constant(newId())
      : kind === 'time'
        ? fc.integer({ min: START, max: START + 15_000_000 })
        : fc.constantFrom(...NAMES, 'RUNNING', 'q');
  return there.length === 0 ? strange : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...there) }, strange);
}

/** Few texts, or more than are bound one by one. */
function textsOf(text: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> {
  return fc.array(text, { maxLength: 24, size: 'max' });
}

function leaves(tables: MemoryTables, noun: Noun, field: string, kind: Kind): fc.Arbitrary<Condition> {
  if (kind === 'list') {
    return fc.oneof(
      fc.record({
        op: fc.constantFrom('hasAll', 'hasAny'),
        field: fc.constant(field),
        values: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 6 }),
      }),
      fc.record({ op: fc.constant('isEmpty'), field: fc.constant(field), isEmpty: fc.boolean() }),
    ) as fc.Arbitrary<Condition>;
  }
  const value = values(tables, noun, field, kind);
  const isNull = fc.record({ op: fc.constant('isNull'), field: fc.constant(field), isNull: fc.boolean() });
  const among = fc.record({
    op: fc.constantFrom('in', 'notIn'),
    field: fc.constant(field),
    values: fc.array(value, { maxLength: 24, size: 'max' }),
  });
  const more =
    kind === 'time'
      ? fc.record({ op: fc.constantFrom('eq', 'lt', 'le', 'gt', 'ge'), field: fc.constant(field), value })
      : kind === 'id'
        ? fc.record({ op: fc.constant('eq'), field: fc.constant(field), value })
        : fc.oneof(
            fc.record({
              op: fc.constantFrom('contains', 'startsWith', 'hasPrefix'),
              field: fc.constant(field),
              text: fc.constantFrom('OTTER', 'är', 'ÄR', '%', '_', '\\', '"', 'a', ''),
            }),
            fc.record({
              op: fc.constant('hasAnyPrefix'),
              field: fc.constant(field),
              values: textsOf(fc.constantFrom('quick', 'Quick', 'Är', '%', '_', 'a', '')),
            }),
            fc.record({
              op: fc.constant('glob'),
              field: fc.constant(field),
              patterns: textsOf(
                fc.constantFrom('*ott?r', '*OTT?R*', '*[1]*', '*%*', 'quick_*', '*\\\\*', '*', '?', ''),
              ),
            }),
            fc.record({
              op: fc.constant('like'),
              field: fc.constant(field),
              pattern: fc.constantFrom('%OTT_R%', 'quick_otter', '%ÄR%', '%', '', '1_\\% %', '_本', 'a\\_'),
            }),
          );
  return fc.oneof(isNull, among, more) as fc.Arbitrary<Condition>;
}

function conditions(tables: MemoryTables, noun: Noun, depth: number): fc.Arbitrary<Condition> {
  const fields = FIELDS[noun as keyof typeof FIELDS] ?? {};
  const own = Object.entries(fields).map(([field, kind]) => leaves(tables, noun, field, kind));
  if (own.length === 0) return fc.constant({ op: 'and', of: [] });
  if (depth === 0) return fc.oneof(...own);
  const inner = conditions(tables, noun, depth - 1);
  const group = fc.record({
    op: fc.constantFrom('and', 'or'),
    of: fc.array(inner, { maxLength: 3 }),
  }) as fc.Arbitrary<Condition>;
  const denied = fc.record({ op: fc.constant('not'), of: inner }) as fc.Arbitrary<Condition>;
  const ties = (TIES[noun] ?? []).map(([to, by]) =>
    conditions(tables, to, depth - 1).map((where): Condition => ({
      op: 'exists',
      noun: to,
      where,
      ...(by === undefined ? {} : { by }),
    })),
  );
  return fc.oneof(...own, group, group, denied, ...ties, ...ties);
}

function queries(tables: MemoryTables, noun: Listed): fc.Arbitrary<Query> {
  const sortable = Object.entries(FIELDS[noun])
    .filter(([, kind]) => kind !== 'list')
    .map(([field]) => field);
  const sort: fc.Arbitrary<Sort> = fc.record({
    field: fc.constantFrom(...sortable),
    direction: fc.constantFrom('asc', 'desc'),
  });
  return fc.record({
    where: conditions(tables, noun, 3),
    sort: fc.array(sort, { maxLength: 2 }),
    limit: fc.constantFrom(0, 1, 5, 200),
    offset: fc.constantFrom(0, 0, 3, 100),
  });
}

const property = async (storage: Parameters<StorageTests[string]>[0], noun: Listed): Promise<void> => {
  const tables = tablesOf(await fillWorld(storage, drawing(noun.length)));
  await fc.assert(
    fc.asyncProperty(queries(tables, noun), async (query) => {
      const expected = evaluate(tables, noun, query, noun === 'log' ? 'seq' : 'id');
      assert.deepEqual(
        (await storage.find(noun, query)).map(({ id }) => id),
        expected,
      );
      assert.equal(
        await storage.count(noun, query.where),
        evaluate(tables, noun, { ...query, offset: 0, limit: 1e9 }).length,
      );
    }),
    { numRuns: 300 },
  );
};

const NEWEST_FIRST = { sort: [], limit: 200, offset: 0 };

export const queryTests: StorageTests = {
  ...Object.fromEntries(
    (Object.keys(FIELDS) as Listed[]).map((noun) => [
      `lists of ${noun} by condition are what the conditions mean`,
      (storage: Parameters<StorageTests[string]>[0]) => property(storage, noun),
    ]),
  ),

  'rows of lists by condition are whole': async (storage) => {
    const world = await fillWorld(storage, drawing(5));
    const everything = { where: { op: 'and', of: [] }, ...NEWEST_FIRST } as const;
    const newestFirst = <Row extends { readonly id: string }>(rows: readonly Row[]): Row[] =>
      rows.toSorted((a, b) => (a.id < b.id ? 1 : -1));
    assert.deepEqual(await storage.find('flow', everything), newestFirst(world.flows));
    assert.deepEqual(await storage.find('flow_run', everything), newestFirst(world.flowRuns));
    assert.deepEqual(await storage.find('task_run', everything), newestFirst(world.taskRuns));
    assert.deepEqual(await storage.find('artifact', everything), newestFirst(world.artifacts));
    assert.deepEqual(await storage.find('variable', everything), newestFirst(world.variables));
    const logs = await storage.find('log', { ...everything, sort: [{ field: 'seq', direction: 'asc' }] });
    assert.deepEqual(logs.map(withoutSeq), world.logs);
  },

  'lists by thousands of ids and texts': async (storage) => {
    const world = await fillWorld(storage, drawing(6));
    const ids = [
      ...Array.from({ length: 40_000 }, () => newId<string>()),
      ...world.flowRuns.slice(0, 3).map(({ id }) => id),
    ];
    const found = await storage.find('flow_run', { where: { op: 'in', field: 'id', values: ids }, ...NEWEST_FIRST });
    assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(world.flowRuns.slice(0, 3).map(({ id }) => id)));
    const texts = Array.from({ length: 40_000 }, (_, index) => `name ${index}`);
    assert.equal(await storage.count('flow_run', { op: 'in', field: 'name', values: texts }), 0);
    assert.equal(await storage.count('flow_run', { op: 'notIn', field: 'name', values: texts }), world.flowRuns.length);
    assert.equal(await storage.count('flow_run', { op: 'hasAll', field: 'tags', values: texts }), 0);
  },

  'lists by condition refuse what is not there': async (storage) => {
    const query = (where: Condition): Query => ({ where, ...NEWEST_FIRST });
    await assert.rejects(async () => storage.find('flow_run', query({ op: 'eq', field: 'nothing', value: 1 })), {
      code: 'bad-input',
    });
    await assert.rejects(
      async () =>
        storage.find('flow_run', { ...query({ op: 'and', of: [] }), sort: [{ field: 'x', direction: 'asc' }] }),
      { code: 'bad-input' },
    );
    await assert.rejects(
      async () => storage.find('log', query({ op: 'exists', noun: 'variable', where: { op: 'and', of: [] } })),
      { code: 'bad-input' },
    );
    await assert.rejects(async () => storage.find('flow_run', { ...query({ op: 'and', of: [] }), limit: 1001 }), {
      code: 'bad-input',
    });
  },
} satisfies StorageTests;
