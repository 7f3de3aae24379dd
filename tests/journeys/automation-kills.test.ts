/**
 * `kill -9` of servers between an event, its firing, the action and the receipt, at drawn moments: each event has one
 * firing, its message is heard at least once and always under one key, its run is made exactly once. One server on
 * SQLite, two on PostgreSQL.
 *
 * `KILL_SEED` draws the same moments again; `OSTINATO_KILLS` asks for more kills.
 */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Client } from 'pg';

import { seededRandom } from '../../src/platform/random.ts';
import { startPostgres, type PostgresServer } from '../conformance/postgres-server.ts';
import { askApi } from './ask-api.ts';
import { startOstinato, until, type Background } from './background.ts';
import { endLeases } from './end-leases.ts';
import { makePlace, type Place } from './launch.ts';

const KILLS = Number(process.env['OSTINATO_KILLS'] ?? 5);
const SEED = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 1e9));
const PAUSE_MS_MAX = 30;
const ROUND = 5;

/** What has just happened when a server is killed, or a moment before. */
const PHASES = ['sent', 'sent', 'answered', 'heard', 'heard', 'told'] as const;
type Phase = (typeof PHASES)[number];

type Fields = Readonly<Record<string, unknown>>;

let postgres: PostgresServer;
before(async () => void (postgres = await startPostgres()), { timeout: 600_000 });
after(() => postgres.stop());

