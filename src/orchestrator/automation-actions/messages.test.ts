import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acted, actOnDue, endOf, orderAction, recordOf } from '../../api/fixtures/acted.ts';
import { PAGES, withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { fields, flowId, NOBODY, type Fields } from '../../api/fixtures/deployed.ts';
import { WebFailure, type WebAnswer, type WebRequest } from '../../core/web/send-request.ts';
import { ATTEMPTS_MAX } from './act.ts';

const OK: WebAnswer = { status: 200, headers: {}, body: 'ok' };

/** A receiver that answers what is next, the last of it again and again. */
function receiver(...answers: readonly (WebAnswer | Error)[]) {
  const heard: WebRequest[] = [];
  const sendRequest = (request: WebRequest): Promise<WebAnswer> => {
    const answer = answers[Math.min(heard.length, answers.length - 1)] ?? OK;
    heard.push(request);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { heard, sendRequest };
}

async function block(api: ApiUnderTest, slug: string, data: Fields): Promise<string> {
  await api.useCases.installBlockTypes();
  const type = fields(await api.get(`/block_types/slug/${slug}`));
  const schemas = await api.post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: [type['id']] } } });
  const [schema] = schemas.body as readonly Fields[];
  const made = await api.post('/block_documents/', {
    name: `own-${slug}`,
    data,
    block_type_id: type['id'],
    block_schema_id: schema?.['id'],
  });
  assert.equal(made.status, 201, made.text);
  return String(fields(made)['id']);
}

const URL_OF = 'https://hooks.example/T0/secret-path?key=abcdef';
const hook = (api: ApiUnderTest, data: Fields = {}) => block(api, 'webhook', { url: URL_OF, ...data });

test('a webhook is called as its block says, and what it answers is told', () => {
  const { heard, sendRequest } = receiver({
    status: 201,
    headers: { 'x-own': 'yes', authorization: 'no', 'x-prefect-a': 'no', 'set-cookie': 'no' },
    body: `it was ${'x'.repeat(2000)}`,
  });
  return withApi({ sendRequest }, async (api) => {
    const id = await hook(api, { method: 'PUT', headers: { 'X-Token': 'hush-hush' }, allow_private_urls: false });
    const run = fields(await api.post('/flow_runs/', { flow_id: await flowId(api), name: 'calm' }));
    const event = {
      resource: {
        'prefect.resource.id': `prefect.flow-run.${String(run['id'])}`,
        'prefect.state-type': 'FAILED',
        'prefect.state-name': 'Failed',
        'prefect.state-message': 'as it was',
        'prefect.state-timestamp': '2026-01-01T00:00:00Z',
      },
    };
    const payload =
      '{"run": "{{ flow_run.name }}", "why": "{{ flow_run.state.message }}", "at": "{{ flow_run|ui_url }}"}';
    const done = await acted(api, { type: 'call-webhook', block_document_id: id, payload }, { event });
    assert.deepEqual([done.status, done.text], ['done', 'The receiver answered 201.']);
    assert.deepEqual(heard, [
      {
        method: 'PUT',
        url: URL_OF,
        headers: { 'idempotency-key': done.order.id, 'content-type': 'application/json', 'X-Token': 'hush-hush' },
        body: `{"run": "calm", "why": "as it was", "at": "${PAGES}/runs/flow-run/${String(run['id'])}"}`,
        timeoutMs: 10_000,
        bodyBytesMax: 65_536,
        allowsPrivate: false,
        verifies: true,
      },
    ]);
    const { name, payload: told, related } = await endOf(api, done);
    assert.equal(name, 'prefect.automation.action.executed');
    assert.deepEqual([told['status_code'], told['response_headers']], [201, { 'x-own': 'yes' }]);
    assert.equal(told['response_body'], `it was ${'x'.repeat(990)}...`);
    assert.deepEqual(related.slice(0, 2), [
      {
        'prefect.resource.id': `prefect.block-document.${id}`,
        'prefect.resource.role': 'block',
        'prefect.resource.name': 'own-webhook',
      },
      { 'prefect.resource.id': 'prefect.block-type.webhook', 'prefect.resource.role': 'block-type' },
    ]);
    await acted(api, { type: 'call-webhook', block_document_id: id, payload: 'plain {{ automation.name }}' });
    await acted(api, { type: 'call-webhook', block_document_id: id });
    assert.deepEqual(
      heard.slice(1).map(({ body, headers }) => [body, headers['content-type']]),
      [
        ['plain watch', 'text/plain; charset=utf-8'],
        [null, undefined],
      ],
    );
  });
});

