/** One message for one cause, with a real server and a real receiver: in a storm, and across kill -9. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { Alert } from '../../src/core/alerts/alert.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { until } from './background.ts';
import { endLeases } from './end-leases.ts';
import { makeServedPlace } from './served-place.ts';

type Fields = Readonly<Record<string, unknown>>;

const RUNS = 1000;
/** The run, in the storm, that fails of something else. */
const OTHER_RUN = 600;
const ASKING_AT_ONCE = 12;
/** Longer than a minute: a thousand runs are made and ended one request after the other. */
const STORM_MS_MAX = 400_000;

const place = makeServedPlace();

interface Message {
  readonly text: string;
  readonly key: string;
}

/** Notes what it hears. @param answers whether it answers by now */
async function receiver(answers: () => boolean = () => true) {
  const heard: Message[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { text } = JSON.parse(body) as { readonly text: string };
      heard.push({ text, key: String(request.headers['idempotency-key']) });
      if (answers()) response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T/B/x`, heard };
}

/** As clients do: the same request again until somebody answers it. */
async function insist<T>(method: string, path: string, body?: unknown): Promise<T> {
  for (;;) {
    try {
      return await place.ask<T>(method, path, body);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await delay(20);
    }
  }
}

async function watch(url: string, alert?: Fields): Promise<{ readonly id: string }> {
  const type = await until('the types of blocks are there', async () => {
    const answer = await fetch(`${place.env['OSTINATO_API_URL']}/block_types/slug/slack-webhook`);
    return answer.ok && ((await answer.json()) as Fields);
  });
  const [schema] = await insist<readonly Fields[]>('POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type['id']] } },
  });
  const block = await insist<Fields>('POST', '/block_documents/', {
    name: `channel-${crypto.randomUUID()}`,
    data: { url },
    block_type_id: type['id'],
    block_schema_id: schema?.['id'],
  });
  return await insist('POST', '/automations/', {
    name: 'tell of failures',
    trigger: {
      type: 'event',
      posture: 'Reactive',
      expect: ['prefect.flow-run.Failed'],
      match: { 'prefect.resource.id': 'prefect.flow-run.*' },
      for_each: ['prefect.resource.id'],
    },
    actions: [
      {
        type: 'send-notification',
        block_document_id: block['id'],
        subject: 'a run failed',
        body: '{{ flow_run.name }}: {{ flow_run.state.message }}',
        ...(alert === undefined ? {} : { alert }),
      },
    ],
  });
}

async function run(flow: string, state: Fields): Promise<string> {
  const { id } = await insist<{ id: string }>('POST', '/flow_runs/', {
    flow_id: flow,
    idempotency_key: crypto.randomUUID(),
  });
  await insist('POST', `/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } });
  await insist('POST', `/flow_runs/${id}/set_state`, { state });
  return id;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function alerts(): Promise<readonly Alert[]> {
  const storage = openSqliteStorage({ path: join(place.home, 'ostinato.db') });
  try {
    return await storage.listAlerts({ limit: 100 });
  } finally {
    storage.close();
  }
}

const failed = (message: string): Fields => ({ type: 'FAILED', message });

test('a thousand failures of one cause are one message, and a new cause among them is not lost, across kill -9', async () => {
  let isAway = true;
  const { url, heard } = await receiver(() => !isAway);
  await watch(url);
  const { id: flow } = await insist<{ id: string }>('POST', '/flows/', { name: 'fragile' });
  let begun = 0;
  let ended = 0;
  const storm = Promise.all(
    Array.from({ length: ASKING_AT_ONCE }, async () => {
      while (begun < RUNS) {
        const number = (begun += 1);
        const row = `Flow run encountered an exception: ValueError: no row ${number} in /data/${number}.csv`;
        await run(flow, failed(number === OTHER_RUN ? 'DiskError: the disk is full' : row));
        ended += 1;
      }
    }),
  );
  const kill = async (): Promise<void> => {
    process.kill(place.server().pid, 'SIGKILL');
    await until('it is gone', () => !isAlive(place.server().pid));
    endLeases(place.home);
    await place.startAgain();
  };
  // It is told of the first one, and killed before the receiver has answered.
  await until('the receiver was asked', () => heard.length > 0);
  await kill();
  isAway = false;
  await until('half of them have failed', () => ended > RUNS / 2, STORM_MS_MAX);
  await kill();
  await until('nearly all have failed', () => ended > RUNS - 100, STORM_MS_MAX);
  await kill();
  await storm;
  const hit = await until(
    'all are counted',
    async () => {
      const found = await alerts();
      return found.reduce((sum, { affectedCount }) => sum + affectedCount, 0) >= RUNS && found;
    },
    STORM_MS_MAX,
  );
  assert.deepEqual(
    hit.map(({ affectedCount, told }) => [affectedCount, told.isTold]).toSorted((a, b) => Number(a[0]) - Number(b[0])),
    [
      [1, true],
      [RUNS - 1, true],
    ],
  );
  // A client that was not answered tells the state once more: that is one more of its run.
  for (const { count, affectedCount } of hit) assert.ok(count >= affectedCount);
  const messages = new Map(heard.map(({ key, text }) => [key, text]));
  assert.equal(messages.size, 2, [...messages.values()].join('\n'));
  assert.ok([...messages.values()].some((text) => /DiskError: the disk is full/.test(text)));
  assert.ok([...messages.values()].some((text) => /ValueError: no row/.test(text)));
  assert.ok(heard.length <= 4, `what was asked before a kill is asked once more, and no more: ${heard.length}`);
});

test('a further run that succeeds ends its alert, and that is told', async () => {
  const { url, heard } = await receiver();
  const { id } = await watch(url, { recovered_after: 0 });
  const { id: flow } = await insist<{ id: string }>('POST', '/flows/', { name: 'recovering' });
  await run(flow, failed('KeyError: a'));
  await until('it is told', () => heard.length === 1);
  const [{ id: open } = { id: '' }] = await place.json<readonly { readonly id: string }[]>('alert', 'ls');
  const listed = await place.done('alert', 'ls');
  assert.match(listed, /STATE +SEVERITY +TIMES +LAST +CAUSE\n/);
  assert.ok(listed.includes(open));
  assert.match(await place.done('alert', 'ack', open.slice(-12), '--by', 'Ada'), /is acknowledged by Ada\./);
  assert.match(await place.done('alert', 'inspect', open), /state +acknowledged[\s\S]*cause +KeyError: a/);
  const unknown = await place.call('alert', 'inspect', 'ffffffffffff');
  assert.deepEqual([unknown.exitCode, /There is no alert "ffffffffffff"/.test(unknown.stderr)], [3, true]);
  await run(flow, { type: 'COMPLETED' });
  await until('its end is told', () => heard.length === 2);
  assert.match(heard[1]?.text ?? '', /^\*Recovered: a run failed\*\nRecovered after .*, 1 time\.\nCause: KeyError: a/);
  const alert = (await alerts()).find(({ automationId }) => automationId === id);
  assert.equal(alert?.state, 'recovered');
  await insist('DELETE', `/automations/${id}`);
});
