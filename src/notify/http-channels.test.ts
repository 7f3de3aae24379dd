/** What services are asked, and what is made of their answers. They stand on this machine. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import type { ChannelBlock, Delivery } from '../core/notifications/channel.ts';
import { NOW, openService, portsFor, SAID, sendBy, type Answer, type Service } from './fixtures/service.ts';
import { openChannels } from './open-channel.ts';

let service: Service;
before(async () => void (service = await openService()));
after(() => service.close());
beforeEach(() => void (service.asked.length = 0));

type Data = ChannelBlock['data'];

/** Blocks as Prefect's client keeps them, at services that stand here. */
const blockOf = (slug: string): ChannelBlock => ({ slug, data: DATA[slug]?.() ?? {} });
const DATA: Readonly<Record<string, () => Data>> = {
  'slack-webhook': () => ({ url: `${service.url}/services/T/B/x`, notify_type: 'info', allow_private_urls: true }),
  'slack-bot': () => ({ token: 'xoxb-1', channel: 'C1', api_url: `${service.url}/api/` }),
  'ms-teams-webhook': () => ({ url: `${service.url}/workflows/1?sig=s`, include_image: true, wrap: true }),
  'discord-webhook': () => ({ webhook_id: '12', webhook_token: 'a/b', botname: 'bot', tts: true, avatar: false }),
  'mattermost-webhook': () => ({
    hostname: '127.0.0.1',
    port: service.port,
    token: 'tok',
    path: '/p/',
    botname: 'bot',
    secure: false,
  }),
  'pager-duty-webhook': () => ({
    notify_type: 'failure',
    integration_key: 'ik',
    api_key: 'ak',
    source: 'Prefect',
    component: 'Notification',
    group: 'g',
    class_id: 'c',
    clickable_url: 'https://x.example/a',
    custom_details: { a: 'b' },
  }),
  'opsgenie-webhook': () => ({
    apikey: 'key',
    target_user: ['u'],
    target_team: ['t'],
    tags: ['x'],
    priority: 2,
    entity: 'en',
    details: { d: '1' },
  }),
  'twilio-sms': () => ({
    account_sid: 'AC1',
    auth_token: 'tok',
    from_phone_number: '+1',
    to_phone_numbers: ['+2', '+3', '+4'],
  }),
  'sendgrid-email': () => ({ api_key: 'SG', sender_email: 'a@x.example', to_emails: ['b@x.example', 'c@x.example'] }),
  telegram: () => ({ bot_token: '1:a', chat_id: '@c', api_url: service.url }),
  ntfy: () => ({ server: service.url, topic: 't', username: 'u', password: 'p', tags: ['x'] }),
};

const TAKEN: Readonly<Record<string, Answer>> = {
  'slack-webhook': [200, 'ok'],
  'slack-bot': [200, { ok: true, channel: 'C1', ts: '1.2' }],
  'ms-teams-webhook': [202],
  'discord-webhook': [200, { id: '77' }],
  'mattermost-webhook': [200, 'ok'],
  'pager-duty-webhook': [202, { status: 'success', message: 'Event processed', dedup_key: 'cause-1' }],
  'opsgenie-webhook': [202, { result: 'Request will be processed', requestId: 'r' }],
  'twilio-sms': [201, { sid: 'SM1', status: 'queued', error_code: null }],
  'sendgrid-email': [202, '', { 'x-message-id': 'm' }],
  telegram: [200, { ok: true, result: { message_id: 5, chat: { id: -1 } } }],
  ntfy: [200, { id: 'n' }],
};

const TEXT = 'Sub & ject\r\nBody *line* <a>&\nsecond';
const { subject, body } = SAID;

