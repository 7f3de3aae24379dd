/** Every noun made, changed and deleted on Prefect's server and on ours: the same is told of it. */
import assert from 'node:assert/strict';
import { delimiter, dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { until } from '../journeys/background.ts';
import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { clientEnvironment, startOstinato, startPrefect, withServer } from './servers.ts';

/** An empty database of Prefect's server, which takes long to make; Git ignores the folder. */
const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
/** Python takes its time to begin, and more beside other tests. */
const WORKER_TIMEOUT_MS = 120_000;

type Json = Readonly<Record<string, unknown>>;

/** Makes requests of one server, and remembers the ids of what they made by a word. */
class World {
  readonly #apiUrl: string;
  readonly ids = new Map<string, string>();

  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl;
  }

  /** Prefect's server is not ready for everything at once. */
  async ask(method: string, path: string, body?: unknown): Promise<Json> {
    return await until(`${method} ${path} is answered`, async () => {
      const answer = await fetch(this.#apiUrl + path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.status === 503) return false;
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
      return ((text === '' ? null : JSON.parse(text)) ?? {}) as Json;
    });
  }

  async make(word: string, path: string, body: Json): Promise<string> {
    const id = String((await this.ask('POST', path, body))['id']);
    this.ids.set(word, id);
    return id;
  }

  /** All events about things of that kind, with words in place of ids, in an order that does not depend on time. */
  async told(kind: string): Promise<readonly Json[]> {
    const filter = { event: { prefix: [`prefect.${kind}.`] }, order: 'ASC' };
    const { events } = (await this.ask('POST', '/events/filter', { filter, limit: 50 })) as {
      readonly events: readonly Json[];
    };
    const shown = events.map(({ event, resource, related, payload }) => ({ event, resource, related, payload }));
    let text = JSON.stringify(shown);
    for (const [word, id] of this.ids) text = text.replaceAll(id, `<${word}>`);
    text = text
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
      .replaceAll(/"(created|updated|prefect.state-timestamp)":"[^"]*"/g, '"$1":"<time>"');
    // Prefect's server lists the names of fields as its sets have them: otherwise each time that it is started.
    const inOrder = JSON.parse(text, (key, value: unknown) =>
      key === 'updated_fields' ? (value as readonly string[]).toSorted() : value,
    ) as readonly Json[];
    // It tells a change twice when it answers 503 after it has told it, and is asked again.
    const distinct = new Map(inOrder.map((event) => [JSON.stringify(event), event]));
    return [...distinct].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  }
}

interface Life {
  /** Of what its events are about. */
  readonly kind: string;
  readonly live: (world: World) => Promise<unknown>;
}

const trigger = { type: 'event', posture: 'Reactive', expect: ['never'], for_each: [], threshold: 1, within: 0 };

const LIVES: Readonly<Record<string, Life>> = {
  variable: {
    kind: 'variable',
    live: async (world) => {
      const id = await world.make('variable', '/variables/', { name: 'word', value: { a: [1, null] }, tags: ['x'] });
      await world.ask('PATCH', `/variables/${id}`, { value: 2 });
      await world.ask('DELETE', `/variables/${id}`);
    },
  },
  flow: {
    kind: 'flow',
    live: async (world) => {
      const id = await world.make('flow', '/flows/', { name: 'sales', tags: ['x'], labels: { team: 'a' } });
      await world.ask('PATCH', `/flows/${id}`, { tags: ['y'] });
      await world.ask('DELETE', `/flows/${id}`);
    },
  },
  deployment: {
    kind: 'deployment',
    live: async (world) => {
      const flow = await world.make('deployed', '/flows/', { name: 'deployed' });
      const pool = await world.ask('POST', '/work_pools/', { name: 'for deployments', type: 'process' });
      world.ids.set('pool of deployment', String(pool['id'])).set('its queue', String(pool['default_queue_id']));
      const id = await world.make('deployment', '/deployments/', {
        name: 'daily',
        flow_id: flow,
        tags: ['x'],
        work_pool_name: 'for deployments',
        concurrency_limit: 2,
      });
      await world.ask('PATCH', `/deployments/${id}`, { description: 'new', tags: ['y'] });
      await world.ask('POST', `/deployments/get_scheduled_flow_runs`, { deployment_ids: [id] });
      await world.ask('POST', `/deployments/${id}/pause_deployment`, {});
      await world.ask('DELETE', `/deployments/${id}`);
    },
  },
  'work pool': {
    kind: 'work-pool',
    live: async (world) => {
      const pool = await world.ask('POST', '/work_pools/', { name: 'reports', type: 'process' });
      world.ids.set('pool', String(pool['id'])).set('default', String(pool['default_queue_id']));
      await world.ask('PATCH', '/work_pools/reports', { description: 'new', concurrency_limit: 2 });
      await world.ask('POST', '/work_pools/reports/workers/heartbeat', { name: 'one' });
      await world.ask('PATCH', '/work_pools/reports', { is_paused: true });
      await world.ask('PATCH', '/work_pools/reports', { is_paused: false });
      await world.ask('DELETE', '/work_pools/reports');
    },
  },
  'work queue': {
    kind: 'work-queue',
    live: async (world) => {
      const pool = await world.ask('POST', '/work_pools/', { name: 'queued', type: 'process' });
      world.ids.set('queued', String(pool['id'])).set('default of queued', String(pool['default_queue_id']));
      await world.make('queue', '/work_pools/queued/queues', { name: 'fast' });
      await world.ask('PATCH', '/work_pools/queued/queues/fast', { priority: 3, description: 'new' });
      await world.ask('PATCH', '/work_pools/queued/queues/fast', { is_paused: true });
      await world.ask('DELETE', '/work_pools/queued/queues/fast');
    },
  },
  'block type': {
    kind: 'block-type',
    live: async (world) => {
      const id = await world.make('kind', '/block_types/', { name: 'Crate', slug: 'crate', description: 'holds' });
      await world.ask('PATCH', `/block_types/${id}`, { description: 'holds more' });
      await world.ask('DELETE', `/block_types/${id}`);
    },
  },
  'block document': {
    kind: 'block-document',
    live: async (world) => {
      const type = await world.make('crates', '/block_types/', { name: 'Crates', slug: 'crates' });
      const schema = await world.make('schema', '/block_schemas/', {
        block_type_id: type,
        capabilities: ['hold'],
        fields: {
          title: 'Crates',
          type: 'object',
          properties: { key: { type: 'string' }, url: { type: 'string' }, n: { type: 'integer' } },
          secret_fields: ['key'],
          block_schema_references: {},
          block_type_slug: 'crates',
        },
      });
      const id = await world.make('block', '/block_documents/', {
        name: 'mine',
        data: { key: 'hush', url: 'http://x', n: 1 },
        block_type_id: type,
        block_schema_id: schema,
      });
      await world.ask('PATCH', `/block_documents/${id}`, { data: { url: 'http://y' } });
      await world.ask('DELETE', `/block_documents/${id}`);
    },
  },
  'concurrency limit': {
    kind: 'concurrency-limit',
    live: async (world) => {
      const id = await world.make('limit', '/v2/concurrency_limits/', { name: 'wide', limit: 3 });
      await world.ask('PATCH', `/v2/concurrency_limits/${id}`, { limit: 4 });
      await world.ask('DELETE', `/v2/concurrency_limits/${id}`);
      await world.make('tag', '/concurrency_limits/', { tag: 'db', concurrency_limit: 3 });
      await world.ask('POST', '/concurrency_limits/', { tag: 'db', concurrency_limit: 4 });
      await world.ask('DELETE', '/concurrency_limits/tag/db');
    },
  },
  artifact: {
    kind: 'artifact-collection',
    live: async (world) => {
      const first = await world.make('first', '/artifacts/', { key: 'report', type: 'markdown', data: '# 1' });
      const next = await world.make('next', '/artifacts/', { key: 'report', type: 'markdown', data: '# 2' });
      await world.ask('PATCH', `/artifacts/${next}`, { data: '# 3' });
      await world.ask('DELETE', `/artifacts/${next}`);
      await world.ask('DELETE', `/artifacts/${first}`);
    },
  },
  automation: {
    kind: 'automation',
    live: async (world) => {
      const body = { name: 'watch', description: '', enabled: true, trigger, actions: [{ type: 'do-nothing' }] };
      const id = await world.make('automation', '/automations/', body);
      await world.ask('PUT', `/automations/${id}`, { ...body, description: 'new' });
      await world.ask('PATCH', `/automations/${id}`, { enabled: false });
      await world.ask('DELETE', `/automations/${id}`);
    },
  },
  'flow run': {
    kind: 'flow-run',
    live: async (world) => {
      const flow = await world.make('of runs', '/flows/', { name: 'of runs', tags: ['f'] });
      const id = await world.make('run', '/flow_runs/', {
        flow_id: flow,
        name: 'monday',
        tags: ['r'],
        state: { type: 'PENDING', message: 'soon' },
      });
      for (const type of ['RUNNING', 'COMPLETED'])
        await world.ask('POST', `/flow_runs/${id}/set_state`, { state: { type, message: 'said' } });
    },
  },
};

/** Of each noun: it is made, changed and deleted. */
const EVENTS_MIN = 3;

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

test('what is told of each noun is what the server of Prefect tells', { timeout: 600_000 }, () =>
  inFolder((folder) =>
    withServer(startPrefect(folder, TEMPLATE), (theirs) =>
      withServer(startOstinato(folder), async (ours) => {
        const worlds = [theirs, ours].map(({ apiUrl }) => new World(apiUrl));
        await Promise.all(
          worlds.map(async (world) => {
            for (const { live } of Object.values(LIVES)) await live(world);
          }),
        );
        const toldOf = async (world: World): Promise<Readonly<Record<string, readonly Json[]>>> => {
          const told: Record<string, readonly Json[]> = {};
          for (const [noun, { kind }] of Object.entries(LIVES)) told[noun] = await world.told(kind);
          return told;
        };
        const [prefect, ostinato] = worlds as [World, World];
        // Prefect's server writes events down a little later.
        const both = () => Promise.all([toldOf(prefect), toldOf(ostinato)]);
        await until('both tell the same', async () => isDeepStrictEqual(...(await both()))).catch(() => undefined);
        const [their, our] = await both();
        for (const noun of Object.keys(LIVES)) {
          assert.ok((our[noun]?.length ?? 0) >= EVENTS_MIN, noun);
          assert.deepEqual(our[noun], their[noun], noun);
        }
        assert.doesNotMatch(JSON.stringify(our), /hush/);
      }),
    ),
  ),
);

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');

test('what a worker tells of itself is what that of Prefect tells', { timeout: 600_000 }, () =>
  inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const world = new World(apiUrl);
      const pool = await world.ask('POST', '/work_pools/', { name: 'barn', type: 'process' });
      world.ids.set('pool', String(pool['id']));
      const words = ['worker', 'start', '--pool', 'barn', '--name', 'Zoë at work', '--run-once'];
      const theirs = {
        command: REFERENCE.python,
        words: ['-m', 'prefect', ...words],
        folder,
        environment: clientEnvironment(REFERENCE.python, folder, apiUrl),
      };
      const ours = {
        command: process.execPath,
        words: [LAUNCHER, ...words],
        folder,
        environment: {
          PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
          HOME: folder,
          OSTINATO_HOME: join(folder, 'ours'),
          OSTINATO_API_URL: apiUrl,
        },
      };
      for (const program of [theirs, ours]) {
        const { exitCode, stdout, stderr } = await run(program, WORKER_TIMEOUT_MS);
        assert.equal(exitCode, 0, stdout + stderr);
      }
      const told = await until('both have told', async () => {
        const events = await world.told('worker');
        return events.length >= 4 && events;
      });
      const versions = told.map((event) => JSON.stringify(event).replace(/"prefect.version":"[^"]*"/, '<version>'));
      assert.deepEqual([versions.length, new Set(versions).size], [4, 2], versions.join('\n'));
      assert.match(versions.join('\n'), /"prefect\.worker\.process\.zoe-at-work"/);
    }),
  ),
);
