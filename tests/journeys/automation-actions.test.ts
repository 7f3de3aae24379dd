/** A server does what automations order: receivers that misbehave, and a server that is killed in between. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';

import type { ActionRecord } from '../../src/core/action-receipt.ts';
import type { AutomationId } from '../../src/core/automation.ts';
import type { ActionOrder } from '../../src/core/automation-firing.ts';
import type { Instant } from '../../src/core/time.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { askApi } from './ask-api.ts';
import { startOstinato, until, type Background } from './background.ts';
import { endLeases } from './end-leases.ts';
import { makePlace } from './launch.ts';

type Fields = Readonly<Record<string, unknown>>;

const place = makePlace();
const path = join(place.home, 'ostinato.db');
let server: Background | undefined;
after(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
});

async function start(): Promise<string> {
  const started = startOstinato(place, ['server', 'start', '--port', '0']);
  server = started;
  const url = await until('it serves', () => /serves at (http:\S+)[\s\S]*stops it/.exec(started.text().stderr)?.[1]);
  return `${url}/api`;
}

async function kill(): Promise<void> {
  server?.child.kill('SIGKILL');
  await server?.ended;
}

interface Automation {
  readonly id: string;
  readonly actions: readonly Fields[];
  readonly trigger: { readonly id: string };
}

async function automation(api: string, action: Fields): Promise<Automation> {
  const trigger = { type: 'event', posture: 'Reactive', expect: ['sales.closed'] };
  return await askApi<Automation>(api, 'POST', '/automations/', { name: 'watch', trigger, actions: [action] });
}

/** As a firing does it, from another process on the database. */
async function order({ id, actions, trigger }: Automation, count = 1): Promise<readonly string[]> {
  const now = (Date.now() * 1000) as Instant;
  const orders = Array.from({ length: count }, (): ActionOrder => ({
    id: randomUUID(),
    index: 0,
    action: JSON.stringify(actions[0]),
    firing: {
      id: randomUUID(),
      automationId: id as AutomationId,
      triggerId: trigger.id,
      state: 'Triggered',
      at: now,
      labels: {},
      eventId: null,
    },
  }));
  const storage = openSqliteStorage({ path });
  try {
    await storage.insertActionOrders(orders, now);
  } finally {
    storage.close();
  }
  return orders.map((one) => one.id);
}

async function recordsOf({ id }: Automation): Promise<readonly ActionRecord[]> {
  const storage = openSqliteStorage({ path });
  try {
    return await storage.listActionRecords(id as AutomationId, 1000);
  } finally {
    storage.close();
  }
}

const ended = (one: Automation, count = 1) =>
  until('all has ended', async () => {
    const records = await recordsOf(one);
    return records.length === count && records.every(({ receipt }) => receipt !== null) && records;
  });

interface Receiver {
  readonly url: string;
  /** What it heard: each the whole text of a request. */
  readonly heard: string[];
}

/** Whether all of it has come: heads and bodies may come one after the other. */
function isWhole(request: string): boolean {
  const head = request.indexOf('\r\n\r\n');
  const length = Number(/^content-length: *(\d+)/im.exec(request.slice(0, Math.max(head, 0)))?.[1] ?? 0);
  return head !== -1 && Buffer.byteLength(request) >= head + 4 + length;
}

