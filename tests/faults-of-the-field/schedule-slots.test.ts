/** Faults that users of other orchestrators have reported of their schedules, each by the name of its report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from '../../src/api/fixtures/api-under-test.ts';
import type { DeploymentId } from '../../src/core/ids.ts';
import type { Instant } from '../../src/core/time.ts';
import { createClock } from '../../src/platform/clock.ts';
import { healSchedules, tickScheduler } from '../../src/services/scheduler.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Slot {
  readonly nominal: string;
  readonly fold: number;
  readonly due: string;
  readonly through: string | null;
  readonly outcome: string | null;
  readonly reason: string;
  readonly flow_run_id: string | null;
}

interface History {
  readonly slots: readonly Slot[];
  readonly schedules: readonly { written_seconds: number | null; effective_seconds: number | null }[];
}

const HALF_HOURLY = { interval: 1800, anchor_date: '2026-01-01T00:00:00Z' };

async function deploy(api: ApiUnderTest, schedules: readonly unknown[], name = 'daily'): Promise<string> {
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const made = await api.post('/deployments/', { name, flow_id: flow['id'], schedules });
  return String((made.body as Fields)['id']);
}

async function scheduleOf(api: ApiUnderTest, id: string): Promise<string> {
  const [schedule] = (await api.get(`/deployments/${id}/schedules`)).body as readonly Fields[];
  return String(schedule?.['id']);
}

/** The last first. */
async function history(api: ApiUnderTest, id: string, ask: Fields = {}): Promise<History> {
  const { status, body } = await api.post(`/deployments/${id}/slots/filter`, ask);
  assert.equal(status, 200);
  return body as History;
}

async function runs(api: ApiUnderTest): Promise<readonly Fields[]> {
  return (await api.post('/flow_runs/filter', { sort: 'EXPECTED_START_TIME_ASC' })).body as readonly Fields[];
}

/** Every due date has one entry. */
function assertOnceEach(slots: readonly Slot[], seconds: number): void {
  const due = slots.map((slot) => Date.parse(slot.due)).sort((a, b) => a - b);
  assert.equal(new Set(due).size, due.length, 'none twice');
  for (const [index, time] of due.entries())
    if (index > 0) assert.equal(time - Number(due[index - 1]), seconds * 1000, `none missing before ${String(time)}`);
}

async function tickFor(api: ApiUnderTest, seconds: number, step = 300): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    api.advance(step);
    await tickScheduler(api.useCases);
  }
}

test('Prefect #18523: one slot never has two runs, whoever makes runs ahead, as often as it is tried', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: HALF_HOURLY }]);
    await tickScheduler(api.useCases);
    for (let time = 0; time < 3; time += 1) {
      // Each takes back what was made ahead and makes it anew; a range on demand names the same slots.
      await api.send('PATCH', `/deployments/${id}`, { tags: [`t${time}`] });
      await Promise.all([tickScheduler(api.useCases), tickScheduler(api.useCases)]);
      await api.post(`/deployments/${id}/schedule`, {});
    }
    const times = (await runs(api)).map((run) => run['expected_start_time']);
    assert.equal(times.length, 3);
    assert.equal(new Set(times).size, 3);
  }));

test('Prefect #7381: where clocks go back an hour, every local time runs once, and its slot says which it was', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: { cron: '30 * * * *', timezone: 'Europe/Berlin' } }]);
    const fold = (await history(api, id)).slots;
    assert.deepEqual(fold, []);
    const range = { start_time: '2026-10-24T22:00:00Z', end_time: '2026-10-25T04:00:00Z', min_runs: 100 };
    for (let time = 0; time < 2; time += 1) await api.post(`/deployments/${id}/schedule`, range);
    const { slots } = await history(api, id);
    assert.deepEqual(slots.map(({ nominal, fold: second }) => `${nominal}/${second}`).toReversed(), [
      '2026-10-25T00:30:00/0',
      '2026-10-25T01:30:00/0',
      '2026-10-25T02:30:00/0',
      '2026-10-25T03:30:00/0',
      '2026-10-25T04:30:00/0',
    ]);
    assert.equal((await runs(api)).length, 5);
  }));

test('Dagster #13597: past ticks of a cron that was edited never fire', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: { cron: '0 0 1 1 *' } }]);
    await tickScheduler(api.useCases);
    api.advance(6 * 3600);
    const edited = api.now();
    const schedule = await scheduleOf(api, id);
    await api.send('PATCH', `/deployments/${id}/schedules/${schedule}`, { schedule: { cron: '*/10 * * * *' } });
    await tickScheduler(api.useCases);
    const { slots } = await history(api, id);
    assert.ok(slots.length > 2);
    for (const slot of slots) assert.ok(Date.parse(slot.due) * 1000 >= edited, `${slot.due} is before the change`);
    for (const run of await runs(api)) assert.ok(Date.parse(String(run['expected_start_time'])) * 1000 >= edited);
  }));

test('Dagster PR #14555: runs that are deleted, and history that is gone, never fire again', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: HALF_HOURLY }]);
    await tickFor(api, 4 * 3600);
    const before = await runs(api);
    for (const run of before) await api.send('DELETE', `/flow_runs/${String(run['id'])}`);
    await tickScheduler(api.useCases);
    await api.send('PATCH', `/deployments/${id}`, { tags: ['changed'] });
    await tickScheduler(api.useCases);
    const gone = new Set(before.map((run) => run['expected_start_time']));
    for (const run of await runs(api)) assert.ok(!gone.has(run['expected_start_time']));
    const { slots } = await history(api, id);
    assertOnceEach(slots, 1800);
    assert.ok(slots.some(({ reason }) => reason === 'Its run was deleted.'));
  }));

