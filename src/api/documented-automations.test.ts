/** What docs/automations.md shows does what is said there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { hashText } from '../platform/hash.ts';
import { actOnDue } from './fixtures/acted.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, type Fields } from './fixtures/deployed.ts';

const DOCS = readFileSync(new URL('../../docs/automations.md', import.meta.url), 'utf8');
const SHOWN = [...DOCS.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => text);
const DEPLOYMENT = '00000000-0000-4000-8000-000000000001';

async function step(api: ApiUnderTest): Promise<void> {
  while ((await api.useCases.stepAutomations(hashText))?.isBehind === true);
}

async function made(api: ApiUnderTest, path: string, body: unknown): Promise<Fields> {
  const answer = await api.post(path, body);
  assert.ok(answer.status < 300, answer.text);
  return fields(answer);
}

async function ended(api: ApiUnderTest, flow: string, type: string): Promise<unknown> {
  const { id: flowId } = await made(api, '/flows/', { name: flow });
  const { id } = await made(api, '/flow_runs/', { flow_id: flowId });
  for (const state of ['PENDING', 'RUNNING', type])
    await made(api, `/flow_runs/${String(id)}/set_state`, { state: { type: state } });
  return id;
}

test('after a failure another deployment is run, once for each failed run of the flow', () =>
  withApi({}, async (api) => {
    const { id: deployment } = await deploy(api, {});
    const [shown = ''] = SHOWN;
    await made(api, '/automations/', JSON.parse(shown.replace(DEPLOYMENT, String(deployment))));
    api.advance(1);
    const failed = [await ended(api, 'sales', 'FAILED'), await ended(api, 'sales', 'FAILED')];
    await ended(api, 'other', 'FAILED');
    await ended(api, 'sales', 'COMPLETED');
    await step(api);
    await actOnDue(api);
    const runs = (await api.post('/flow_runs/filter', { sort: 'ID_DESC' })).body as readonly Fields[];
    const cleaned = runs.filter((run) => run['deployment_id'] === deployment).map((run) => run['parameters'] as Fields);
    assert.deepEqual(new Set(cleaned.map((parameters) => parameters['failed_run'])), new Set(failed));
    assert.equal(cleaned.length, failed.length);
  }));

test('an hour without a completed run fires, an hour with one does not', () =>
  withApi({}, async (api) => {
    const shown = JSON.parse(SHOWN[1] ?? '') as Fields;
    await made(api, '/automations/', { ...shown, actions: [{ type: 'do-nothing' }] });
    assert.equal((await api.post('/automations/', shown)).status, 201, 'its own action is taken, too');
    const fired = async (): Promise<number> => {
      for (let minute = 0; minute < 61; minute += 1) {
        await step(api);
        api.advance(60);
      }
      await step(api);
      const events = await api.storage.readEvents({ afterSeq: 0, limit: 1000 });
      return events.filter(({ name }) => name === 'prefect.automation.triggered').length;
    };
    api.advance(1);
    const before = await fired();
    assert.ok(before >= 2, 'both');
    for (let quarter = 0; quarter < 8; quarter += 1) {
      await ended(api, 'sales', 'COMPLETED');
      await step(api);
      api.advance(900);
    }
    await step(api);
    const events = await api.storage.readEvents({ afterSeq: 0, limit: 1000 });
    assert.equal(events.filter(({ name }) => name === 'prefect.automation.triggered').length, before);
  }));