/** Method, path, what authorizes, body: as Apprise 2.0.1 asks, but for what the files of the channels say. */
const ASKED: Readonly<Record<string, readonly [path: string, authorization: string | undefined, body: unknown]>> = {
  'slack-webhook': ['/services/T/B/x', undefined, { text: `*${subject}*\n${body}` }],
  'slack-bot': ['/api/chat.postMessage', 'Bearer xoxb-1', { channel: 'C1', text: `*${subject}*\n${body}` }],
  'ms-teams-webhook': [
    '/workflows/1?sig=s',
    undefined,
    {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              { type: 'TextBlock', text: subject, style: 'heading', weight: 'Bolder', size: 'Large', id: 'title' },
              { type: 'TextBlock', text: body, style: 'default', wrap: true, id: 'body' },
            ],
            msteams: { width: 'full' },
          },
        },
      ],
    },
  ],
  'discord-webhook': ['/api/webhooks/12/a%2Fb?wait=true', undefined, { content: TEXT, tts: true, username: 'bot' }],
  'mattermost-webhook': ['/p/hooks/tok', undefined, { text: TEXT, username: 'bot' }],
  'pager-duty-webhook': [
    '/v2/enqueue',
    'Token token=ak',
    {
      routing_key: 'ik',
      event_action: 'trigger',
      dedup_key: 'cause-1',
      payload: {
        summary: subject,
        severity: 'critical',
        source: 'Prefect',
        component: 'Notification',
        group: 'g',
        class: 'c',
        custom_details: { a: 'b', 'Prefect Notification Body': body },
      },
      client: 'Ostinato',
      links: [{ href: 'https://x.example/a' }],
    },
  ],
  'opsgenie-webhook': [
    '/v2/alerts',
    'GenieKey key',
    {
      source: 'Ostinato',
      message: subject,
      description: body,
      details: { d: '1', type: 'info' },
      priority: 'P2',
      tags: ['x'],
      entity: 'en',
      alias: 'cause-1',
      responders: [
        { type: 'team', name: 't' },
        { type: 'user', username: 'u' },
      ],
    },
  ],
  'twilio-sms': ['/2010-04-01/Accounts/AC1/Messages.json', 'Basic QUMxOnRvaw==', { Body: TEXT, From: '+1', To: '+2' }],
  'sendgrid-email': [
    '/v3/mail/send',
    'Bearer SG',
    {
      personalizations: [{ to: [{ email: 'b@x.example' }] }, { to: [{ email: 'c@x.example' }] }],
      from: { email: 'a@x.example' },
      subject,
      content: [{ type: 'text/plain', value: body }],
    },
  ],
  telegram: ['/bot1:a/sendMessage', undefined, { chat_id: '@c', text: TEXT }],
  ntfy: ['/', 'Basic dTpw', { topic: 't', title: subject, message: body, priority: 3, tags: ['x'] }],
};

const HANDLES: Readonly<Record<string, string>> = {
  'slack-bot': '{"channel":"C1","ts":"1.2"}',
  'discord-webhook': '77',
  'pager-duty-webhook': 'cause-1',
  'opsgenie-webhook': 'cause-1',
  telegram: '{"chat_id":-1,"message_id":5}',
};

for (const slug of Object.keys(DATA))
  test(`${slug}: what it sends, and that it was taken`, async () => {
    service.answers = [TAKEN[slug] ?? [200]];
    const delivery = await sendBy(portsFor(service), blockOf(slug));
    assert.equal(delivery.outcome, 'accepted', delivery.receipt);
    assert.match(delivery.receipt, /^(?:accepted \(20[012]\)(?:: .+)?|sent to 3)$/);
    assert.equal('handle' in delivery && delivery.handle, HANDLES[slug] ?? null);
    const [first] = service.asked;
    const read = (text = ''): unknown =>
      first?.headers['content-type'] === 'application/json'
        ? JSON.parse(text)
        : Object.fromEntries(new URLSearchParams(text));
    assert.deepEqual([first?.path, first?.headers['authorization'], read(first?.body)], ASKED[slug]);
    assert.deepEqual([first?.method, first?.headers['idempotency-key']], ['POST', 'order-1']);
  });

/** Outcome, receipt, and the seconds to wait. */
type Told = readonly [outcome: Delivery['outcome'], receipt: string, afterSeconds?: number | null];
const toldOf = (delivery: Delivery): Told =>
  delivery.outcome === 'delayed'
    ? [delivery.outcome, delivery.receipt, delivery.afterSeconds]
    : [delivery.outcome, delivery.receipt];

