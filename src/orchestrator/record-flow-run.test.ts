/** What a process decided while it could not reach us: recorded as it was, once, and only for its own runs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { StateId } from '../core/ids.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import { stampState, type ProposedState } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import { openWorld } from './fixtures/world.ts';

/** The run as its process moved it by itself. */
function moved(run: FlowRun, proposed: ProposedState, id: string): FlowRun {
  return applyToFlowRun(run, stampState(proposed, id as StateId, (run.state.timestamp + 1000) as Instant));
}

const idOf = (digit: number): string => `01975300-0000-7000-8000-00000000a00${digit}`;

async function begun() {
  const world = openWorld();
  const process = await world.start();
  const made = await world.use.createFlowRun(world.request({ processId: process }));
  const { run } = await world.use.setFlowRunState({ id: made.id, state: { type: 'RUNNING' }, leaseToken: 1 });
  const states = async (): Promise<readonly string[]> =>
    (await world.use.listFlowRunStates(run.id)).map(({ name }) => name);
  return { world, process, run, states };
}

test('a run that we never heard of: all of it, with its own times, however often it is told', async () => {
  const { world, run, process } = await begun();
  const unheard: FlowRun = {
    ...run,
    id: idOf(9) as FlowRun['id'],
    flowName: 'other',
    state: stampState({ type: 'PENDING' }, idOf(1) as StateId, run.createdAt),
    runCount: 0,
    startTime: null,
  };
  const running = moved(unheard, { type: 'RUNNING' }, idOf(2));
  const done = moved(running, { type: 'COMPLETED', data: null }, idOf(3));
  for (let time = 0; time < 2; time += 1) {
    await world.use.recordFlowRun(unheard, [unheard.state]);
    await world.use.recordFlowRun(running, [running.state]);
    await world.use.recordFlowRun(done, [running.state, done.state]);
  }
  const recorded = await world.use.readFlowRun(unheard.id);
  assert.deepEqual(
    [recorded?.state, recorded?.runCount, recorded?.startTime, recorded?.endTime, recorded?.lease?.processId],
    [done.state, 1, running.state.timestamp, done.state.timestamp, process],
  );
  assert.deepEqual(
    (await world.use.listFlowRunStates(unheard.id)).map(({ id }) => id),
    [idOf(1), idOf(2), idOf(3)],
  );
});

test('a state that arrived, and whose answer did not, is not entered again', async () => {
  const { world, run, states } = await begun();
  const mark = { details: { transitionId: 'mark' } };
  await world.use.setFlowRunState({ id: run.id, state: { type: 'COMPLETED', data: null, ...mark }, leaseToken: 1 });
  const done = moved(run, { type: 'COMPLETED', data: null, ...mark }, idOf(1));
  await world.use.recordFlowRun(done, [done.state]);
  assert.deepEqual(await states(), ['Pending', 'Running', 'Completed']);
});

test('what has happened stands, though somebody asked to cancel it meanwhile', async () => {
  const { world, run, states } = await begun();
  await world.use.setFlowRunState({ id: run.id, state: { type: 'CANCELLING' } });
  const done = moved(run, { type: 'COMPLETED', data: null }, idOf(1));
  await world.use.recordFlowRun(done, [done.state]);
  assert.deepEqual((await states()).at(-1), 'Completed');
});

test('a run that was taken for lost belongs to its process again when that is heard', async () => {
  const { world, process, run, states } = await begun();
  world.kill(process);
  await world.use.reapLostRuns();
  assert.equal((await world.use.readFlowRun(run.id))?.state.type, 'CRASHED');
  await world.use.recordFlowRun(run, []);
  const back = await world.use.readFlowRun(run.id);
  assert.deepEqual([back?.state.type, back?.lease, back?.runCount, back?.endTime], ['RUNNING', run.lease, 1, null]);
  assert.deepEqual(await states(), ['Pending', 'Running', 'Crashed', 'Running']);
  await world.use.recordFlowRun(run, []);
  assert.equal((await states()).length, 4, 'it is alive, which is known now');
});

