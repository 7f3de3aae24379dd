/** The same actions for Prefect's server and for ours: the same is told of them. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import type { AutomationId } from '../../src/core/automation.ts';
import type { Instant } from '../../src/core/time.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { until } from '../journeys/background.ts';
import { prepareClients } from './clients.ts';
import { inFolder } from './script.ts';
import { answerOf, startOstinato, startPrefect, withServer } from './servers.ts';

/** An empty database of Prefect's server, which takes long to make; Git ignores the folder. */
const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
const NOBODY = '018f0000-0000-7000-8000-0000000000a1';

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

type Json = Readonly<Record<string, unknown>>;

/** What there is on a server: the ids of it, by name. */
type Things = Readonly<Record<string, string>>;

interface Case {
  readonly action: (things: Things) => Json;
  /** The resource of the event, and the related ones. */
  readonly about?: (things: Things) => readonly string[];
}

const selected = (type: string, noun: string, thing: string): Case => ({
  action: (things) => ({ type, source: 'selected', [`${noun}_id`]: things[thing] ?? NOBODY }),
});
const inferred = (type: string, ...about: readonly string[]): Case => ({
  action: () => ({ type, source: 'inferred' }),
  about: (things) => about.map((one) => `prefect.${one.split(' ')[0]}.${things[one.split(' ')[1] ?? ''] ?? NOBODY}`),
});
const ofRun = (action: Json, run: string): Case => ({
  action: () => action,
  about: (things) => [`prefect.flow-run.${things[run] ?? NOBODY}`],
});

const CASES: Readonly<Record<string, Case>> = {
  nothing: { action: () => ({ type: 'do-nothing' }) },
  run: {
    action: ({ deployment }) => ({
      type: 'run-deployment',
      source: 'selected',
      deployment_id: deployment,
      parameters: {
        n: '{{ event.payload.n }}',
        text: 'of {{ event.resource.name }}: {{ event.payload.n }} [{{ event.payload.none.at.all }}]',
        json: { __prefect_kind: 'json', value: '{"a": [1, null]}' },
        word: { __prefect_kind: 'workspace_variable', variable_name: 'word' },
        deep: ['{{ automation.name }}', { x: '{{ event.payload.list }}' }],
      },
    }),
  },
  'run of nobody': selected('run-deployment', 'deployment', 'nobody'),
  'run of what happened': inferred('run-deployment', 'flow-run running', 'deployment deployment'),
  'run of nothing': inferred('run-deployment', 'flow-run running'),
  'run with a wrong variable': {
    action: ({ deployment }) => ({
      type: 'run-deployment',
      source: 'selected',
      deployment_id: deployment,
      parameters: { a: { __prefect_kind: 'workspace_variable', variable_name: 'nobody' } },
    }),
  },
  'pause of a deployment': selected('pause-deployment', 'deployment', 'other'),
  'pause of no deployment': inferred('pause-deployment', 'deployment nobody'),
  'resume of a deployment': inferred('resume-deployment', 'deployment other'),
  'pause of a pool': selected('pause-work-pool', 'work_pool', 'pool'),
  'pause of no pool': selected('pause-work-pool', 'work_pool', 'nobody'),
  'pause of a queue': inferred('pause-work-queue', 'work-queue queue'),
  'pause of no queue': inferred('pause-work-queue', 'work-queue nobody'),
  'pause of an automation': selected('pause-automation', 'automation', 'automation'),
  'pause of no automation': inferred('pause-automation', 'flow-run running'),
  change: ofRun({ type: 'change-flow-run-state', state: 'FAILED', name: 'Overdue' }, 'running'),
  'change that is refused': ofRun({ type: 'change-flow-run-state', state: 'PAUSED' }, 'completed'),
  'change by force': ofRun({ type: 'change-flow-run-state', state: 'RUNNING', force: true }, 'failed'),
  'cancelling of one that runs': ofRun({ type: 'cancel-flow-run' }, 'cancelled'),
  'suspension of one without a deployment': ofRun({ type: 'suspend-flow-run' }, 'suspended'),
  'resuming of one that is not paused': ofRun({ type: 'resume-flow-run' }, 'completed'),
  'deletion of a run': ofRun({ type: 'delete-flow-run' }, 'deleted'),
  'deletion of no run': ofRun({ type: 'delete-flow-run' }, 'nobody'),
  'nothing to cancel': { action: () => ({ type: 'cancel-flow-run' }) },
  webhook: {
    action: ({ hook }) => ({
      type: 'call-webhook',
      block_document_id: hook,
      payload: '{"n": {{ event.payload.n }}, "name": "{{ event.resource.name }}"}',
    }),
  },
  'webhook of nobody': { action: () => ({ type: 'call-webhook', block_document_id: NOBODY, payload: 'x' }) },
  'webhook by another block': {
    action: ({ secret }) => ({ type: 'send-notification', block_document_id: secret, body: 'x' }),
  },
};

