/** What a back-test tells is what really fires; why it does, or does not, is told of each event. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { BackTestFiring } from '../../src/contract/back-test.ts';
import { until } from './background.ts';
import { callCommand } from './in-process.ts';
import { makeServedPlace } from './served-place.ts';

const place = makeServedPlace();

const call = (...words: readonly string[]) => callCommand(words, { cwd: place.project, env: place.env });

async function done(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await call(...words);
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

const json = async <T>(...words: readonly string[]): Promise<T> => JSON.parse(await done(...words, '-o', 'json')) as T;

interface Told {
  readonly name: string;
  readonly events: number;
  readonly fired: number;
  readonly missed: number;
  readonly firings: readonly BackTestFiring[];
}

interface Fired {
  readonly id: string;
  readonly payload: { readonly triggering_event: { readonly id: string } };
}

async function fired(automationId: string): Promise<readonly Fired[]> {
  const filter = {
    event: { name: ['prefect.automation.triggered'] },
    resource: { id: [`prefect.automation.${automationId}`] },
    order: 'ASC',
  };
  return (await place.ask<{ events: Fired[] }>('POST', '/events/filter', { filter, limit: 50 })).events;
}

async function failOne(flowId: string): Promise<void> {
  const { id } = await place.ask<{ id: string }>('POST', '/flow_runs/', { flow_id: flowId });
  await place.ask('POST', `/flow_runs/${id}/set_state`, { state: { type: 'FAILED' } });
}

const FILE = `
name: thrice
trigger:
  expect: [prefect.flow-run.Failed]
  match_related: { prefect.resource.role: flow, prefect.resource.name: sales }
  threshold: 3
  within: 600
actions:
  - type: cancel-flow-run
  - type: run-deployment
    source: inferred
`;

test('a back-test of what is there tells the firings that it had; one of a file, what it would have', async () => {
  const { id: sales } = await place.ask<{ id: string }>('POST', '/flows/', { name: 'sales' });
  const { id: other } = await place.ask<{ id: string }>('POST', '/flows/', { name: 'other' });
  writeFileSync(join(place.project, 'thrice.yaml'), FILE);
  await done('automation', 'apply', '-f', 'thrice.yaml');
  const { id, updated } = await json<{ id: string; updated: string }>('automation', 'inspect', 'thrice');
  const each = FILE.replace('thrice', 'each').replace('  threshold: 3\n  within: 600\n', '');
  writeFileSync(join(place.project, 'each.yaml'), each);
  await done('automation', 'apply', '-f', 'each.yaml');
  const watch = await json<{ id: string; updated: string }>('automation', 'inspect', 'each');
  for (let count = 0; count < 4; count += 1) {
    await failOne(sales);
    await failOne(other);
  }
  await until('each has fired', async () => (await fired(watch.id)).length >= 4);
  await until('it has fired', async () => (await fired(id)).length >= 1);

  for (const [name, automationId, since] of [
    ['thrice', id, updated],
    ['each', watch.id, watch.updated],
  ] as const) {
    const real = await fired(automationId);
    const [told] = await json<Told[]>('automation', 'test', name, '--since', since);
    assert.deepEqual(
      told?.firings.map((firing) => [firing.id, firing.event?.id]),
      real.map((event) => [event.id, event.payload.triggering_event.id]),
    );
    assert.equal(told.fired, real.length);
    const [ofFile] = await json<Told[]>('automation', 'test', `${name}.yaml`, '--since', since);
    assert.deepEqual(
      ofFile?.firings.map(({ event }) => event?.id),
      told.firings.map(({ event }) => event?.id),
    );
    // As it was refused in truth.
    const [cancel, run] = ofFile.firings[0]?.actions ?? [];
    assert.equal(cancel?.target?.kind, 'flow-run');
    assert.equal(run?.refusal, 'No deployment could be inferred');
    assert.equal(
      (await json<Told[]>('automation', 'test', name, '--since', since, '--limit', '1'))[0]?.firings.length,
      1,
    );
    assert.equal((await json<Told[]>('automation', 'test', name, '--since', since, '--until', since))[0]?.fired, 0);
  }

  const said = await done('automation', 'test', 'thrice.yaml');
  assert.match(said, /^thrice would have fired once in \d+ events /);
  assert.match(said, /3 of 3 came from /);
  assert.match(said, /run-deployment: would be refused: No deployment could be inferred/);
  writeFileSync(join(place.project, 'slip.yaml'), FILE.replace('name: sales', 'name: sale'));
  assert.match(
    await done('automation', 'test', 'slip.yaml'),
    /8 events had this name, none had a related resource with the label prefect\.resource\.name: sale\. Nearest: "sales" \(4\), "other" \(4\)/,
  );
  // Nothing of it is there.
  assert.equal((await json<unknown[]>('automation', 'ls')).length, 2);
});

test('why: of a firing the events that counted, of an event the first thing that it has otherwise', async () => {
  const { id } = await json<{ id: string }>('automation', 'inspect', 'thrice');
  const [real] = await fired(id);
  const explained = await json<Told>('automation', 'why', 'thrice', '--firing', String(real?.id));
  const counted = explained.firings[0]?.windows[0]?.events ?? [];
  assert.equal(counted.length, 3);
  assert.equal(counted[2]?.id, real?.payload.triggering_event.id);
  const first = await done('automation', 'why', 'thrice', '--event', String(counted[0]?.id));
  assert.match(first, /It counted, number 1 of the window/);
  assert.match(first, /It counted for:\n.*prefect\.flow-run\.Failed of prefect\.flow-run\..*\n {2}3 of 3 came/);

  const filter = { event: { name: ['prefect.flow-run.Failed'] }, order: 'ASC' };
  const { events } = await place.ask<{ events: { id: string; related: Record<string, string>[] }[] }>(
    'POST',
    '/events/filter',
    { filter },
  );
  const ofOther = events.find(({ related }) => related.some((one) => one['prefect.resource.name'] === 'other'));
  assert.match(
    await done('automation', 'why', 'thrice', '--event', String(ofOther?.id)),
    /passed over by the label of what is related to it prefect\.resource\.name: expected "sales", it is "other"\./,
  );
  const whole = await done('automation', 'why', 'thrice');
  assert.match(whole, /events, 1 firing\./);
  assert.equal((await json<Told>('automation', 'why', 'thrice', '--since', '2100-01-01')).fired, 0);
  assert.equal((await call('automation', 'why', 'thrice', '--event', crypto.randomUUID())).exitCode, 3);
  assert.equal((await call('automation', 'why', 'thrice', '--firing', crypto.randomUUID())).exitCode, 3);
});
