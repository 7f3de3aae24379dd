import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EventId, FlowRunId } from '../core/ids.ts';
import { SilentRuns } from './silent-runs.ts';
import { openWorld } from '../orchestrator/fixtures/world.ts';

type World = ReturnType<typeof openWorld>;

/** A run that another client runs: no process of ours has it. */
async function running(world: World): Promise<FlowRunId> {
  const { id } = await world.use.createFlowRun({ ...world.request(), processId: undefined });
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
  return id;
}

let beats = 0;
const beat = (world: World, id: FlowRunId): unknown =>
  world.use.recordEvents([
    {
      event: {
        id: `00000000-0000-7000-8000-${String((beats += 1)).padStart(12, '0')}` as EventId,
        name: 'prefect.flow-run.heartbeat',
        occurred: world.now(),
        resourceId: `prefect.flow-run.${id}`,
        payload: null,
        labels: {},
      },
      taskRun: null,
    },
  ]);

const stateOf = async (world: World, id: FlowRunId) => (await world.use.readFlowRun(id))?.state;

test('a run that has sent heartbeats and is silent is ended, with its tasks and what ran', async () => {
  const world = openWorld();
  const services = new SilentRuns(world.use, 540);
  const id = await running(world);
  const task = await world.addTask(id, 'hold', { type: 'RUNNING' });
  await beat(world, id);
  world.advance(180);
  await beat(world, id);
  for (let seconds = 0; seconds < 530; seconds += 10) {
    assert.equal(await services.tick(world.now()), 0, `after ${seconds} s`);
    world.advance(10);
  }
  world.advance(20);
  assert.equal(await services.tick(world.now()), 1);
  const state = await stateOf(world, id);
  assert.match(
    state?.message ?? '',
    /^Its client has sent no heartbeat for 9 min.*: the last one came at .*Then ran: "hold" \(since/,
  );
  assert.equal(state?.type, 'CRASHED');
  assert.equal((await world.use.readTaskRun(task.id))?.state.type, 'CRASHED');
  assert.equal(await services.tick(world.now()), 0);
});

test('one heartbeat: after the time that is set; none: never, and that is said', async () => {
  const world = openWorld();
  const services = new SilentRuns(world.use, 300);
  const [once, never] = [await running(world), await running(world)];
  await beat(world, once);
  world.advance(299);
  assert.equal(await services.tick(world.now()), 0);
  world.advance(2);
  assert.equal(await services.tick(world.now()), 1);
  assert.equal((await stateOf(world, once))?.type, 'CRASHED');
  world.advance(1e6);
  assert.equal(await services.tick(world.now()), 0);
  const why = await world.use.explainRun(never);
  assert.match(JSON.stringify(why), /sends no heartbeats: whether its process is still there is not known here/);
  assert.match(
    why?.next ?? '',
    /^It ends when its client says so\. If its process is gone, say so: `ostinato flow-run mark \S+ crashed`\.$/,
  );
});

test('one that was being cancelled is Cancelled; those of our processes are left to their processes', async () => {
  const world = openWorld();
  const services = new SilentRuns(world.use, 100);
  const asked = await running(world);
  await beat(world, asked);
  await world.use.cancelFlowRun(asked);
  assert.match(
    (await world.use.explainRun(asked))?.next ?? '',
    /^Its runner or worker may stop it\. Else the server marks it Cancelled .* --force`\.$/,
  );
  const own = await world.use.createFlowRun({ ...world.request(), processId: await world.start() });
  await world.use.setFlowRunState({ id: own.id, state: { type: 'RUNNING' }, leaseToken: 1 });
  await beat(world, own.id);
  world.advance(200);
  assert.equal(await services.tick(world.now()), 1);
  assert.equal((await stateOf(world, asked))?.type, 'CANCELLED');
  assert.equal((await stateOf(world, own.id))?.type, 'RUNNING');
});