test('a receiver that throttles, fails or is away is asked again, when it says or later and later', () => {
  const { heard, sendRequest } = receiver(
    { status: 429, headers: { 'retry-after': '7' }, body: '' },
    { status: 503, headers: { 'retry-after': 'Mon, 21 Sep 2026 14:15:00 GMT' }, body: '' },
    new WebFailure('The receiver could not be asked: ECONNREFUSED.', true),
    OK,
  );
  return withApi({ sendRequest }, async (api) => {
    const ordered = await orderAction(api, { type: 'call-webhook', block_document_id: await hook(api), payload: 'x' });
    const afterSeconds = async (): Promise<number> => {
      await actOnDue(api);
      const { dueAt, receipt } = await recordOf(api, ordered);
      assert.equal(receipt, null);
      const seconds = ((dueAt ?? 0) - api.now()) / 1e6;
      api.advance(seconds - 1);
      await actOnDue(api);
      assert.equal((await recordOf(api, ordered)).dueAt, dueAt, 'not before its time');
      api.advance(1);
      return seconds;
    };
    assert.equal(await afterSeconds(), 7);
    assert.equal((await recordOf(api, ordered)).problem, 'The receiver answered 429.');
    const said = Date.parse('2026-09-21T14:15:00Z') - api.now() / 1000;
    assert.equal(await afterSeconds(), Math.min(3600, Math.max(0, said / 1000)));
    assert.equal(await afterSeconds(), 30);
    await actOnDue(api);
    assert.deepEqual((await recordOf(api, ordered)).receipt, { status: 'done', text: 'The receiver answered 200.' });
    assert.deepEqual(new Set(heard.map(({ headers }) => headers['idempotency-key'])), new Set([ordered.order.id]));
  });
});

test('a receiver that never answers well is given up, and that is told without what is secret', () => {
  const body = `no ${URL_OF} for /T0/secret-path?key=abcdef with hush-hush`;
  const { heard, sendRequest } = receiver({ status: 500, headers: { 'x-own': 'hush-hush' }, body });
  return withApi({ sendRequest }, async (api) => {
    const id = await hook(api, { headers: { 'X-Token': 'hush-hush' } });
    const ordered = await orderAction(api, { type: 'call-webhook', block_document_id: id, payload: 'x' });
    const waits: number[] = [];
    for (;;) {
      await actOnDue(api);
      const { dueAt } = await recordOf(api, ordered);
      if (dueAt === null) break;
      waits.push((dueAt - api.now()) / 1e6);
      api.advance(waits.at(-1) ?? 0);
    }
    assert.deepEqual([heard.length, waits], [ATTEMPTS_MAX, [1, 5, 30, 120, 600]]);
    const { receipt } = await recordOf(api, ordered);
    assert.deepEqual(receipt, { status: 'failed', text: 'It was tried 6 times. The receiver answered 500.' });
    const { name, payload } = await endOf(api, ordered);
    assert.equal(name, 'prefect.automation.action.failed');
    assert.equal(payload['response_body'], 'no ******** for ******** with ********');
    assert.deepEqual(payload['response_headers'], { 'x-own': '********' });
  });
});

test('an answer that says no, an address that is none, a block that is none: refused, and not tried again', () => {
  const { heard, sendRequest } = receiver({ status: 404, headers: {}, body: `nobody at ${URL_OF}` });
  return withApi({ sendRequest }, async (api) => {
    const call = (id: string) => acted(api, { type: 'call-webhook', block_document_id: id, payload: 'x' });
    const hooked = await hook(api);
    const no = await call(hooked);
    assert.deepEqual([no.status, no.text], ['refused', 'The receiver answered 404: nobody at ********']);
    const slack = await block(api, 'slack-webhook', { url: 'slack://a/b/c' });
    assert.equal((await call(slack)).text, 'The referenced block was not a webhook block');
    const gone = await call(NOBODY);
    assert.equal(gone.text, "Unexpected status from 'call-webhook' action: 404 (Block document not found)");
    const notify = (id: string, body = 'x') => acted(api, { type: 'send-notification', block_document_id: id, body });
    assert.equal(
      (await notify(slack)).text,
      'refused: no-such-python cannot be started: spawn no-such-python ENOENT; install it (pip install apprise), ' +
        'and name that Python by server.notification_python',
    );
    assert.equal((await notify(hooked)).text, 'The referenced block was not a notification block');
    const wrong = await notify(slack, '{{ automation | nofilter }}');
    assert.match(wrong.text, /^Template rendering failed: .*nofilter/);
    const { payload } = await endOf(api, wrong);
    assert.equal(payload['template_source'], '{{ automation | nofilter }}');
    assert.match(String(payload['template_error']), /^Failed to render template due to the following error: /);
    assert.equal(heard.length, 1);
  });
});