const heard: string[] = [];
const receiver = createServer((request, response) => {
  void textOf(request).then((body) => {
    heard.push(body);
    // What depends on the asking client or on the time stays out: receipts hold headers.
    response.sendDate = false;
    response.writeHead(202, 'Taken', { 'x-own': 'yes', 'x-prefect-own': 'no', connection: 'close' }).end('ok');
  });
});
before(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
after(() => receiver.close());

/** Prefect's server is not ready for everything at once. */
const ask = async <T>(apiUrl: string, method: string, path: string, body?: Json): Promise<T> =>
  await until(`${path} is answered`, async () => {
    const answer = await answerOf<T & { readonly exception_message?: string }>(apiUrl, method, path, body);
    return answer.exception_message !== 'Service Unavailable' && answer;
  });

const idOf = async (apiUrl: string, path: string, body: Json): Promise<string> => {
  const answer = await ask<{ readonly id?: string }>(apiUrl, 'POST', path, body);
  return answer.id ?? assert.fail(JSON.stringify([path, answer]));
};

async function blockOf(apiUrl: string, slug: string, data: Json): Promise<string> {
  const type = await ask<Json>(apiUrl, 'GET', `/block_types/slug/${slug}`);
  const [schema] = await ask<readonly Json[]>(apiUrl, 'POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type['id']] } },
  });
  const body = { name: slug, data, block_type_id: type['id'], block_schema_id: schema?.['id'] };
  return await idOf(apiUrl, '/block_documents/', body);
}

async function thingsOf(apiUrl: string): Promise<Things> {
  const flow = await idOf(apiUrl, '/flows/', { name: 'sales' });
  const run = async (...types: readonly string[]) => {
    const id = await idOf(apiUrl, '/flow_runs/', { flow_id: flow, state: { type: 'PENDING' } });
    for (const type of types) await ask(apiUrl, 'POST', `/flow_runs/${id}/set_state`, { state: { type } });
    return id;
  };
  await ask(apiUrl, 'POST', '/variables/', { name: 'word', value: { of: [1] } });
  const pool = await ask<Json>(apiUrl, 'POST', '/work_pools/', { name: 'reports', type: 'process' });
  return {
    deployment: await idOf(apiUrl, '/deployments/', { name: 'daily', flow_id: flow }),
    other: await idOf(apiUrl, '/deployments/', { name: 'other', flow_id: flow }),
    pool: String(pool['id']),
    queue: String(pool['default_queue_id']),
    automation: await idOf(apiUrl, '/automations/', {
      name: 'other',
      trigger: { type: 'event', posture: 'Reactive', expect: ['never'] },
      actions: [{ type: 'do-nothing' }],
    }),
    running: await run('RUNNING'),
    completed: await run('RUNNING', 'COMPLETED'),
    failed: await run('RUNNING', 'FAILED'),
    cancelled: await run('RUNNING'),
    suspended: await run('RUNNING'),
    deleted: await run('RUNNING'),
    hook: await blockOf(apiUrl, 'webhook', {
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    }),
    secret: await blockOf(apiUrl, 'secret', { value: 'x' }),
  };
}

interface Server {
  readonly apiUrl: string;
  readonly things: Things;
  /** Lets the automation fire by the event. */
  fire(automation: Json, event: Json): Promise<void>;
  readonly isEnabled: boolean;
}

