/** What people do to a run on our pages: told before, done once, and not at all to a run that has moved on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import type { RouteContract } from '../contract/route.ts';
import * as routes from '../contract/routes/ui-actions.ts';
import type { ProcessId } from '../core/ids.ts';
import { withApi, type ApiAnswer, type ApiUnderTest } from './fixtures/api-under-test.ts';

/** Read as it comes. */
type Body = ReturnType<typeof JSON.parse>;
const NOBODY = '11111111-1111-4111-8111-111111111119';
const DEPLOYMENT = '22222222-2222-4222-8222-222222222222';

function conforms(contract: RouteContract, { status, body }: ApiAnswer): Body {
  const schema = contract.answers?.[status];
  assert.ok(schema, `${status}: ${JSON.stringify(body)}`);
  assert.ok(Value.Check(schema, body), JSON.stringify([...Value.Errors(schema, body)].slice(0, 3)));
  return body;
}

async function openRun(api: ApiUnderTest, state: object = { type: 'RUNNING' }, more: object = {}): Promise<Body> {
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Body;
  return (await api.post('/flow_runs/', { flow_id: flow.id, state, ...more })).body;
}

const read = async (api: ApiUnderTest, id: string): Promise<Body> => (await api.get(`/flow_runs/${id}`)).body;

