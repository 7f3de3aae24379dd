/** Mail over a real SMTP server on this machine: one that takes it, refuses it, hangs, or offers no encryption. */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { after, test } from 'node:test';

import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

import { portsFor, SAID, sendBy } from './fixtures/service.ts';
import { openChannels } from './open-channel.ts';

interface Mail {
  readonly from: unknown;
  readonly to: readonly string[];
  readonly text: string;
  readonly isSecure: boolean;
}

const opened: { close(): unknown }[] = [];
after(() => opened.forEach((server) => server.close()));

const refusal = (message: string, responseCode: number): Error => Object.assign(new Error(message), { responseCode });

type Answer = (error?: Error | null, message?: string) => void;

function finish(answer: Answer, refused: Error | null): void {
  if (refused === null) answer(null, 'queued as 1');
  else answer(refused);
}

async function mailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const logins: string[] = [];
  const take = async (stream: Readable, { envelope, secure }: SMTPServerSession): Promise<Error | null> => {
    const text = await textOf(stream);
    if (text.includes('is spam')) return refusal('we do not like it', 554);
    const { mailFrom, rcptTo } = envelope;
    const from = mailFrom === false ? null : mailFrom.address;
    mails.push({ from, to: rcptTo.map(({ address }) => address), text, isSecure: secure });
    return null;
  };
  const server = new SMTPServer({
    logger: false,
    onAuth: ({ username = '', password = '' }, _session, done) => {
      logins.push(`${username}:${password}`);
      if (password === 'right') done(null, { user: username });
      else done(refusal('no such user or password', 535));
    },
    onRcptTo: ({ address }, _session, done) => {
      if (address.startsWith('nobody')) done(refusal('no such user', 550));
      else if (address.startsWith('later')) done(refusal('come again', 450));
      else done();
    },
    onData: (stream, session, answer) => void take(stream, session).then((refused) => finish(answer, refused)),
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  const { port } = server.server.address() as AddressInfo;
  return { mails, logins, block: (data: object = {}) => blockAt(port, data) };
}

const blockAt = (port: number, data: object) => ({
  slug: 'smtp-email',
  data: {
    host: '127.0.0.1',
    port,
    username: 'ann',
    password: 'right',
    sender: 'flows@x.example',
    recipients: ['a@x.example', 'b@x.example'],
    verify: false,
    ...data,
  },
});

test('mail goes over an encrypted connection, once it has been told who sends it', async () => {
  const { mails, logins, block } = await mailServer();
  const delivery = await sendBy(portsFor(null), block({ sender_name: 'Flows, of ours' }), {
    subject: 'Grüße\r\nBcc: c@x.example',
    body: 'line\n.\nof one dot – ü',
    severity: 'critical',
    links: [{ text: 'Run', url: 'https://x.example/r' }],
  });
  assert.deepEqual([delivery.outcome, delivery.receipt], ['accepted', 'accepted: 250 queued as 1']);
  const [mail] = mails;
  assert.deepEqual([mail?.from, mail?.to, mail?.isSecure], ['flows@x.example', ['a@x.example', 'b@x.example'], true]);
  assert.deepEqual(logins, ['ann:right']);
  const [head = '', body = ''] = mail?.text.split(/\r\n\r\n(.*)/s) ?? [];
  assert.match(head, /^From: "Flows, of ours" <flows@x\.example>$/m);
  assert.match(head, /^To: a@x\.example, b@x\.example$/m);
  assert.match(head, /^Auto-Submitted: auto-generated$/m);
  assert.match(head, /^X-Priority: 1 /m);
  assert.doesNotMatch(head, /^Bcc/m);
  assert.match(body, /Run: https:\/\/x\.example\/r/);
  const handle = 'handle' in delivery ? delivery.handle : null;
  assert.match(head, new RegExp(`^Message-ID: ${handle}$`, 'm'));
});

test('the same message has the same id, and an answer names it', async () => {
  const { mails, block } = await mailServer();
  const channel = await openChannels(portsFor(null))(block());
  const first = await channel.send(SAID, { idempotencyKey: 'order-1' });
  await channel.send(SAID, { idempotencyKey: 'order-1' });
  const handle = ('handle' in first && first.handle) || assert.fail('a mail has a handle');
  await channel.reply?.(handle, { ...SAID, body: 'again' }, { idempotencyKey: 'order-2' });
  const idOf = (at: number) => /^Message-ID: (.*)$/m.exec(mails[at]?.text ?? '')?.[1];
  assert.equal(idOf(0), idOf(1));
  assert.notEqual(idOf(0), idOf(2));
  assert.match(mails[2]?.text ?? '', new RegExp(`^In-Reply-To: ${handle}\\r\\nReferences: ${handle}\\r$`, 'm'));
  assert.equal(channel.edit, undefined);
});

test('a receipt names who is refused; where nobody gets it, it is refused, or later', async () => {
  const { mails, block } = await mailServer();
  const to = async (...recipients: readonly string[]) => {
    const { outcome, receipt } = await sendBy(portsFor(null), block({ recipients }));
    return [outcome, receipt];
  };
  assert.deepEqual(await to('a@x.example', 'nobody@x.example', 'b@x.example'), [
    'partial',
    'sent to 2 of 3: nobody@x.example refused: 550 no such user',
  ]);
  assert.deepEqual(mails[0]?.to, ['a@x.example', 'b@x.example']);
  assert.deepEqual(await to('nobody@x.example'), ['refused', 'refused: nobody@x.example refused: 550 no such user']);
  const [outcome, receipt] = await to('later@x.example', 'nobody@x.example');
  assert.equal(outcome, 'delayed');
  assert.match(String(receipt), /later@x\.example refused: 450 come again; nobody@x\.example refused: 550/);
});

test('a wrong password, a message that is not liked, a server that goes: what it said is told', async () => {
  const { mails, block } = await mailServer();
  const wrong = await sendBy(portsFor(null), block({ password: 'wrong' }));
  assert.deepEqual([wrong.outcome, wrong.receipt], ['refused', 'refused: 535 no such user or password']);
  const spam = await sendBy(portsFor(null), block(), { body: 'this is spam' });
  assert.deepEqual([spam.outcome, spam.receipt], ['refused', 'refused: 554 we do not like it']);
  const busy = await mailServer({ onConnect: (_session, done) => done(refusal('too many connections', 421)) });
  assert.equal((await sendBy(portsFor(null), busy.block())).outcome, 'delayed');
  assert.equal(mails.length, 0);
});

test('where a server offers no encryption, it gets neither password nor message', async () => {
  const { mails, logins, block } = await mailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
  const open = await sendBy(portsFor(null), block());
  assert.equal(open.outcome, 'refused', open.receipt);
  assert.deepEqual([mails.length, logins.length], [0, 0]);
  const plain = await mailServer({ authOptional: true, hideSTARTTLS: true });
  const asked = await sendBy(portsFor(null), plain.block({ security: 'none', username: null }));
  assert.deepEqual([asked.outcome, plain.mails[0]?.isSecure], ['accepted', false]);
});

test('a certificate that nobody vouches for is refused, unless the block says otherwise', async () => {
  for (const security of ['starttls', 'tls']) {
    const { mails, logins, block } = await mailServer({ secure: security === 'tls' });
    const checked = await sendBy(portsFor(null), block({ security, verify: true }));
    assert.deepEqual([checked.outcome, mails.length, logins.length], ['refused', 0, 0], checked.receipt);
    assert.match(checked.receipt, /certificate/i);
    assert.equal((await sendBy(portsFor(null), block({ security }))).outcome, 'accepted');
  }
});

test('a server that hangs, at its greeting or later, is given up, and one that is away', async () => {
  const sockets = new Set<Socket>();
  const talks = (say: (socket: Socket) => void): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        say(socket);
      });
      opened.push({ close: () => (sockets.forEach((socket) => socket.destroy()), server.close()) });
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const silent = await talks(() => undefined);
  const slow = await talks((socket) => {
    socket.write('220 hello\r\n');
    // Each command is answered by a line that promises another one, again and again.
    socket.on('data', () => socket.write('250-and\r\n'));
  });
  for (const server of [silent, slow]) {
    const hung = await sendBy(portsFor(null), blockAt(portOf(server), { timeout: 1 }));
    assert.equal(hung.outcome, 'delayed', hung.receipt);
  }
  const port = portOf(silent);
  sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => silent.close(resolve));
  const away = await sendBy(portsFor(null), blockAt(port, {}));
  assert.equal(away.outcome, 'delayed');
  assert.match(away.receipt, /ECONNREFUSED/);
});

test('what is no address, or none that is allowed, is refused before anything is sent', async () => {
  const { logins, block } = await mailServer();
  const said = async (data: object) => (await sendBy(portsFor(null), block(data))).receipt;
  for (const address of ['a', 'a@b, c@d', 'a@b\r\nRCPT TO:<c@d>', '<a@b>', '"a b"@c', `${'a'.repeat(400)}@x.example`])
    assert.match(await said({ recipients: [address] }), /one of its recipients is no e-mail address/, address);
  assert.match(await said({ recipients: [] }), /its recipients are not 1 to 100/);
  assert.match(await said({ sender: 'x' }), /one of its sender is no e-mail address/);
  assert.match(await said({ security: 'maybe' }), /its security is not one of starttls, tls, none/);
  const elsewhere = await sendBy(portsFor(null, { mayReach: () => false }), block());
  assert.deepEqual(
    [elsewhere.outcome, elsewhere.receipt],
    ['refused', 'refused: its server is none that server.notification_targets allows'],
  );
  assert.equal(logins.length, 0);
});