async function send(apiUrl: string, event: Json): Promise<void> {
  const answer = await fetch(`${apiUrl}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([event]),
  });
  assert.equal(answer.status, 204, await answer.text());
}

interface Told {
  readonly events: readonly Json[];
}

/** Automations by the names of the cases. */
type Made = Readonly<Record<string, Json>>;

async function make({ apiUrl, things, isEnabled }: Server, name: string, action: Json): Promise<Json> {
  const trigger = { type: 'event', posture: 'Reactive', expect: [`sales ${name}`] };
  const body = { name, enabled: isEnabled, trigger, actions: [action] };
  const automation = await ask<Json>(apiUrl, 'POST', '/automations/', body);
  assert.ok(automation['id'], JSON.stringify([name, automation, things]));
  return automation;
}

const eventOf = (name: string, resource: string, related: readonly string[] = []) => ({
  id: crypto.randomUUID() as string,
  event: `sales ${name}`,
  occurred: new Date().toISOString(),
  resource: { 'prefect.resource.id': resource, 'prefect.resource.name': 'north' },
  related: related.map((id) => ({ 'prefect.resource.id': id, 'prefect.resource.role': 'x' })),
  payload: { n: 7, list: ['a', null] },
});

/** All of them, and the server knows them: Prefect's looks at new ones a little later. */
async function makeAll(server: Server): Promise<Made> {
  const made: Record<string, Json> = {};
  for (const [name, { action }] of Object.entries(CASES)) made[name] = await make(server, name, action(server.things));
  const marker = await make(server, 'marker', { type: 'do-nothing' });
  const filter = {
    resource: { id: [`prefect.automation.${String(marker['id'])}`] },
    event: { prefix: [ACTION_EVENTS] },
  };
  await until('automations are known', async () => {
    await server.fire(marker, eventOf('marker', 'sales.north'));
    return (await ask<Told>(server.apiUrl, 'POST', '/events/filter', { filter })).events.length > 0;
  });
  return made;
}

const ACTION_EVENTS = 'prefect.automation.action.';

/** What is told of the action, with the names of things in place of their ids. */
async function toldOf({ apiUrl, things, fire }: Server, automation: Json, name: string, one: Case): Promise<unknown> {
  const [resource = 'sales.north', ...related] = one.about?.(things) ?? [];
  const event = eventOf(name, resource, related);
  await fire(automation, event);
  const filter = {
    event: { prefix: [ACTION_EVENTS] },
    resource: { id: [`prefect.automation.${String(automation['id'])}`] },
    order: 'ASC',
  };
  const events = await until(`${name} is told`, async () => {
    const found = await ask<Told>(apiUrl, 'POST', '/events/filter', { filter });
    return (
      found.events.length >= 2 && found.events.toSorted((a) => (String(a['event']).endsWith('triggered') ? -1 : 1))
    );
  });
  const known = new Map(Object.entries({ ...things, self: String(automation['id']), event: event.id, NOBODY }));
  const text = JSON.stringify(
    events.map(({ event: what, resource: of, related: to, payload, follows }) => ({
      what,
      of,
      to,
      payload,
      follows: follows === events[0]?.['id'] ? 'the first' : follows,
    })),
  );
  const named = [...known].reduce((shown, [key, id]) => shown.replaceAll(id, `<${key}>`), text);
  return JSON.parse(
    named
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
      .replaceAll(CANNOT_COME_ABOUT, '…')
      .replaceAll(RUN_NAMES, '"prefect.resource.name":"<run>"'),
  );
}

/** Prefect names the class of a failure here, ours says what is wrong. */
const CANNOT_COME_ABOUT = /(?<="Unable to create flow run from deployment: )(?:[^"\\]|\\.)*/g;
/** Names of flow runs are drawn. */
const RUN_NAMES = /"prefect\.resource\.name":"[a-z]+-[a-z]+"/g;

/** As a trigger orders it: the automation is off, so that none does. */
async function order(database: string, automation: Json, eventId: string): Promise<void> {
  const storage = openSqliteStorage({ path: database });
  const now = (Date.now() * 1000) as Instant;
  const [action] = automation['actions'] as readonly Json[];
  const firing = {
    id: crypto.randomUUID(),
    automationId: String(automation['id']) as AutomationId,
    triggerId: String((automation['trigger'] as Json)['id']),
    state: 'Triggered',
    at: now,
    labels: {},
    eventId,
  } as const;
  try {
    await storage.insertActionOrders(
      [{ id: crypto.randomUUID(), firing, index: 0, action: JSON.stringify(action) }],
      now,
    );
  } finally {
    storage.close();
  }
}

test('what is told of actions is what the server of Prefect tells', { timeout: 600_000 }, () =>
  inFolder((folder) =>
    withServer(startPrefect(folder, TEMPLATE), (theirs) =>
      withServer(startOstinato(folder), async (ours) => {
        const prefect: Server = {
          apiUrl: theirs.apiUrl,
          things: await thingsOf(theirs.apiUrl),
          isEnabled: true,
          fire: async (_automation, event) => await send(theirs.apiUrl, event),
        };
        const ostinato: Server = {
          apiUrl: ours.apiUrl,
          things: await until(
            'the types of blocks are there',
            async () => await thingsOf(ours.apiUrl).catch(() => null),
          ),
          isEnabled: false,
          fire: async (automation, event) => {
            await send(ours.apiUrl, event);
            await order(join(folder, 'server.db'), automation, String(event['id']));
          },
        };
        const servers = [prefect, ostinato];
        const made = await Promise.all(servers.map(makeAll));
        const both = (name: string, one: Case) =>
          Promise.all(servers.map(async (server, at) => await toldOf(server, made[at]?.[name] ?? {}, name, one)));
        const told = [];
        for (const [name, one] of Object.entries(CASES)) told.push([name, await both(name, one)] as const);
        const parameters = async ({ apiUrl }: Server) =>
          (await ask<readonly Json[]>(apiUrl, 'POST', '/flow_runs/filter', { sort: 'ID_DESC' }))
            .map((run) => run['parameters'])
            .filter((given) => JSON.stringify(given) !== '{}');
        assert.deepEqual(
          Object.fromEntries(told.map(([name, [, our]]) => [name, our])),
          Object.fromEntries(told.map(([name, [their]]) => [name, their])),
        );
        assert.deepEqual(await parameters(ostinato), await parameters(prefect));
        assert.deepEqual(heard, [heard[0], heard[0]]);
      }),
    ),
  ),
);
