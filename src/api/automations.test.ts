import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { acted } from './fixtures/acted.ts';
import { withApi, type ApiAnswer, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { fields, flowId, NOBODY, type Fields } from './fixtures/deployed.ts';

const recorded = <Value>(name: string): Value =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Value;

/** Without what differs each time. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !['id', 'created', 'updated'].includes(name));
  return Object.fromEntries(entries.map(([name, item]) => [name, settled(item)]));
}

const EVENT = { type: 'event', posture: 'Reactive', expect: ['sales.closed'] };
const NEW = { name: 'watch', trigger: EVENT, actions: [{ type: 'do-nothing' }] };

const made = async (api: ApiUnderTest, more: Fields = {}): Promise<Fields> => {
  const answer = await api.post('/automations/', { ...NEW, ...more });
  assert.equal(answer.status, 201, answer.text);
  return fields(answer);
};
const read = async (api: ApiUnderTest, { id }: Fields): Promise<Fields> =>
  fields(await api.get(`/automations/${String(id)}`));
const namesOf = (answer: ApiAnswer): unknown[] => (answer.body as readonly Fields[]).map(({ name }) => name);
const eventsOf = async (api: ApiUnderTest): Promise<string[]> =>
  (await api.storage.readEvents({ afterSeq: 0, limit: 200 }))
    .map(({ name }) => name)
    .filter((name) => name.startsWith('prefect.automation.'));

interface Exchange {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly req: Fields | null;
  readonly status: number;
  readonly res: unknown;
}

test('what a client of Prefect asked and was answered, is answered so here', () =>
  withApi({}, async (api) => {
    const ours = new Map<string, string>();
    for (const { method, path, req, status, res } of recorded<Exchange[]>('automation-exchanges')) {
      const id = path.split('/')[2] as string;
      const asked = path.replace(id, ours.get(id) ?? id);
      api.advance(1);
      const answer = await api.send(method, asked, req ?? undefined);
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
      assert.deepEqual(settled(answer.body), settled(res), `${method} ${path}`);
      if (status === 201) ours.set(String((res as Fields)['id']), String(fields(answer)['id']));
    }
  }));

interface Body {
  readonly what: string;
  readonly sent: Fields;
  readonly kept?: Fields;
  readonly problems?: readonly (readonly [string, readonly unknown[], string])[];
}

/**
 * Recorded from the models of Prefect 3.9.1; without what they say of triggers in triggers twice, once for each kind
 * that the whole might be of.
 *
 * What is said of JSON and templates is said by another parser.
 */
const words = ([type, place, message]: readonly [string, unknown, string]): string =>
  JSON.stringify([
    type,
    place,
    /not a valid template|Invalid parameters/.test(message) ? message.slice(0, 32) : message,
  ]);

test('bodies are read and refused as models of Prefect 3.9.1 do', () =>
  withApi({}, async (api) => {
    for (const { what, sent, kept, problems } of recorded<Body[]>('automation-bodies')) {
      const answer = await api.post('/automations/', sent);
      assert.equal(answer.status, kept ? 201 : 422, `${what}: ${answer.text}`);
      const body = fields(answer);
      if (kept) assert.deepEqual(settled({ trigger: body['trigger'], actions: body['actions'] }), kept, what);
      else {
        const found = (body['exception_detail'] as readonly Fields[]).map(({ type, loc, msg }) =>
          words([String(type), loc, String(msg)]),
        );
        assert.deepEqual(found.sort(), (problems ?? []).map(words).sort(), what);
      }
    }
  }));

test('automations are listed, counted, narrowed and ordered', () =>
  withApi({}, async (api) => {
    await made(api, { name: 'b', tags: ['x'] });
    const before = '2026-09-21T14:13:20Z';
    api.advance(10);
    await made(api, { name: 'a', tags: ['x', 'y'] });
    api.advance(10);
    const c = await made(api, { name: 'c' });
    const list = (body: unknown) => api.post('/automations/filter', body);
    assert.deepEqual(namesOf(await list({})), ['a', 'b', 'c']);
    assert.deepEqual(namesOf(await list({ sort: 'NAME_DESC', limit: 2 })), ['c', 'b']);
    assert.deepEqual(namesOf(await list({ sort: 'CREATED_DESC', offset: 1 })), ['a', 'b']);
    const narrowed = async (automations: unknown) => {
      const names = namesOf(await list({ automations }));
      assert.equal((await api.post('/automations/count', { automations })).body, names.length);
      return names;
    };
    assert.deepEqual(await narrowed({ name: { any_: ['c', 'nothing'] } }), ['c']);
    assert.deepEqual(await narrowed({ id: { any_: [c['id']] } }), ['c']);
    assert.deepEqual(await narrowed({ tags: { all_: ['x', 'y'] } }), ['a']);
    assert.deepEqual(await narrowed({ tags: { any_: ['x'] } }), ['a', 'b']);
    assert.deepEqual(await narrowed({ tags: { is_null_: true } }), ['c']);
    assert.deepEqual(await narrowed({ created: { before_: before } }), ['b']);
    assert.deepEqual(await narrowed({ operator: 'or_', name: { any_: ['c'] }, tags: { all_: ['y'] } }), ['a', 'c']);
    assert.equal((await api.send('POST', '/automations/count')).body, 3);
    assert.equal((await list({ sort: 'ID_DESC' })).status, 422);
  }));

test('automations are replaced, switched and deleted, and each change has its event', () =>
  withApi({}, async (api) => {
    const first = await made(api, { description: 'kept', actions_on_trigger: [{ type: 'cancel-flow-run' }] });
    const path = `/automations/${String(first['id'])}`;
    api.advance(1);
    assert.equal((await api.send('PUT', path, { ...NEW, name: 'other', tags: ['t'] })).status, 204);
    const second = await read(api, first);
    assert.deepEqual(
      [second['name'], second['description'], second['tags'], second['created']],
      ['other', 'kept', ['t'], first['created']],
    );
    assert.deepEqual(second['actions_on_trigger'], [{ type: 'cancel-flow-run' }]);
    assert.notEqual(second['updated'], first['updated']);
    assert.notEqual((second['trigger'] as Fields)['id'], (first['trigger'] as Fields)['id'], 'ids are ours');
    assert.equal((await api.send('PATCH', path, { enabled: false })).status, 204);
    assert.equal((await read(api, first))['enabled'], false);
    assert.equal((await api.send('PATCH', path, {})).status, 204);
    assert.equal((await read(api, first))['enabled'], false, 'nothing was said of it');
    assert.equal((await api.send('PATCH', path, { name: 'x' })).status, 422);
    assert.equal((await api.send('PUT', path, { ...NEW, owner_resource: 'x' })).status, 422);
    assert.equal((await api.send('DELETE', path)).status, 204);
    for (const answer of [
      await api.get(path),
      await api.send('DELETE', path),
      await api.send('PATCH', path, { enabled: true }),
      await api.send('PUT', path, NEW),
    ])
      assert.deepEqual([answer.status, answer.body], [404, { exception_message: 'Automation not found' }]);
    assert.equal((await api.get('/automations/none')).status, 404);
    assert.deepEqual(await eventsOf(api), [
      'prefect.automation.created',
      'prefect.automation.updated',
      'prefect.automation.updated',
      'prefect.automation.updated',
      'prefect.automation.deleted',
    ]);
  }));

test('one that would start runs without an end is not switched on', () =>
  withApi({}, async (api) => {
    const off = await made(api, {
      enabled: false,
      trigger: { ...EVENT, expect: ['prefect.flow-run.*'] },
      actions: [{ type: 'run-deployment', deployment_id: NOBODY }],
    });
    const answer = await api.send('PATCH', `/automations/${String(off['id'])}`, { enabled: true });
    assert.equal(answer.status, 422);
    assert.match(answer.text, /may lead to an infinite loop of flow runs/);
    assert.equal((await read(api, off))['enabled'], false);
  }));

test('those that belong to a resource are found by it, and deleted with it', () =>
  withApi({}, async (api) => {
    const resource = `prefect.deployment.${NOBODY}`;
    const run = { type: 'run-deployment', deployment_id: NOBODY };
    await made(api, { name: 'owned', owner_resource: resource, actions: [run] });
    const about = await made(api, { name: 'about', actions: [run] });
    await made(api, { name: 'other' });
    const related = async () => namesOf(await api.get(`/automations/related-to/${resource}`));
    assert.deepEqual(await related(), ['owned', 'about']);
    assert.equal((await api.send('DELETE', `/automations/owned-by/${resource}`)).status, 202);
    assert.deepEqual(await related(), ['about']);
    assert.equal((await api.send('PUT', `/automations/${String(about['id'])}`, NEW)).status, 204);
    assert.deepEqual(await related(), [], 'it does not run the deployment any more');
    assert.equal((await api.post('/automations/count', {})).body, 2);
  }));

test('numbers in parameters come back as they were sent', () =>
  withApi({}, async (api) => {
    const body = JSON.stringify({
      ...NEW,
      actions: [{ type: 'run-deployment', deployment_id: NOBODY, parameters: { x: '@', y: '#' } }],
    });
    const answer = await api.send(
      'POST',
      '/automations/',
      body.replace('"@"', '1.0').replace('"#"', '12345678901234567890'),
    );
    assert.match(answer.text, /"parameters":\{"x":1\.0,"y":12345678901234567890\}/);
  }));

test('variables of jobs have to fit the pool of the deployment', () =>
  withApi({}, async (api) => {
    const run = { type: 'run-deployment', deployment_id: NOBODY, job_variables: { cpu: 'much' } };
    const missing = await api.post('/automations/', { ...NEW, actions: [run] });
    assert.deepEqual([missing.status, missing.body], [404, { detail: 'Deployment not found.' }]);
    const variables = { type: 'object', properties: { cpu: { type: 'integer' } } };
    const template = { job_configuration: { cpu: '{{ cpu }}' }, variables };
    const pool = { name: 'pool', type: 'process', base_job_template: template };
    assert.equal((await api.post('/work_pools/', pool)).status, 201);
    const deployment = { name: 'd', flow_id: await flowId(api), work_pool_name: 'pool' };
    const { id } = fields(await api.post('/deployments/', deployment));
    const wrong = await api.post('/automations/', { ...NEW, actions: [{ ...run, deployment_id: id }] });
    assert.equal(wrong.status, 422, wrong.text);
    assert.match(wrong.text, /Error creating automation: Validation failed for field 'cpu'/);
    await made(api, { actions: [{ ...run, deployment_id: id, job_variables: { cpu: 2 } }] });
  }));

test('triggers in triggers cost what they are long', () =>
  withApi({}, async (api) => {
    const nested = (depth: number, more: Fields): unknown =>
      depth === 0 ? EVENT : { within: 1, ...more, triggers: [nested(depth - 1, more)] };
    for (const more of [{ type: 'compound', require: 'all' }, { type: 'sequence' }, { require: 1 }, {}])
      await made(api, { trigger: nested(100, more) });
    for (const more of [{ type: 'other' }, { type: 'compound' }, { require: 9 }])
      assert.equal((await api.post('/automations/', { ...NEW, trigger: nested(100, more) })).status, 422);
  }));

test('what became of the actions of an automation is told, the newest first', () =>
  withApi({}, async (api) => {
    const done = await acted(api, { type: 'do-nothing' }, { labels: { 'sales.region': 'north' } });
    const { id, firing } = done.order;
    const path = `/ostinato/automations/${firing.automationId}/receipts/filter`;
    const now = String((await read(api, done.automation))['created']);
    const receipt = {
      id,
      automation_id: firing.automationId,
      firing_id: firing.id,
      fired: now,
      fired_by: 'Triggered',
      event_id: null,
      labels: { 'sales.region': 'north' },
      action_index: 0,
      action_type: 'do-nothing',
      status: 'done',
      text: 'Nothing was to be done.',
      attempts: 1,
      created: now,
      due: null,
      ended: now,
    };
    assert.deepEqual((await api.post(path)).body, [receipt]);
    api.advance(1);
    const waiting = { ...done.order, id: NOBODY };
    await api.useCases.orderActions([waiting]);
    const [first, ...rest] = (await api.post(path, { limit: 1 })).body as readonly Fields[];
    assert.deepEqual(
      [first?.['id'], first?.['status'], first?.['text'], first?.['attempts'], first?.['due'], first?.['ended']],
      [NOBODY, 'waiting', '', 0, first?.['created'], null],
    );
    assert.deepEqual(rest, []);
    assert.deepEqual((await api.post(`/ostinato/automations/${NOBODY}/receipts/filter`)).body, []);
  }));