test('a notification goes to Slack, or to an address in a form of its own', () => {
  const { heard, sendRequest } = receiver(OK);
  return withApi({ sendRequest }, async (api) => {
    const said = { type: 'send-notification', subject: 'of {{ automation.name }}', body: 'a "b"\n{{ 1 + 1 }}' };
    const slack = await block(api, 'slack-webhook', { url: 'https://slack.example/services/T/B/xyz' });
    const done = await acted(api, { ...said, block_document_id: slack });
    assert.equal(done.status, 'done', done.text);
    assert.deepEqual(
      [heard[0]?.method, heard[0]?.url, JSON.parse(heard[0]?.body ?? '')],
      ['POST', 'https://slack.example/services/T/B/xyz', { text: '*of watch*\na "b"\n2' }],
    );
    const own = await block(api, 'custom-webhook', {
      name: 'pager',
      url: 'https://own.example/{{name}}',
      method: 'PATCH',
      params: { s: '{{ subject }}' },
      headers: { 'X-Key': '{{token}}' },
      cookies: { a: 'b' },
      json_data: { text: '{{subject}}: {{body}}', n: 1, of: ['{{ name }}'] },
      timeout: 3,
      secrets: { token: 'hush-hush' },
    });
    assert.equal((await acted(api, { ...said, block_document_id: own })).status, 'done');
    const { method, url, headers, body, timeoutMs } = heard[1] as WebRequest;
    assert.deepEqual([method, url, timeoutMs], ['PATCH', 'https://own.example/pager?s=of+watch', 3000]);
    assert.deepEqual(
      [headers['X-Key'], headers['cookie'], headers['content-type']],
      ['hush-hush', 'a=b', 'application/json'],
    );
    assert.deepEqual(JSON.parse(body ?? ''), { text: 'of watch: a "b"\n2', n: 1, of: ['pager'] });
    await api.send('PATCH', `/block_documents/${own}`, {
      data: { name: 'p', url: 'https://own.example', form_data: { t: '{{body}}' } },
      merge_existing_data: false,
    });
    assert.equal((await acted(api, { ...said, block_document_id: own })).status, 'done');
    assert.deepEqual(
      [heard[2]?.body, heard[2]?.headers['content-type']],
      ['t=a+%22b%22%0A2', 'application/x-www-form-urlencoded'],
    );
    await api.send('PATCH', `/block_documents/${own}`, {
      data: { name: 'p', url: 'https://own.example', json_data: { t: '{{nobody}}' } },
      merge_existing_data: false,
    });
    const unknown = await acted(api, { ...said, block_document_id: own });
    assert.equal(unknown.text, 'The notification block was invalid: nothing is called nobody.');
  });
});

test('what the receipt of a notification says: of what was taken, what was refused, what waits', () => {
  const { heard, sendRequest } = receiver(
    { status: 202, headers: {}, body: '' },
    { status: 200, headers: {}, body: '{"ok": false, "error": "channel_not_found"}' },
    { status: 429, headers: { 'retry-after': '77' }, body: 'slow' },
    OK,
  );
  return withApi({ sendRequest }, async (api) => {
    const id = await block(api, 'slack-webhook', { url: 'https://slack.example/services/T/B/xyz' });
    const send = () => acted(api, { type: 'send-notification', block_document_id: id, body: 'x' });
    const taken = await send();
    assert.deepEqual([taken.status, taken.text], ['done', 'accepted (202)']);
    assert.equal((await endOf(api, taken)).payload['status_code'], 202);
    const no = await send();
    assert.deepEqual([no.status, no.text], ['refused', 'refused: channel_not_found (200)']);
    assert.equal((await endOf(api, no)).payload['reason'], 'refused: channel_not_found (200)');
    const slow = await send();
    assert.deepEqual([slow.status, slow.text], ['waits', 'The receiver answered 429.']);
    const { dueAt } = await recordOf(api, slow);
    assert.equal(((dueAt ?? 0) - api.now()) / 1e6, 77);
    api.advance(77);
    await actOnDue(api);
    assert.deepEqual((await recordOf(api, slow)).receipt, { status: 'done', text: 'accepted (200)' });
    // The same order has the same key, each time that it is tried.
    assert.equal(heard[2]?.headers['idempotency-key'], slow.order.id);
    assert.equal(heard[3]?.headers['idempotency-key'], slow.order.id);
  });
});

test('no form of a secret is in a receipt or an event', () => {
  const secret = 'p@ss w/ö"rd+1';
  const login = Buffer.from(`ann:${secret}`).toString('base64');
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ x: secret }).toString().slice(2),
    JSON.stringify(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    login,
    `https://ann:${encodeURIComponent(secret)}@x.example/`,
  ];
  const { sendRequest } = receiver(...forms.map((body) => ({ status: 400, headers: { 'x-told': body }, body })), OK);
  return withApi({ sendRequest }, async (api) => {
    const data = { server: 'https://ntfy.example', topic: 'topic-of-ours', username: 'ann', password: secret };
    const id = await block(api, 'ntfy', data);
    for (const form of forms) {
      const ended = await acted(api, { type: 'send-notification', block_document_id: id, body: 'x' });
      assert.match(ended.text, /^refused: .*\*{8}.* \(400\)$/, form);
      const told = JSON.stringify([ended.text, await endOf(api, ended)]);
      for (const hidden of [secret, login, login.slice(0, 12), encodeURIComponent(secret)])
        assert.ok(!told.includes(hidden), `${hidden} in ${told}`);
    }
  });
});

test('an order that no server has come to the end of is given up', () =>
  withApi({}, async (api) => {
    const ordered = await orderAction(api, { type: 'do-nothing' });
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      await api.useCases.takeActionOrders({ limit: 1, underWay: new Map() });
      api.advance(120);
    }
    await actOnDue(api);
    assert.deepEqual((await recordOf(api, ordered)).receipt, {
      status: 'failed',
      text: 'It was begun 6 times, and no server came to its end.',
    });
  }));
