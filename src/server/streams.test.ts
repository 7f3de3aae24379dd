import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createIdSource } from '../platform/ids.ts';
import { connect, openStreamsUnderTest, TestSocket, type StreamsUnderTest } from './fixtures/streams-under-test.ts';

const ids = createIdSource();
const FAR = { since: '2000-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };

function event(name: string, fields: Record<string, unknown> = {}) {
  return {
    id: ids.next(),
    event: name,
    occurred: new Date().toISOString(),
    resource: { 'prefect.resource.id': 'thing.1' },
    ...fields,
  };
}

async function subscribed(
  server: StreamsUnderTest,
  filter: Record<string, unknown>,
  backfill?: boolean,
): Promise<TestSocket> {
  const socket = await connect(`${server.url}/events/out`);
  socket.send({
    type: 'filter',
    filter: { occurred: FAR, ...filter },
    ...(backfill === undefined ? {} : { backfill }),
  });
  return socket;
}

async function names(socket: TestSocket, count: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let index = 0; index < count; index += 1)
    found.push(((await socket.next())['event'] as Record<string, unknown>)['event']);
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
    const body = JSON.stringify(
      event('prefect.task-run.Running', {
        id,
        payload: {
          validated_state: { type: 'RUNNING' },
          task_run: { task_key: 'clean-12ab34cd', dynamic_key: '0', empirical_policy: { retry_delay: 'DELAY' } },
        },
        resource: { 'prefect.resource.id': `prefect.task-run.${taskRun}`, 'prefect.orchestration': 'client' },
      }),
    ).replace('"DELAY"', '1.0');
    const [bad, large] = [
      '{"event":',
      JSON.stringify(event('large', { payload: { text: 'x'.repeat(2 * 1024 * 1024) } })),
    ];
    for (const text of [body, bad, body, '{"event": 5}', large, JSON.stringify(event('last'))]) socket.send(text);
    await socket.settled();
    const stored = await server.storage.readFullEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(
      stored.map(({ name }) => name),
      ['prefect.task-run.Running', 'last'],
    );
    assert.match(stored[0]?.payload ?? '', /"retry_delay":1\.0/);
    const run = await server.storage.readTaskRun(taskRun as never);
    assert.deepEqual(
      [run?.state.type, run?.taskName, run?.prefectClient?.empiricalPolicy],
      ['RUNNING', 'clean', '{"retry_delay":1.0}'],
    );
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

  void it('related resources alone are asked for in the past, and not in what happens', async () => {
    const source = await connect(`${server.url}/events/in`);
    const related = [{ 'prefect.resource.id': 'partner.1', 'prefect.resource.role': 'partner' }];
    source.send(event('kin.without'));
    source.send(event('kin.with', { related }));
    await source.settled();
    const listener = await subscribed(server, { event: { prefix: ['kin.'] }, related: { id: ['partner.1'] } });
    assert.deepEqual(await names(listener, 1), ['kin.with']);
    source.send(event('kin.live'));
    assert.deepEqual(await names(listener, 1), ['kin.live']);
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
    await other.recordEvents([
      {
        event: { id: ids.next(), name: 'elsewhere', resourceId: 'x', occurred: 1 as never, payload: null, labels: {} },
        taskRun: null,
      },
    ]);
    await other.recordEvents([
      {
        event: {
          id: ids.next(),
          name: 'elsewhere',
          resourceId: 'x',
          occurred: (Date.now() * 1000) as never,
          payload: '{"n":1.0}',
          labels: {},
        },
        taskRun: null,
      },
    ]);
    await other.writeLogs([
      { ...log, id: ids.next(), level: 20, message: 'disk' },
      { ...log, id: ids.next(), level: 40, message: 'DISK full' },
    ]);
    const heard = (await listener.next())['event'] as Record<string, unknown>;
    assert.deepEqual([heard['event'], heard['payload']], ['elsewhere', { n: 1 }]);
    const frame = await logs.next();
    assert.deepEqual(
      [
        frame['type'],
        (frame['log'] as Record<string, unknown>)['message'],
        (frame['log'] as Record<string, unknown>)['created'],
      ],
      ['log', 'DISK full', null],
    );
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
    assert.deepEqual(await ending('/events/out', '{"type":"hello"}'), {
      code: 1008,
      reason: "Expected 'auth' message",
    });
    assert.equal((await ending('/events/out', 'no json')).code, 1002);
    assert.equal((await ending('/events/in', auth, Buffer.from([1, 2, 3]))).code, 1003);
    assert.equal((await ending('/events/out', auth, 'x'.repeat(300 * 1024))).code, 1009);
    assert.deepEqual(await ending('/events/out', auth, '{"type":"other"}'), {
      code: 1002,
      reason: "Expected 'filter' message",
    });
    assert.match(
      (await ending('/events/out', auth, '{"type":"filter","filter":{"bogus":1}}')).reason,
      /^Invalid filter: 1 validation error: bogus/,
    );
    const tooMany = {
      any_resource: Array.from({ length: 300 }, () => ({ id: ['a'] })),
      occurred: { until: '2100-01-01T00:00:00Z' },
    };
    assert.match(
      (await ending('/events/out', auth, JSON.stringify({ type: 'filter', filter: tooMany }))).reason,
      /^The filter of events has 300 parts/,
    );
    assert.equal((await ending('/logs/out', auth, '[]')).code, 1002);
    assert.equal(
      (await ending('/task_runs/subscriptions/scheduled', auth, '{"type":"subscribe","keys":[]}')).code,
      4001,
    );
    assert.deepEqual(server.failures, []);
  });

  void it('an unknown path is refused, an old client needs no handshake where no auth is set', async () => {
    await assert.rejects(new TestSocket(`${server.url}/work_pools/x/nobody/connect`).opened(), /HTTP 404/);
    const old = new TestSocket(`${server.url}/events/in`, []);
    await old.opened();
    old.send(event('old'));
    await old.settled();
    const [newest] = await server.storage.readFullEvents({
      afterSeq: (await server.storage.newestEventSeq()) - 1,
      limit: 1,
    });
    assert.equal(newest?.name, 'old');
    old.socket.close();
  });

  void it('half a handshake and a torn frame leave nothing behind', async () => {
    const url = new URL(`${server.url.replace('ws', 'http')}/events/in`);
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const torn = await new Promise<import('node:stream').Duplex>((resolve) =>
      request(url, { headers })
        .on('upgrade', (_response, stream) => resolve(stream))
        .end(),
    );
    torn.on('error', () => undefined);
    // Says that 100 bytes follow, unmasked, with reserved bits set.
    torn.write(Buffer.from([0xf1, 0x64, 1, 2]));
    await new Promise((resolve) => torn.on('close', resolve).resume());
    const refused = request(url, { headers: { ...headers, 'sec-websocket-key': 'no' } });
    const [status] = await new Promise<[number | undefined]>((resolve) =>
      refused.on('response', (response) => resolve([response.statusCode])).end(),
    );
    assert.equal(status, 400);
    assert.deepEqual(server.failures, []);
  });
});

