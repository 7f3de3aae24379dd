/** Automations on the time that a run is in a state, and on figures of runs: what is taken, and what they do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashText } from '../platform/hash.ts';
import { actOnDue } from './fixtures/acted.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { fields, flowId, type Fields } from './fixtures/deployed.ts';

const NOTHING = [{ type: 'do-nothing' }];

async function create(api: ApiUnderTest, trigger: unknown, more: Fields = {}) {
  return await api.post('/automations/', { name: 'watch', trigger, actions: NOTHING, ...more });
}

async function kept(api: ApiUnderTest, trigger: unknown): Promise<Fields> {
  const answer = await create(api, trigger);
  assert.equal(answer.status, 201, answer.text);
  const { id: _, ...read } = fields(answer)['trigger'] as Fields;
  return read;
}

/** Places and words of what is wrong. */
async function refused(api: ApiUnderTest, trigger: unknown): Promise<readonly string[]> {
  const answer = await create(api, trigger);
  assert.equal(answer.status, 422, answer.text);
  return (fields(answer)['exception_detail'] as readonly { readonly loc: readonly unknown[]; readonly msg: string }[])
    .map(({ loc, msg }) => `${loc.slice(2).join('.')}: ${msg}`)
    .toSorted();
}

const METRIC = { name: 'lateness', operator: '>', threshold: 60 };

test('a metric trigger is kept with the defaults of Prefect', () =>
  withApi({}, async (api) => {
    const whole = {
      type: 'metric',
      match: {},
      match_related: {},
      posture: 'Metric',
      metric: { ...METRIC, range: 300, firing_for: 300 },
    };
    assert.deepEqual(await kept(api, { type: 'metric', metric: METRIC }), whole);
    assert.deepEqual(await kept(api, { posture: 'Metric', metric: METRIC }), whole);
    assert.deepEqual(await kept(api, { ...whole, metric: { ...whole.metric, range: 'PT1H' } }), {
      ...whole,
      metric: { ...whole.metric, range: 3600 },
    });
    const parts = [whole, { type: 'event', posture: 'Reactive' }];
    assert.equal((await create(api, { type: 'compound', within: null, require: 'any', triggers: parts })).status, 201);
  }));

test('what is wrong with a metric trigger is told by its place', () =>
  withApi({}, async (api) => {
    const wrong = (metric: unknown, more: Fields = {}) => refused(api, { type: 'metric', metric, ...more });
    assert.deepEqual(await wrong({ ...METRIC, range: 299, firing_for: -1 }), [
      'MetricTrigger.metric.firing_for: Value error, The minimum range is 300 seconds (5 minutes)',
      'MetricTrigger.metric.range: Value error, The minimum range is 300 seconds (5 minutes)',
    ]);
    assert.deepEqual(await wrong({ ...METRIC, range: 1e13, firing_for: 'soon' }), [
      'MetricTrigger.metric.firing_for: Input should be a valid timedelta, invalid digit in duration',
      'MetricTrigger.metric.range: Value error, The maximum range is 366 days',
    ]);
    assert.deepEqual(await wrong({ name: 'speed', operator: '==', threshold: null }), [
      "MetricTrigger.metric.name: Input should be 'lateness', 'duration' or 'successes'",
      "MetricTrigger.metric.operator: Input should be '<', '<=', '>' or '>='",
      'MetricTrigger.metric.threshold: Input should be a valid number',
    ]);
    assert.deepEqual(await wrong([]), [
      'MetricTrigger.metric: Input should be a valid dictionary or object to extract fields from',
    ]);
    assert.deepEqual(await wrong(METRIC, { posture: 'Reactive' }), [
      'MetricTrigger.posture: Input should be Posture.Metric',
    ]);
    assert.deepEqual(await refused(api, { type: 'metric' }), ['MetricTrigger.metric: Field required']);
  }));

