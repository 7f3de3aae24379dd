/** What our pages ask for in one request says the same as what lists and reads say of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_FLOW_RUN_PAGE, UI_FLOWS_PAGE, UI_RUNS_PAGE, UI_TASK_RUN_PAGE } from '../contract/routes/ui-pages.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { stampState, type ProposedState, type State } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import { createIdSource } from '../platform/ids.ts';
import type { ApiUnderTest } from './fixtures/api-under-test.ts';
import { withApi } from './fixtures/api-under-test.ts';

type Row = Record<string, unknown>;

const day = (api: ApiUnderTest) => ({
  history_start: new Date(api.now() / 1000 - 86_400_000).toISOString(),
  history_end: new Date(api.now() / 1000 + 3_600_000).toISOString(),
  history_interval_seconds: 3600,
});

async function seed(
  api: ApiUnderTest,
  flows: number,
  runsOfEach: number,
): Promise<{ flowIds: string[]; runIds: string[] }> {
  const flowIds: string[] = [];
  const runIds: string[] = [];
  for (let at = 0; at < flows; at += 1) {
    const { id: flowId } = (await api.post('/flows/', { name: `flow-${at}` })).body as { id: string };
    flowIds.push(flowId);
    for (let number = 0; number < runsOfEach; number += 1) {
      api.advance(1);
      const state = number % 3 === 0 ? { type: 'FAILED', message: 'broken '.repeat(200) } : { type: 'COMPLETED' };
      runIds.push(
        (
          (
            await api.post('/flow_runs/', {
              flow_id: flowId,
              name: `run-${at}-${number}`,
              tags: ['t'],
              parameters: { secretly: 'x'.repeat(5000) },
              state,
            })
          ).body as { id: string }
        ).id,
      );
    }
  }
  return { flowIds, runIds };
}

test('the page of runs: list, count and chart of what is asked for, in rows that say what is shown', () =>
  withApi({}, async (api) => {
    const empty = (await api.post('/ui/pages/runs', day(api))).body as Row;
    assert.deepEqual([empty['has_runs'], empty['count'], empty['runs']], [false, 0, []]);
    const { flowIds } = await seed(api, 3, 4);
    for (const selection of [
      {},
      { flow_runs: { state: { type: { any_: ['FAILED'] } } } },
      { flows: { id: { any_: [flowIds[1]] } } },
      { flow_runs: { name: { like_: 'nothing' } } },
    ]) {
      const answer = await api.post('/ui/pages/runs', { ...selection, ...day(api), limit: 5, offset: 1 });
      assert.ok(
        Value.Check(UI_RUNS_PAGE.answers[200], answer.body),
        JSON.stringify([...Value.Errors(UI_RUNS_PAGE.answers[200], answer.body)].slice(0, 3)),
      );
      const {
        runs,
        count,
        history,
        has_runs: hasRuns,
      } = answer.body as unknown as { runs: Row[]; count: number; history: unknown; has_runs: boolean };
      const listed = (
        await api.post('/flow_runs/filter', { ...selection, sort: 'EXPECTED_START_TIME_DESC', limit: 5, offset: 1 })
      ).body as Row[];
      assert.deepEqual(
        runs.map(({ id }) => id),
        listed.map(({ id }) => id),
      );
      for (const [at, row] of runs.entries())
        for (const field of [
          'name',
          'flow_name',
          'state_type',
          'state_name',
          'tags',
          'start_time',
          'expected_start_time',
          'total_run_time',
          'created',
        ])
          assert.deepEqual(row[field], listed[at]?.[field], field);
      assert.equal(count, (await api.post('/flow_runs/count', selection)).body);
      assert.deepEqual(history, (await api.post('/flow_runs/history', { ...selection, ...day(api) })).body);
      assert.equal(hasRuns, true);
      assert.ok(answer.text.length < 12_000, `${answer.text.length} bytes: parameters, or long messages, are in it`);
    }
    for (const sort of ['EXPECTED_START_TIME_ASC', 'NAME_ASC', 'END_TIME_DESC'] as const) {
      const ids = async (path: string): Promise<unknown[]> => {
        const { body } = await api.post(path, { ...(path === '/ui/pages/runs' ? day(api) : {}), sort, limit: 4 });
        return (Array.isArray(body) ? (body as Row[]) : (body as { runs: Row[] }).runs).map(({ id }) => id);
      };
      assert.deepEqual(await ids('/ui/pages/runs'), await ids('/flow_runs/filter'), sort);
    }
    const chart = { flow_runs: { state: { type: { any_: ['COMPLETED'] } } } };
    const both = (
      await api.post('/ui/pages/runs', { flow_runs: { state: { type: { any_: ['FAILED'] } } }, chart, ...day(api) })
    ).body as Row;
    assert.deepEqual(
      both['history'],
      (await api.post('/flow_runs/history', { ...chart, ...day(api) })).body,
      'the chart may count others',
    );
    for (const wrong of [
      { limit: 201 },
      { limit: -1 },
      { history_interval_seconds: 0 },
      { flow_runs: { name: { like_: 7 } } },
      { history_start: 'soon' },
      { sort: 'FAVOURITE' },
    ]) {
      assert.equal((await api.post('/ui/pages/runs', { ...day(api), ...wrong })).status, 422, JSON.stringify(wrong));
    }
  }));

test('the page of flows: by name, each with its newest runs', () =>
  withApi({}, async (api) => {
    const { flowIds, runIds } = await seed(api, 4, 5);
    const { flows } = (await api.post('/ui/pages/flows', { limit: 3, offset: 1, recent_runs: 2 })).body as {
      flows: { id: string; name: string; runs: Row[] }[];
    };
    assert.deepEqual(
      flows.map(({ id }) => id),
      flowIds.slice(1),
    );
    assert.deepEqual(
      flows.map(({ runs }) => runs.map(({ id }) => id)),
      [1, 2, 3].map((at) => [runIds[at * 5 + 4], runIds[at * 5 + 3]]),
    );
    const messages = (
      (await api.post('/ui/pages/flows', {})).body as { flows: { last_message: string | null }[] }
    ).flows.map(({ last_message: said }) => said);
    assert.deepEqual(messages.length, 4);
    await api.post('/flow_runs/', {
      flow_id: flowIds[3],
      state: { type: 'FAILED', message: `no disk\n${'x'.repeat(1000)}` },
    });
    const named = await api.post('/ui/pages/flows', { flows: { name: { like_: 'flow-3' } } });
    assert.match(
      String((named.body as { flows: { last_message: string }[] }).flows[0]?.last_message),
      /^no disk\nx{292}…$/,
    );
    assert.ok(Value.Check(UI_FLOWS_PAGE.answers[200], named.body));
    assert.equal((named.body as { flows: unknown[] }).flows.length, 1);
    assert.equal((await api.post('/ui/pages/flows', { recent_runs: 51 })).status, 422);
    assert.equal((await api.post('/ui/pages/flows', { limit: 1000 })).status, 422);
  }));

test('the page of a run: the run, why, and how much there is besides', () =>
  withApi({}, async (api) => {
    const {
      flowIds: [flowId],
      runIds: [runId],
    } = await seed(api, 1, 1);
    const task = (
      await api.post('/task_runs/', {
        flow_run_id: runId,
        task_key: 'load',
        dynamic_key: '0',
        name: 'load-0',
        state: { type: 'COMPLETED' },
      })
    ).body as { id: string };
    const placeholder = (
      await api.post('/task_runs/', {
        flow_run_id: runId,
        task_key: 'sub',
        dynamic_key: '0',
        state: { type: 'RUNNING' },
      })
    ).body as { id: string };
    const child = (await api.post('/flow_runs/', { flow_id: flowId, parent_task_run_id: placeholder.id })).body as {
      id: string;
    };
    for (const type of ['markdown', 'result', null])
      await api.post('/artifacts/', { type, data: 'x', flow_run_id: runId });

    const answer = await api.get(`/ui/pages/flow_runs/${runId}`);
    assert.ok(
      Value.Check(UI_FLOW_RUN_PAGE.answers[200], answer.body),
      JSON.stringify([...Value.Errors(UI_FLOW_RUN_PAGE.answers[200], answer.body)].slice(0, 3)),
    );
    const head = answer.body as Row;
    assert.deepEqual(head['run'], (await api.get(`/flow_runs/${runId}`)).body);
    assert.deepEqual(head['why'], (await api.get(`/flow_runs/${runId}/why`)).body);
    const listed = (
      (
        await api.post('/artifacts/filter', {
          artifacts: { flow_run_id: { any_: [runId] }, type: { not_any_: ['result'] } },
        })
      ).body as unknown[]
    ).length;
    assert.deepEqual(
      [head['task_run_count'], head['subflow_run_count'], head['artifact_count'], head['parent']],
      [1, 1, listed, null],
    );
    const inner = (await api.get(`/ui/pages/flow_runs/${child.id}`)).body as Row;
    assert.deepEqual(inner['parent'], { id: runId, name: 'run-0-0' });

    const after = (
      await api.post('/task_runs/', {
        flow_run_id: runId,
        task_key: 'join',
        dynamic_key: '0',
        task_inputs: { parts: [{ input_type: 'task_run', id: task.id }] },
      })
    ).body as { id: string };
    const page = await api.get(`/ui/pages/task_runs/${after.id}`);
    assert.ok(
      Value.Check(UI_TASK_RUN_PAGE.answers[200], page.body),
      JSON.stringify([...Value.Errors(UI_TASK_RUN_PAGE.answers[200], page.body)].slice(0, 3)),
    );
    assert.deepEqual((page.body as Row)['run'], (await api.get(`/task_runs/${after.id}`)).body);
    assert.deepEqual((page.body as Row)['input_names'], { [task.id]: 'load-0' });
    const states = (await api.get(`/task_run_states/?task_run_id=${after.id}`)).body as unknown[];
    assert.deepEqual([(page.body as Row)['states'], (page.body as Row)['state_count']], [states, states.length]);
    for (const path of [
      `/ui/pages/flow_runs/${task.id}`,
      `/ui/pages/task_runs/${String(runId)}`,
      '/ui/pages/flow_runs/nobody',
    ])
      assert.equal((await api.get(path)).status, 404);
  }));

test('descriptions and versions are on the pages; a cached result leads to the run that made it; of many states the newest are told', () =>
  withApi({}, async (api) => {
    const ids = createIdSource();
    const now = api.now();
    const flow = await api.storage.ensureFlow('sales', () => ({
      id: ids.next(),
      name: 'sales',
      tags: [],
      labels: {},
      description: 'Adds up the day.',
      createdAt: now,
    }));
    const flowRun = (
      await api.post('/flow_runs/', { flow_id: flow.id, flow_version: 'v7', state: { type: 'RUNNING' } })
    ).body as { id: FlowRunId };
    const head = (await api.get(`/ui/pages/flow_runs/${flowRun.id}`)).body as { flow_description: string; run: Row };
    assert.deepEqual([head.flow_description, head.run['flow_version']], ['Adds up the day.', 'v7']);
    const { flows } = (await api.post('/ui/pages/flows', {})).body as { flows: { description: string; runs: Row[] }[] };
    assert.deepEqual([flows[0]?.description, flows[0]?.runs[0]?.['flow_version']], ['Adds up the day.', 'v7']);

    const states = Array.from({ length: 250 }, (_, at) =>
      stampState(
        { type: at % 2 === 0 ? 'RUNNING' : 'SCHEDULED', scheduledTime: now } as ProposedState,
        ids.next(),
        (now + at) as Instant,
      ),
    );
    const run = (name: string, fields: Partial<TaskRun>): TaskRun => ({
      id: ids.next<TaskRunId>(),
      flowRunId: flowRun.id,
      parentTaskRunId: null,
      name,
      taskName: 'load',
      taskKey: 'load-1',
      dynamicKey: name,
      step: name,
      callSite: '',
      sourceHash: '',
      mapId: 'load-1',
      tags: [],
      inputs: {},
      policy: { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
      durability: 'process',
      isolation: 'signal',
      cache: null,
      processId: null,
      prefectClient: null,
      state: states[249] as State,
      runCount: 1,
      flowRunRunCount: 1,
      createdAt: now,
      startTime: now,
      endTime: null,
      totalRunTimeUs: 0,
      ...fields,
    });
    const maker = run('load-0', {});
    const cached = run('load-1', {
      cache: { outcome: 'hit', key: 'k', reason: 'same input', from: maker.id },
      about: { version: '3', description: 'Reads a file.' },
      item: { index: 1, input: '"b.csv"' },
      inputs: { part: [{ kind: 'flow_run', id: flowRun.id }] },
    });
    await api.storage.writeTaskRuns(
      [
        { run: maker, states },
        { run: cached, states },
      ],
      [],
    );
    const page = await api.get(`/ui/pages/task_runs/${cached.id}`);
    assert.ok(Value.Check(UI_TASK_RUN_PAGE.answers[200], page.body));
    const body = page.body as { input_names: Row; states: Row[]; state_count: number; run: Row };
    assert.deepEqual(body.input_names, { [maker.id]: 'load-0', [flowRun.id]: head.run['name'] });
    assert.deepEqual(
      ['task_version', 'task_description', 'map_index', 'map_input'].map((field) => body.run[field]),
      ['3', 'Reads a file.', 1, '"b.csv"'],
    );
    assert.deepEqual([body.states.length, body.state_count, body.states.at(-1)?.['id']], [100, 250, states.at(-1)?.id]);
  }));

test('the work of a page does not grow with the runs that there are: what is read is what is shown', () =>
  withApi({}, async (api) => {
    await seed(api, 6, 20);
    const read: string[] = [];
    const { find, count, runHistory } = api.useCases;
    Object.assign(api.useCases, {
      find: async (...[noun, query]: Parameters<typeof find>) => {
        const rows = await find(noun, query);
        read.push(`${rows.length} of ${noun}`);
        return rows;
      },
      count: (...given: Parameters<typeof count>) => (read.push('count'), count(...given)),
      runHistory: (...given: Parameters<typeof runHistory>) => (read.push('history'), runHistory(...given)),
    });
    await api.post('/ui/pages/runs', {
      flow_runs: { tags: { all_: ['t'] }, name: { like_: 'run' } },
      ...day(api),
      limit: 50,
    });
    assert.deepEqual(read.splice(0), ['history', '50 of flow_run', 'count']);
    await api.post('/ui/pages/flows', { limit: 5, recent_runs: 3 });
    assert.deepEqual(read, ['5 of flow', ...Array.from({ length: 5 }, () => '3 of flow_run')]);
  }));
