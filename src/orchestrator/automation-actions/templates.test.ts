import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acted } from '../../api/fixtures/acted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, type Fields } from '../../api/fixtures/deployed.ts';

const idOf = async (api: ApiUnderTest, path: string, body: Fields): Promise<string> => {
  const answer = await api.post(path, body);
  assert.ok(answer.status < 300, answer.text);
  return String(fields(answer)['id']);
};

/** What each object of the event says in a template; of a deployment's run, since it is the shortest way to see it. */
async function seen(
  api: ApiUnderTest,
  parameters: Fields,
  related: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { id } = await deploy(api, {}, 'seeing');
  const done = await acted(
    api,
    { type: 'run-deployment', source: 'selected', deployment_id: id, parameters },
    {
      event: {
        resource: { 'prefect.resource.id': 'sales' },
        related: Object.entries(related).map(([kind, of]) => ({
          'prefect.resource.id': `prefect.${kind}.${of}`,
          'prefect.resource.role': kind,
        })),
      },
    },
  );
  assert.equal(done.status, 'done', done.text);
  const runs = await api.post('/flow_runs/filter', { sort: 'ID_DESC', limit: 1 });
  return (runs.body as readonly Fields[])[0]?.['parameters'];
}

test('templates name every object that an event is about, as the API answers it', () =>
  withApi({}, async (api) => {
    const flow = await idOf(api, '/flows/', { name: 'sales' });
    const run = await idOf(api, '/flow_runs/', { flow_id: flow, name: 'calm', tags: ['north'] });
    const pool = fields(await api.post('/work_pools/', { name: 'reports', type: 'process' }));
    const related = {
      flow,
      'flow-run': run,
      'task-run': await idOf(api, '/task_runs/', { flow_run_id: run, task_key: 't', dynamic_key: '0', name: 'load' }),
      deployment: String((await deploy(api))['id']),
      'work-pool': String(pool['id']),
      'work-queue': String(pool['default_queue_id']),
      'concurrency-limit': await idOf(api, '/v2/concurrency_limits/', { name: 'slow', limit: 3, active: true }),
    };
    assert.deepEqual(
      await seen(
        api,
        {
          flow: '{{ flow.name }}',
          run: '{{ flow_run.name }} {{ flow_run.tags[0] }} {{ flow_run.state.type }}',
          task: '{{ task_run.name }}',
          deployment: '{{ deployment.name }}',
          pool: '{{ work_pool.name }}',
          queue: '{{ work_queue.name }} {{ work_queue.healthy }}',
          limit: '{{ concurrency_limit.limit }}',
        },
        related,
      ),
      {
        flow: 'sales',
        run: 'calm north PENDING',
        task: 'load',
        deployment: 'daily',
        pool: 'reports',
        queue: 'default false',
        limit: 3,
      },
    );
  }));

test('what an event is about may be gone: then there is nothing of it', () =>
  withApi({}, async (api) => {
    const kinds = ['flow', 'flow-run', 'task-run', 'deployment', 'work-pool', 'work-queue', 'concurrency-limit'];
    const related = Object.fromEntries(kinds.map((kind) => [kind, NOBODY]));
    const names = kinds.map((kind) => kind.replace('-', '_'));
    assert.deepEqual(
      await seen(api, Object.fromEntries(names.map((name) => [name, `[{{ ${name}.name }}]`])), related),
      Object.fromEntries(names.map((name) => [name, '[]'])),
    );
    assert.deepEqual(await seen(api, { text: 'of {{ work_pool.name }}' }, { 'work-pool': 'no-id' }), { text: 'of ' });
  }));
