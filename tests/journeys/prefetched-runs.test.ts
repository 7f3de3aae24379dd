/** A worker takes a run before its time: its code is there when it begins, and it begins at its time. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { until } from './background.ts';
import { makePlace } from './launch.ts';
import { PulledWorld, type RunSeen } from './pulled-world.ts';

const FLOWS = `
import { writeFileSync } from 'node:fs';
import { flow } from 'ostinato';
export const notes = flow(async () => writeFileSync(process.env.BEGUN_FILE, String(Date.now())), { name: 'notes' });
`;

after(() => world.close());
const place = makePlace();
let world: PulledWorld;
let serial = 0;

before(
  async () => {
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    world = await PulledWorld.open(place);
    world.startWorker({}, '--prefetch-seconds', '3600');
  },
  { timeout: 240_000 },
);

interface Asked {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Written by its pull step, and by the flow when it begins. */
  readonly pulled: string;
  readonly begun: string;
}

async function askFor(seconds: number): Promise<Asked> {
  const name = `notes-${(serial += 1)}`;
  const [pulled, begun] = ['pulled', 'begun'].map((what) => join(place.project, `${name}-${what}`));
  const id = await world.deployment(name, {
    entrypoint: 'flows.ts:notes',
    pull_steps: [
      { 'prefect.deployments.steps.run_shell_script': { script: `touch ${pulled}` } },
      { 'prefect.deployments.steps.set_working_directory': { directory: place.project } },
    ],
    job_variables: { env: { BEGUN_FILE: begun ?? '' } },
  });
  const at = Date.now() + seconds * 1000;
  const state = { type: 'SCHEDULED', state_details: { scheduled_time: new Date(at).toISOString() } };
  const run = await world.call<{ id: string }>('POST', `/deployments/${id}/create_flow_run`, { state });
  return { id: run.id, at, pulled: pulled ?? '', begun: begun ?? '' };
}

const read = (id: string) => world.call<RunSeen>('GET', `/flow_runs/${id}`);

test('an hour before its time it is prepared, says so, and can be cancelled', { timeout: 300_000 }, async () => {
  const run = await askFor(3500);
  await until('its code is there', () => existsSync(run.pulled));
  const { state } = await read(run.id);
  assert.equal(state.type, 'PENDING');
  assert.match(state.message ?? '', /^It is prepared before its time: it begins at /);
  const why = await place.ostinato(['why', run.id], { env: { OSTINATO_API_URL: world.url } });
  assert.match(why.stdout, /Is being prepared, and waits for its scheduled time/);
  const cancelled = await place.ostinato(['flow-run', 'cancel', run.id], { env: { OSTINATO_API_URL: world.url } });
  assert.equal(cancelled.exitCode, 0, cancelled.stderr);
  assert.equal((await world.ended(run.id)).type, 'CANCELLED');
  assert.equal(existsSync(run.begun), false);
});

test('it begins at its time, not before', { timeout: 300_000 }, async () => {
  const run = await askFor(5);
  const { type, message } = await world.ended(run.id);
  assert.equal(type, 'COMPLETED', message ?? '');
  const begun = Number(readFileSync(run.begun, 'utf8'));
  assert.ok(begun >= run.at, `it began ${run.at - begun} ms too soon`);
  const states = await world.call<RunSeen['state'][]>('GET', `/flow_run_states/?flow_run_id=${run.id}`);
  assert.ok(
    states.some((state) => state.type === 'PENDING' && state.message?.startsWith('It is prepared before its time')),
  );
});