const SAYS: readonly (readonly [slug: string, Answer, Told])[] = [
  ['slack-webhook', [404, 'channel_not_found'], ['refused', 'refused: channel_not_found (404)']],
  ['slack-webhook', [200, { ok: false, error: 'no_service' }], ['refused', 'refused: no_service (200)']],
  ['slack-webhook', [302, '', { location: 'http://127.0.0.1:1/' }], ['refused', REDIRECTED(302)]],
  ['slack-webhook', [429, 'slow', { 'retry-after': '30' }], ['delayed', 'The receiver answered 429.', 30]],
  ['slack-bot', [200, { ok: false, error: 'channel_not_found' }], ['refused', 'refused: channel_not_found (200)']],
  [
    'slack-bot',
    [200, { ok: false, error: 'ratelimited' }, { 'retry-after': '3' }],
    ['delayed', 'The receiver answered 200: ratelimited.', 3],
  ],
  ['slack-bot', [200, '<html>'], ['refused', 'refused: the answer is not one of Slack (200)']],
  [
    'ms-teams-webhook',
    [200, 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with x.'],
    ['refused', 'refused: Microsoft Teams endpoint returned HTTP error 413 (200)'],
  ],
  [
    'ms-teams-webhook',
    [200, 'failed: Microsoft Teams endpoint returned HTTP error 429 with x'],
    ['delayed', 'The receiver answered 200: Microsoft Teams endpoint returned HTTP error 429.', null],
  ],
  ['discord-webhook', [204], ['accepted', 'accepted (204)']],
  [
    'discord-webhook',
    [429, { message: 'You are being rate limited.', retry_after: 1.2, global: false }],
    ['delayed', 'The receiver answered 429: You are being rate limited.', 2],
  ],
  [
    'discord-webhook',
    [404, { message: 'Unknown Webhook', code: 10015 }],
    ['refused', 'refused: Unknown Webhook (404)'],
  ],
  [
    'mattermost-webhook',
    [400, { id: 'x', message: "Couldn't find the channel.", status_code: 400 }],
    ['refused', "refused: Couldn't find the channel (400)"],
  ],
  [
    'pager-duty-webhook',
    [400, { status: 'invalid event', message: 'Event object is invalid', errors: ["'routing_key' is missing"] }],
    ['refused', 'refused: invalid event: Event object is invalid: ["\'routing_key\' is missing"] (400)'],
  ],
  ['pager-duty-webhook', [200, { status: 'invalid event' }], ['refused', 'refused: invalid event (200)']],
  ['pager-duty-webhook', [200, 'hello'], ['refused', 'refused: the answer is not one of PagerDuty (200)']],
  [
    'pager-duty-webhook',
    [429, ''],
    ['delayed', 'The receiver answered 429: the answer is not one of PagerDuty.', null],
  ],
  ['opsgenie-webhook', [403, { message: 'Api Key is not found' }], ['refused', 'refused: Api Key is not found (403)']],
  ['opsgenie-webhook', [503, { message: 'Busy' }], ['delayed', 'The receiver answered 503: Busy.', null]],
  [
    'sendgrid-email',
    [401, { errors: [{ message: 'The provided authorization grant is invalid', field: null }] }],
    ['refused', 'refused: The provided authorization grant is invalid (401)'],
  ],
  [
    'telegram',
    [200, { ok: false, error_code: 400, description: 'Bad Request: chat not found' }],
    ['refused', 'refused: Bad Request: chat not found (200)'],
  ],
  [
    'telegram',
    [429, { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 14 } }],
    ['delayed', 'The receiver answered 429: Too Many Requests.', 14],
  ],
  ['telegram', [200, 'null'], ['refused', 'refused: the answer is not one of Telegram (200)']],
  ['ntfy', [403, { code: 40301, error: 'forbidden' }], ['refused', 'refused: forbidden (403)']],
  ['ntfy', [200, '<html>hello</html>'], ['refused', 'refused: the answer is not one of ntfy (200)']],
  ['ntfy', [401], ['refused', 'refused: its key or password is not taken (401)']],
  ['slack-webhook', [500, '\u0000\u001b[31m'], ['delayed', 'The receiver answered 500.', null]],
  ['slack-webhook', [400, `\u001b[31m${'x'.repeat(5000)}`], ['refused', `refused: [31m${'x'.repeat(195)}… (400)`]],
];

function REDIRECTED(status: number): string {
  return `refused: it leads to another address, which is not followed (${status})`;
}

test('what services say is told as it is', async () => {
  for (const [slug, answer, told] of SAYS) {
    service.answers = [answer];
    assert.deepEqual(toldOf(await sendBy(portsFor(service), blockOf(slug))), told, JSON.stringify([slug, answer]));
  }
});

