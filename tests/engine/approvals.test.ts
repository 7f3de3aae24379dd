/** Questions that a flow asks of people: answered, reminded of, due, and over crashes of the process that waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from 'zod';

import { approval, flow, task } from '../../src/index.ts';
import type { ApprovalAnswer } from '../../src/core/approval.ts';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

interface Place {
  readonly flowRunId: FlowRunId;
  readonly id: TaskRunId;
}

const approvalsIn = (world: TestWorld) => world.ports.client.control.approvals;

/** Waits until the question is on record. */
async function asked(world: TestWorld, title: string): Promise<Place> {
  let found: Place | undefined;
  await world.until(async () => {
    const run = (await world.taskRuns()).find(({ name }) => name === `approval: ${title}`);
    if (run === undefined || run.flowRunId === null) return false;
    found = { flowRunId: run.flowRunId, id: run.id };
    return (await approvalsIn(world).read(found)).request !== null;
  }, `The question ${title}`);
  return found as Place;
}

async function answer(world: TestWorld, place: Place, value: unknown, by = 'ana'): Promise<boolean> {
  const given: ApprovalAnswer = {
    value: typeof value === 'string' ? value : JSON.stringify(value),
    by,
    via: 'cli',
    at: world.clock.now(),
  };
  return await approvalsIn(world).answer(place, given);
}

test('a question is answered, by the form it has; the answer is on record with who gave it', async () => {
  await using world = await createTestWorld();
  const run = flow(
    async () => [
      await approval({ title: 'plain?' }),
      await approval({ title: 'form?', form: z.object({ days: z.number().max(9), note: z.string().default('-') }) }),
    ],
    { name: 'run' },
  );
  const running = world.enter(() => run());
  assert.equal(await answer(world, await asked(world, 'plain?'), { approved: true, comment: 'fine' }), true);
  assert.equal(await answer(world, await asked(world, 'form?'), { days: 3 }), true);
  assert.deepEqual(await running, [
    { approved: true, comment: 'fine' },
    { days: 3, note: '-' },
  ]);
  const { state } = await world.taskRun('approval: plain?');
  assert.deepEqual([state.name, state.message], ['Answered', 'Answered by ana (cli).']);
});

test('of two answers the first counts; one that does not fit is taken back and another is waited for', async () => {
  await using world = await createTestWorld();
  const run = flow(() => approval({ title: 'q' }), { name: 'run' });
  const running = world.enter(() => run());
  const place = await asked(world, 'q');
  for (const odd of [
    'not json',
    '{"approved":"yes"}',
    '[]',
    'null',
    '{"approved":true,"more":1}',
    '12345678901234567890',
  ]) {
    assert.equal(await answer(world, place, odd), true, odd);
    await world.until(async () => (await approvalsIn(world).read(place)).answer === null, odd);
  }
  assert.deepEqual(
    await Promise.all([answer(world, place, { approved: true }), answer(world, place, { approved: false }, 'ben')]),
    [true, false],
  );
  assert.deepEqual(await running, { approved: true });
  assert.equal(await answer(world, place, { approved: false }, 'ben'), false);
});

test('numbers of an answer are kept to the last digit', async () => {
  await using world = await createTestWorld();
  const run = flow(() => approval({ title: 'q', form: z.object({ id: z.bigint() }) }), { name: 'run' });
  const running = world.enter(() => run());
  await answer(world, await asked(world, 'q'), '{"id":1234567890123456789}');
  assert.deepEqual(await running, { id: 1234567890123456789n });
});

test('nobody answers: the default at the due time, or a failure', async () => {
  await using world = await createTestWorld();
  const run = flow(
    async () => {
      const given = await approval({ title: 'with', due: '2h', default: { approved: false } });
      const late = await approval({ title: 'without', due: 60 }).catch((error: unknown) => String(error));
      return [given, late];
    },
    { name: 'run' },
  );
  const began = world.clock.now();
  assert.deepEqual(await world.run(() => run()), [
    { approved: false },
    'OstinatoError: Nobody answered "without" in time.',
  ]);
  const hours = (world.clock.now() - began) / 3.6e9;
  assert.ok(hours > 2 && hours < 2.1, String(hours));
  const { state } = await world.taskRun('approval: with');
  assert.deepEqual([state.name, state.message], ['Defaulted', 'Nobody answered in time: the default was taken.']);
  const place = await asked(world, 'without');
  assert.equal(await answer(world, place, { approved: true }), false);
});

