/** Flows of one name: a crashed run is continued by its own flow only. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';
import { sameName } from './fixtures/same-name.ts';

test('a flow of the same name, in another file or with another source, leaves the crashed run to its own one', async () => {
  const bodies: string[] = [];
  const work = task(
    (whose: string) => {
      bodies.push(whose);
      return whose;
    },
    { name: 'work' },
  );
  await using world = await createTestWorld({ faults: [{ task: 'work', crash: 'recorded' }] });
  const own = flow(async () => [await work('own')], { name: 'same', resume: 'automatic' });
  const other = flow(async () => [await work('other'), 'of this file'], { name: 'same', resume: 'automatic' });
  await world.run(() => own()).catch(() => {});
  world.restart();
  assert.deepEqual(await world.run(() => sameName()), ['elsewhere']);
  assert.deepEqual(await world.run(() => other()), ['other', 'of this file']);
  const states = async () => (await world.flowRuns()).map(({ state }) => state.type);
  assert.deepEqual(await states(), ['CRASHED', 'COMPLETED', 'COMPLETED']);
  assert.deepEqual(await world.run(() => own()), ['own']);
  assert.deepEqual(await states(), ['COMPLETED', 'COMPLETED', 'COMPLETED']);
  assert.deepEqual(bodies, ['own', 'other'], 'what had finished was taken over');
});

test('of several flows that a factory makes none takes a crashed run over', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'load', crash: 'before' }] });
  const load = task((tenant: string) => tenant, { name: 'load' });
  const sync = (tenant: string) => flow(async () => await load(tenant), { name: 'sync', resume: 'automatic' });
  const [north, south] = [sync('north'), sync('south')];
  await world.run(() => north()).catch(() => {});
  world.restart();
  assert.equal(await world.run(() => south()), 'south');
  assert.deepEqual(
    (await world.flowRuns()).map(({ state }) => state.type),
    ['CRASHED', 'COMPLETED'],
  );
  assert.equal(await world.retry(north, (await world.flowRuns())[0]?.id), 'north');
});