/** A run of our own engine, held by a process. */
async function openHeld(api: ApiUnderTest, name: string): Promise<Body> {
  const processId = '01a2057b-8e74-7000-8a77-b1dcdd57a659' as ProcessId;
  const { useCases } = api;
  await useCases.registerProcess({
    id: processId,
    pid: 4242,
    host: 'barn',
    startMark: null,
    command: 'node own.ts',
    startedAt: api.now(),
    heartbeatAt: api.now(),
  });
  const run = await useCases.createFlowRun({
    id: crypto.randomUUID() as never,
    flowName: 'own',
    name,
    flowVersion: null,
    parameters: { kind: 'inline', text: '{}', hash: 'h' },
    tags: [],
    labels: {},
    policy: { retries: 0, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
    durability: 'process',
    parentTaskRunId: null,
    parentFlowRunId: null,
    entrypoint: { file: '/flows/own.ts', exportName: null },
    processId,
    runner: 'ostinato',
  });
  await useCases.setFlowRunState({ id: run.id, state: { type: 'RUNNING' }, leaseToken: run.lease?.token });
  return read(api, run.id);
}

test('cancel: who stops it is told; asked twice is asked once; by force it is Cancelled', () =>
  withApi({}, async (api) => {
    const run = await openHeld(api, 'held');
    const path = `/ui/flow_runs/${run.id}/cancel`;
    const told = conforms(routes.UI_FORETELL_CANCEL, await api.get(path));
    assert.match(told.asks, /pid 4242 on barn/);
    assert.equal(told.becomes, 'CANCELLING');
    const both = await Promise.all([api.post(path, {}), api.post(path, {})]);
    for (const answer of both) assert.equal(conforms(routes.UI_CANCEL, answer).state_type, 'CANCELLING');
    const asked = conforms(routes.UI_FORETELL_CANCEL, await api.get(path));
    assert.equal(asked.asks, null);
    assert.match(asked.force, /whether or not its process stops/);
    assert.equal(conforms(routes.UI_CANCEL, await api.post(path, { force: true })).state_type, 'CANCELLED');
    const late = await api.post(path, { force: true });
    assert.deepEqual([late.status, (late.body as Body).detail], [409, 'It is over already: Cancelled.']);
    assert.equal(conforms(routes.UI_CANCEL, await api.post(path, {})).state_type, 'CANCELLED', 'it is what was wanted');
    const done = await openRun(api, { type: 'COMPLETED' });
    assert.equal((await api.post(`/ui/flow_runs/${done.id}/cancel`, {})).status, 409);
    const waiting = await openRun(api, { type: 'SCHEDULED' });
    assert.equal(
      conforms(routes.UI_CANCEL, await api.post(`/ui/flow_runs/${waiting.id}/cancel`, {})).state_type,
      'CANCELLED',
    );
    assert.equal((await api.get(`/ui/flow_runs/${NOBODY}/cancel`)).status, 404);
  }));

test('delete: how much goes is told; only what is over, in the state in which it was seen', () =>
  withApi({}, async (api) => {
    const run = await openRun(api);
    const task = (
      await api.post('/task_runs/', {
        flow_run_id: run.id,
        task_key: 'a',
        dynamic_key: '0',
        state: { type: 'COMPLETED' },
      })
    ).body as Body;
    const standIn = (
      await api.post('/task_runs/', {
        flow_run_id: run.id,
        task_key: 'sub',
        dynamic_key: '0',
        state: { type: 'RUNNING' },
      })
    ).body as Body;
    const child = await openRun(api, { type: 'COMPLETED' }, { parent_task_run_id: standIn.id });
    await api.post('/task_runs/', {
      flow_run_id: child.id,
      task_key: 'b',
      dynamic_key: '0',
      state: { type: 'COMPLETED' },
    });
    for (const whose of [
      { flow_run_id: run.id },
      { flow_run_id: run.id, task_run_id: task.id },
      { flow_run_id: child.id },
    ]) {
      await api.post('/logs/', [{ name: 'x', level: 20, message: 'm', timestamp: '2026-11-22T18:00:00Z', ...whose }]);
      await api.post('/artifacts/', { type: 'markdown', data: 'x', ...whose });
    }
    const path = `/ui/flow_runs/${run.id}/delete`;
    assert.deepEqual(conforms(routes.UI_FORETELL_DELETE, await api.get(path)), {
      task_runs: 3,
      subflow_runs: 1,
      logs: 3,
      artifacts: 3,
      is_more: false,
    });
    const early = await api.post(path, { seen_state_id: run.state_id });
    assert.deepEqual(
      [early.status, (early.body as Body).detail],
      [409, 'It is Running: only runs that are over can be deleted. Cancel it first.'],
    );
    await api.post(`/flow_runs/${run.id}/set_state`, { state: { type: 'FAILED' } });
    const stale = await api.post(path, { seen_state_id: run.state_id });
    assert.deepEqual(
      [stale.status, (stale.body as Body).detail],
      [409, 'It has moved on meanwhile: it is Failed now. Nothing was done.'],
    );
    const seen = { seen_state_id: (await read(api, run.id)).state_id.toUpperCase() };
    const twice = await Promise.all([api.post(path, seen), api.post(path, seen)]);
    assert.deepEqual(
      twice.map(({ status }) => status).sort((a, b) => a - b),
      [204, 404],
    );
    assert.deepEqual(
      [
        (await api.get(`/flow_runs/${run.id}`)).status,
        (await api.get(`/flow_runs/${child.id}`)).status,
        (await api.get(path)).status,
      ],
      [404, 404, 404],
    );
  }));

test('mark: every way to end, with what was said; not while a process has it, unless that is meant', () =>
  withApi({}, async (api) => {
    for (const type of ['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED']) {
      const run = await openRun(api);
      const body = { seen_state_id: run.state_id, type, message: 'the disk was full' };
      const answers = await Promise.all([1, 2].map(() => api.post(`/ui/flow_runs/${run.id}/mark`, body)));
      assert.deepEqual(
        answers.map(({ status }) => status).sort((a, b) => a - b),
        [200, 409],
        `${type}: in two tabs at once`,
      );
      const now = await read(api, run.id);
      assert.deepEqual([now.state_type, now.state.message], [type, 'the disk was full']);
    }
    const held = await openHeld(api, 'held');
    const path = `/ui/flow_runs/${held.id}/mark`;
    const refused = await api.post(path, { seen_state_id: held.state_id, type: 'FAILED' });
    assert.deepEqual([refused.status, /A process has it/.test((refused.body as Body).detail)], [409, true]);
    assert.equal(
      conforms(
        routes.UI_MARK_FLOW_RUN,
        await api.post(path, { seen_state_id: held.state_id, type: 'FAILED', force: true }),
      ).state_type,
      'FAILED',
    );
    assert.equal((await read(api, held.id)).state.message, 'Marked by hand.');
    const over = await read(api, held.id);
    assert.equal(
      conforms(routes.UI_MARK_FLOW_RUN, await api.post(path, { seen_state_id: over.state_id, type: 'COMPLETED' }))
        .state_type,
      'COMPLETED',
      'what is over is marked anew',
    );
    for (const wrong of [
      { type: 'RUNNING' },
      { type: 'FAILED', message: 'x'.repeat(4001) },
      { type: 'FAILED', unknown: 1 },
      {},
    ]) {
      assert.equal(
        (await api.post(path, { seen_state_id: over.state_id, ...wrong })).status,
        422,
        JSON.stringify(wrong).slice(0, 60),
      );
    }
  }));

test('mark: a task run too, unless a process has its flow run', () =>
  withApi({}, async (api) => {
    const run = await openRun(api);
    const task = (
      await api.post('/task_runs/', {
        flow_run_id: run.id,
        task_key: 'a',
        dynamic_key: '0',
        state: { type: 'RUNNING' },
      })
    ).body as Body;
    const path = `/ui/task_runs/${task.id}/mark`;
    const body = { seen_state_id: task.state_id, type: 'CRASHED', message: 'the machine is gone' };
    assert.equal(conforms(routes.UI_MARK_TASK_RUN, await api.post(path, body)).state_type, 'CRASHED');
    assert.equal((await api.post(path, body)).status, 409, 'it has moved on');
    const held = await openHeld(api, 'held');
    const inside = (
      await api.post('/task_runs/', {
        flow_run_id: held.id,
        task_key: 'a',
        dynamic_key: '0',
        state: { type: 'RUNNING' },
      })
    ).body as Body;
    assert.equal(
      (await api.post(`/ui/task_runs/${inside.id}/mark`, { seen_state_id: inside.state_id, type: 'FAILED' })).status,
      409,
    );
    assert.equal((await api.post(`/ui/task_runs/${NOBODY}/mark`, body)).status, 404);
  }));

test('retry: what would run again, and who would do it', () =>
  withApi({}, async (api) => {
    const held = await openHeld(api, 'own');
    const path = `/ui/flow_runs/${held.id}/retry`;
    assert.deepEqual(conforms(routes.UI_FORETELL_RETRY, await api.get(path)).way, 'never', 'it runs');
    for (const [key, state] of [
      ['a', { type: 'COMPLETED' }],
      ['b', { type: 'FAILED', message: 'broke' }],
    ] as const) {
      await api.post('/task_runs/', { flow_run_id: held.id, task_key: key, dynamic_key: '0', name: `${key}-0`, state });
    }
    await api.useCases.setFlowRunState({ id: held.id, state: { type: 'FAILED', failure: null }, force: true });
    const told = conforms(routes.UI_FORETELL_RETRY, await api.get(path));
    assert.deepEqual([told.way, told.command], ['process', ['ostinato', 'flow-run', 'retry', held.id]]);
    assert.equal(told.plan.counts.run_again, 2);
    assert.deepEqual(
      told.plan.lines.map(({ name, action }: Body) => [name, action]),
      [
        ['a-0', 'run_again'],
        ['b-0', 'run_again'],
      ],
      'nothing was kept of either',
    );
    assert.equal(
      (await api.post(path, { seen_state_id: (await read(api, held.id)).state_id })).status,
      409,
      'nobody here runs it: the state stays',
    );
    assert.equal((await read(api, held.id)).state_type, 'FAILED');

    const deployed = await openRun(api, { type: 'FAILED' }, { deployment_id: DEPLOYMENT });
    const place = `/ui/flow_runs/${deployed.id}/retry`;
    assert.deepEqual(
      [(await api.get(place)).body].map(({ way, plan, command }: Body) => [way, plan, command]),
      [['worker', null, null]],
    );
    const twice = await Promise.all([1, 2].map(() => api.post(place, { seen_state_id: deployed.state_id })));
    assert.deepEqual(
      twice.map(({ status }) => status).sort((a, b) => a - b),
      [200, 409],
    );
    assert.equal((await read(api, deployed.id)).state_name, 'AwaitingRetry');

    const local = await openRun(api, { type: 'FAILED' });
    assert.match(
      ((await api.get(`/ui/flow_runs/${local.id}/retry`)).body as Body).reason,
      /Only the client that it came from/,
    );
    const standIn = (await api.post('/task_runs/', { flow_run_id: held.id, task_key: 'sub', dynamic_key: '0' }))
      .body as Body;
    const child = await openRun(api, { type: 'FAILED' }, { parent_task_run_id: standIn.id });
    assert.deepEqual(((await api.get(`/ui/flow_runs/${child.id}/retry`)).body as Body).root, {
      id: held.id,
      name: 'own',
    });
  }));

const KEYS = { schema: 'k-schema', response: 'k-response', description: 'k-description' };
const SCHEMA =
  '{"type":"object","properties":{"x":{"type":"number","default":1.50},"n":{"type":"integer"}},"required":["x","n"]}';

test('resume: the form that the run left, every misfit where it is, digits to the letter, and once', () =>
  withApi({}, async (api) => {
    const run = await openRun(api);
    await api.post(`/flow_runs/${run.id}/set_state`, {
      state: { type: 'PAUSED', state_details: { pause_key: '1', run_input_keyset: KEYS } },
    });
    await api.post(`/flow_runs/${run.id}/input`, { key: KEYS.schema, value: SCHEMA });
    await api.post(`/flow_runs/${run.id}/input`, { key: KEYS.description, value: '"Say **x**"' });
    const path = `/ui/flow_runs/${run.id}/resume`;
    const form = await api.get(path);
    assert.deepEqual(conforms(routes.UI_RESUME_FORM, form).description, 'Say **x**');
    assert.match(form.text, /"default":1\.50/, 'a default keeps its digits');
    const seen = (await read(api, run.id)).state_id as string;
    const refused = conforms(routes.UI_RESUME, await api.post(path, { seen_state_id: seen, run_input: { x: 'one' } }));
    assert.match(refused.refused, /Validation failed/);
    assert.deepEqual(refused.problems.map(({ path: at }: Body) => at.join('/')).sort(), ['n', 'x']);
    assert.equal(
      (await api.post(path, { seen_state_id: run.state_id, run_input: { x: 1, n: 1 } })).status,
      409,
      'it was seen in another state',
    );
    const twice = await Promise.all(
      [1, 2].map(() => api.post(path, `{"seen_state_id":"${seen}","run_input":{"x":1.10,"n":12345678901234567890}}`)),
    );
    assert.deepEqual(
      twice.map(({ status }) => status).sort((a, b) => a - b),
      [200, 409],
    );
    assert.equal((await api.get(`/flow_runs/${run.id}/input/k-response`)).text, '{"x":1.10,"n":12345678901234567890}');
    assert.deepEqual(conforms(routes.UI_RESUME_FORM, await api.get(path)), {
      asks: false,
      schema: null,
      description: null,
    });
  }));

test('resume: a plain pause asks for nothing; a schema that is none is told as none', () =>
  withApi({}, async (api) => {
    const plain = await openRun(api);
    await api.post(`/flow_runs/${plain.id}/set_state`, {
      state: { type: 'PAUSED', state_details: { pause_key: '1' } },
    });
    const path = `/ui/flow_runs/${plain.id}/resume`;
    assert.equal(((await api.get(path)).body as Body).asks, false);
    assert.equal(
      ((await api.post(path, { seen_state_id: (await read(api, plain.id)).state_id })).body as Body).refused,
      null,
    );
    assert.equal((await read(api, plain.id)).state_type, 'RUNNING');
    const odd = await openRun(api);
    await api.post(`/flow_runs/${odd.id}/set_state`, {
      state: { type: 'PAUSED', state_details: { pause_key: '1', run_input_keyset: KEYS } },
    });
    await api.post(`/flow_runs/${odd.id}/input`, { key: KEYS.schema, value: '{"type": ' });
    await api.post(`/flow_runs/${odd.id}/input`, { key: KEYS.description, value: 'not JSON' });
    assert.deepEqual(conforms(routes.UI_RESUME_FORM, await api.get(`/ui/flow_runs/${odd.id}/resume`)), {
      asks: true,
      schema: null,
      description: 'not JSON',
    });
  }));