test('of several recipients each is told of that did not get it', async () => {
  const no = [400, { code: 21211, message: "The 'To' number is not valid." }] as const;
  const yes = TAKEN['twilio-sms'] as Answer;
  const slow = [429, { message: 'Too many' }, { 'retry-after': '9' }] as const;
  const send = async (...answers: readonly Answer[]) => {
    service.answers = [...answers];
    return toldOf(await sendBy(portsFor(service), blockOf('twilio-sms')));
  };
  assert.deepEqual(await send(yes, no, yes), [
    'partial',
    "sent to 2 of 3: +3: refused: 21211 The 'To' number is not valid (400)",
  ]);
  const [outcome, , afterSeconds] = await send(no, slow, no);
  assert.deepEqual([outcome, afterSeconds], ['delayed', 9]);
  assert.equal((await send(no))[0], 'refused');
  assert.deepEqual(await send([201, { status: 'failed', error_code: 30007, error_message: 'Carrier' }], yes), [
    'partial',
    'sent to 2 of 3: +2: refused: 30007 Carrier (201)',
  ]);
  let asked = 0;
  const slowly = portsFor(service, { now: () => (NOW + (asked += 1) * 15_000_000) as typeof NOW });
  service.answers = [yes];
  assert.match(
    (await sendBy(slowly, blockOf('twilio-sms'))).receipt,
    /^sent to 2 of 3: \+4: not told: the others took/,
  );
  const odd = {
    slug: 'twilio-sms',
    data: { ...blockOf('twilio-sms').data, to_phone_numbers: ['+1', '\u001b[31m\n+2'] },
  };
  service.answers = [yes, no];
  assert.match((await sendBy(portsFor(service), odd)).receipt, /^sent to 1 of 2: \[31m \+2: refused: /);
  service.answers = [yes];
  const many = Array.from({ length: 101 }, (_, index) => `+${index}`);
  const block = { slug: 'twilio-sms', data: { ...blockOf('twilio-sms').data, to_phone_numbers: many } };
  assert.match(
    (await sendBy(portsFor(service), block)).receipt,
    /^sent to 100 of 100: \+100: more than 100 are not told$/,
  );
});

test('what was said is changed, and answered, where the service can', async () => {
  const edited = { ...SAID, subject: '', body: 'again', links: [{ text: 'Run', url: 'https://x.example/r' }] };
  const context = { idempotencyKey: 'order-2' };
  const say = async (slug: string, how: 'edit' | 'reply', handle = HANDLES[slug] ?? '') => {
    service.answers = [TAKEN[slug] ?? [200]];
    service.asked.length = 0;
    const channel = await openChannels(portsFor(service))(blockOf(slug));
    assert.equal((await channel[how]?.(handle, edited, context))?.outcome, 'accepted');
    const [asked] = service.asked;
    return [asked?.method, asked?.path, JSON.parse(asked?.body ?? '')] as const;
  };
  const text = 'again\nRun: https://x.example/r';
  const slack = { channel: 'C1', text };
  assert.deepEqual(await say('slack-bot', 'edit'), ['POST', '/api/chat.update', { ...slack, ts: '1.2' }]);
  assert.deepEqual(await say('slack-bot', 'reply'), ['POST', '/api/chat.postMessage', { ...slack, thread_ts: '1.2' }]);
  assert.deepEqual(await say('discord-webhook', 'edit'), [
    'PATCH',
    '/api/webhooks/12/a%2Fb/messages/77',
    { content: text },
  ]);
  assert.deepEqual(await say('telegram', 'edit'), [
    'POST',
    '/bot1:a/editMessageText',
    { chat_id: -1, message_id: 5, text },
  ]);
  const reply_parameters = { message_id: 5, allow_sending_without_reply: true };
  assert.deepEqual(await say('telegram', 'reply'), [
    'POST',
    '/bot1:a/sendMessage',
    { chat_id: -1, text, reply_parameters },
  ]);
  assert.equal((await say('pager-duty-webhook', 'edit'))[2]['dedup_key'], 'cause-1');
  assert.deepEqual(await say('opsgenie-webhook', 'reply', 'a/b'), [
    'POST',
    '/v2/alerts/a%2Fb/notes?identifierType=alias',
    { source: 'Ostinato', note: text },
  ]);
  service.answers = [[400, { ok: false, error_code: 400, description: 'Bad Request: message is not modified' }]];
  const bot = await openChannels(portsFor(service))(blockOf('telegram'));
  assert.equal((await bot.edit?.(HANDLES['telegram'] ?? '', edited, context))?.outcome, 'accepted');
  for (const handle of ['', '{}', '77', '{"chat_id": [], "message_id": "x"}'])
    assert.equal((await bot.edit?.(handle, edited, context))?.receipt, 'The handle is not one of this channel.');
  service.answers = [[200, { id: '7'.repeat(1001) }]];
  const long = await sendBy(portsFor(service), blockOf('discord-webhook'));
  assert.deepEqual([long.outcome, 'handle' in long && long.handle], ['accepted', null]);
  const hook = await openChannels(portsFor(service))(blockOf('slack-webhook'));
  assert.deepEqual([hook.edit, hook.reply], [undefined, undefined]);
});

test('pagers close what is over', async () => {
  service.answers = [TAKEN['pager-duty-webhook'] ?? [200]];
  await sendBy(portsFor(service), blockOf('pager-duty-webhook'), { isResolved: true, severity: 'error' });
  const event = JSON.parse(service.asked[0]?.body ?? '') as Readonly<Record<string, unknown>>;
  assert.deepEqual([event['event_action'], event['dedup_key']], ['resolve', 'cause-1']);
  service.answers = [TAKEN['opsgenie-webhook'] ?? [200]];
  await sendBy(portsFor(service), blockOf('opsgenie-webhook'), { isResolved: true });
  assert.equal(service.asked[1]?.path, '/v2/alerts/cause-1/close?identifierType=alias');
});
