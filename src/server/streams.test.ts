import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';

import { createIdSource } from '../platform/ids.ts';
import { connect, openStreamsUnderTest, TestSocket, type StreamsUnderTest } from './fixtures/streams-under-test.ts';

const ids = createIdSource();
const FAR = { since: '2000-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };

function event(name: string, fields: Record<string, unknown> = {}) {
  return { id: ids.next(), event: name, occurred: new Date().toISOString(), resource: { 'prefect.resource.id': 'thing.1' }, ...fields };
}

async function subscribed(server: StreamsUnderTest, filter: Record<string, unknown>, backfill?: boolean): Promise<TestSocket> {
  const socket = await connect(`${server.url}/events/out`);
  socket.send({ type: 'filter', filter: { occurred: FAR, ...filter }, ...(backfill === undefined ? {} : { backfill }) });
  return socket;
}

async function names(socket: TestSocket, count: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let index = 0; index < count; index += 1) found.push(((await socket.next())['event'] as Record<string, unknown>)['event']);
  return found;
}

void describe('sockets', () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest();
  });
  after(() => server.close());

  void it('what is sent before a ping is on the disk when the ping is answered; bad events are told and left out', async () => {
    const socket = await connect(`${server.url}/events/in`);
    const id = ids.next();
    const taskRun = ids.next();
    const body = JSON.stringify(event('prefect.task-run.Running', {
      id, payload: { validated_state: { type: 'RUNNING' }, task_run: { task_key: 'clean-12ab34cd', dynamic_key: '0', empirical_policy: { retry_delay: 'DELAY' } } },
      resource: { 'prefect.resource.id': `prefect.task-run.${taskRun}`, 'prefect.orchestration': 'client' },
    })).replace('"DELAY"', '1.0');
    const [bad, large] = ['{"event":', JSON.stringify(event('large', { payload: { text: 'x'.repeat(2 * 1024 * 1024) } }))];
    for (const text of [body, bad, body, '{"event": 5}', large, JSON.stringify(event('last'))]) socket.send(text);
    await socket.settled();
    const stored = await server.storage.readWholeEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(stored.map(({ name }) => name), ['prefect.task-run.Running', 'last']);
    assert.match(stored[0]?.payload ?? '', /"retry_delay":1\.0/);
    const run = await server.storage.readTaskRun(taskRun as never);
    assert.deepEqual([run?.state.type, run?.taskName, run?.foreign?.empiricalPolicy], ['RUNNING', 'clean', '{"retry_delay":1.0}']);
    assert.equal(server.notices.length, 3);
    socket.socket.close();
  });

  void it('the past comes first, then what happens; nothing twice, nothing is left out', async () => {
    const source = await connect(`${server.url}/events/in`);
    const sent: string[] = [];
    const send = (count: number): void => {
      for (let index = 0; index < count; index += 1) {
        sent.push(`ordered.${sent.length}`);
        source.send(event(sent.at(-1) as string));
      }
    };
    send(300);
    await source.settled();
    const listener = await subscribed(server, { event: { prefix: ['ordered.'] } });
    send(300);
    const found = await names(listener, 600);
    assert.equal(found.length, new Set(found).size);
    assert.deepEqual(new Set(found), new Set(sent));
    send(1);
    assert.deepEqual(await names(listener, 1), ['ordered.600']);
    for (const { socket } of [source, listener]) socket.close();
  });

  void it('a subscription without an end in the future hears nothing live; one without a past only what is live', async () => {
    const over = await connect(`${server.url}/events/out`);
    over.send({ type: 'filter', filter: { event: { name: ['late'] } } });
    const live = await subscribed(server, { event: { name: ['late', 'end'] } }, false);
    const past = await subscribed(server, { event: { name: ['last', 'end'] } });
    assert.deepEqual(await names(past, 1), ['last']);
    const source = await connect(`${server.url}/events/in`);
    source.send(event('late'));
    source.send(event('end'));
    assert.deepEqual(await names(live, 2), ['late', 'end']);
    assert.deepEqual(await names(past, 1), ['end']);
    await over.settled();
    for (const { socket } of [over, live, past, source]) socket.terminate();
  });

  void it('events and logs of another process on the file are heard, too', async () => {
    const listener = await subscribed(server, { event: { name: ['elsewhere'] } }, false);
    const logs = await connect(`${server.url}/logs/out`);
    logs.send({ type: 'filter', filter: { level: { ge_: 30 }, text: { query: 'disk' } } });
    await Promise.all([listener.settled(), logs.settled()]);
    const other = server.openSecond();
    const log = { name: 'x', timestamp: 5 as never, flowRunId: null, taskRunId: null };
    await other.recordEvents([{ event: { id: ids.next(), name: 'elsewhere', resourceId: 'x', occurred: 1 as never, payload: null, labels: {} }, taskRun: null }]);
    await other.recordEvents([{ event: { id: ids.next(), name: 'elsewhere', resourceId: 'x', occurred: (Date.now() * 1000) as never, payload: '{"n":1.0}', labels: {} }, taskRun: null }]);
    await other.writeLogs([{ ...log, id: ids.next(), level: 20, message: 'disk' }, { ...log, id: ids.next(), level: 40, message: 'DISK full' }]);
    const heard = (await listener.next())['event'] as Record<string, unknown>;
    assert.deepEqual([heard['event'], heard['payload']], ['elsewhere', { n: 1 }]);
    const frame = await logs.next();
    assert.deepEqual([frame['type'], (frame['log'] as Record<string, unknown>)['message'], (frame['log'] as Record<string, unknown>)['created']], ['log', 'DISK full', null]);
    for (const { socket } of [listener, logs]) socket.close();
  });

  void it('wrong first frames and filters close with the code of the protocol', async () => {
    const ending = async (path: string, ...frames: readonly (string | Buffer)[]) => {
      const socket = new TestSocket(server.url + path);
      await socket.opened();
      for (const frame of frames) socket.socket.send(frame);
      return socket.ended;
    };
    const auth = '{"type":"auth","token":null}';
    assert.deepEqual(await ending('/events/out', '{"type":"hello"}'), { code: 1008, reason: "Expected 'auth' message" });
    assert.equal((await ending('/events/out', 'no json')).code, 1002);
    assert.equal((await ending('/events/in', auth, Buffer.from([1, 2, 3]))).code, 1003);
    assert.equal((await ending('/events/out', auth, 'x'.repeat(300 * 1024))).code, 1009);
    assert.deepEqual(await ending('/events/out', auth, '{"type":"other"}'), { code: 1002, reason: "Expected 'filter' message" });
    assert.match((await ending('/events/out', auth, '{"type":"filter","filter":{"bogus":1}}')).reason, /^Invalid filter: 1 validation error: bogus/);
    const tooMany = { any_resource: Array.from({ length: 300 }, () => ({ id: ['a'] })), occurred: { until: '2100-01-01T00:00:00Z' } };
    assert.match((await ending('/events/out', auth, JSON.stringify({ type: 'filter', filter: tooMany }))).reason, /^The filter of events has 300 parts/);
    assert.equal((await ending('/logs/out', auth, '[]')).code, 1002);
    assert.equal((await ending('/task_runs/subscriptions/scheduled', auth, '{"type":"subscribe","keys":[]}')).code, 4001);
    assert.deepEqual(server.failures, []);
  });

  void it('an unknown path is refused, an old client needs no handshake where no auth is set', async () => {
    await assert.rejects(new TestSocket(`${server.url}/work_pools/x/workers/connect`).opened(), /HTTP 404/);
    const old = new TestSocket(`${server.url}/events/in`, []);
    await old.opened();
    old.send(event('old'));
    await old.settled();
    const [newest] = await server.storage.readWholeEvents({ afterSeq: (await server.storage.newestEventSeq()) - 1, limit: 1 });
    assert.equal(newest?.name, 'old');
    old.socket.close();
  });

  void it('half a handshake and a torn frame leave nothing behind', async () => {
    const url = new URL(`${server.url.replace('ws', 'http')}/events/in`);
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    const torn = await new Promise<import('node:stream').Duplex>((resolve) => request(url, { headers }).on('upgrade', (_response, stream) => resolve(stream)).end());
    torn.on('error', () => undefined);
    // Says that 100 bytes follow, unmasked, with reserved bits set.
    torn.write(Buffer.from([0xf1, 0x64, 1, 2]));
    await new Promise((resolve) => torn.on('close', resolve).resume());
    const refused = request(url, { headers: { ...headers, 'sec-websocket-key': 'no' } });
    const [status] = await new Promise<[number | undefined]>((resolve) => refused.on('response', (response) => resolve([response.statusCode])).end());
    assert.equal(status, 400);
    assert.deepEqual(server.failures, []);
  });
});

void describe('sockets with an auth string', () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest('admin:pass');
  });
  after(() => server.close());

  void it('let in who knows it', async () => {
    const end = async (token: unknown) => {
      const socket = new TestSocket(`${server.url}/events/in`);
      await socket.opened();
      socket.send({ type: 'auth', token });
      return socket.ended;
    };
    assert.deepEqual(await end('admin:wrong'), { code: 1008, reason: 'Invalid token' });
    assert.deepEqual(await end(null), { code: 1008, reason: 'Auth required but no token provided' });
    await assert.rejects(new TestSocket(`${server.url}/events/in`, []).opened(), /HTTP 403/);
    const socket = await connect(`${server.url}/events/in`, 'admin:pass');
    assert.equal(socket.socket.protocol, 'prefect');
    await socket.settled();
    socket.socket.close();
  });
});