/** One or more servers of one database, and whoever hears their messages. */
class KilledServers {
  readonly random: () => number;
  /** Ids of events, by the key under which they were told; and how often. */
  readonly keys = new Map<string, Set<string>>();
  messages = 0;
  #isClosed = false;
  /** Of each server: two of one home are refused. */
  readonly #places: readonly Place[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #servers: Background[] = [];
  readonly #ports: string[] = [];
  readonly #waiting: { readonly phase: Phase; readonly go: () => void }[] = [];
  readonly #receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [event, key] = [Buffer.concat(chunks).toString('utf8'), String(request.headers['idempotency-key'])];
      this.keys.set(event, (this.keys.get(event) ?? new Set()).add(key));
      this.messages += 1;
      this.reached('heard');
      setTimeout(() => {
        response.end('ok');
        this.reached('told');
      }, this.random() * PAUSE_MS_MAX);
    });
  });

  constructor(servers: number, env: Readonly<Record<string, string>>, seed: number) {
    this.#places = Array.from({ length: servers }, makePlace);
    this.#env = env;
    this.random = seededRandom(seed);
    after(() => this.#close());
  }

  get servers(): number {
    return this.#places.length;
  }

  get home(): string {
    return (this.#places[0] as Place).home;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#receiver.listen(0, '127.0.0.1', resolve));
    for (const index of this.#places.keys()) await this.#startServer(index);
  }

  get hookUrl(): string {
    return `http://127.0.0.1:${(this.#receiver.address() as AddressInfo).port}/`;
  }

  async #startServer(index: number): Promise<void> {
    const words = ['server', 'start', '--port', this.#ports[index] ?? '0'];
    const server = startOstinato(this.#places[index] as Place, words, this.#env);
    this.#servers[index] = server;
    const url = await until('it serves', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1]);
    this.#ports[index] = new URL(url).port;
  }

  /** At whichever server answers, again and again. */
  async insist<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (;;) {
      if (this.#isClosed) throw new Error('the test is over');
      const port = this.#ports[Math.floor(this.random() * this.#ports.length)] as string;
      try {
        return await askApi<T>(`http://127.0.0.1:${port}/api`, method, path, body);
      } catch (error) {
        if (error instanceof assert.AssertionError && !/\b5\d\d\b/.test(error.message)) throw error;
        await pause(20);
      }
    }
  }

  reached(phase: Phase): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.phase === phase) waiting.go();
      else this.#waiting.push(waiting);
    }
  }

  /** Kills one a moment after something of the phase has happened, and starts it again. */
  async kill(index: number, phase: Phase, delayMs: number): Promise<void> {
    await new Promise<void>((go) => this.#waiting.push({ phase, go }));
    if (delayMs > 0) await pause(delayMs);
    const server = this.#servers[index];
    server?.child.kill('SIGKILL');
    await server?.ended;
    await this.#startServer(index);
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    for (const { child } of this.#servers) child.kill('SIGKILL');
    await Promise.all(this.#servers.map(({ ended }) => ended));
    this.#receiver.closeAllConnections();
    this.#receiver.close();
  }
}

/** @returns the ids of the automation, and of the deployment that it runs */
async function furnish(world: KilledServers) {
  const type = await until('the types of blocks are there', async () => {
    const found = await world.insist<readonly Fields[]>('POST', '/block_types/filter', {
      block_types: { slug: { any_: ['webhook'] } },
    });
    return found[0] ?? null;
  });
  const [schema] = await world.insist<readonly Fields[]>('POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type['id']] } },
  });
  const block = await world.insist<Fields>('POST', '/block_documents/', {
    name: 'hook',
    data: { url: world.hookUrl },
    block_type_id: type['id'],
    block_schema_id: schema?.['id'],
  });
  const flow = await world.insist<Fields>('POST', '/flows/', { name: 'sales' });
  const deployment = await world.insist<Fields>('POST', '/deployments/', { name: 'daily', flow_id: flow['id'] });
  const automation = await world.insist<Fields>('POST', '/automations/', {
    name: 'watch',
    trigger: { type: 'event', posture: 'Reactive', expect: ['sales.closed'] },
    actions: [
      { type: 'call-webhook', block_document_id: block['id'], payload: '{{ event.id }}' },
      { type: 'run-deployment', source: 'selected', deployment_id: deployment['id'], parameters: {} },
    ],
  });
  return { automationId: String(automation['id']), deploymentId: String(deployment['id']) };
}

async function check(world: KilledServers, endAllLeases: () => Promise<void>): Promise<void> {
  const { random } = world;
  await world.start();
  const { automationId, deploymentId } = await furnish(world);
  const sent: string[] = [];
  let isOver = false;
  const sending = (async (): Promise<void> => {
    while (!isOver) {
      const id = randomUUID();
      const event = { id, event: 'sales.closed', resource: { 'prefect.resource.id': 'sales' } };
      const asked = world.insist('POST', '/events', [{ ...event, occurred: new Date().toISOString() }]);
      world.reached('sent');
      await asked;
      sent.push(id);
      world.reached('answered');
      await pause(random() * PAUSE_MS_MAX);
    }
  })();
  // Told where it is waited for; a test that fails before must not be told of twice.
  sending.catch(() => undefined);
  const told = async (what: string): Promise<number> => {
    const filter = {
      event: { name: [`prefect.automation.action.${what}`] },
      resource: { id: [`prefect.automation.${automationId}`] },
    };
    return Number((await world.insist<Fields>('POST', '/events/filter', { filter, limit: 1 }))['total']);
  };
  const untilTold = (count: number) =>
    until('each has its receipt', async () => (await told('executed')) + (await told('failed')) >= count);
  const phases: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const phase = PHASES[Math.floor(random() * PHASES.length)] as Phase;
    const delayMs = random() < 0.4 ? 0 : random() * PAUSE_MS_MAX;
    phases.push(`${phase} +${delayMs.toFixed(0)} ms`);
    // What is under way is nobody's until its lease ends; nobody waits for that here.
    await world.kill(Math.floor(random() * world.servers), phase, delayMs);
    await endAllLeases();
    // An order is given up that was begun six times, and killed each time.
    if (kill % ROUND === ROUND - 1) await untilTold(2 * sent.length);
  }
  isOver = true;
  await sending;
  const story = `KILL_SEED=${SEED}: ${phases.join(', ')}`;
  const countRuns = () =>
    world.insist<number>('POST', '/flow_runs/count', { deployments: { id: { any_: [deploymentId] } } });
  await endAllLeases();
  await until('all is done', async () => world.keys.size >= sent.length && (await countRuns()) >= sent.length);
  await untilTold(2 * sent.length);
  assert.equal(await told('executed'), 2 * sent.length, `receipts; ${story}`);
  assert.deepEqual([...world.keys.keys()].toSorted(), sent.toSorted(), story);
  const keys = [...world.keys.values()].map((all) => [...all]);
  assert.ok(
    keys.every((all) => all.length === 1),
    `a message was told under two keys; ${story}`,
  );
  assert.equal(new Set(keys.flat()).size, sent.length, `two messages were told under one key; ${story}`);
  assert.equal(await countRuns(), sent.length, story);
  const fired = await world.insist<Fields>('POST', '/events/filter', {
    filter: { event: { name: ['prefect.automation.triggered'] } },
    limit: 1,
  });
  assert.equal(fired['total'], sent.length, `firings; ${story}`);
  console.log(`${sent.length} events, ${KILLS} kills, ${world.messages - sent.length} messages repeated`);
}

test('one server on SQLite', async () => {
  const world = new KilledServers(1, {}, SEED);
  await check(world, () => Promise.resolve(endLeases(world.home)));
});

test('two servers on PostgreSQL', async () => {
  const url = postgres.createDatabase();
  // What is secret in a block is read by both.
  const env = { OSTINATO_DATABASE_URL: url, OSTINATO_SERVER_ENCRYPTION_KEYS: randomBytes(32).toString('base64') };
  const world = new KilledServers(2, env, SEED + 1);
  await check(world, async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    // What a server holds it writes in this moment.
    await client.query(`UPDATE ostinato.automation_action SET due_at = created_at WHERE id IN
      (SELECT id FROM ostinato.automation_action WHERE due_at IS NOT NULL FOR UPDATE SKIP LOCKED)`);
    await client.end();
  });
});
