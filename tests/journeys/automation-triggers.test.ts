/** Automations fire once for each event that they look at, whatever becomes of the server meanwhile. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { OWN_FIRINGS_MAX } from '../../src/core/automations/loop-guard.ts';
import { until } from './background.ts';
import { endLeases } from './end-leases.ts';
import { makeServedPlace } from './served-place.ts';

interface WireEvent {
  readonly resource: Readonly<Record<string, string>>;
  readonly related: readonly Readonly<Record<string, string>>[];
  readonly payload: {
    readonly triggering_labels: Readonly<Record<string, string>>;
    readonly triggering_event: {
      readonly id: string;
      readonly event: string;
      readonly resource: Record<string, string>;
    };
  };
}

const KILLS = 3;
const FAILED_BEFORE_KILL = 15;

const place = makeServedPlace();

/** As clients do: the same request again until somebody answers it. */
async function insist<T>(path: string, body: unknown): Promise<T> {
  for (;;) {
    try {
      return await place.ask<T>('POST', path, body);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await delay(20);
    }
  }
}

async function firings(automationId: string): Promise<readonly WireEvent[]> {
  const filter = {
    event: { name: ['prefect.automation.triggered'] },
    resource: { id: [`prefect.automation.${automationId}`] },
  };
  let page = await place.ask<{ events: WireEvent[]; next_page: string | null }>('POST', '/events/filter', {
    filter,
    limit: 50,
  });
  const events = [...page.events];
  while (page.next_page !== null) {
    page = (await (await fetch(page.next_page)).json()) as typeof page;
    events.push(...page.events);
  }
  return events;
}

test('a trigger on failed runs fires once for each, across kill -9 of the server', async () => {
  const automation = await insist<{ id: string }>('/automations/', {
    name: 'on failure',
    trigger: {
      type: 'event',
      posture: 'Reactive',
      expect: ['prefect.flow-run.Failed'],
      match: { 'prefect.resource.id': 'prefect.flow-run.*' },
      for_each: ['prefect.resource.id'],
    },
    actions: [{ type: 'do-nothing' }],
  });
  const flow = await insist<{ id: string }>('/flows/', { name: 'fragile' });
  const failed = new Set<string>();
  let isOver = false;
  const failRuns = async (): Promise<void> => {
    while (!isOver) {
      const { id } = await insist<{ id: string }>('/flow_runs/', {
        flow_id: flow.id,
        idempotency_key: crypto.randomUUID(),
      });
      for (const type of ['RUNNING', 'FAILED'])
        await insist(`/flow_runs/${id}/set_state`, {
          state: { type, state_details: { transition_id: crypto.randomUUID() } },
        });
      failed.add(id);
    }
  };
  const callers = Array.from({ length: 3 }, failRuns);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const target = failed.size + FAILED_BEFORE_KILL;
    await until('runs have failed', () => failed.size >= target);
    process.kill(place.server().pid, 'SIGKILL');
    await place.startAgain();
  }
  isOver = true;
  await Promise.all(callers);
  await until('all have fired', async () => (await firings(automation.id)).length >= failed.size);
  const told = await firings(automation.id);
  const resources = told.map(({ payload }) => payload.triggering_event.resource['prefect.resource.id'] ?? '');
  const expected = Array.from(failed, (id) => `prefect.flow-run.${id}`);
  assert.deepEqual(resources.toSorted(), expected.toSorted());
  const [first] = told;
  assert.equal(first?.resource['prefect.posture'], 'Reactive');
  assert.deepEqual(first.payload.triggering_labels, { 'prefect.resource.id': resources[0] });
  assert.equal(first.related[0]?.['prefect.resource.id'], `prefect.event.${first.payload.triggering_event.id}`);
});

test('a run of a program that uses no server sets off an automation of a server on its database', async () => {
  const automation = await insist<{ id: string }>('/automations/', {
    name: 'beside',
    trigger: {
      type: 'event',
      posture: 'Reactive',
      expect: ['prefect.flow-run.Completed'],
      match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'beside' },
    },
    actions: [{ type: 'do-nothing' }],
  });
  const file = join(place.project, 'beside.ts');
  writeFileSync(
    file,
    `import { flow } from 'ostinato';\nexport const beside = flow(async () => 1, { name: 'beside' });\n`,
  );
  const ran = await place.ostinato(['run', file]);
  assert.equal(ran.exitCode, 0, ran.stderr);
  await until('it fires', async () => (await firings(automation.id)).length > 0);
});

/** @returns the id of a deployment, of which nobody takes runs, and how many runs it has */
async function makeDeployment(name: string) {
  const flow = await insist<{ id: string }>('/flows/', { name });
  const { id } = await insist<{ id: string }>('/deployments/', { name: 'main', flow_id: flow.id });
  const count = () => place.ask<number>('POST', '/flow_runs/count', { deployments: { id: { any_: [id] } } });
  return { id, flowId: flow.id, count };
}

/** On events of runs of the flow. */
function runs(expect: string, flow: string, deploymentId: string) {
  return {
    name: `${expect} of ${flow}`,
    trigger: {
      type: 'event',
      posture: 'Reactive',
      expect: [expect],
      match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.name': flow },
    },
    actions: [{ type: 'run-deployment', source: 'selected', deployment_id: deploymentId }],
  };
}

test('each failed run has one run that an automation started, across kill -9 of the server', async () => {
  const recovery = await makeDeployment('recovery');
  const flow = await insist<{ id: string }>('/flows/', { name: 'weak' });
  await insist('/automations/', runs('prefect.flow-run.Failed', 'weak', recovery.id));
  const failOne = async (): Promise<void> => {
    const { id } = await insist<{ id: string }>('/flow_runs/', {
      flow_id: flow.id,
      idempotency_key: crypto.randomUUID(),
    });
    const state = { type: 'FAILED', state_details: { transition_id: crypto.randomUUID() } };
    await insist(`/flow_runs/${id}/set_state`, { state });
  };
  for (let count = 0; count < 10; count += 1) await failOne();
  process.kill(place.server().pid, 'SIGKILL');
  endLeases(place.home);
  await place.startAgain();
  for (let count = 0; count < 10; count += 1) await failOne();
  await until('each has its run', async () => (await recovery.count()) >= 20);
  assert.equal(await recovery.count(), 20);
});

test('an automation whose runs set it off again is stopped', async () => {
  const echo = await makeDeployment('echo');
  const made = await insist<{ id: string }>('/automations/', runs('prefect.flow-run.Scheduled', 'echo', echo.id));
  await insist(`/deployments/${echo.id}/create_flow_run`, {});
  await until('it is stopped', async () => {
    const { enabled } = await place.ask<{ enabled: boolean }>('GET', `/automations/${made.id}`);
    return !enabled;
  });
  await until('what was ordered is done', async () => (await echo.count()) === OWN_FIRINGS_MAX + 2);
  const filter = { event: { name: ['ostinato.automation.stopped'] } };
  const { events } = await place.ask<{ events: WireEvent[] }>('POST', '/events/filter', { filter });
  assert.deepEqual(
    events.map(({ resource }) => resource['prefect.resource.id']),
    [`prefect.automation.${made.id}`],
  );
});
