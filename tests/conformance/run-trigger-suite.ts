import assert from 'node:assert/strict';

import { metricTrigger, stayTrigger, usual } from '../../src/core/automations/fixtures/runs.ts';
import type { Event, OutboxEvent } from '../../src/core/event.ts';
import type { Flow } from '../../src/core/flow-run.ts';
import type { DeploymentId, FlowRunId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import type { ProposedState } from '../../src/core/state.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import { stepAutomations } from '../../src/orchestrator/automation-triggers/step.ts';
import { hashText } from '../../src/platform/hash.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeAutomation } from './automation-step-suite.ts';
import { makeEvent, makeFlow, makeFlowRun, makeState, makeSubmission, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const TYPES: Readonly<Record<string, string>> = { Pending: 'PENDING', Running: 'RUNNING', Failed: 'FAILED' };

function came(state: string, at: Instant, run: FlowRunId): OutboxEvent {
  return {
    ...makeEvent({ name: `prefect.flow-run.${state}` }),
    resourceId: `prefect.flow-run.${run}`,
    labels: { 'prefect.state-name': state, 'prefect.state-type': TYPES[state] ?? '' },
    related: [],
    payload: '{}',
    occurred: at,
    received: at,
  };
}

async function record(storage: Storage, ...events: readonly OutboxEvent[]): Promise<void> {
  await storage.recordEvents(events.map((event) => ({ event, taskRun: null })));
}

async function step(storage: Storage, now: Instant, limit = 100) {
  return await stepAutomations({ storage, clock: { now: () => now } }, hashText, limit);
}

async function watch(storage: Storage, trigger: Readonly<Record<string, unknown>>): Promise<Instant> {
  const automation = makeAutomation({}, { trigger: JSON.stringify({ ...trigger, id: newId() }) });
  await storage.changeAutomation(automation.id, () => ({ automation, answer: null }));
  return automation.updatedAt;
}

async function told(storage: Storage): Promise<readonly Event[]> {
  const events = await storage.readFullEvents({ afterSeq: 0, limit: 1000 });
  return events.filter(({ name }) => /^prefect\.automation\.(?:triggered|resolved)$/.test(name));
}

const words = (events: readonly Event[], from: Instant): readonly string[] =>
  events.map(({ name, occurred }) => `${name.slice('prefect.automation.'.length)} ${(occurred - from) / 1e6}`);

export const runTriggerTests: StorageTests = {
  'a stay is due at its time, is there after a restart, fires once and resolves once': async (
    first,
    { openSecond },
  ) => {
    const from = await watch(first, stayTrigger({ states: ['Pending'], for: 60 }));
    const run = newId<FlowRunId>();
    await record(first, came('Pending', from, run));
    assert.equal((await step(first, addSeconds(from, 1)))?.nextAt, addSeconds(from, 61));
    if (openSecond !== null) await first.close();
    const second = openSecond === null ? first : await openSecond();
    assert.equal((await step(second, addSeconds(from, 60)))?.answer?.firingCount ?? 0, 0);
    assert.equal((await step(second, addSeconds(from, 61)))?.answer?.firingCount, 1);
    const fired = await step(second, addSeconds(from, 62));
    assert.deepEqual([fired?.answer?.firingCount ?? 0, fired?.nextAt], [0, null]);
    await record(second, came('Running', addSeconds(from, 90), run));
    await step(second, addSeconds(from, 100));
    assert.deepEqual(words(await told(second), from), ['triggered 60', 'resolved 90']);
  },

  'of servers that look at the same time, one fires; a clock that jumps back or ahead changes nothing of it': async (
    first,
    { openSecond },
  ) => {
    const second = openSecond === null ? first : await openSecond();
    const from = await watch(first, stayTrigger({ states: ['Pending'], for: 60 }));
    const runs = Array.from({ length: 10 }, () => newId<FlowRunId>());
    await record(first, ...runs.map((run) => came('Pending', from, run)));
    const clocks = [5, 4000, -4000, 61, 0, 90, 62, -1];
    await Promise.all(
      [first, second].map(async (storage) => {
        for (const seconds of clocks) await step(storage, addSeconds(from, seconds), 3);
      }),
    );
    assert.equal((await told(first)).length, 10);
    assert.deepEqual(new Set(words(await told(first), from)), new Set(['triggered 60']));
    await record(second, ...runs.map((run) => came('Running', addSeconds(from, 100), run)));
    await Promise.all([first, second].map((storage) => step(storage, addSeconds(from, 101))));
    await step(first, addSeconds(from, 102));
    assert.equal((await told(first)).length, 20);
  },

  'what is kept of a run goes with the change of its automation': async (storage) => {
    const from = await watch(storage, stayTrigger({ states: ['Pending'], for: 60 }));
    await record(storage, came('Pending', from, newId()));
    await step(storage, addSeconds(from, 1));
    const [automation] = await storage.find('automation', { where: EVERYTHING, sort: [], limit: 1, offset: 0 });
    assert.ok(automation);
    const changed = { ...automation, updatedAt: addSeconds(from, 2) };
    await storage.changeAutomation(automation.id, () => ({ automation: changed, answer: null }));
    await step(storage, addSeconds(from, 1000));
    assert.deepEqual(await told(storage), []);
  },

  'a figure is kept with the cursor, fires once, whoever looks, and resolves': async (first, { openSecond }) => {
    const second = openSecond === null ? first : await openSecond();
    const metric = { name: 'successes', operator: '<', threshold: 0.5, range: 3600 };
    const from = await watch(first, metricTrigger(metric));
    const [failed, retried] = [newId<FlowRunId>(), newId<FlowRunId>()];
    const of = (run: FlowRunId, state: string, seconds: number) => came(state, addSeconds(from, seconds), run);
    await record(first, of(failed, 'Failed', 1), of(retried, 'Failed', 2));
    assert.equal((await step(first, addSeconds(from, 3), 1))?.isBehind, true);
    assert.equal((await step(second, addSeconds(from, 3)))?.nextAt, addSeconds(from, 302));
    await Promise.all([first, second].map((storage) => step(storage, addSeconds(from, 400))));
    assert.deepEqual(words(await told(first), from), ['triggered 301']);
    // Of those that are retried nothing has failed any more: one of none is left, and there is no figure.
    await record(first, of(retried, 'Running', 500), of(failed, 'Running', 501));
    await step(first, addSeconds(from, 1500));
    assert.equal((await told(first)).length, 1);
    await record(first, { ...of(failed, 'Running', 1600), name: 'prefect.flow-run.heartbeat' });
    await step(second, addSeconds(from, 1601));
    assert.equal((await told(first)).length, 1);
  },

  'run times are those of the newest completed runs of the same flow or deployment': async (storage) => {
    const [flow, other] = [makeFlow('sales'), makeFlow('stars')];
    for (const one of [flow, other]) await storage.ensureFlow(one.name, () => one);
    const deploymentId = newId<DeploymentId>();
    const insert = async (of: Flow, seconds: number | null, isDeployed = false): Promise<FlowRunId> => {
      const state: ProposedState = seconds === null ? { type: 'RUNNING' } : { type: 'COMPLETED', data: null };
      const run = makeFlowRun(of, {
        state: makeState(state),
        totalRunTimeUs: (seconds ?? 1) * 1_000_000,
        ...(isDeployed ? { submission: makeSubmission({ deploymentId }) } : {}),
      });
      await storage.insertFlowRun(run, []);
      return run.id;
    };
    for (const seconds of [900, 10, 20, null, 30]) await insert(flow, seconds);
    await insert(other, 500);
    for (const seconds of [1, 2]) await insert(flow, seconds, true);
    const from = await watch(storage, stayTrigger({ states: ['Running'], longer_than: usual({ runs: 5 }) }));
    const ofDeployment = { of: 'deployment', runs_min: 2, percentile: 50 };
    await watch(storage, stayTrigger({ states: ['Running'], longer_than: usual(ofDeployment) }));
    const [deployed, plain, unknown] = [await insert(flow, null, true), await insert(other, null), newId<FlowRunId>()];
    const at = addSeconds(from, 1);
    await record(storage, ...[deployed, plain, unknown].map((run) => came('Running', at, run)));
    await step(storage, addSeconds(from, 1000));
    assert.deepEqual(words(await told(storage), from).toSorted(), ['triggered 2', 'triggered 31']);
  },
};
