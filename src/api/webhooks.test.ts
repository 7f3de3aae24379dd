/** Webhooks: made, changed, called; what becomes of what is sent there, and who is let in. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import type { Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { createIdSource } from '../platform/ids.ts';
import { createApi } from './app.ts';
import { withApi, type ApiOptions, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { HookReceiver } from './hooks/receiver.ts';

type Fields = Readonly<Record<string, unknown>>;
interface WireEvent {
  readonly id: string;
  readonly event: string;
  readonly occurred: string;
  readonly resource: Fields;
  readonly related: readonly Fields[];
  readonly payload: Fields;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const ORDER = `{
  "event": "shop.{{ body.what }}",
  "resource": { "prefect.resource.id": "order.{{ body.id }}", "prefect.resource.name": {{ body.name | tojson }} },
  "payload": { "by": "{{ headers['user-agent'] }}", "how": "{{ method }}", "place": "{{ query.place }}" }
}`;

async function make(api: ApiUnderTest, more: Fields = {}): Promise<{ readonly id: string; readonly slug: string }> {
  const { status, body, text } = await api.post('/webhooks/', { name: 'shop', template: ORDER, ...more });
  assert.equal(status, 201, text);
  return body as { id: string; slug: string };
}

async function told(api: ApiUnderTest, prefix: string): Promise<readonly WireEvent[]> {
  const { text } = await api.post('/events/filter', { filter: { event: { prefix: [prefix] }, order: 'ASC' } });
  return (JSON.parse(text) as { events: readonly WireEvent[] }).events;
}

test('what is sent becomes the event that the template writes', () =>
  withApi({}, async (api) => {
    const { id, slug } = await make(api);
    const body = '{"what": "shipped", "id": 1234567890123456789, "name": "a \\"b\\" ü"}';
    const answer = await api.call(`${slug}?place=north`, body, { ...JSON_TYPE, 'user-agent': 'till' });
    assert.deepEqual([answer.status, answer.text], [204, '']);
    const [event] = await told(api, 'shop.');
    assert.equal(event?.event, 'shop.shipped');
    assert.deepEqual(event.resource, {
      'prefect.resource.id': 'order.1234567890123456789',
      'prefect.resource.name': 'a "b" ü',
    });
    assert.deepEqual(event.payload, { by: 'till', how: 'POST', place: 'north' });
    assert.deepEqual(event.related, [
      {
        'prefect.resource.id': `ostinato.webhook.${id}`,
        'prefect.resource.role': 'webhook',
        'prefect.resource.name': 'shop',
      },
    ]);
  }));

test('any method, and forms, texts and nothing at all, are taken', () =>
  withApi({}, async (api) => {
    const { slug } = await make(api, {
      template: `{"event": "shop.{{ method }}", "resource": {"prefect.resource.id": "x"}, "payload": {"b": {{ body | tojson }}}}`,
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await api.call(slug, 'a=1&a=2&b=%C3%BC', form, 'PUT')).status, 204);
    assert.equal((await api.call(slug, 'plain {', { 'content-type': 'text/plain' }, 'POST')).status, 204);
    assert.equal((await api.call(slug, '', {}, 'GET')).status, 204);
    assert.equal((await api.call(slug, '{"a": [1, null]}', {}, 'DELETE')).status, 204);
    assert.deepEqual(
      (await told(api, 'shop.')).map(({ event, payload }) => [event, payload['b']]),
      [
        ['shop.PUT', { a: ['1', '2'], b: 'ü' }],
        ['shop.POST', 'plain {'],
        ['shop.GET', ''],
        ['shop.DELETE', { a: [1, null] }],
      ],
    );
  }));

test('an address is told once, and drawn anew when it is rotated; neither it nor a secret is kept or told', () =>
  withApi({}, async (api) => {
    const { id, slug } = await make(api, { form: 'github', secret: 'hush-hush' });
    assert.match(slug, /^[\w-]{43}$/);
    const read = await api.get(`/webhooks/${id}`);
    assert.deepEqual([(read.body as Fields)['slug'], (read.body as Fields)['has_secret']], [null, true]);
    const rotated = (await api.post(`/webhooks/${id}/rotate`)).body as { slug: string; url: string };
    assert.notEqual(rotated.slug, slug);
    assert.ok(rotated.url.endsWith(`/hooks/${rotated.slug}`));
    assert.equal((await api.call(slug)).status, 404);
    assert.equal((await api.call(rotated.slug)).status, 403);
    const kept = JSON.stringify([
      await api.storage.listWebhooks({ limit: 10, offset: 0 }),
      await told(api, 'ostinato.webhook.'),
      (await api.post('/webhooks/filter')).body,
    ]);
    for (const secret of [slug, rotated.slug, 'hush-hush']) assert.ok(!kept.includes(secret), kept);
    assert.deepEqual(
      (await told(api, 'ostinato.webhook.')).map(({ event }) => event),
      ['ostinato.webhook.created', 'ostinato.webhook.rotated', 'ostinato.webhook.failed'],
    );
  }));

test('a webhook is changed, paused, resumed, listed and deleted', () =>
  withApi({}, async (api) => {
    const { id, slug } = await make(api);
    await make(api, { name: 'a', form: 'cloudevents', template: '' });
    assert.equal((await api.post('/webhooks/', { name: 'shop', template: ORDER })).status, 409);
    assert.equal((await api.send('PATCH', `/webhooks/${id}`, { enabled: false })).status, 204);
    assert.equal((await api.call(slug, '{}')).status, 404);
    assert.equal((await api.send('PUT', `/webhooks/${id}`, { enabled: true, description: 'ü' })).status, 204);
    const list = (await api.post('/webhooks/filter', { limit: 1, offset: 1 })).body as readonly Fields[];
    assert.deepEqual(
      list.map(({ name, description, enabled }) => [name, description, enabled]),
      [['shop', 'ü', true]],
    );
    assert.equal((await api.send('DELETE', `/webhooks/${id}`)).status, 204);
    assert.equal((await api.send('DELETE', `/webhooks/${id}`)).status, 404);
    assert.equal((await api.get(`/webhooks/${id}`)).status, 404);
    assert.equal((await api.call(slug, '{}')).status, 404);
  }));

for (const [what, given] of Object.entries({
  'no template': { template: '' },
  'a template that is none': { template: '{{ body' },
  'GitHub without a secret': { form: 'github', template: '' },
  'no name': { name: '' },
  'an unknown form': { form: 'gitlab' },
}))
  test(`it is not made with ${what}`, () =>
    withApi({}, async (api) => {
      const { status } = await api.post('/webhooks/', { name: 'x', template: ORDER, ...given });
      assert.ok(status === 422 || status === 400, String(status));
      assert.deepEqual((await api.post('/webhooks/filter')).body, []);
    }));

const signed = (body: string, secret = 'hush') => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const PUSH = JSON.stringify({
  action: 'opened',
  repository: { full_name: 'octo/shop', id: 1 },
  sender: { login: 'ada' },
  text: 'ü',
}).replace('"id":1', '"id":1234567890123456789');

test('GitHub: its event about the repository, once for each delivery, only with the right signature', () =>
  withApi({}, async (api) => {
    const { slug } = await make(api, { form: 'github', template: '', secret: 'hush' });
    const headers = {
      ...JSON_TYPE,
      'x-github-event': 'issues',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-hub-signature-256': signed(PUSH),
    };
    assert.equal((await api.call(slug, PUSH, headers)).status, 204);
    assert.equal((await api.call(slug, PUSH, headers)).status, 204, 'sent again');
    for (const signature of [signed(PUSH, 'other'), signed(`${PUSH} `), '', 'sha256=', signed(PUSH).toUpperCase()])
      assert.equal((await api.call(slug, PUSH, { ...headers, 'x-hub-signature-256': signature })).status, 403);
    const { 'x-hub-signature-256': _, ...unsigned } = headers;
    assert.equal((await api.call(slug, PUSH, unsigned)).status, 403);
    const events = await told(api, 'github.');
    assert.equal(events.length, 1);
    const [event] = events;
    assert.equal(event?.event, 'github.issues.opened');
    assert.equal(event.id, headers['x-github-delivery']);
    assert.equal(event.resource['prefect.resource.id'], 'github.repository.octo/shop');
    assert.equal(event.related[0]?.['prefect.resource.id'], 'github.user.ada');
    assert.match((await api.post('/events/filter', {})).text, /"id":1234567890123456789/);
    const failed = await told(api, 'ostinato.webhook.failed');
    assert.equal(failed.length, 6);
    assert.doesNotMatch(JSON.stringify(failed), /octo/);
    const form = `payload=${encodeURIComponent(PUSH)}`;
    const asForm = { 'content-type': 'application/x-www-form-urlencoded', 'x-hub-signature-256': signed(form) };
    const again = { ...headers, ...asForm, 'x-github-delivery': 'another' };
    assert.equal((await api.call(slug, form, again)).status, 204);
    assert.equal((await told(api, 'github.')).length, 2);
  }));

test('CloudEvents: in the body, in headers, several at once; known by their source and id', () =>
  withApi({}, async (api) => {
    const { slug } = await make(api, { form: 'cloudevents', template: '' });
    const one = {
      specversion: '1.0',
      id: '7',
      source: '/shop/till',
      type: 'shop.sold',
      subject: 'order 1',
      time: '2026-09-02T03:04:05Z',
      data: { n: 1 },
    };
    const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    assert.equal((await api.call(slug, JSON.stringify(one), structured)).status, 204);
    const binary = {
      ...JSON_TYPE,
      'ce-specversion': '1.0',
      'ce-id': '7',
      'ce-source': '/shop/till',
      'ce-type': 'shop.sold',
      'ce-subject': 'order%201',
    };
    assert.equal((await api.call(slug, '{"n": 1}', binary)).status, 204, 'the same id of the same source');
    assert.equal((await api.call(slug, '{"n": 1}', { ...binary, 'ce-id': '8' })).status, 204);
    const batch = JSON.stringify([
      { ...one, id: '9' },
      { ...one, id: '10' },
    ]);
    const many = { 'content-type': 'application/cloudevents-batch+json' };
    assert.equal((await api.call(slug, batch, many)).status, 204);
    const events = await told(api, 'shop.');
    assert.equal(events.length, 4);
    const [first] = events;
    assert.equal(first?.occurred, '2026-09-02T03:04:05.000000Z');
    assert.deepEqual(first.resource, { 'prefect.resource.id': '/shop/till', 'cloudevents.subject': 'order 1' });
    assert.deepEqual(first.payload, { specversion: '1.0', subject: 'order 1', data: { n: 1 } });
    assert.ok(events.every(({ resource }) => resource['cloudevents.subject'] === 'order 1'));
    for (const wrong of ['[1]', '{"id": "1"}', '[', JSON.stringify({ ...one, specversion: '0.3' })])
      assert.equal((await api.call(slug, wrong, structured)).status, 422, wrong);
    for (const type of ['prefect.task-run.Completed', 'Ostinato.x'])
      assert.equal((await api.call(slug, JSON.stringify({ ...one, type }), structured)).status, 422, type);
    assert.equal((await api.call(slug, '{}', JSON_TYPE)).status, 422);
    assert.equal((await told(api, 'prefect.')).length, 0);
  }));

const BAD: Readonly<Record<string, readonly [template: string, body: string]>> = {
  'a loop without an end': [
    '{% for a in range(99) %}{% for b in range(99) %}{% for c in range(9) %}x{% endfor %}{% endfor %}{% endfor %}',
    '',
  ],
  'no JSON': ['{"event": "{{ body }}"}', '"a " quote"'],
  'a list': ['[]', ''],
  'no resource': ['{"event": "shop.x"}', ''],
  'a name of the product': ['{"event": "prefect.flow-run.Completed", "resource": {"prefect.resource.id": "x"}}', ''],
  'no name': ['{"event": "", "resource": {"prefect.resource.id": "x"}}', ''],
  'something that is not there': ['{{ body.a.b.c }}', '{}'],
  'a body that is too deep': ['{"event": "shop.x"}', '['.repeat(5000)],
};

for (const [what, [template, body]] of Object.entries(BAD))
  test(`a template that leads to nothing is told, and is no failure of the server: ${what}`, () =>
    withApi({}, async (api) => {
      const made = await api.post('/webhooks/', { name: 'bad', template });
      if (made.status !== 201) return assert.equal(made.status, 422, made.text);
      const answer = await api.call((made.body as { slug: string }).slug, body, JSON_TYPE);
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(
        (await told(api, '')).map(({ event }) => event),
        ['ostinato.webhook.created', 'ostinato.webhook.failed'],
      );
      assert.deepEqual(api.failures, []);
    }));

test('a wrong address and a paused webhook are answered alike, also when there are too many', () =>
  withApi({ hookLimits: limits(3, 2) }, async (api) => {
    const { id, slug } = await make(api);
    await api.send('PATCH', `/webhooks/${id}`, { enabled: false });
    const [paused, wrong] = [await api.call(slug, '{}'), await api.call('wrong', '{}')];
    assert.deepEqual([paused.status, paused.text], [wrong.status, wrong.text]);
    const [again, other] = [await api.call(slug, '{}'), await api.call('wrong', '{}')];
    assert.deepEqual([again.status, again.text, other.status], [429, other.text, 429]);
    assert.ok(Number(again.headers['retry-after']) > 0);
    await api.send('PATCH', `/webhooks/${id}`, { enabled: true });
    assert.notEqual((await api.call(slug, '{}')).status, 429, 'who is known is not kept out by others');
    api.advance(60);
    assert.equal((await api.call('wrong', '{}')).status, 404);
  }));

test('each webhook has a limit of its own, and says when to come again', () =>
  withApi({ hookLimits: limits(2, 9) }, async (api) => {
    const busy = await make(api);
    const calm = await make(api, { name: 'calm' });
    const send = async ({ slug }: { slug: string }) =>
      (await api.call(slug, '{"what": "x", "id": 1, "name": "n"}', JSON_TYPE)).status;
    assert.deepEqual([await send(busy), await send(busy), await send(busy)], [204, 204, 429]);
    assert.equal(await send(calm), 204);
    const wait = Number((await api.call(busy.slug)).headers['retry-after']);
    api.advance(wait);
    assert.equal(await send(busy), 204);
  }));

function limits(calls: number, unknown: number): NonNullable<ApiOptions['hookLimits']> {
  const rule = (burst: number) => ({ burst, aMinute: burst });
  return { calls: rule(calls), unknown: rule(unknown), failures: rule(1) };
}

test('failures are told a few times a minute, however many there are', () =>
  withApi({ hookLimits: limits(50, 50) }, async (api) => {
    const { slug } = await make(api, { template: '[]' });
    for (let count = 0; count < 5; count += 1) assert.equal((await api.call(slug)).status, 422);
    assert.equal((await told(api, 'ostinato.webhook.failed')).length, 1);
  }));

test('a body that is too large is refused, whoever sends it', () =>
  withApi({}, async (api) => {
    const { slug } = await make(api);
    assert.equal((await api.call(slug, 'x'.repeat(1_600_000))).status, 413);
    assert.equal((await api.call('wrong', 'x'.repeat(1_600_000))).status, 404);
  }));

test('it needs no password, and opens nothing else', () =>
  withApi({ gate: { authString: 'admin:secret' } }, async (api) => {
    const admin = { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` };
    const made = await api.send('POST', '/webhooks/', { name: 'shop', template: ORDER }, admin);
    const { id, slug } = made.body as { id: string; slug: string };
    assert.equal((await api.call(slug, '{"what": "x", "id": 1, "name": "n"}', JSON_TYPE)).status, 204);
    assert.equal((await api.get(`/webhooks/${id}`)).status, 401);
    for (const path of ['/webhooks/', `/webhooks/${id}/rotate`, `/webhooks/${id}/test`])
      assert.equal((await api.post(path, {})).status, 401, path);
    for (const odd of ['../api/webhooks/filter', '%2e%2e/api/admin/settings', '', 'a/b', `${slug}%00`, `${slug}x`])
      assert.ok([401, 404].includes((await api.call(odd, '{}')).status), odd);
  }));

test('a trial says what would become of a call, and records nothing', () =>
  withApi({}, async (api) => {
    const { id } = await make(api, { form: 'github', template: '', secret: 'hush' });
    const call = { headers: { 'X-GitHub-Event': 'push' }, body: PUSH };
    const { body } = await api.post(`/webhooks/${id}/test`, call);
    const { problem, events } = body as { problem: unknown; events: readonly WireEvent[] };
    assert.deepEqual([problem, events[0]?.event], [null, 'github.push.opened']);
    const failed = (await api.post(`/webhooks/${id}/test`, { body: '{}' })).body as { problem: string };
    assert.match(failed.problem, /X-GitHub-Event/);
    assert.deepEqual(
      (await told(api, '')).map(({ event }) => event),
      ['ostinato.webhook.created'],
    );
  }));

test('a failure of the server is told without the address', async () => {
  const urls: string[] = [];
  const useCases = { readWebhook: () => Promise.reject(new Error('the disk is gone')) } as unknown as UseCases;
  const app = createApi({
    operations: [],
    gate: { authString: null },
    hooks: new HookReceiver({ useCases, clock: { now: () => 0 as Instant }, ids: createIdSource() }),
    onFailure: (error, { url }) => urls.push(`${String(error)} ${url}`),
  });
  const answer = await app.inject({ method: 'POST', url: '/hooks/a-secret-address' });
  assert.equal(answer.statusCode, 500);
  assert.deepEqual(urls, ['Error: the disk is gone /hooks/…']);
  assert.doesNotMatch(answer.payload, /address/);
  await app.close();
});