test('Temporal #6820, #8087: every slot of a schedule ends in one outcome, also of hours without a server', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: HALF_HOURLY }]);
    await tickFor(api, 2 * 3600);
    api.advance(7 * 3600);
    await tickFor(api, 3 * 3600);
    const { slots } = await history(api, id);
    assertOnceEach(slots, 1800);
    const missed = slots.filter(({ outcome }) => outcome === 'expired');
    assert.ok(missed.length >= 10, `${missed.length}`);
    assert.deepEqual(
      new Set(missed.map(({ reason }) => reason)),
      new Set(['No server was there to make its run in time.']),
    );
    assert.ok(missed.every(({ flow_run_id: run }) => run === null));
  }));

test('Kestra #14349, #14060: slots of a pause are told as held, and what was late when it began, too', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: HALF_HOURLY }]);
    await tickFor(api, 2 * 3600);
    await api.post(`/deployments/${id}/pause_deployment`);
    await tickFor(api, 5 * 3600);
    await api.post(`/deployments/${id}/resume_deployment`);
    await tickScheduler(api.useCases);
    const { slots } = await history(api, id);
    assertOnceEach(slots, 1800);
    const held = slots.filter(({ outcome }) => outcome === 'held');
    assert.equal(held.length, 14, 'four that nobody took, and ten of the pause');
    assert.deepEqual(
      new Set(held.map(({ reason }) => reason)),
      new Set([
        'The deployment was paused, or its schedule was not active.',
        'The deployment was paused before a worker began its run.',
      ]),
    );
  }));

test('a pause of a year of a schedule of each second is told in a bounded number of entries', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: { interval: 1, anchor_date: '2026-01-01T00:00:00Z' } }]);
    await tickScheduler(api.useCases);
    await api.post(`/deployments/${id}/pause_deployment`);
    api.advance(365 * 86_400);
    await api.post(`/deployments/${id}/resume_deployment`);
    await tickScheduler(api.useCases);
    const told = await api.storage.listSlots(id as Parameters<typeof api.storage.listSlots>[0], {
      before: api.now(),
      limit: 10_000,
    });
    assert.ok(told.length > 500 && told.length <= 1001, `${told.length}`);
    const [many] = told.filter(({ slot }) => slot.through !== null);
    assert.equal(many?.slot.outcome, 'held');
  }));

test('Hatchet #1101, Prefect PR #20699: two equal crons are two schedules, each with its own slots', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: { cron: '0 * * * *' } }, { schedule: { cron: '0 * * * *' } }]);
    await tickScheduler(api.useCases);
    const { slots, schedules } = await history(api, id);
    assert.equal(schedules.length, 2);
    assert.equal(slots.length, 2 * new Set(slots.map(({ due }) => due)).size);
    assert.equal((await runs(api)).length, slots.length);
  }));

test('Windmill PR #10174: a schedule that is enabled and has nothing armed is mended, and it is told', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [
      { schedule: HALF_HOURLY },
      { schedule: { rrule: 'DTSTART:20260101T000000\nRRULE:FREQ=DAILY;COUNT=3' } },
    ]);
    await tickScheduler(api.useCases);
    const events = async () =>
      (await api.storage.readEvents({ afterSeq: 0, limit: 100 })).filter(({ name }) => name.endsWith('.rearmed'));
    assert.equal(await healSchedules(api.useCases, createClock()), 0, 'one is armed, one is at its end');
    for (const broken of [{ dueAt: null }, { dueAt: (api.now() + 1e15) as Instant }]) {
      await api.storage.changeDeployment({ id: id as DeploymentId }, ({ found }) => ({
        takenBack: { autoScheduledOnly: true, at: api.now(), past: { outcome: 'cancelled', reason: 'lost' } },
        schedules: found?.schedules.map((one) => (one.dueAt === null ? one : { ...one, ...broken })) ?? [],
        answer: null,
      }));
      assert.equal((await runs(api)).length, 0);
      assert.equal(await tickScheduler(api.useCases), 0, 'by itself it would rest for ever');
      assert.equal(await healSchedules(api.useCases, createClock()), 1);
      assert.equal(await tickScheduler(api.useCases), 1);
      assert.equal((await runs(api)).length, 3);
    }
    assert.equal((await events()).length, 2);
    assert.equal(await healSchedules(api.useCases, createClock()), 0);
  }));

test('Windmill #10844: the cadence that a schedule has is told beside the one that is written', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, [{ schedule: HALF_HOURLY }]);
    await tickScheduler(api.useCases);
    for (let slot = 0; slot < 9; slot += 1) {
      await tickFor(api, 1800);
      const [late] = (await runs(api)).filter((run) => (run['state_type'] as string) === 'SCHEDULED');
      // Two of three are taken away by hand before their time.
      if (slot % 3 === 0)
        await api.post(`/flow_runs/${String(late?.['id'])}/set_state`, { state: { type: 'PENDING' } });
      else await api.post(`/flow_runs/${String(late?.['id'])}/set_state`, { state: { type: 'CANCELLED' } });
    }
    const { schedules, slots } = await history(api, id, { before: new Date(api.now() / 1000).toISOString() });
    assert.deepEqual([schedules[0]?.written_seconds, schedules[0]?.effective_seconds], [1800, 5400]);
    assert.ok(slots.some(({ outcome }) => outcome === 'cancelled'));
  }));
