/** The inside of a flow run as the pages ask for it: whole or folded, in answers that stay small. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_INSIDE, UI_INSIDE_GROUP, UI_INSIDE_ROWS } from '../contract/routes/ui-inside.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { stampState, type ProposedState, type State } from '../core/state.ts';
import type { TaskRun, TaskRunRecord } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { TSchema } from '../contract/type.ts';
import { createIdSource } from '../platform/ids.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

const ids = createIdSource();
const NOBODY = '11111111-1111-4111-8111-111111111119';
/** Read as it comes. */
type Body = ReturnType<typeof JSON.parse>;

async function flowRun(api: ApiUnderTest, fields: object = {}): Promise<FlowRunId> {
  const { id: flowId } = (await api.post('/flows/', { name: 'sales' })).body as Body;
  return ((await api.post('/flow_runs/', { flow_id: flowId, state: { type: 'RUNNING' }, ...fields })).body as Body).id;
}

const completed: ProposedState = { type: 'COMPLETED', data: null };

/** States a hundred milliseconds apart. */
function record(
  flowRunId: FlowRunId,
  at: number,
  proposed: readonly ProposedState[],
  fields: Partial<TaskRun> = {},
): TaskRunRecord {
  const createdAt = (1_790_000_000_000_000 + at * 1_000_000) as Instant;
  const states = proposed.map((state, step) => stampState(state, ids.next(), (createdAt + step * 100_000) as Instant));
  const begun = states.find(({ type }) => type === 'RUNNING')?.timestamp ?? null;
  const state = states.at(-1) as State;
  const isOver = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(state.type);
  const run: TaskRun = {
    id: ids.next<TaskRunId>(),
    flowRunId,
    parentTaskRunId: null,
    name: `score-${at}`,
    taskName: 'score',
    taskKey: 'score-12ab',
    dynamicKey: String(at),
    step: `s${at}`,
    callSite: 'sales.ts:sales:score',
    sourceHash: 'x',
    mapId: null,
    tags: [],
    inputs: {},
    policy: { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
    durability: 'process',
    isolation: 'signal',
    cache: null,
    processId: null,
    prefectClient: null,
    state,
    runCount: proposed.filter(({ type }) => type === 'RUNNING').length,
    flowRunRunCount: 1,
    createdAt,
    startTime: begun,
    endTime: isOver ? state.timestamp : null,
    totalRunTimeUs: 100_000,
    ...fields,
  };
  return { run, states };
}

const once: readonly ProposedState[] = [{ type: 'RUNNING' }, completed];

/** Notes which methods of the storage are called. */
function callsOf({ storage }: ApiUnderTest): string[] {
  const called: string[] = [];
  for (const name of [
    'readFlowRun',
    'find',
    'count',
    'list',
    'groupTaskRuns',
    'listGroupedTaskRuns',
    'listStateMarks',
  ] as const) {
    const call = storage[name] as (...given: unknown[]) => unknown;
    Object.assign(storage, { [name]: (...given: unknown[]) => (called.push(name), call(...given)) });
  }
  return called;
}

function fits(schema: TSchema, body: unknown): void {
  assert.ok(Value.Check(schema, body), JSON.stringify([...Value.Errors(schema, body)].slice(0, 3)));
}

test('a small inside is told whole: names of states, why a run failed, attempts and waits, what is of one map', () =>
  withApi({}, async (api) => {
    const id = await flowRun(api);
    const records = [
      record(id, 0, once, { taskName: 'load', name: 'load-0', taskKey: 'load' }),
      record(id, 1, [
        { type: 'PENDING' },
        { type: 'RUNNING' },
        { type: 'SCHEDULED', name: 'AwaitingRetry', scheduledTime: 0 as Instant },
        { type: 'RUNNING', name: 'Retrying' },
        { ...completed, name: 'RolledBack' },
      ]),
      record(
        id,
        2,
        [{ type: 'RUNNING' }, { type: 'FAILED', name: 'TimedOut', message: 'x'.repeat(5000), failure: null }],
        { mapId: 'score-1', item: { index: 7, input: '"a"' } },
      ),
      record(id, 3, [
        { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot', scheduledTime: 0 as Instant, message: 'no slot of "db"' },
      ]),
    ];
    await api.storage.writeTaskRuns(records, []);
    const answer = await api.get(`/ui/pages/flow_runs/${id}/inside`);
    fits(UI_INSIDE.answers[200], answer.body);
    const { is_folded: isFolded, groups, runs, task_run_count: count } = answer.body as Body;
    assert.deepEqual([isFolded, groups, count], [false, [], 4]);
    assert.deepEqual(
      runs.map(({ label, state_name: name, group, map_index: at, run_count: attempts }: Body) => [
        label,
        name,
        group,
        at,
        attempts,
      ]),
      [
        ['load-0', 'Completed', 'task load', null, 1],
        ['score-1', 'RolledBack', 'task score-12ab', null, 2],
        ['score-2', 'TimedOut', 'map score-1', 7, 1],
        ['score-3', 'AwaitingConcurrencySlot', 'task score-12ab', null, 0],
      ],
    );
    assert.deepEqual(
      runs.map(({ segments }: Body) => segments.map(({ state_name: name, attempt }: Body) => `${name} ${attempt}`)),
      [[], ['Pending 0', 'Running 1', 'AwaitingRetry 1', 'Retrying 2'], [], []],
    );
    assert.deepEqual(
      runs.map(({ message }: Body) => message?.length ?? null),
      [null, null, 201, 'no slot of "db"'.length],
    );
    assert.equal((await api.get(`/ui/pages/flow_runs/${NOBODY}/inside`)).status, 404);
  }));

test('above ten thousand runs the inside is folded on the server, and opens in pages, failed ones first', () =>
  withApi({}, async (api) => {
    const id = await flowRun(api);
    const failed: readonly ProposedState[] = [
      { type: 'RUNNING' },
      { type: 'FAILED', message: 'no such column', failure: null },
    ];
    const of = { mapId: 'score-1' };
    const records = Array.from({ length: 10_001 }, (_, at) => record(id, at, at % 3000 === 2999 ? failed : once, of));
    await api.storage.writeTaskRuns(
      [...records, record(id, 20_000, once, { taskName: 'report', taskKey: 'report', name: 'report-0' })],
      [],
    );
    const called = callsOf(api);
    const answer = await api.get(`/ui/pages/flow_runs/${id}/inside`);
    fits(UI_INSIDE.answers[200], answer.body);
    assert.deepEqual(called.splice(0), ['readFlowRun', 'count', 'groupTaskRuns'], 'no run is read');
    const { is_folded: isFolded, runs, groups, task_run_count: count } = answer.body as Body;
    assert.deepEqual([isFolded, runs, count], [true, [], 10_002]);
    assert.deepEqual(
      groups.map(({ name, is_map: isMap, count: size, states }: Body) => [
        name,
        isMap,
        size,
        states.map(({ state_name: state, count: n }: Body) => `${n} ${state}`).sort(),
      ]),
      [
        ['score', true, 10_001, ['3 Failed', '9998 Completed']],
        ['report', false, 1, ['1 Completed']],
      ],
    );
    assert.ok(answer.text.length < 1500, `${answer.text.length} bytes`);
    // The route of other clients stays as they know it.
    assert.equal((await api.get(`/flow_runs/${id}/graph-v2`)).status, 400);

    const page = async (from: object | null, limit = 4000) =>
      api.post(`/ui/pages/flow_runs/${id}/inside/group`, { key: groups[0].key, from, limit });
    assert.equal((await page(null)).status, 422, 'pages have a bound');
    called.length = 0;
    await page(null, 50);
    assert.deepEqual(
      called,
      ['readFlowRun', 'listGroupedTaskRuns', 'listGroupedTaskRuns', 'listStateMarks', 'find'],
      'failed ones, others, their states, their subflows',
    );
    const seen: Body[] = [];
    let asked = 0;
    for (let from: Body = null; asked === 0 || (from !== null && asked < 5); asked += 1) {
      const part = await page(from, 200);
      fits(UI_INSIDE_GROUP.answers[200], part.body);
      seen.push(...(part.body as Body).runs);
      from = (part.body as Body).next;
      assert.ok(from !== null);
    }
    assert.deepEqual(
      seen.slice(0, 4).map(({ label, message }: Body) => [label, message]),
      [
        ['score-2999', 'no such column'],
        ['score-5999', 'no such column'],
        ['score-8999', 'no such column'],
        ['score-0', null],
      ],
    );
    assert.equal(new Set(seen.map(({ id: run }: Body) => run)).size, 1000);
    for (const key of ['', '1', 'a-b', '1-2-3', '-1-2'])
      assert.equal((await api.post(`/ui/pages/flow_runs/${id}/inside/group`, { key })).status, 422, key);
    assert.deepEqual(
      (await api.post(`/ui/pages/flow_runs/${id}/inside/group`, { key: '9999999999-9999999999' })).body,
      { runs: [], next: null },
    );
    assert.equal((await api.post(`/ui/pages/flow_runs/${NOBODY}/inside/group`, { key: groups[0].key })).status, 404);

    const rows = await api.post(`/ui/pages/flow_runs/${id}/inside/rows`);
    fits(UI_INSIDE_ROWS.answers[200], rows.body);
    assert.deepEqual(
      (rows.body as Body).rows.map(({ run, group }: Body) => run?.label ?? `${group.name} × ${group.count}`),
      ['report-0', 'score × 10001'],
    );
  }));

test('rows: large groups are one, small ones their runs, subflows among them, page by page', () =>
  withApi({}, async (api) => {
    const id = await flowRun(api);
    const many = Array.from({ length: 12 }, (_, at) => record(id, at, once, { mapId: 'score-1' }));
    const few = Array.from({ length: 4 }, (_, at) =>
      record(id, 100 + at, once, { taskName: 'clean', taskKey: 'clean', name: `clean-${at}` }),
    );
    const placeholder = record(id, 200, [{ type: 'RUNNING' }], { taskName: 'sub', taskKey: 'sub', name: 'sub-0' });
    await api.storage.writeTaskRuns([...many, ...few, placeholder], []);
    await flowRun(api, { parent_task_run_id: placeholder.run.id, name: 'child' });
    const told = async (body: object) => (await api.post(`/ui/pages/flow_runs/${id}/inside/rows`, body)).body as Body;
    const words = ({ run, group }: Body): string => run?.label ?? `${group.name} × ${group.count}`;
    const all = await told({});
    assert.deepEqual((all.rows.map(words) as string[]).toSorted(), [
      'clean-0',
      'clean-1',
      'clean-2',
      'clean-3',
      'sales / child',
      'score × 12',
    ]);
    assert.equal(all.group_count, 3);
    const pages = [
      await told({ limit: 1 }),
      await told({ limit: 1, offset: 1 }),
      await told({ limit: 1, offset: 2 }),
      await told({ limit: 1, offset: 3 }),
    ];
    assert.deepEqual(new Set(pages.flatMap(({ rows }) => rows.map(words) as string[])), new Set(all.rows.map(words)));
    assert.equal((await api.post(`/ui/pages/flow_runs/${NOBODY}/inside/rows`, {})).status, 404);
    for (const wrong of [{ limit: 0 }, { limit: 201 }, { offset: -1 }])
      assert.equal((await api.post(`/ui/pages/flow_runs/${id}/inside/rows`, wrong)).status, 422);
  }));

test('picture and table that are asked for at once are counted once', () =>
  withApi({}, async (api) => {
    const id = await flowRun(api);
    await api.storage.writeTaskRuns(
      Array.from({ length: 10_001 }, (_, at) => record(id, at, once)),
      [],
    );
    const other = await flowRun(api);
    const { groupTaskRuns } = api.storage;
    const read = callsOf(api);
    let counted = 0;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => void (release = resolve));
    Object.assign(api.storage, {
      groupTaskRuns: async (...given: Parameters<typeof groupTaskRuns>) => {
        counted += 1;
        await held;
        return groupTaskRuns(...given);
      },
    });
    const asked = [
      api.get(`/ui/pages/flow_runs/${id}/inside`),
      api.get(`/ui/pages/flow_runs/${id}/inside`),
      api.post(`/ui/pages/flow_runs/${id}/inside/rows`),
    ];
    while (counted === 0 || read.filter((name) => name === 'readFlowRun').length < asked.length)
      await new Promise(setImmediate);
    // What is in memory is answered within some turns: then all of them wait.
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    release();
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
    assert.equal(counted, 1);
    assert.deepEqual(((await api.post(`/ui/pages/flow_runs/${other}/inside/rows`)).body as Body).rows, []);
    assert.equal(counted, 2, 'what comes later is counted anew');
  }));
