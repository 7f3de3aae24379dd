/** Jitter, start, end and exclusions of schedules: told by the API, kept by the scheduler; each slot has its entry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tickScheduler } from '../services/scheduler.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

type Fields = Readonly<Record<string, unknown>>;

const HOUR = 3600;
const HOURLY = { interval: HOUR, anchor_date: '2026-01-01T00:00:00Z' };
const text = (api: ApiUnderTest, hours: number): string =>
  new Date(api.now() / 1000 + hours * HOUR * 1000).toISOString().slice(0, 19);

async function deploy(api: ApiUnderTest, rules: (at: (hours: number) => string) => Fields): Promise<string> {
  // A quarter past the hour.
  api.advance(HOUR - ((api.now() / 1_000_000) % HOUR) + 900);
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const schedules = [{ schedule: HOURLY, catch_up: 'all', ...rules((hours) => text(api, hours)) }];
  const made = await api.post('/deployments/', { name: 'daily', flow_id: flow['id'], schedules });
  assert.equal(made.status, 201, made.text);
  await tickScheduler(api.useCases);
  return String((made.body as Fields)['id']);
}

async function tickFor(api: ApiUnderTest, hours: number): Promise<void> {
  for (let passed = 0; passed < hours * HOUR; passed += 900) {
    api.advance(900);
    await tickScheduler(api.useCases);
  }
}

/** Those that are due, the first first. */
async function slots(api: ApiUnderTest, id: string): Promise<readonly Fields[]> {
  const before = new Date(api.now() / 1000).toISOString();
  const { slots: found } = (await api.post(`/deployments/${id}/slots/filter`, { before })).body as { slots: Fields[] };
  return found.toReversed();
}

async function schedule(api: ApiUnderTest, id: string): Promise<Fields> {
  const [first] = (await api.get(`/deployments/${id}/schedules`)).body as readonly Fields[];
  return first ?? {};
}

const outcomes = async (api: ApiUnderTest, id: string) =>
  (await slots(api, id)).map(({ outcome }) => outcome ?? 'open');

for (const way of ['the server looks all the while', 'an outage'] as const)
  test(`slots that are left out are skipped, with why, when ${way}`, () =>
    withApi({}, async (api) => {
      const id = await deploy(api, (at) => ({
        exclusions: [{ from: at(1.5), to: at(3.5), name: 'closed', calendar: 'x.ics' }],
      }));
      if (way === 'an outage') {
        api.advance(6 * HOUR);
        await tickScheduler(api.useCases);
      } else await tickFor(api, 6);
      assert.deepEqual(await outcomes(api, id), ['open', 'skipped', 'skipped', 'open', 'open', 'open']);
      const [, skipped] = await slots(api, id);
      assert.match(String(skipped?.['reason']), /^It is left out: closed \(20.*, x\.ics\)\.$/);
      assert.equal(skipped?.['flow_run_id'], null);
      const runs = (await api.post('/flow_runs/filter', {})).body as readonly Fields[];
      assert.ok(runs.length >= 5);
    }));

test('what is left out no more runs again; nothing is made twice', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, (at) => ({ exclusions: [{ from: at(0), to: at(3) }] }));
    await tickFor(api, 1);
    const { id: scheduleId } = await schedule(api, id);
    await api.send('PATCH', `/deployments/${id}/schedules/${String(scheduleId)}`, { exclusions: [] });
    await tickFor(api, 3);
    assert.deepEqual(await outcomes(api, id), ['skipped', 'open', 'open', 'open']);
    assert.equal((await schedule(api, id))['exclusions'], undefined);
  }));

test('a schedule that leaves out all that is ahead is not mended', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, (at) => ({ exclusions: [{ from: at(0), to: at(30) }] }));
    await tickFor(api, 3);
    assert.equal((await api.useCases.healSchedules(null)).mended, 0);
    assert.deepEqual(await outcomes(api, id), ['skipped', 'skipped', 'skipped']);
  }));

test('no slot before the start, none behind the end', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, (at) => ({ start: at(2), end: at(4) }));
    await tickFor(api, 8);
    assert.deepEqual(await outcomes(api, id), ['open', 'open']);
    const { start, end } = await schedule(api, id);
    assert.equal(typeof start, 'string');
    assert.equal(typeof end, 'string');
  }));

