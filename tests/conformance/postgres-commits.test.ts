/** Commits of other processes on PostgreSQL are told, also after the connection that hears of them was lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'pg';
import { openPostgresStorage } from '../../src/store/dialect/postgres/index.ts';
import type { Instant } from '../../src/core/time.ts';
import { connect, openStreamsUnderTest, type TestSocket } from '../../src/server/fixtures/streams-under-test.ts';
import type { Storage } from '../../src/store/port.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { makeEvent, makeLog, makeVariable } from './samples.ts';

let server: PostgresServer;
let url: string;
let admin: Client;
let ours: Storage;
let others: Storage;
const notices: string[] = [];

before(async () => {
  server = await startPostgres();
  url = server.createDatabase();
  ours = await openPostgresStorage({ url, onNotice: (message) => notices.push(message) });
  others = await openPostgresStorage({ url });
  admin = new Client({ connectionString: url });
  await admin.connect();
});

after(async () => {
  await admin.end();
  await ours.close();
  await others.close();
  await server.stop();
});

/** Each wait is for a call that comes after it began. */
function hearing(storage: Storage): { readonly next: () => Promise<void>; readonly leave: () => void } {
  let call = Promise.withResolvers<void>();
  const leave = storage.onCommit(() => {
    call.resolve();
    call = Promise.withResolvers<void>();
  });
  return { next: () => call.promise, leave };
}

async function listeners(): Promise<readonly number[]> {
  const { rows } = await admin.query<{ readonly pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND application_name = 'ostinato'",
  );
  return rows.map(({ pid }) => pid);
}

test('events and logs of another process are told; what it rolls back, and what has no number, is not', async () => {
  assert.deepEqual(await listeners(), [], 'who listens to nothing has no connection for it');
  const { next, leave } = hearing(ours);
  // Once it is heard, others may have committed meanwhile.
  await next();
  assert.equal((await listeners()).length, 1);
  const event = next();
  await others.recordEvents([{ event: makeEvent(), taskRun: null }]);
  await event;
  const log = next();
  await others.writeLogs([makeLog()]);
  await log;
  let isTold = false;
  const nothing = next().then(() => (isTold = true));
  await others.changeVariable({ name: 'silent' }, () => ({ variable: makeVariable('silent', 1), answer: null }));
  await assert.rejects(async () =>
    others.recordEvents(
      [makeEvent(), makeEvent({ id: 'no id' as never })].map((one) => ({ event: one, taskRun: null })),
    ),
  );
  // The notices of one database come in the order of its commits: with this one all before it would have come.
  const heard: string[] = [];
  const witness = new Client({ connectionString: url });
  await witness.connect();
  await witness.query('LISTEN ostinato_commit');
  const told = new Promise<void>((resolve) =>
    witness.on('notification', ({ payload }) => (heard.push(payload ?? ''), resolve())),
  );
  assert.equal(isTold, false);
  await others.recordEvents([{ event: makeEvent(), taskRun: null }]);
  await Promise.all([nothing, told]);
  assert.equal(heard.length, 1);
  await witness.end();
  leave();
});

test('a connection that was lost is opened again, and told is what was committed meanwhile', async () => {
  const { next, leave } = hearing(ours);
  await next();
  const again = next();
  for (const pid of await listeners()) await admin.query('SELECT pg_terminate_backend($1)', [pid]);
  await again;
  const event = next();
  await others.recordEvents([{ event: makeEvent(), taskRun: null }]);
  await event;
  leave();
  assert.match(notices.at(-1) ?? '', /Commits of others .* are not heard of for now, but looked for/);
});

test('of two servers on one database each hears at once what is told to the other', async (context) => {
  const relayMs = 2 ** 31 - 1;
  const servers = await Promise.all([ours, others].map((storage) => openStreamsUnderTest({ storage, relayMs })));
  context.after(() => Promise.all(servers.map((one) => one.close())));
  const sockets: TestSocket[] = [];
  for (const { url: address } of servers) {
    const socket = await connect(`${address}/events/out`);
    socket.send({ type: 'filter', backfill: false, filter: { occurred: { until: '2100-01-01T00:00:00Z' } } });
    await socket.settled();
    sockets.push(socket);
  }
  for (const [index, { useCases }] of servers.entries()) {
    const name = `told to ${index}`;
    await useCases.recordEvents([
      { event: makeEvent({ name, occurred: (Date.now() * 1000) as Instant, labels: {} }), taskRun: null },
    ]);
    for (const socket of sockets) assert.equal((await eventOf(socket))['event'], name);
  }
  for (const { socket } of sockets) socket.close();
});

async function eventOf(socket: TestSocket): Promise<Readonly<Record<string, unknown>>> {
  return (await socket.next())['event'] as Record<string, unknown>;
}