test('a due time that is past already, and a reminder at each interval until then', async () => {
  await using world = await createTestWorld();
  const run = flow(
    async () => [
      await approval({ title: 'past', due: new Date(0), default: { approved: true } }),
      await approval({ title: 'reminded', due: '2h', reminder: '30m', default: { approved: true } }),
    ],
    { name: 'run' },
  );
  await world.run(() => run());
  const place = await asked(world, 'reminded');
  assert.equal((await approvalsIn(world).read(place)).reminded, 3);
});

test('a process that waits dies: the answer that came meanwhile is taken, the question not asked again', async () => {
  await using world = await createTestWorld();
  let asks = 0;
  const before = task(() => (asks += 1), { name: 'before' });
  const run = flow(
    async () => {
      await before();
      return [await approval({ title: 'q', due: '1h', default: { approved: false } }), asks];
    },
    { name: 'run' },
  );
  const running = world.run(() => run());
  const place = await asked(world, 'q');
  const { request } = await approvalsIn(world).read(place);
  world.crash();
  await assert.rejects(running, /crashed/);
  assert.equal(await answer(world, place, { approved: true }), true);
  world.restart();
  assert.deepEqual(await world.retry(run), [{ approved: true }, 1]);
  assert.deepEqual((await approvalsIn(world).read(place)).request, request);
  assert.equal((await world.taskRun('approval: q')).id, place.id);
});

test('the due time of the first asking counts, however often the process dies', async () => {
  await using world = await createTestWorld();
  const run = flow(() => approval({ title: 'q', due: '1h', default: { approved: false } }), { name: 'run' });
  const running = world.run(() => run());
  const place = await asked(world, 'q');
  const due = (await approvalsIn(world).read(place)).request?.due ?? 0;
  world.crash();
  await assert.rejects(running, /crashed/);
  await world.clock.advance(3 * 3600);
  const now = world.clock.now();
  assert.ok(now > due);
  world.restart();
  assert.deepEqual(await world.retry(run), { approved: false });
  assert.ok(world.clock.now() - now < 60e6);
});

test('several questions at once hold no slot, and a cancelled flow waits for none', async () => {
  await using world = await createTestWorld();
  const work = task((n: number) => n * 2, { name: 'work' });
  const run = flow(
    async () => {
      const waits = Array.from({ length: 30 }, (_, n) => approval({ title: `q${n}` }));
      await work(1);
      return await Promise.all(waits);
    },
    { name: 'run' },
  );
  const running = world.enter(() => run());
  await asked(world, 'q29');
  await world.until(async () =>
    (await world.taskRuns()).some(({ taskName, state }) => taskName === 'work' && state.type === 'COMPLETED'),
  );
  await world.ports.client.cancelFlowRun((await world.flowRun('run')).id);
  await world.clock.advance(3);
  assert.equal((await running.wait()).type, 'CANCELLED');
  assert.equal((await world.taskRun('approval: q3')).state.type, 'CANCELLED');
});

test('what makes no sense is refused before anybody is asked', async () => {
  await using world = await createTestWorld();
  const refused = async (options: object, why: RegExp): Promise<void> => {
    await assert.rejects(
      world.run(() => flow(() => approval(options as never), { name: 'refused' })()),
      why,
    );
  };
  await refused({}, /title of an approval must be a text/);
  await refused({ title: ' ' }, /title of an approval/);
  await refused({ title: 'x'.repeat(301) }, /title of an approval/);
  await refused({ title: 'q', due: 'tomorrow' }, /due time of approval "q" is "tomorrow"/);
  await refused({ title: 'q', due: '1h and more' }, /due time/);
  await refused({ title: 'q', due: 0 }, /due time/);
  await refused({ title: 'q', due: new Date('x') }, /valid Date/);
  await refused({ title: 'q', reminder: -1 }, /reminder of approval/);
  await refused({ title: 'q', to: 'ops' }, /option to .* a list of texts/);
  await refused({ title: 'q', remind: 1 }, /option remind of approval "q" is not known/);
  await refused({ title: 'q', default: { approved: 1 } }, /default of approval "q" does not fit its form: approved/);
  await refused({ title: 'q', form: 7 }, /option form .* Standard Schema/);
  await assert.rejects(
    world.run(() => approval({ title: 'q' })),
    /outside the body of a flow/,
  );
  const inside = task(() => approval({ title: 'q' }), { name: 'inside' });
  await assert.rejects(
    world.run(() => flow(() => inside(), { name: 'outer' })()),
    /outside the body of a flow/,
  );
});