test('with jitter a run is expected later, its slot keeps its nominal time, and the same jitter comes again', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, () => ({ jitter: HOUR / 2 }));
    await tickFor(api, 6);
    const found = await slots(api, id);
    for (const { nominal, due } of found) {
      const late = (Date.parse(String(due)) - Date.parse(`${String(nominal)}Z`)) / 1000;
      assert.ok(late >= 0 && late < HOUR / 2, `${late}`);
    }
    assert.ok(found.some(({ nominal, due }) => Date.parse(String(due)) !== Date.parse(`${String(nominal)}Z`)));
    const runs = (await api.post('/flow_runs/filter', {})).body as readonly Fields[];
    const expected = runs.map((run) => Date.parse(String(run['expected_start_time'])));
    for (const { due } of found) assert.ok(expected.includes(Date.parse(String(due))));
    await api.post(`/deployments/${id}/pause_deployment`);
    await api.post(`/deployments/${id}/resume_deployment`);
    await tickFor(api, 3);
    const nominals = (await slots(api, id)).map(({ nominal }) => nominal);
    assert.equal(new Set(nominals).size, nominals.length);
    assert.equal((await schedule(api, id))['jitter'], HOUR / 2);
  }));

test('rules that cannot be are refused, and nothing is made', () =>
  withApi({}, async (api) => {
    const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
    const days = Array.from({ length: 10_000 }, () => ({ from: '2026-12-24' }));
    for (const rules of [
      { jitter: -1 },
      { jitter: 2 * HOUR },
      { start: '2026-06-02', end: '2026-06-01' },
      { end: 'soon' },
      { exclusions: days },
      { exclusions: [{ from: '2026-02-30' }] },
      { exclusions: [{ from: 5 }] },
    ]) {
      const body = { name: 'daily', flow_id: flow['id'], schedules: [{ schedule: HOURLY, ...rules }] };
      const answer = await api.post('/deployments/', body);
      assert.equal(answer.status, 422, `${JSON.stringify(rules).slice(0, 60)}: ${answer.text.slice(0, 200)}`);
    }
    assert.deepEqual((await api.post('/deployments/filter', {})).body, []);
  }));

test('an update that says nothing of it leaves it; null takes start, end and lateness away', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, (at) => ({ start: at(1), end: at(90), jitter: 60, max_lateness: 90 }));
    const before = await schedule(api, id);
    const patch = (body: Fields) => api.send('PATCH', `/deployments/${id}/schedules/${String(before['id'])}`, body);
    await patch({ parameters: {} });
    assert.deepEqual({ ...(await schedule(api, id)), updated: null }, { ...before, updated: null });
    await patch({ start: null, end: null, max_lateness: null, jitter: 0 });
    const { start, end, jitter, max_lateness: lateness, catch_up: catchUp } = await schedule(api, id);
    assert.deepEqual([start, end, jitter, lateness, catchUp], [undefined, undefined, undefined, null, 'all']);
  }));

test('schedules of clients of Prefect are told as Prefect tells them', () =>
  withApi({}, async (api) => {
    const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
    const made = await api.post('/deployments/', { name: 'p', flow_id: flow['id'], schedules: [{ schedule: HOURLY }] });
    const [only] = (made.body as { schedules: readonly Fields[] }).schedules;
    assert.deepEqual(Object.keys(only ?? {}).toSorted(), [
      'active',
      'created',
      'deployment_id',
      'id',
      'max_scheduled_runs',
      'parameters',
      'schedule',
      'slug',
      'updated',
    ]);
  }));

/** What was told of slots. */
async function slotEvents(api: ApiUnderTest): Promise<readonly Fields[]> {
  const filter = { event: { prefix: ['ostinato.schedule-slot.'] }, order: 'ASC' };
  return ((await api.post('/events/filter', { filter })).body as { readonly events: readonly Fields[] }).events;
}

test('each slot that ends without a run is told once, with why; one that is left out by plan is not', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, (at) => ({
      catch_up: 'none',
      exclusions: [{ from: at(1.5), to: at(2.5), name: 'closed' }],
    }));
    api.advance(5 * HOUR);
    await tickScheduler(api.useCases);
    api.advance(900);
    await tickScheduler(api.useCases);
    const ended = (await slots(api, id)).filter(({ outcome, reason }) => outcome && !String(reason).includes('closed'));
    assert.ok(ended.length >= 3, JSON.stringify(ended));
    const told = await slotEvents(api);
    assert.deepEqual(
      told.map(({ event, payload }) => `${String(event)} ${String((payload as Fields)['due'])}`).toSorted(),
      ended.map(({ outcome, due }) => `ostinato.schedule-slot.${String(outcome)} ${String(due)}`).toSorted(),
    );
    const { related, payload } = told[0] as { related: readonly Fields[]; payload: Fields };
    assert.equal(related[0]?.['prefect.resource.id'], `prefect.deployment.${id}`);
    assert.notEqual(payload['reason'], '');
  }));