void describe('sockets of a server that never looks for what others wrote', () => {
  const NEVER_MS = 2 ** 31 - 1;
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest({ relayMs: NEVER_MS });
  });
  after(() => server.close());

  void it('what is told to the server itself is heard all the same: events, changes of runs, logs', async () => {
    const listener = await subscribed(server, {}, false);
    const logs = await connect(`${server.url}/logs/out`);
    logs.send({ type: 'filter', filter: {} });
    await Promise.all([listener.settled(), logs.settled()]);
    const source = await connect(`${server.url}/events/in`);
    for (const name of ['one', 'two']) {
      source.send(event(name));
      assert.deepEqual(await names(listener, 1), [name]);
    }
    const { flow } = await server.useCases.ensureFlow({ name: 'sales', tags: [], labels: {} });
    assert.deepEqual(await names(listener, 1), ['prefect.flow.created']);
    await server.useCases.setVariable({ name: 'region', value: 'north', tags: [], overwrite: false });
    assert.deepEqual(await names(listener, 1), ['prefect.variable.created']);
    const log = { name: 'x', timestamp: 5 as never, flowRunId: null, taskRunId: null, level: 20 };
    await server.useCases.writeLogs([{ ...log, id: ids.next(), message: flow.name }]);
    assert.equal(((await logs.next())['log'] as Record<string, unknown>)['message'], 'sales');
    for (const { socket } of [listener, logs, source]) socket.close();
    assert.deepEqual(server.failures, []);
  });
});

