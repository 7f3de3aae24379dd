/**
 * The transitions of flow runs and task runs over HTTP, proposal by proposal, with the answers that clients expect.
 *
 * Every walk starts with a new run without a deployment; each step says what is proposed, and status, type and HTTP
 * status of the answer.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { inFolder } from './script.ts';
import { startOstinato, type Server } from './servers.ts';

type Json = Record<string, unknown>;
/** Proposed; status of the answer; type and name of the run's state afterwards; HTTP status. */
type Step = readonly [proposed: Json, answer: string, state: string, http: number];

interface Told {
  readonly http: number;
  readonly body: Json & { readonly state?: Json | null; readonly details?: Json };
}

let server: Server;
let flowId: string;
let leave: () => void;
let left: Promise<void>;

before(async () => {
  await new Promise<void>((ready, failed) => {
    left = inFolder(async (folder) => {
      server = await startOstinato(folder);
      ready();
      await new Promise<void>((resolve) => (leave = resolve));
      await server.stop();
    });
    left.catch(failed);
  });
  flowId = String((await ask('POST', '/flows/', { name: 'walked' })).body['id']);
});

after(async () => {
  leave();
  await left;
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Told> {
  const response = await fetch(server.apiUrl + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { http: response.status, body: (text === '' ? {} : JSON.parse(text)) as Told['body'] };
}

async function makeFlowRun(more: Json = {}): Promise<string> {
  return String((await ask('POST', '/flow_runs/', { flow_id: flowId, ...more })).body['id']);
}

async function walk(path: string, steps: readonly Step[]): Promise<void> {
  for (const [index, [state, answer, after, http]] of steps.entries()) {
    const told = await ask('POST', `${path}/set_state`, { state });
    const found = [told.body['status'], `${told.body.state?.['type']} ${told.body.state?.['name']}`, told.http];
    assert.deepEqual(
      found,
      [answer, after, http],
      `step ${index + 1}, ${JSON.stringify(state)}: ${JSON.stringify(told.body.details)}`,
    );
  }
}

const FAR = '2100-01-01T00:00:00Z';

const FLOW_WALKS: Readonly<Record<string, { readonly run?: Json; readonly steps: readonly Step[] }>> = {
  'from the first state to the last, and on': {
    steps: [
      [{ type: 'PENDING' }, 'ABORT', 'PENDING Pending', 200],
      [{ type: 'PENDING', name: 'Submitting' }, 'ACCEPT', 'PENDING Submitting', 201],
      [{ type: 'PENDING', name: 'InfrastructurePending' }, 'ACCEPT', 'PENDING InfrastructurePending', 201],
      [{ type: 'PAUSED' }, 'REJECT', 'PENDING InfrastructurePending', 200],
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'PENDING' }, 'ABORT', 'RUNNING Running', 200],
      [{ type: 'SCHEDULED' }, 'ACCEPT', 'SCHEDULED Scheduled', 201],
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'CANCELLING' }, 'ACCEPT', 'CANCELLING Cancelling', 201],
      [{ type: 'COMPLETED' }, 'REJECT', 'CANCELLING Cancelling', 200],
      [{ type: 'FAILED' }, 'REJECT', 'CANCELLING Cancelling', 200],
      [{ type: 'CRASHED' }, 'REJECT', 'CANCELLING Cancelling', 200],
      [{ type: 'CANCELLED' }, 'ACCEPT', 'CANCELLED Cancelled', 201],
      [{ type: 'CANCELLING' }, 'ABORT', 'CANCELLED Cancelled', 200],
      [{ type: 'PENDING' }, 'ABORT', 'CANCELLED Cancelled', 200],
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
    ],
  },
  'after a result was kept': {
    steps: [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'COMPLETED', data: { storage_key: 'kept' } }, 'ACCEPT', 'COMPLETED Completed', 201],
      [{ type: 'RUNNING' }, 'REJECT', 'COMPLETED Completed', 200],
      [{ type: 'COMPLETED' }, 'REJECT', 'COMPLETED Completed', 200],
      [{ type: 'FAILED' }, 'ACCEPT', 'FAILED Failed', 201],
      [{ type: 'CRASHED' }, 'ABORT', 'FAILED Failed', 200],
      [{ type: 'SCHEDULED' }, 'ABORT', 'FAILED Failed', 200],
      [{ type: 'PAUSED' }, 'ABORT', 'FAILED Failed', 200],
      [{ type: 'CANCELLING' }, 'ABORT', 'FAILED Failed', 200],
    ],
  },
  'after a result was not kept': {
    steps: [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'COMPLETED', data: { type: 'unpersisted' } }, 'ACCEPT', 'COMPLETED Completed', 201],
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'COMPLETED', name: 'Skippy' }, 'ACCEPT', 'COMPLETED Skippy', 201],
    ],
  },
  'while it is too early': {
    run: { state: { type: 'SCHEDULED', state_details: { scheduled_time: FAR } } },
    steps: [
      [{ type: 'RUNNING' }, 'WAIT', 'SCHEDULED Scheduled', 200],
      [{ type: 'SCHEDULED', name: 'Late', state_details: { scheduled_time: FAR } }, 'ACCEPT', 'SCHEDULED Late', 201],
      [{ type: 'PENDING' }, 'ACCEPT', 'PENDING Pending', 201],
      [{ type: 'RUNNING' }, 'WAIT', 'PENDING Pending', 200],
    ],
  },
  'cancelled before anything runs': {
    run: { state: { type: 'SCHEDULED' } },
    steps: [[{ type: 'CANCELLING' }, 'REJECT', 'CANCELLED Cancelled', 201]],
  },
  'paused and not twice by the same key': {
    steps: [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'PAUSED', state_details: { pause_reschedule: true } }, 'ABORT', 'RUNNING Running', 200],
      [{ type: 'PAUSED', state_details: { pause_key: 'k', pause_timeout: FAR } }, 'ACCEPT', 'PAUSED Paused', 201],
      [{ type: 'PENDING' }, 'REJECT', 'PAUSED Paused', 200],
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'PAUSED', state_details: { pause_key: 'k', pause_timeout: FAR } }, 'REJECT', 'RUNNING Running', 200],
      [{ type: 'PAUSED', state_details: { pause_key: 'other', pause_timeout: FAR } }, 'ACCEPT', 'PAUSED Paused', 201],
      [{ type: 'CANCELLING' }, 'ACCEPT', 'CANCELLING Cancelling', 201],
    ],
  },
  'paused for too long': {
    steps: [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [
        { type: 'PAUSED', state_details: { pause_key: 'k', pause_timeout: '2000-01-01T00:00:00Z' } },
        'ACCEPT',
        'PAUSED Paused',
        201,
      ],
      [{ type: 'RUNNING' }, 'REJECT', 'FAILED Failed', 201],
    ],
  },
};