test("a run that another process went on with is that process's", async () => {
  const { world, process, run, states } = await begun();
  const second = await world.start();
  world.kill(process);
  await world.use.resumeFlowRun({ id: run.id, processId: second });
  const before = await states();
  const done = moved(run, { type: 'COMPLETED', data: null }, idOf(1));
  await assert.rejects(
    async () => await world.use.recordFlowRun(done, [done.state]),
    (error) => OstinatoError.is(error) && error.code === 'lease-lost',
  );
  assert.deepEqual(await states(), before);
});

test('two runs with one key: both have happened, and the first keeps the key', async () => {
  const { world, process, run } = await begun();
  const first = await world.use.createFlowRun(
    world.request({ flowName: run.flowName, id: idOf(7) as FlowRun['id'], idempotencyKey: 'once' }),
  );
  const pending = stampState({ type: 'PENDING' }, idOf(1) as StateId, run.createdAt);
  const second: FlowRun = {
    ...run,
    id: idOf(8) as FlowRun['id'],
    idempotencyKey: 'once',
    state: pending,
    runCount: 0,
    lease: { processId: process, token: 1 },
  };
  await world.use.recordFlowRun(second, [pending]);
  assert.equal((await world.use.readFlowRun(first.id))?.idempotencyKey, 'once');
  assert.equal((await world.use.readFlowRun(second.id))?.idempotencyKey, null);
});

test('a run that was lost with its database is told anew, with the states that were told before', async () => {
  const { world, run, process } = await begun();
  const other = openWorld();
  const states = await world.use.listFlowRunStates(run.id);
  for (let time = 0; time < 2; time += 1) await other.use.recordFlowRun(run, states);
  const there = await other.use.readFlowRun(run.id);
  assert.deepEqual(
    [there?.state, there?.lease?.processId, there?.runCount, there?.name],
    [run.state, process, 1, run.name],
  );
  assert.deepEqual(await other.use.listFlowRunStates(run.id), states);
});

test('a run that is known, and was told more since, gets what is missing', async () => {
  const { world, run } = await begun();
  const other = openWorld();
  const states = await world.use.listFlowRunStates(run.id);
  await other.use.recordFlowRun(
    { ...run, state: states[0] as FlowRun['state'], runCount: 0, startTime: null },
    states.slice(0, 1),
  );
  assert.equal((await other.use.readFlowRun(run.id))?.state.type, 'PENDING');
  await other.use.recordFlowRun(run, states);
  const there = await other.use.readFlowRun(run.id);
  assert.deepEqual([there?.state, there?.runCount, there?.startTime], [run.state, 1, run.startTime]);
});

test('what came before an end that was told already is history: it does not open the run again', async () => {
  const { world, run, states } = await begun();
  await world.use.setFlowRunState({ id: run.id, state: { type: 'COMPLETED', data: null }, leaseToken: 1 });
  const unheard = stampState(
    { type: 'RUNNING', name: 'Retrying' },
    idOf(1) as StateId,
    (run.state.timestamp + 1) as Instant,
  );
  await world.use.recordFlowRun({ ...run, state: unheard }, [run.state, unheard]);
  assert.equal((await world.use.readFlowRun(run.id))?.state.type, 'COMPLETED');
  assert.equal((await states()).length, 4);
});

test('a run that was deleted meanwhile stays deleted', async () => {
  const { world, run } = await begun();
  await world.use.deleteFlowRun(run.id);
  const done = moved(run, { type: 'COMPLETED', data: null }, idOf(1));
  await world.use.recordFlowRun(run, []);
  await world.use.recordFlowRun(done, [done.state]);
  await world.use.recordFlowRun(run, [{ ...run.state, timestamp: run.createdAt }, run.state]);
  assert.equal(await world.use.readFlowRun(run.id), null);
});