test('a trigger on the time in a state is, to clients of Prefect, an event trigger that says nearly the same', () =>
  withApi({}, async (api) => {
    const read = await kept(api, { type: 'event', time_in_state: { states: ['Pending', 'Pending'], for: 300 } });
    const { expect, ...more } = read;
    assert.deepEqual(more, {
      type: 'event',
      match: {},
      match_related: {},
      posture: 'Proactive',
      time_in_state: { states: ['Pending'], for: 300, longer_than: null },
      after: ['prefect.flow-run.Pending'],
      for_each: ['prefect.resource.id'],
      threshold: 1,
      within: 300,
    });
    assert.ok((expect as string[]).includes('prefect.flow-run.Running'));
    assert.ok(!(expect as string[]).includes('prefect.flow-run.Pending'));
    // What was read may be written: what follows from the time in the state is made anew.
    assert.deepEqual(await kept(api, { ...read, after: ['other'], within: 1, threshold: 7 }), read);
    const usual = await kept(api, { time_in_state: { states: ['Running'], longer_than: { times: 2 } } });
    assert.deepEqual(
      [usual['time_in_state'], usual['within']],
      [
        {
          states: ['Running'],
          for: null,
          longer_than: { percentile: 95, times: 2, of: 'flow', runs: 30, runs_min: 5 },
        },
        10,
      ],
    );
    const { time_in_state: _, ...event } = await kept(api, { type: 'event', posture: 'Reactive', time_in_state: null });
    assert.equal(event['posture'], 'Reactive');
  }));

test('what is wrong with the time in a state is told by its place', () =>
  withApi({}, async (api) => {
    const wrong = async (time: unknown, more: Fields = {}) =>
      (await refused(api, { type: 'event', time_in_state: time, ...more })).map((text) =>
        text.replace('TimeInStateTrigger.', ''),
      );
    const pending = { states: ['Pending'], for: 60 };
    assert.deepEqual(await wrong({ states: ['Pending'] }), [
      'time_in_state: Value error, One of `for` and `longer_than` must be given',
    ]);
    assert.deepEqual(await wrong({ for: 0.5, states: [] }), [
      'time_in_state.for: Value error, The minimum time is 1 second',
      'time_in_state.states: List should have at least 1 item after validation, not 0',
    ]);
    assert.deepEqual(await wrong({ ...pending, for: Number.MAX_SAFE_INTEGER }), [
      'time_in_state.for: Input should be a valid timedelta',
    ]);
    assert.deepEqual(await wrong({ ...pending, for: 1e9 }), [
      'time_in_state.for: Value error, The maximum time is 366 days',
    ]);
    assert.deepEqual(await wrong({ ...pending, states: ['Running', 'Failed', 7] }), [
      'time_in_state.states.2: Input should be a valid string',
    ]);
    assert.deepEqual(await wrong({ ...pending, states: ['Running', 'Failed'] }), [
      'time_in_state.states.1: Value error, A run does not leave the state Failed',
    ]);
    assert.equal((await wrong({ ...pending, states: Array(21).fill('x') })).length, 1);
    assert.equal((await wrong({ ...pending, states: ['x'.repeat(201)] })).length, 1);
    assert.deepEqual(await wrong({ ...pending, longer_than: {} }), [
      'time_in_state: Value error, `longer_than` is about the state Running alone',
    ]);
    const usual = { percentile: 0, times: 1001, of: 'pool', runs: 0, runs_min: 1001 };
    assert.equal((await wrong({ states: ['Running'], longer_than: usual })).length, 5);
    assert.deepEqual(await wrong({ states: ['Running'], longer_than: { runs: 4 } }), [
      'time_in_state.longer_than: Value error, runs_min must be less than or equal to runs',
    ]);
    assert.deepEqual(await wrong(pending, { posture: 'Reactive' }), ['posture: Input should be Posture.Proactive']);
    assert.deepEqual(await wrong('soon'), [
      'time_in_state: Input should be a valid dictionary or object to extract fields from',
    ]);
  }));

async function step(api: ApiUnderTest): Promise<void> {
  while ((await api.useCases.stepAutomations(hashText))?.isBehind === true);
}

async function moved(api: ApiUnderTest, id: string, ...types: readonly string[]): Promise<void> {
  for (const type of types) {
    const answer = await api.post(`/flow_runs/${id}/set_state`, { state: { type }, force: true });
    assert.ok(answer.status < 300, answer.text);
  }
}

async function run(api: ApiUnderTest, ...types: readonly string[]): Promise<string> {
  const { id } = fields(await api.post('/flow_runs/', { flow_id: await flowId(api) }));
  await moved(api, String(id), ...types);
  return String(id);
}

/** Of the automations' events. */
async function told(api: ApiUnderTest) {
  const events = await api.storage.readFullEvents({ afterSeq: 0, limit: 1000 });
  return events.filter(({ name }) => /^prefect\.automation\.(?:triggered|resolved)$/.test(name));
}