void describe('sockets that come again', () => {
  /** Nothing that these wait for is found by looking for what others wrote. */
  const relayMs = 2 ** 31 - 1;

  async function back(
    server: StreamsUnderTest,
    path: '/events/out' | '/logs/out',
    after: unknown,
    filter: object = {},
  ): Promise<TestSocket> {
    const socket = await connect(server.url + path);
    socket.send({ type: 'filter', backfill: false, filter, after });
    return socket;
  }

  function old(name: string) {
    return { ...event(name), occurred: '2001-01-01T00:00:00Z' };
  }

  void it('hear all that they missed, in the order of commits and once, after the server was away', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'ostinato-streams-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const first = await openStreamsUnderTest({ folder, relayMs });
    const listener = await subscribed(first, { event: { exclude_name: ['c'] } }, false);
    const lines = await connect(`${first.url}/logs/out`);
    lines.send({ type: 'filter', filter: {} });
    await Promise.all([listener.settled(), lines.settled()]);
    const source = await connect(`${first.url}/events/in`);
    for (const name of ['a', 'b']) source.send(event(name));
    await listener.next();
    const { position } = await listener.next();
    const log = { name: 'x', timestamp: 5 as never, flowRunId: null, taskRunId: null, level: 20 };
    await first.useCases.writeLogs([{ ...log, id: ids.next(), message: 'one' }]);
    const { position: linePosition } = await lines.next();
    // What is on its way when a connection breaks was not received: it comes again.
    source.send(event('c'));
    source.send(old('d'));
    await source.settled();
    await first.useCases.writeLogs([{ ...log, id: ids.next(), message: 'two' }]);
    await first.close();

    const second = await openStreamsUnderTest({ folder, relayMs });
    const [again, linesAgain] = [
      await back(second, '/events/out', position, { occurred: FAR, event: { exclude_name: ['c'] } }),
      await back(second, '/logs/out', linePosition),
    ];
    assert.deepEqual(await again.next(), { type: 'resumed', complete: true });
    assert.deepEqual(await names(again, 1), ['d']);
    assert.deepEqual(await linesAgain.next(), { type: 'resumed', complete: true });
    assert.equal(((await linesAgain.next())['log'] as Record<string, unknown>)['message'], 'two');
    const sourceAgain = await connect(`${second.url}/events/in`);
    for (const name of ['c', 'e']) sourceAgain.send(event(name));
    assert.deepEqual(await names(again, 1), ['e']);
    for (const { socket } of [again, linesAgain, sourceAgain]) socket.close();
    assert.deepEqual(second.failures, []);
    await second.close();
  });

  void it('are told when that cannot be, and go on with what happens', async (test) => {
    const server = await openStreamsUnderTest({ relayMs });
    test.after(() => server.close());
    const source = await connect(`${server.url}/events/in`);
    source.send(event('before'));
    await source.settled();
    const [known] = await server.storage.readFullEvents({ afterSeq: 0, limit: 1 });
    const lost = [`${known?.seq}.${ids.next()}`, `999.${known?.id}`, 'no position', 7];
    const listeners = await Promise.all(lost.map((after) => back(server, '/events/out', after, { occurred: FAR })));
    listeners.push(await back(server, '/logs/out', lost[0]));
    for (const listener of listeners) assert.deepEqual(await listener.next(), { type: 'resumed', complete: false });
    source.send(event('after'));
    for (const listener of listeners.slice(0, -1)) assert.deepEqual(await names(listener, 1), ['after']);
    for (const { socket } of [...listeners, source]) socket.close();
  });

  void it('have no position of the past, which comes in the order of time', async (test) => {
    const server = await openStreamsUnderTest({ relayMs });
    test.after(() => server.close());
    const source = await connect(`${server.url}/events/in`);
    source.send(event('past'));
    await source.settled();
    const listener = await subscribed(server, {});
    assert.deepEqual(Object.keys(await listener.next()), ['type', 'event']);
    await listener.settled();
    source.send(event('present'));
    assert.deepEqual(Object.keys(await listener.next()), ['type', 'event', 'position']);
    for (const { socket } of [listener, source]) socket.close();
  });
});

void describe('sockets with an auth string', () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest({ authString: 'admin:pass' });
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
