/** What docs/automations.md shows does what is said there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { AutomationId } from '../core/automation.ts';
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

const named = (name: string): Fields => {
  const found = SHOWN.map((text) => JSON.parse(text) as Fields).find((one) => one['name'] === name);
  assert.ok(found, name);
  return found;
};

/** For instance `triggered do-nothing done`, of what an automation has done. */
async function did(api: ApiUnderTest, { id }: Fields): Promise<readonly string[]> {
  await step(api);
  await actOnDue(api);
  const records = await api.storage.listActionRecords(String(id) as AutomationId, 20);
  return records
    .map(({ order: { firing, action }, receipt }) => {
      const { type } = JSON.parse(action) as { readonly type: string };
      return `${firing.state} ${type} ${receipt?.status}`;
    })
    .toSorted();
}

test('a run that nobody takes is cancelled, and what is to be done when it has left is done', () =>
  withApi({}, async (api) => {
    const automation = await made(api, '/automations/', named('nobody takes it'));
    api.advance(1);
    const { id: flowId } = await made(api, '/flows/', { name: 'sales' });
    const { id } = await made(api, '/flow_runs/', { flow_id: flowId, state: { type: 'PENDING' } });
    await step(api);
    api.advance(299);
    assert.deepEqual(await did(api, automation), []);
    api.advance(2);
    assert.deepEqual(await did(api, automation), ['Triggered cancel-flow-run done']);
    const { state_type: state } = (await api.get(`/flow_runs/${String(id)}`)).body as Fields;
    assert.match(String(state), /^CANCELL/);
    assert.deepEqual(await did(api, automation), ['Resolved do-nothing done', 'Triggered cancel-flow-run done']);
  }));

test('of runs with a tag, too many that fail fire; templates know the figure, inferred targets are refused', () =>
  withApi({}, async (api) => {
    const shown = named('production fails too often');
    const { id: deployment } = await deploy(api, {});
    const value = { __prefect_kind: 'jinja', template: '{{ firing.triggering_value }}' };
    const run = { type: 'run-deployment', source: 'selected', deployment_id: deployment, parameters: { share: value } };
    const actions = [run, { type: 'cancel-flow-run' }];
    const automation = await made(api, '/automations/', { ...shown, actions });
    api.advance(1);
    const { id: flowId } = await made(api, '/flows/', { name: 'other' });
    for (const [tags, type] of [
      [['production'], 'FAILED'],
      [['production'], 'COMPLETED'],
      [[], 'COMPLETED'],
    ] as const)
      await made(api, '/flow_runs/', { flow_id: flowId, tags, state: { type } });
    await step(api);
    api.advance(302);
    assert.deepEqual(await did(api, automation), [
      'Triggered cancel-flow-run refused',
      'Triggered do-nothing done',
      'Triggered run-deployment done',
    ]);
    const runs = (await api.post('/flow_runs/filter', {})).body as readonly Fields[];
    const [helped] = runs.filter((one) => one['deployment_id'] === deployment);
    assert.deepEqual(helped?.['parameters'], { share: '0.5' });
  }));