test('a run that hangs is cancelled; actions for the end of its stay are done when it has left', () =>
  withApi({}, async (api) => {
    const trigger = {
      time_in_state: { states: ['Pending'], for: 300 },
      match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'sales' },
    };
    const automation = fields(
      await create(api, trigger, {
        actions: [],
        actions_on_trigger: [{ type: 'cancel-flow-run' }],
        actions_on_resolve: NOTHING,
      }),
    );
    api.advance(1);
    const [hung, quick] = [await run(api, 'PENDING'), await run(api, 'PENDING')];
    await step(api);
    api.advance(200);
    await moved(api, quick, 'RUNNING');
    await step(api);
    api.advance(102);
    await step(api);
    await actOnDue(api);
    await step(api);
    await actOnDue(api);
    const state = (id: string) => api.get(`/flow_runs/${id}`).then((answer) => fields(answer)['state_type']);
    assert.deepEqual([await state(hung), await state(quick)], ['CANCELLING', 'RUNNING']);
    const events = await told(api);
    const [triggered] = events;
    assert.deepEqual(
      events.map(({ name, resource }) => [name, resource['prefect.posture']]),
      [
        ['prefect.automation.triggered', 'Proactive'],
        ['prefect.automation.resolved', 'Proactive'],
      ],
    );
    const payload = JSON.parse(triggered?.payload ?? '') as {
      readonly triggering_labels: unknown;
      readonly triggering_event: { readonly event: string };
    };
    assert.deepEqual(payload.triggering_labels, { 'prefect.resource.id': `prefect.flow-run.${hung}` });
    assert.equal(payload.triggering_event.event, 'prefect.flow-run.Pending');
    const receipts = await api.storage.listActionRecords(automation['id'] as never, 10);
    assert.deepEqual(receipts.map(({ order, receipt }) => `${order.firing.state} ${receipt?.status}`).toSorted(), [
      'Resolved done',
      'Triggered done',
    ]);
  }));

test('a figure that goes bad runs its actions once, and others when it is good again, with its value', () =>
  withApi({}, async (api) => {
    const metric = { name: 'successes', operator: '<', threshold: 0.9, range: 3600, firing_for: 300 };
    const automation = fields(await create(api, { type: 'metric', metric }, { actions_on_resolve: NOTHING }));
    api.advance(1);
    await run(api, 'RUNNING', 'FAILED');
    await step(api);
    for (let turn = 0; turn < 3; turn += 1) {
      api.advance(301);
      await step(api);
    }
    for (let turn = 0; turn < 9; turn += 1) await run(api, 'RUNNING', 'COMPLETED');
    await step(api);
    api.advance(302);
    await step(api);
    await step(api);
    const events = await told(api);
    assert.deepEqual(
      events.map(({ name, resource, related, payload }) => [name, resource['prefect.posture'], related, payload]),
      [
        [
          'prefect.automation.triggered',
          'Metric',
          [],
          '{"triggering_labels":{},"triggering_event":null,"triggering_value":0}',
        ],
        [
          'prefect.automation.resolved',
          'Metric',
          [],
          '{"triggering_labels":{},"triggering_event":null,"triggering_value":0.9}',
        ],
      ],
    );
    await actOnDue(api);
    const receipts = await api.storage.listActionRecords(automation['id'] as never, 10);
    assert.deepEqual(
      receipts.map(({ order, receipt }) => `${order.firing.state} ${order.index} ${receipt?.status}`).toSorted(),
      ['Resolved 0 done', 'Resolved 1 done', 'Triggered 0 done'],
    );
  }));

