/** `ostinato notification`: who can be told, and whether a message gets there; without a server, and with one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { askApi } from './ask-api.ts';
import { startOstinato, until, type Background } from './background.ts';
import { callCommand } from './in-process.ts';
import { makePlace } from './launch.ts';
import { makeChannel, openReceiver, type Receiver } from './notification-blocks.ts';

const place = makePlace();
const at = { env: { OSTINATO_HOME: place.home }, cwd: place.project };
let receiver: Receiver;
let server: Background | undefined;
let api = '';
before(async () => {
  receiver = await openReceiver();
  const started = startOstinato(place, ['server', 'start', '--port', '0']);
  server = started;
  const url = await until('it serves', () => /serves at (http:\S+)[\s\S]*stops it/.exec(started.text().stderr)?.[1]);
  api = `${url}/api`;
  const make = (slug: string, name: string, data: Readonly<Record<string, unknown>>) =>
    makeChannel((path, body) => askApi(api, 'POST', path, body), slug, name, data);
  await make('slack-webhook', 'ops', { url: `${receiver.url}/services/T0/secret-part` });
  await make('slack-webhook', 'both', { url: receiver.url });
  await make('telegram', 'both', { bot_token: '1:secret-part', chat_id: '1', api_url: receiver.url });
});
after(async () => {
  receiver.close();
  server?.child.kill('SIGKILL');
  await server?.ended;
});

const call = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  callCommand(['notification', ...words], { ...at, env: { ...at.env, ...env } });

test('the exit code is 0 only when the service took the message, and the receipt is what it said', async () => {
  // Beside the server of this home, of its database, and by its socket.
  for (const env of [{}, { OSTINATO_API_URL: api }]) {
    const says = async (answer: Receiver['answer'], words: readonly string[] = []) => {
      receiver.answer = answer;
      const { exitCode, stdout } = await call(['test', 'ops', ...words], env);
      return [exitCode, stdout.trim()];
    };
    assert.deepEqual(await says({ status: 202, body: '' }), [0, 'slack-webhook/ops: accepted (202)']);
    assert.deepEqual(await says({ status: 200, body: '{"ok": false, "error": "channel_not_found"}' }), [
      1,
      'slack-webhook/ops: refused: channel_not_found (200)',
    ]);
    assert.deepEqual(await says({ status: 429, body: '', headers: { 'retry-after': '30' } }), [
      1,
      'slack-webhook/ops: not taken now: The receiver answered 429. It asks to wait 30 s.',
    ]);
    const [exitCode, text] = await says({ status: 404, body: 'no /services/T0/secret-part here' }, ['-o', 'json']);
    const told = { outcome: 'refused', receipt: 'refused: no ******** here (404)', retry_after_seconds: null };
    assert.deepEqual([exitCode, JSON.parse(String(text))], [1, told]);
  }
});

test('what it says is what was typed, and no template', async () => {
  receiver.answer = { status: 200, body: 'ok' };
  receiver.heard.length = 0;
  await call(['test', 'ops', '--subject', '', '--body', '{{ 1 + 1 }} \u{1f600}']);
  assert.deepEqual(
    receiver.heard.map((text) => JSON.parse(text) as unknown),
    [{ text: '{{ 1 + 1 }} \u{1f600}' }],
  );
});

test('a channel is found by its name, by type and name, and by its id', async () => {
  const rows = JSON.parse((await call(['ls', '-o', 'json'])).stdout) as readonly { id: string; name: string }[];
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['both', 'ops', 'both'],
  );
  assert.doesNotMatch(JSON.stringify(rows), /secret-part/);
  const several = await call(['test', 'both']);
  assert.deepEqual([several.exitCode, /Say which, for instance slack-webhook\/both/.test(several.stderr)], [2, true]);
  for (const word of ['slack-webhook/both', rows[0]?.id ?? '']) assert.equal((await call(['test', word])).exitCode, 0);
  const lying = await call(['test', 'telegram/both']);
  assert.deepEqual(
    [lying.exitCode, lying.stdout.trim()],
    [1, 'telegram/both: refused: the answer is not one of Telegram (200)'],
  );
  const gone = await call(['test', 'opps']);
  assert.deepEqual([gone.exitCode, /no block "opps" that can notify.*"ops"/.test(gone.stderr)], [3, true]);
});

test('what may not be reached is not asked, whoever asks', async () => {
  receiver.heard.length = 0;
  const { exitCode, stdout } = await call(['test', 'ops'], { OSTINATO_SERVER_NOTIFICATION_TARGETS: 'hooks.slack.com' });
  assert.deepEqual(
    [exitCode, stdout.trim(), receiver.heard.length],
    [1, 'slack-webhook/ops: The address is none that server.notification_targets allows.', 0],
  );
});