describe('flow runs', () => {
  for (const [name, { run, steps }] of Object.entries(FLOW_WALKS)) {
    test(name, async () => walk(`/flow_runs/${await makeFlowRun(run)}`, steps));
  }

  test('only what was scheduled is late, and only once', async () => {
    const pending = await makeFlowRun();
    await walk(`/flow_runs/${pending}`, [[{ type: 'SCHEDULED', name: 'Late' }, 'REJECT', 'PENDING Pending', 200]]);
    const scheduled = await makeFlowRun({ state: { type: 'SCHEDULED' } });
    await walk(`/flow_runs/${scheduled}`, [
      [{ type: 'SCHEDULED', name: 'Late' }, 'ACCEPT', 'SCHEDULED Late', 201],
      [{ type: 'SCHEDULED', name: 'Late' }, 'REJECT', 'SCHEDULED Late', 200],
    ]);
  });

  test('the same transition id is the same transition', async () => {
    const id = await makeFlowRun();
    const state = { type: 'RUNNING', state_details: { transition_id: '00000000-0000-4000-8000-000000000001' } };
    await walk(`/flow_runs/${id}`, [
      [state, 'ACCEPT', 'RUNNING Running', 201],
      [state, 'REJECT', 'RUNNING Running', 200],
    ]);
    assert.equal((await ask('GET', `/flow_runs/${id}`)).body['run_count'], 1);
  });

  test('a failure awaits its retry as often as the policy says', async () => {
    const id = await makeFlowRun({ empirical_policy: { retries: 1, retry_delay: 0 } });
    await walk(`/flow_runs/${id}`, [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'FAILED', message: 'first' }, 'REJECT', 'SCHEDULED AwaitingRetry', 201],
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'FAILED' }, 'ACCEPT', 'FAILED Failed', 201],
    ]);
    const run = (await ask('GET', `/flow_runs/${id}`)).body;
    assert.equal(run['run_count'], 2);
    assert.equal(run['next_scheduled_start_time'], null);
  });

  test('force goes past the rules, but not past what was recorded', async () => {
    const id = await makeFlowRun();
    await walk(`/flow_runs/${id}`, [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'CANCELLING' }, 'ACCEPT', 'CANCELLING Cancelling', 201],
    ]);
    const told = await ask('POST', `/flow_runs/${id}/set_state`, { state: { type: 'COMPLETED' }, force: true });
    assert.deepEqual([told.http, told.body['status'], told.body.state?.['type']], [201, 'ACCEPT', 'COMPLETED']);
  });

  test('only a paused run is resumed', async () => {
    const id = await makeFlowRun();
    const told = await ask('POST', `/flow_runs/${id}/resume`, {});
    assert.deepEqual([told.http, told.body['status'], told.body.state], [200, 'ABORT', null]);
  });

  test('a run that is not there', async () => {
    const id = '00000000-0000-4000-8000-000000000009';
    assert.equal((await ask('GET', `/flow_runs/${id}`)).http, 404);
    assert.equal((await ask('POST', `/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } })).http, 404);
    assert.equal((await ask('POST', '/flow_runs/', { flow_id: id })).http, 409);
    assert.equal(
      (await ask('POST', `/flow_runs/${await makeFlowRun()}/set_state`, { state: { type: 'NOTHING' } })).http,
      422,
    );
  });
});

describe('task runs', () => {
  let flowRunId: string;
  let made = 0;

  before(async () => {
    flowRunId = await makeFlowRun();
    await walk(`/flow_runs/${flowRunId}`, [[{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201]]);
  });

  async function makeTaskRun(more: Json = {}): Promise<string> {
    made += 1;
    return String(
      (
        await ask('POST', '/task_runs/', {
          flow_run_id: flowRunId,
          task_key: 'walked',
          dynamic_key: String(made),
          ...more,
        })
      ).body['id'],
    );
  }

  test('wait for a slot of their tag and give it back', async () => {
    assert.equal((await ask('POST', '/concurrency_limits/', { tag: 'narrow', concurrency_limit: 1 })).http, 201);
    const [first, second] = [await makeTaskRun({ tags: ['narrow'] }), await makeTaskRun({ tags: ['narrow'] })];
    await walk(`/task_runs/${first}`, [[{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201]]);
    assert.deepEqual((await ask('GET', '/concurrency_limits/tag/narrow')).body['active_slots'], [first]);
    const told = await ask('POST', `/task_runs/${second}/set_state`, { state: { type: 'RUNNING' } });
    assert.deepEqual([told.http, told.body['status']], [200, 'WAIT']);
    const seconds = told.body.details?.['delay_seconds'];
    assert.ok(typeof seconds === 'number' && Number.isInteger(seconds) && seconds <= 30, `waits ${seconds}`);
    await walk(`/task_runs/${first}`, [[{ type: 'COMPLETED' }, 'ACCEPT', 'COMPLETED Completed', 201]]);
    await walk(`/task_runs/${second}`, [
      [{ type: 'RUNNING' }, 'ACCEPT', 'RUNNING Running', 201],
      [{ type: 'FAILED' }, 'ACCEPT', 'FAILED Failed', 201],
    ]);
    assert.deepEqual((await ask('GET', '/concurrency_limits/tag/narrow')).body['active_slots'], []);
  });

  test('never run under a limit of zero', async () => {
    await ask('POST', '/concurrency_limits/', { tag: 'closed', concurrency_limit: 0 });
    await walk(`/task_runs/${await makeTaskRun({ tags: ['closed'] })}`, [
      [{ type: 'RUNNING' }, 'ABORT', 'PENDING Pending', 200],
    ]);
  });

  test('are one by flow run, key and dynamic key', async () => {
    const body = { flow_run_id: flowRunId, task_key: 'same', dynamic_key: 'one' };
    const [first, second] = [await ask('POST', '/task_runs/', body), await ask('POST', '/task_runs/', body)];
    assert.deepEqual([first.http, second.http, second.body['id']], [201, 200, first.body['id']]);
  });
});

describe('requests', () => {
  const QUESTIONS: readonly (readonly [
    method: string,
    path: string,
    body: unknown,
    http: number,
    headers?: Record<string, string>,
  ])[] = [
    ['GET', '/health', undefined, 200],
    ['GET', '/ready', undefined, 200],
    ['GET', '/hello', undefined, 200],
    ['GET', '/version', undefined, 200],
    ['GET', '/admin/version', undefined, 200],
    ['POST', '/flow_runs/filter', { limit: 201 }, 422],
    ['POST', '/flow_runs/filter', { flow_runs: { nothing: 1 } }, 422],
    ['POST', '/flow_runs/filter', { nothing: 1, limit: 0 }, 200],
    ['POST', '/events/filter', { limit: 51 }, 422],
    ['GET', '/flow_runs/not-a-uuid', undefined, 404],
    ['GET', '/flows/name/walked', undefined, 200, { 'X-PREFECT-API-VERSION': '0.8.4' }],
    ['GET', '/flows/name/walked', undefined, 400, { 'X-PREFECT-API-VERSION': '0.7.0' }],
    ['GET', '/flows/name/walked', undefined, 400, { 'X-PREFECT-API-VERSION': 'abc' }],
    ['POST', '/flows', { name: 'walked' }, 200],
    ['POST', '/variables/', { name: 'Bad Name!', value: 1 }, 422],
    ['POST', '/artifacts/', { key: 'Bad Key' }, 422],
    ['POST', '/v2/concurrency_limits/leases/00000000-0000-4000-8000-000000000001/renew', { lease_duration: 60 }, 410],
    ['GET', '/collections/views/nope', undefined, 404],
    ['GET', '/csrf-token?client=one', undefined, 422],
  ];

  for (const [method, path, body, http, headers] of QUESTIONS) {
    test(`${method} ${path} ${JSON.stringify(body) ?? ''} ${JSON.stringify(headers) ?? ''}`, async () => {
      const told = await ask(method, path, body, headers);
      assert.equal(told.http, http, JSON.stringify(told.body));
    });
  }

  test('the versions that clients ask for', async () => {
    assert.deepEqual(
      [(await ask('GET', '/version')).body, (await ask('GET', '/admin/version')).body],
      ['0.8.4', '3.9.1'],
    );
  });

  test('numbers come back to the letter', async () => {
    const response = await fetch(`${server.apiUrl}/flow_runs/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"flow_id":"${flowId}","parameters":{"x":1.0,"big":12345678901234567890,"tiny":1e-7}}`,
    });
    assert.match(await response.text(), /"x": ?1\.0,"big": ?12345678901234567890,"tiny": ?1e-0?7/);
  });
});
