/** Automations on the time in a state and on figures of runs: once, at their time, whatever becomes of the server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { until } from './background.ts';
import { endLeases } from './end-leases.ts';
import { makeServedPlace } from './served-place.ts';

interface WireEvent {
  readonly event: string;
  readonly occurred: string;
  readonly payload: { readonly triggering_labels: Readonly<Record<string, string>> };
}

const place = makeServedPlace();
const NOTHING = [{ type: 'do-nothing' }];

/** What is told of the automation: `triggered` or `resolved`, in the order in which it occurred. */
async function told(automationId: string): Promise<readonly WireEvent[]> {
  const filter = {
    event: { name: ['prefect.automation.triggered', 'prefect.automation.resolved'] },
    resource: { id: [`prefect.automation.${automationId}`] },
  };
  const page = await place.ask<{ events: WireEvent[] }>('POST', '/events/filter', { filter, limit: 50 });
  return page.events.toReversed();
}

const wordsOf = (events: readonly WireEvent[]): readonly string[] =>
  events.map(({ event }) => event.slice('prefect.automation.'.length));

async function flowNamed(name: string): Promise<string> {
  return (await place.ask<{ id: string }>('POST', '/flows/', { name })).id;
}

async function moved(id: string, ...types: readonly string[]): Promise<void> {
  for (const type of types) await place.ask('POST', `/flow_runs/${id}/set_state`, { state: { type }, force: true });
}

async function run(flowId: string, ...types: readonly string[]): Promise<string> {
  const { id } = await place.ask<{ id: string }>('POST', '/flow_runs/', { flow_id: flowId });
  await moved(id, ...types);
  return id;
}

async function killAndStart(meanwhile: () => void = () => undefined): Promise<void> {
  process.kill(place.server().pid, 'SIGKILL');
  endLeases(place.home);
  meanwhile();
  await place.startAgain();
}

const ofFlow = (name: string) => ({ 'prefect.resource.role': 'flow', 'prefect.resource.name': name });

test('a run that is in a state for too long fires once, and resolves once, across kill -9 of the server', async () => {
  const flow = await flowNamed('slow');
  const { id } = await place.ask<{ id: string }>('POST', '/automations/', {
    name: 'pending too long',
    trigger: { type: 'event', time_in_state: { states: ['Pending'], for: 3 }, match_related: ofFlow('slow') },
    actions: NOTHING,
    actions_on_resolve: NOTHING,
  });
  const shown = await place.done('automation', 'inspect', 'pending too long');
  assert.match(shown, /flow run in Pending for longer than 3 s/);
  const hung = [await run(flow, 'PENDING'), await run(flow, 'PENDING')];
  await run(await flowNamed('other'), 'PENDING');
  await killAndStart();
  await until('both have fired', async () => (await told(id)).length >= 2);
  await killAndStart();
  for (const one of hung) await moved(one, 'RUNNING');
  await until('both are over', async () => (await told(id)).length >= 4);
  await killAndStart();
  // What comes after all that was made before has been looked at when this one has fired.
  const later = await run(flow, 'PENDING');
  await until('the later one has fired', async () => (await told(id)).length >= 5);
  const events = await told(id);
  assert.deepEqual(wordsOf(events), ['triggered', 'triggered', 'resolved', 'resolved', 'triggered']);
  const runs = events.map(({ payload }) => payload.triggering_labels['prefect.resource.id']);
  assert.deepEqual(new Set(runs), new Set([...hung, later].map((one) => `prefect.flow-run.${one}`)));
  const receipts = await place.json<{ receipts: { status: string }[] }>('automation', 'inspect', 'pending too long');
  assert.ok(receipts.receipts.length >= 4);
});

/** As if so many seconds had passed. */
function letPass(seconds: number): void {
  const database = new DatabaseSync(join(place.home, 'ostinato.db'));
  const us = seconds * 1_000_000;
  database.exec(`UPDATE automation_bucket SET due_at = due_at - ${us}, body = json_set(body,
    '$.metric.since', json_extract(body, '$.metric.since') - ${us},
    '$.metric.at', json_extract(body, '$.metric.at') - ${us}) WHERE json_extract(body, '$.kind') = 'metric'`);
  database.close();
}

/** Whether what is kept of the figure is so. */
function isKept(what: string): boolean {
  const database = new DatabaseSync(join(place.home, 'ostinato.db'), { readOnly: true });
  const found = database
    .prepare(`SELECT 1 FROM automation_bucket WHERE json_extract(body, '$.kind') = 'metric' AND ${what}`)
    .get();
  database.close();
  return found !== undefined;
}

test('a figure that goes bad fires once, and resolves once, with its actions, across kill -9 of the server', async () => {
  const flow = await flowNamed('fragile');
  const [help, relief] = await Promise.all(
    ['help', 'relief'].map(async (name) => {
      const flowId = await flowNamed(name);
      return await place.ask<{ id: string }>('POST', '/deployments/', { name: 'main', flow_id: flowId });
    }),
  );
  const starts = (deployment: typeof help) => [
    { type: 'run-deployment', source: 'selected', deployment_id: deployment?.id },
  ];
  const started = (deployment: typeof help): Promise<number> =>
    place.ask('POST', '/flow_runs/count', { deployments: { id: { any_: [deployment?.id] } } });
  const { id } = await place.ask<{ id: string }>('POST', '/automations/', {
    name: 'too many failures',
    trigger: {
      type: 'metric',
      metric: { name: 'successes', operator: '<', threshold: 0.5, range: 3600, firing_for: 300 },
      match_related: ofFlow('fragile'),
    },
    actions: [],
    actions_on_trigger: starts(help),
    actions_on_resolve: starts(relief),
  });
  await run(flow, 'RUNNING', 'FAILED');
  await until('it is bad', () => isKept(`json_extract(body, '$.metric.isBad') = 1`));
  assert.deepEqual(await told(id), []);
  await killAndStart(() => letPass(302));
  await until('it has fired', async () => (await started(help)) > 0);
  await killAndStart();
  await run(flow, 'RUNNING', 'COMPLETED');
  await until('it is good', () => isKept(`json_extract(body, '$.metric.isBad') = 0`));
  await killAndStart(() => letPass(302));
  await until('it has resolved', async () => (await started(relief)) > 0);
  assert.deepEqual(wordsOf(await told(id)), ['triggered', 'resolved']);
  assert.deepEqual([await started(help), await started(relief)], [1, 1]);
});
