/**
 * Blocks that the real client saves with its own classes are sent by our server: as the client itself sends them, where
 * a service can stand on this machine, and as the service has it where it cannot.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { answerOf, clientEnvironment, startOstinato, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'notification_blocks.py');
const TIMEOUT_MS = 150_000;
type Json = Readonly<Record<string, unknown>>;

interface Heard {
  readonly path: string;
  readonly body: Json;
}

const heard: Heard[] = [];
/** As the services answer, by what is in the path. */
const ANSWERS: readonly (readonly [part: RegExp, status: number, body: string])[] = [
  [/\/v2\/enqueue/, 202, '{"status": "success", "message": "Event processed", "dedup_key": "k"}'],
  [/\/v2\/alerts/, 202, '{"result": "Request will be processed"}'],
  [/Messages\.json/, 201, '{"sid": "SM1", "status": "queued"}'],
  [/\/v3\/mail\/send/, 202, ''],
  [/\/api\/webhooks/, 200, '{"id": "77"}'],
  [/^\/$/, 200, '{"id": "n"}'],
];
const receiver = createServer((request, response) => {
  void textOf(request).then((text) => {
    const path = request.url ?? '';
    const isForm = request.headers['content-type']?.includes('form-urlencoded') === true;
    heard.push({ path, body: (isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)) as Json });
    const [, status, body] = ANSWERS.find(([part]) => part.test(path)) ?? [null, 200, 'ok'];
    response.writeHead(status).end(body);
  });
});
before(async () => await prepareClients(() => undefined), { timeout: 900_000 });
before(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
after(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const SAID = { subject: 'Subject', body: 'Body *line* & <a>' };
const TEXT = `${SAID.subject}\r\n${SAID.body}`;

/** Path, and members of the body. */
const SENT: Readonly<Record<string, readonly [path: string, body: Json]>> = {
  'slack-hook': ['/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ', { text: `*${SAID.subject}*\n${SAID.body}` }],
  pager: ['/v2/enqueue', { routing_key: 'ik', event_action: 'trigger', client: 'Ostinato' }],
  twilio: [`/2010-04-01/Accounts/AC${'a'.repeat(32)}/Messages.json`, { Body: TEXT, From: '+15555550100' }],
  opsgenie: ['/v2/alerts', { message: SAID.subject, description: SAID.body, priority: 'P1', tags: ['x'] }],
  discord: ['/api/webhooks/1234567/abc-def?wait=true', { content: TEXT, username: 'bot' }],
  ntfy: ['/', { topic: 'sales', title: SAID.subject, message: SAID.body }],
  'signed-webhook': ['/signed', { type: 'notification' }],
  sendgrid: ['/v3/mail/send', { subject: SAID.subject, content: [{ type: 'text/plain', value: SAID.body }] }],
};

/** Versions, which are those of the sender, stay out. */
const seen = ({ path, body }: Heard) => [path, { ...body, version: undefined }];

test('each block of the client is sent by the server', { timeout: 300_000 }, () =>
  inFolder((folder) => {
    const { port } = receiver.address() as AddressInfo;
    const kinds = ['discord', 'opsgenie', 'pager-duty'].map((kind) => `${kind}-webhook`);
    const gateways = [...kinds, 'twilio-sms', 'sendgrid-email'].map((kind) => `${kind}=http://127.0.0.1:${port}`);
    const settings = {
      OSTINATO_SERVER_NOTIFICATION_GATEWAYS: gateways.join(','),
      OSTINATO_SERVER_NOTIFICATION_TARGETS: `127.0.0.1:${port}`,
      OSTINATO_SERVER_NOTIFICATION_PYTHON: REFERENCE.python,
    };
    return withServer(startOstinato(folder, settings), async ({ apiUrl }) => {
      const environment = clientEnvironment(REFERENCE.python, folder, apiUrl);
      const ended = await run(
        { command: REFERENCE.python, words: [PROGRAM, String(port)], folder, environment },
        TIMEOUT_MS,
      );
      assert.equal(ended.exitCode, 0, ended.stderr);
      const theirs = heard.splice(0);
      const ask = <T>(path: string, body: Json) => answerOf<T>(apiUrl, 'POST', path, body);
      const notifying = { block_schemas: { block_capabilities: { all_: ['notify'] } } };
      const rows = await ask<readonly Json[]>('/block_documents/filter', notifying);
      const ids = new Map(rows.map(({ name, id }) => [name, id]));
      const send = async (name: string): Promise<Json> =>
        await ask(`/ostinato/block_documents/${String(ids.get(name))}/notification-test`, SAID);
      const ours = async (name: string): Promise<readonly Heard[]> => {
        heard.length = 0;
        assert.equal((await send(name))['outcome'], 'accepted', name);
        return heard.splice(0);
      };
      assert.equal(theirs.length, 3);
      for (const [index, name] of ['slack', 'mattermost', 'custom'].entries())
        assert.deepEqual((await ours(name)).map(seen), theirs.slice(index, index + 1).map(seen), name);
      for (const [name, [path, body]] of Object.entries(SENT)) {
        const [first] = await ours(name);
        assert.equal(first?.path, path);
        for (const [key, value] of Object.entries(body)) assert.deepEqual(first.body[key], value, `${name}: ${key}`);
      }
      // It would leave this machine, and may not.
      assert.deepEqual(await send('teams'), {
        outcome: 'refused',
        receipt: 'The address is none that server.notification_targets allows.',
        retry_after_seconds: null,
      });
    });
  }),
);

test('Apprise reaches only what may be reached, and says what went wrong', { timeout: 300_000 }, () =>
  inFolder((folder) => {
    const { port } = receiver.address() as AddressInfo;
    const settings = {
      OSTINATO_SERVER_NOTIFICATION_TARGETS: `127.0.0.1:${port}`,
      OSTINATO_SERVER_NOTIFICATION_PYTHON: REFERENCE.python,
    };
    return withServer(startOstinato(folder, settings), async ({ apiUrl }) => {
      const ask = <T>(path: string, body: Json) => answerOf<T>(apiUrl, 'POST', path, body);
      await ask('/block_types/install_system_block_types', {}).catch(() => undefined);
      const byType = { block_types: { slug: { any_: ['apprise-notification'] } } };
      const [type] = await ask<readonly Json[]>('/block_types/filter', byType);
      const [schema] = await ask<readonly Json[]>('/block_schemas/filter', {
        block_schemas: { block_type_id: { any_: [type?.['id']] } },
      });
      const made = { block_type_id: type?.['id'], block_schema_id: schema?.['id'] };
      let count = 0;
      const receipt = async (data: Json): Promise<readonly unknown[]> => {
        const { id } = await ask<Json>('/block_documents/', { name: `b-${(count += 1)}`, data, ...made });
        const told = await ask<Json>(`/ostinato/block_documents/${String(id)}/notification-test`, SAID);
        return [told['outcome'], told['receipt']];
      };
      heard.length = 0;
      const here = `json://127.0.0.1:${port}`;
      assert.deepEqual(await receipt({ url: `${here}/a` }), ['accepted', 'accepted, says Apprise: JSON']);
      assert.equal(heard.length, 1);
      const none = 'The address is none that server.notification_targets allows';
      assert.deepEqual(await receipt({ url: 'json://127.0.0.1:9/a' }), ['refused', `refused by JSON: ${none}`]);
      assert.deepEqual(await receipt({ url: `${here}/a`, allow_private_urls: false }), [
        'refused',
        'refused by JSON: The address is one of a private network, which its block does not allow',
      ]);
      const [partial, both] = await receipt({ url: `${here}/a,json://127.0.0.1:9/a` });
      assert.deepEqual([partial, both], ['partial', `sent to 1 of 2 (JSON, JSON): ${none}`]);
      const [unknown, reason] = await receipt({ url: 'nosuchservice://secret-of-ours' });
      assert.equal(unknown, 'refused');
      assert.match(String(reason), /^refused: Apprise cannot read the address of the block/);
      assert.doesNotMatch(String(reason), /secret-of-ours/);
      assert.equal(heard.length, 2);
    });
  }),
);
