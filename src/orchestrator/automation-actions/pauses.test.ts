import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acted, endOf } from '../../api/fixtures/acted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, type Fields } from '../../api/fixtures/deployed.ts';

interface Subject {
  readonly noun: string;
  readonly status: number;
  make(api: ApiUnderTest): Promise<string>;
  isPaused(api: ApiUnderTest, id: string): Promise<unknown>;
}

async function poolNamed(api: ApiUnderTest): Promise<Fields> {
  await api.post('/work_pools/', { name: 'reports', type: 'process' });
  return fields(await api.get('/work_pools/reports'));
}

const SUBJECTS: readonly Subject[] = [
  {
    noun: 'deployment',
    status: 200,
    make: async (api) => String((await deploy(api))['id']),
    isPaused: async (api, id) => fields(await api.get(`/deployments/${id}`))['paused'],
  },
  {
    noun: 'work-pool',
    status: 204,
    make: async (api) => String((await poolNamed(api))['id']),
    isPaused: async (api) => (await poolNamed(api))['is_paused'],
  },
  {
    noun: 'work-queue',
    status: 204,
    make: async (api) => String((await poolNamed(api))['default_queue_id']),
    isPaused: async (api, id) => fields(await api.get(`/work_queues/${id}`))['is_paused'],
  },
  {
    noun: 'automation',
    status: 204,
    make: async (api) => (await acted(api, { type: 'do-nothing' })).order.firing.automationId,
    isPaused: async (api, id) => fields(await api.get(`/automations/${id}`))['enabled'] === false,
  },
];

for (const { noun, status, make, isPaused } of SUBJECTS)
  test(`${noun}s are paused and resumed, named or inferred; missing ones are refused`, () =>
    withApi({}, async (api) => {
      const id = await make(api);
      const key = `${noun.replace('-', '_')}_id`;
      const selected = { source: 'selected', [key]: id };
      const event = { resource: { 'prefect.resource.id': `prefect.${noun}.${id}` } };
      const paused = await acted(api, { type: `pause-${noun}`, ...selected });
      assert.equal(paused.status, 'done', paused.text);
      assert.equal(await isPaused(api, id), true);
      const { payload, related } = await endOf(api, paused);
      assert.equal(payload['status_code'], status);
      const [target] = related;
      assert.deepEqual(
        [target?.['prefect.resource.id'], target?.['prefect.resource.role']],
        [`prefect.${noun}.${id}`, 'target'],
      );
      const resumed = await acted(api, { type: `resume-${noun}`, source: 'inferred' }, { event });
      assert.equal(resumed.status, 'done', resumed.text);
      assert.equal(await isPaused(api, id), false);

      const gone = await acted(api, { type: `pause-${noun}`, source: 'selected', [key]: NOBODY }).catch(String);
      // An automation or a deployment that is not there is refused when the automation is made, as there.
      if (typeof gone !== 'string') assert.equal(gone.status, 'refused');
      const words = noun.replace('-', ' ');
      for (const [asked, text] of [
        [{}, `No event to infer the ${words}`],
        [{ event: { resource: { 'prefect.resource.id': 'sales' } } }, `No ${words} could be inferred`],
      ] as const) {
        const refused = await acted(api, { type: `pause-${noun}`, source: 'inferred' }, asked);
        assert.deepEqual([refused.status, refused.text], ['refused', text]);
      }
      assert.equal(await isPaused(api, id), false);
    }));