test('longer than usual: by the run times of the completed runs of the same flow, or the same deployment', () =>
  withApi({}, async (api) => {
    const usual = (of: string) => ({
      time_in_state: { states: ['Running'], longer_than: { of, times: 2, runs_min: 3, runs: 3 } },
    });
    await create(api, usual('flow'), { name: 'flow' });
    await create(api, usual('deployment'), { name: 'deployment' });
    api.advance(1);
    const deployment = fields(await api.post('/deployments/', { name: 'main', flow_id: await flowId(api) }));
    const deployed = async (): Promise<string> =>
      String(fields(await api.post(`/deployments/${String(deployment['id'])}/create_flow_run`, {}))['id']);
    // The newest three of the flow took 100 s; those of the deployment 10 s.
    const last = async (id: string, seconds: number): Promise<void> => {
      await moved(api, id, 'RUNNING');
      api.advance(seconds);
      await moved(api, id, 'COMPLETED');
      await step(api);
    };
    for (let turn = 0; turn < 3; turn += 1) await last(await deployed(), 10);
    for (let turn = 0; turn < 3; turn += 1) await last(await run(api), 100);
    await moved(api, await deployed(), 'RUNNING');
    await step(api);
    const names = async (): Promise<readonly unknown[]> =>
      (await told(api)).map(({ resource }) => resource['prefect.resource.name']);
    api.advance(19);
    await step(api);
    assert.deepEqual(await names(), []);
    api.advance(2);
    await step(api);
    assert.deepEqual(await names(), ['deployment']);
    api.advance(178);
    await step(api);
    assert.deepEqual(await names(), ['deployment']);
    api.advance(2);
    await step(api);
    assert.deepEqual(await names(), ['deployment', 'flow']);
  }));

test('runs are found by their flow, deployment, pool, queue and tags', () =>
  withApi({}, async (api) => {
    assert.ok((await api.post('/work_pools/', { name: 'machines', type: 'process' })).status < 300);
    const place = { work_pool_name: 'machines', work_queue_name: 'default', tags: ['nightly'] };
    const deployment = fields(await api.post('/deployments/', { name: 'main', flow_id: await flowId(api), ...place }));
    const other = fields(await api.post('/deployments/', { name: 'other', flow_id: await flowId(api, 'stars') }));
    const related = {
      flow: { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'sales' },
      deployment: { 'prefect.resource.id': `prefect.deployment.${String(deployment['id'])}` },
      named: { 'prefect.resource.role': 'deployment', 'prefect.resource.name': 'ma*' },
      pool: { 'prefect.resource.role': 'work-pool', 'prefect.resource.name': 'machines' },
      queue: { 'prefect.resource.role': 'work-queue', 'prefect.resource.name': 'default' },
      tag: { 'prefect.resource.role': 'tag', 'prefect.resource.id': 'prefect.tag.nightly' },
      both: [{ 'prefect.resource.id': 'prefect.tag.nightly' }, { 'prefect.resource.name': 'machines' }],
      neither: [{ 'prefect.resource.id': 'prefect.tag.nightly' }, { 'prefect.resource.name': 'stars' }],
    };
    for (const [name, match] of Object.entries(related))
      await create(api, { time_in_state: { states: ['Pending'], for: 60 }, match_related: match }, { name });
    api.advance(1);
    for (const { id } of [deployment, other]) {
      const made = fields(await api.post(`/deployments/${String(id)}/create_flow_run`, {}));
      await moved(api, String(made['id']), 'PENDING');
    }
    await step(api);
    api.advance(62);
    await step(api);
    const names = (await told(api)).map(({ resource }) => resource['prefect.resource.name'] ?? '');
    assert.deepEqual(names.toSorted(), ['both', 'deployment', 'flow', 'named', 'pool', 'queue', 'tag']);
  }));

test('a client that does not know the time in a state does not lose it by writing an automation back', () =>
  withApi({}, async (api) => {
    const stay = { type: 'event', posture: 'Proactive', time_in_state: { states: ['Pending'], for: 300 } };
    const made = fields(await create(api, { type: 'compound', require: 'any', within: null, triggers: [stay, stay] }));
    const path = `/automations/${String(made['id'])}`;
    const ways = async (change: (trigger: Fields) => Fields): Promise<readonly unknown[]> => {
      const there = fields(await api.get(path));
      const { triggers, ...around } = there['trigger'] as Fields & { readonly triggers: readonly Fields[] };
      const sent = triggers.map(({ time_in_state: _stay, expect, ...rest }) =>
        change({ ...rest, expect: (expect as readonly string[]).toReversed() }),
      );
      const body = { name: 'renamed', actions: NOTHING, trigger: { ...around, triggers: sent } };
      const put = await api.send('PUT', path, body);
      assert.equal(put.status, 204, put.text);
      const after = fields(await api.get(path))['trigger'] as { readonly triggers: readonly Fields[] };
      return after.triggers.map((trigger) => trigger['time_in_state']);
    };
    const kept = { states: ['Pending'], for: 300, longer_than: null };
    assert.deepEqual(await ways((trigger) => trigger), [kept, kept]);
    assert.deepEqual(await ways((trigger) => ({ ...trigger, within: 301 })), [undefined, undefined]);
  }));
