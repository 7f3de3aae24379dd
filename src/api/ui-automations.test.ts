/** What the pages of automations ask for. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_AUTOMATION_PAGE, UI_AUTOMATIONS_PAGE } from '../contract/routes/ui-automations.ts';
import { actOnDue, orderAction } from './fixtures/acted.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, type Fields } from './fixtures/deployed.ts';

const FAILURE = {
  type: 'event',
  posture: 'Reactive',
  expect: ['prefect.flow-run.Failed'],
  match: { 'prefect.resource.id': 'prefect.flow-run.*' },
};
const listed = async (api: ApiUnderTest, body: Fields = {}): Promise<Fields> =>
  fields(await api.post('/ui/pages/automations', body));
const rows = ({ automations }: Fields): readonly Fields[] => automations as readonly Fields[];
const make = async (api: ApiUnderTest, body: Fields): Promise<Fields> => {
  const made = await api.post('/automations/', { trigger: FAILURE, actions: [{ type: 'do-nothing' }], ...body });
  assert.equal(made.status, 201, made.text);
  return fields(made);
};
const tell = async (api: ApiUnderTest, events: readonly Fields[]): Promise<void> => {
  const occurred = new Date(api.now() / 1000).toISOString();
  const sent = events.map((event) => ({ id: randomUUID(), occurred, related: [], payload: {}, ...event }));
  assert.equal((await api.post('/events', sent)).status, 204);
};

test('the page of automations: in words, by name, and whether they are on', () =>
  withApi({}, async (api) => {
    const nothing = await listed(api);
    assert.deepEqual([nothing['automations'], nothing['count'], nothing['has_automations']], [[], 0, false]);
    const deployment = await deploy(api);
    await make(api, {
      name: 'again <img onerror>',
      actions: [{ type: 'run-deployment', deployment_id: deployment['id'] }, { type: 'cancel-flow-run' }],
    });
    await make(api, { name: 'paused', enabled: false });
    const all = await listed(api);
    assert.ok(Value.Check(UI_AUTOMATIONS_PAGE.answers[200], all), JSON.stringify(all));
    assert.deepEqual(
      rows(all).map(({ name, trigger, actions, enabled, fired_at: at }) => [name, trigger, actions, enabled, at]),
      [
        [
          'again <img onerror>',
          'each time a flow run fails',
          ['Run the deployment “sales/daily”', 'Cancel the flow run'],
          true,
          null,
        ],
        ['paused', 'each time a flow run fails', ['Do nothing'], false, null],
      ],
    );
    const names = async (body: Fields) => rows(await listed(api, body)).map(({ name }) => name);
    assert.deepEqual(await names({ name: 'AGAIN <' }), ['again <img onerror>']);
    assert.deepEqual(await names({ enabled: false }), ['paused']);
    assert.deepEqual(await names({ enabled: true }), ['again <img onerror>']);
    assert.deepEqual(await names({ limit: 1, offset: 1 }), ['paused']);
    const none = await listed(api, { name: 'nobody' });
    assert.deepEqual([none['count'], none['has_automations']], [0, true]);
  }));

test('an automation: its firings with what they were about, and the receipts of each', () =>
  withApi({}, async (api) => {
    assert.equal((await api.get(`/ui/pages/automations/${NOBODY}`)).status, 404);
    const ordered = await orderAction(api, { type: 'run-deployment', source: 'inferred' });
    const { id } = ordered.automation;
    const { firing } = ordered.order;
    const event = {
      id: randomUUID(),
      event: 'sales.closed',
      occurred: '2026-09-21T14:13:20.000000Z',
      resource: { 'prefect.resource.id': 'shop.1', 'prefect.resource.name': 'Berlin' },
    };
    await tell(api, [
      {
        id: firing.id,
        event: 'prefect.automation.triggered',
        resource: { 'prefect.resource.id': `prefect.automation.${String(id)}` },
        payload: { triggering_labels: { shop: '1' }, triggering_event: event },
      },
    ]);
    await actOnDue(api);
    api.advance(1);
    const page = fields(await api.get(`/ui/pages/automations/${String(id)}`));
    assert.ok(Value.Check(UI_AUTOMATION_PAGE.answers[200], page), JSON.stringify(page));
    const [fired] = page['firings'] as readonly Fields[];
    assert.deepEqual(
      [fired?.['id'], fired?.['labels'], fired?.['event']],
      [
        firing.id,
        { shop: '1' },
        {
          id: event.id,
          event: 'sales.closed',
          occurred: event.occurred,
          resource_id: 'shop.1',
          resource_name: 'Berlin',
        },
      ],
    );
    const [receipt] = (fired?.['receipts'] ?? []) as readonly Fields[];
    assert.equal(receipt?.['status'], 'refused');
    assert.deepEqual(page['trigger'], [{ depth: 0, text: 'each time “sales.closed” is told' }]);
    assert.deepEqual([page['firing_count'], page['firing_count_day'], page['stopped']], [1, 1, null]);
    const [row] = rows(await listed(api));
    assert.deepEqual([row?.['firing_count'], row?.['failure_count']], [1, 1]);
    assert.ok(row?.['fired_at']);
    api.advance(2 * 86_400);
    const [later] = rows(await listed(api));
    assert.deepEqual([later?.['firing_count'], later?.['failure_count']], [0, 0], 'of the last day alone');
  }));

test('one that the server has switched off says why, until somebody changes it', () =>
  withApi({}, async (api) => {
    const { id } = await make(api, { name: 'a circle', enabled: false });
    const page = async () => fields(await api.get(`/ui/pages/automations/${String(id)}`));
    assert.equal((await page())['stopped'], null);
    await tell(api, [
      {
        event: 'ostinato.automation.stopped',
        resource: { 'prefect.resource.id': `prefect.automation.${String(id)}` },
        payload: { reason: 'it went round' },
      },
    ]);
    assert.equal(fields({ body: (await page())['stopped'] })['reason'], 'it went round');
    api.advance(60);
    await api.send('PATCH', `/automations/${String(id)}`, { enabled: true });
    assert.equal((await page())['stopped'], null);
  }));

test('how many events a trigger looks at: by name, resource and related resource, of the last 7 days', () =>
  withApi({}, async (api) => {
    const sold = (shop: string, more: Fields = {}): Fields => ({
      event: 'shop.sold',
      resource: { 'prefect.resource.id': `shop.${shop}`, 'prefect.resource.name': shop },
      related: [{ 'prefect.resource.id': 'town.1', 'prefect.resource.role': 'town', 'prefect.resource.name': 'Bonn' }],
      ...more,
    });
    await tell(api, [sold('a'), sold('b'), sold('b', { event: 'shop.closed' }), sold('c', { related: [] })]);
    api.advance(1);
    const of = async (trigger: Fields) =>
      fields(
        await api.post('/ui/automations/matches', { trigger: { type: 'event', posture: 'Reactive', ...trigger } }),
      );
    const counts = async (trigger: Fields) =>
      ((await of(trigger))['matches'] as readonly Fields[]).map(({ count }) => count);
    assert.deepEqual(await counts({ expect: ['shop.sold'] }), [3]);
    assert.deepEqual(await counts({ expect: ['shop.*'] }), [4]);
    assert.deepEqual(await counts({ expect: ['shop.*'], match: { 'prefect.resource.name': 'b' } }), [2]);
    assert.deepEqual(await counts({ expect: ['shop.*'], match: { 'prefect.resource.id': 'shop.*' } }), [4]);
    assert.deepEqual(await counts({ expect: ['shop.sold'], match_related: { 'prefect.resource.name': 'Bonn' } }), [2]);
    const parts = ['shop.sold', 'shop.closed'].map((name) => ({ type: 'event', posture: 'Reactive', expect: [name] }));
    assert.deepEqual(await counts({ type: 'compound', require: 'all', within: 60, triggers: parts }), [3, 1]);
    const { words, matches } = await of({ expect: ['shop.closed'] });
    assert.deepEqual(words, [{ depth: 0, text: 'each time “shop.closed” is told' }]);
    assert.equal(fields({ body: (matches as readonly Fields[])[0]?.['newest'] })['resource_name'], 'b');
    assert.equal((await api.post('/ui/automations/matches', { trigger: { type: 'event' } })).status, 422);
    assert.equal((await api.post('/ui/automations/matches', {})).status, 422);
    api.advance(8 * 86_400);
    assert.deepEqual(await counts({ expect: ['shop.*'] }), [0]);
  }));

test('what actions can be done to, by name', () =>
  withApi({}, async (api) => {
    const deployment = await deploy(api);
    await api.post('/work_pools/', { name: 'local', type: 'process' });
    const { choices } = fields(await api.get('/ui/automations/choices'));
    assert.deepEqual(
      (choices as readonly Fields[]).map(({ kind, name }) => [kind, name]),
      [
        ['deployment', 'sales/daily'],
        ['work-pool', 'local'],
        ['work-queue', 'local/default'],
      ],
    );
    assert.equal((choices as readonly Fields[])[0]?.['id'], deployment['id']);
  }));

test('the page of a run says which automations a state of it has set off', () =>
  withApi({}, async (api) => {
    const { id: flow } = fields(await api.post('/flows/', { name: 'sales' }));
    const run = fields(await api.post('/flow_runs/', { flow_id: flow, state: { type: 'FAILED' } }));
    const head = async () => fields(await api.get(`/ui/pages/flow_runs/${String(run['id'])}`))['automations'];
    assert.deepEqual(await head(), []);
    const { id } = await make(api, { name: 'again' });
    const fired = (event: string): Fields => ({
      event: 'prefect.automation.triggered',
      resource: { 'prefect.resource.id': `prefect.automation.${String(id)}`, 'prefect.resource.name': 'again' },
      related: [{ 'prefect.resource.id': `prefect.event.${event}`, 'prefect.resource.role': 'triggering-event' }],
    });
    await tell(api, [fired(String(run['state_id'])), fired(randomUUID())]);
    api.advance(1);
    const automations = (await head()) as readonly Fields[];
    assert.deepEqual(
      automations.map(({ id: of, name }) => [of, name]),
      [[id, 'again']],
    );
  }));