/** Speaks HTTP by hand, so that it can speak it wrongly. @param answer of the first, the second … request */
async function receiver(...answers: readonly (string | null)[]): Promise<Receiver> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const listening: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let came = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      if (isWhole(came)) return;
      came += part;
      if (!isWhole(came)) return;
      const answer = answers[Math.min(heard.length, answers.length - 1)] ?? null;
      heard.push(came);
      if (answer !== null) socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/hook`, heard };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

async function hook(api: string, url: string): Promise<Automation> {
  const type = await until('the types of blocks are there', async () => {
    const answer = await fetch(`${api}/block_types/slug/webhook`);
    return answer.ok && ((await answer.json()) as Fields);
  });
  const [schema] = await askApi<readonly Fields[]>(api, 'POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type['id']] } },
  });
  const block = await askApi<Fields>(api, 'POST', '/block_documents/', {
    name: `hook-${randomUUID()}`,
    data: { url },
    block_type_id: type['id'],
    block_schema_id: schema?.['id'],
  });
  return await automation(api, { type: 'call-webhook', block_document_id: block['id'], payload: '{"a": 1}' });
}

/** What the command shows of one whose receiver failed at first, and how it switches it. */
async function command(id: string): Promise<void> {
  const call = (...words: readonly string[]) => place.ostinato(['automation', ...words]);
  const shown = await call('inspect', id);
  assert.match(shown.stdout, /action +call-webhook[\s\S]*FIRED[\s\S]*call-webhook +done +2 +The receiver answered 200/);
  const told = JSON.parse((await call('inspect', id, '-o', 'json')).stdout) as { receipts: readonly Fields[] };
  assert.deepEqual(
    told.receipts.map(({ status, attempts, action_type: type }) => [status, attempts, type]),
    [['done', 2, 'call-webhook']],
  );
  const ambiguous = await call('inspect', 'watch');
  assert.equal(ambiguous.exitCode, 2);
  assert.match(ambiguous.stderr, /Several automations have the name "watch"/);
  assert.equal((await call('inspect', 'wach')).exitCode, 3);
  const isEnabled = async () =>
    (JSON.parse((await call('inspect', id, '-o', 'json')).stdout) as { enabled: boolean }).enabled;
  assert.match((await call('pause', id)).stdout, /is paused/);
  assert.equal(await isEnabled(), false);
  assert.match((await call('ls')).stdout, /watch +paused +event of sales\.closed/);
  assert.match((await call('resume', id)).stdout, /goes on/);
  assert.equal(await isEnabled(), true);
  assert.equal((await call('delete', id, '-y')).exitCode, 0);
  assert.equal((await call('inspect', id)).exitCode, 3);
}

test('receivers that fail, throttle, hang and lie are asked again; the others do not wait for them', async () => {
  const api = await start();
  const [failing, throttling, lying, hanging, fine] = await Promise.all([
    receiver('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n', OK),
    receiver('HTTP/1.1 429 Slow down\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n', OK),
    // It promises more than it says; then it says what is no HTTP.
    receiver('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'I am no server\r\n\r\n', OK),
    receiver(null),
    receiver(OK),
  ]);
  const hung = await hook(api, hanging.url);
  await order(hung, 30);
  await until('it hangs', () => hanging.heard.length > 0);
  const others = await Promise.all([failing, throttling, lying, fine].map(({ url }) => hook(api, url)));
  for (const one of others) await order(one);
  const records = (await Promise.all(others.map((one) => ended(one)))).flat();
  assert.deepEqual(
    records.map(({ receipt, attempts }) => [receipt, attempts]),
    [2, 2, 3, 1].map((attempts) => [{ status: 'done', text: 'The receiver answered 200.' }, attempts]),
  );
  const waiting = await recordsOf(hung);
  assert.ok(waiting.every(({ receipt }) => receipt === null));
  assert.ok(
    waiting.some(({ attempts }) => attempts === 0),
    'one automation has only so many places',
  );
  for (const { heard } of [failing, throttling, lying]) {
    assert.ok(heard.every((text) => text.endsWith('\r\n\r\n{"a": 1}')));
    assert.equal(new Set(heard.map((text) => /idempotency-key: (\S+)/i.exec(text)?.[1])).size, 1);
  }
  await command(others[0]?.id ?? '');
  await kill();
});

test('a message whose server is killed before its receipt is sent again, with the same key', async () => {
  let api = await start();
  const slow = await receiver(null, OK);
  const called = await hook(api, slow.url);
  const [id] = await order(called);
  await until('it is asked', () => slow.heard.length === 1);
  await kill();
  const [before] = await recordsOf(called);
  assert.deepEqual([before?.attempts, before?.receipt], [1, null]);
  endLeases(place.home);
  api = await start();
  const [record] = await ended(called);
  assert.deepEqual([record?.receipt?.status, record?.attempts, slow.heard.length], ['done', 2, 2]);
  for (const text of slow.heard) assert.match(text, new RegExp(`idempotency-key: ${id}`, 'i'));
  assert.equal(await askApi(api, 'POST', '/automations/count', {}), 5);
  await kill();
});

test('runs of deployments that are ordered exist once, whenever the server is killed', async () => {
  let api = await start();
  const flow = await askApi<Fields>(api, 'POST', '/flows/', { name: 'sales' });
  const deployment = await askApi<Fields>(api, 'POST', '/deployments/', { name: 'daily', flow_id: flow['id'] });
  const run = await automation(api, {
    type: 'run-deployment',
    source: 'selected',
    deployment_id: deployment['id'],
    parameters: { at: '{{ firing.triggered }}' },
  });
  await kill();
  const ids = await order(run, 60);
  const database = new DatabaseSync(path, { readOnly: true });
  const count = (sql: string): number => Number(database.prepare(sql).get()?.['n']);
  let undone = 0;
  for (const runs of [1, 20, 40]) {
    endLeases(place.home);
    api = await start();
    await until('some are made', () => count('SELECT count(*) AS n FROM flow_run') >= runs);
    await kill();
    undone += count('SELECT count(*) AS n FROM automation_action WHERE attempts > 0 AND status IS NULL');
  }
  database.close();
  assert.ok(undone > 0, 'it was killed while it acted');
  endLeases(place.home);
  api = await start();
  const records = await ended(run, ids.length);
  assert.deepEqual(new Set(records.map(({ receipt }) => receipt?.status)), new Set(['done']));
  const runs = await askApi<readonly Fields[]>(api, 'POST', '/flow_runs/filter', { limit: 200 });
  assert.deepEqual(
    runs.map((one) => String(one['idempotency_key'])).toSorted(),
    ids.map((id) => `automation ${run.id}, action 0, invocation ${id}`).toSorted(),
  );
  const told = await askApi<Fields>(api, 'POST', '/events/filter', {
    filter: {
      event: { name: ['prefect.automation.action.executed'] },
      resource: { id: [`prefect.automation.${run.id}`] },
    },
    limit: 1,
  });
  assert.equal(told['total'], ids.length, 'each is told once');
  server?.child.kill('SIGTERM');
  assert.equal((await server?.ended)?.exitCode, 0);
});
