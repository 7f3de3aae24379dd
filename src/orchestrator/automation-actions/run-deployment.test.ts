import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acted, actOnDue, endOf, orderAction, recordOf, toldOf } from '../../api/fixtures/acted.ts';
import { PAGES, withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, SCHEMA, type Fields } from '../../api/fixtures/deployed.ts';
import { exactValue } from '../../core/json-value.ts';

const runsOf = async (api: ApiUnderTest): Promise<readonly Fields[]> =>
  (await api.post('/flow_runs/filter', { sort: 'ID_DESC' })).body as readonly Fields[];

const about = (resource: string, related: readonly Fields[] = []): Fields => ({
  resource: { 'prefect.resource.id': resource, 'prefect.resource.name': 'it' },
  related,
});

test('a deployment that is named is run, once however often it is tried, and that is told as Prefect tells it', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, { parameters: { a: 1, b: 1 } });
    const action = {
      type: 'run-deployment',
      source: 'selected',
      deployment_id: id,
      parameters: { b: 12345678901234567890n.toString(), c: 1.5 },
      job_variables: { env: { X: 'y' } },
      schedule_after: 90,
    };
    const ordered = await orderAction(api, action, { event: about('sales.region.north') });
    const [taken] = await api.useCases.takeActionOrders({ limit: 1, underWay: new Map() });
    assert.ok(taken);
    await api.useCases.actOn(taken);
    const [run] = await runsOf(api);
    assert.ok(run);
    const { order, automation } = ordered;
    assert.deepEqual(
      [run['parameters'], run['job_variables'], run['idempotency_key'], run['created_by']],
      [
        { a: 1, b: '12345678901234567890', c: 1.5 },
        { env: { X: 'y' } },
        `automation ${String(automation['id'])}, action 0, invocation ${order.id}`,
        { id: automation['id'], type: 'AUTOMATION', display_value: 'watch' },
      ],
    );
    assert.equal(Date.parse(String(run['expected_start_time'])) - api.now() / 1000, 90_000);
    assert.deepEqual((await recordOf(api, ordered)).receipt?.status, 'done');

    const events = await toldOf(api, ordered);
    const related = [
      { 'prefect.resource.id': `prefect.deployment.${String(id)}`, 'prefect.resource.role': 'target' },
      {
        'prefect.resource.id': `prefect.flow-run.${String(run['id'])}`,
        'prefect.resource.role': 'flow-run',
        'prefect.resource.name': run['name'],
      },
      {
        'prefect.resource.id': `prefect.event.${order.firing.id}`,
        'prefect.resource.role': 'automation-triggered-event',
      },
      { 'prefect.resource.id': `prefect.event.${order.firing.eventId}`, 'prefect.resource.role': 'triggering-event' },
    ];
    const described = { action_index: 0, action_type: 'run-deployment', invocation: order.id };
    const [first, second] = events;
    assert.deepEqual(
      events.map(({ event, payload, follows }) => [event, payload, follows]),
      [
        ['prefect.automation.action.triggered', described, order.firing.eventId],
        ['prefect.automation.action.executed', { ...described, status_code: 201 }, first?.['id']],
      ],
    );
    assert.deepEqual(second?.['resource'], {
      'prefect.resource.id': `prefect.automation.${String(automation['id'])}`,
      'prefect.resource.name': 'watch',
      'prefect.trigger-type': 'event',
      'prefect.posture': 'Reactive',
    });
    for (const { related: told } of events) assert.deepEqual(told, related);

    // The server died before it wrote the receipt: another attempt finds the run.
    await api.useCases.actOn({ order: { ...order }, attempt: 2 });
    assert.equal((await runsOf(api)).length, 1);
  }));

test('a deployment is inferred from the event; without one, the action is refused and told', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    const action = { type: 'run-deployment', source: 'inferred', deployment_id: null };
    const related = [{ 'prefect.resource.id': `prefect.deployment.${String(id)}`, 'prefect.resource.role': 'x' }];
    const found = await acted(api, action, { event: about('prefect.flow-run.x', related) });
    assert.equal(found.status, 'done');
    const refusals: readonly (readonly [Fields | undefined, string])[] = [
      [undefined, 'No event to infer the deployment'],
      [about('sales'), 'No deployment could be inferred'],
      [about('prefect.deployment.none'), 'No deployment could be inferred'],
    ];
    for (const [event, reason] of refusals) {
      const refused = await acted(api, action, event === undefined ? {} : { event });
      assert.deepEqual([refused.status, refused.text], ['refused', reason]);
      const { name, payload } = await endOf(api, refused);
      assert.deepEqual([name, payload['reason']], ['prefect.automation.action.failed', reason]);
    }
    const gone = await acted(api, action, { event: about(`prefect.deployment.${NOBODY}`) });
    assert.match(gone.text, /^Unexpected status from 'run-deployment' action: 404/);
    assert.equal((await runsOf(api)).length, 1);
  }));

test('parameters are rendered with what happened, and keep the types of what they name', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    await api.post('/variables/', { name: 'region', value: { of: [1, 2] } });
    const done = await acted(
      api,
      {
        type: 'run-deployment',
        source: 'selected',
        deployment_id: id,
        parameters: {
          plain: '{{ event.payload.count }}',
          list: '{{ event.payload.items }}',
          text: 'of {{ event.resource.name }}: {{ event.payload.count }}',
          missing: '[{{ event.payload.nothing.at.all }}]',
          deep: { inner: ['{{ labels.sales.region }}', { x: "{{ labels['sales.region'] }}" }] },
          named: { __prefect_kind: 'workspace_variable', variable_name: 'region' },
          of: { __prefect_kind: 'jinja', template: '{{ variables.region.of[1] }}' },
          json: { __prefect_kind: 'json', value: '{"a": 1.0}' },
          by: '{{ automation.name }} {{ firing.trigger_states[0] }}',
          link: '{{ flow | ui_url }}{{ deployment|ui_url }}',
          who: '{{ deployment.name }}',
        },
      },
      {
        event: {
          ...about('sales.region', [
            { 'prefect.resource.id': `prefect.deployment.${String(id)}`, 'prefect.resource.role': 'x' },
          ]),
          payload: { count: 3, items: ['a', null] },
        },
        labels: { 'sales.region': 'north' },
      },
    );
    assert.deepEqual([done.status], ['done'], done.text);
    assert.deepEqual((await runsOf(api))[0]?.['parameters'], {
      plain: 3,
      list: ['a', null],
      text: 'of it: 3',
      missing: '[]',
      deep: { inner: ['north', { x: 'north' }] },
      named: { of: [1, 2] },
      of: '2',
      json: { a: 1.0 },
      by: 'watch Triggered',
      link: `${PAGES}/deployments/deployment/${String(id)}`,
      who: 'daily',
    });
  }));

test('numbers of payloads and variables come into parameters to the letter', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    await api.post('/variables/', { name: 'large', value: exactValue('9007199254740993') });
    const variable = { __prefect_kind: 'workspace_variable', variable_name: 'large' };
    const parameters = {
      order: '{{ event.payload.order }}',
      text: 'order {{ event.payload.order }}, {{ event.payload.share }}',
      all: '{{ event.payload | tojson }}',
      variable,
      named: '{{ variables.large }}',
    };
    const done = await acted(
      api,
      { type: 'run-deployment', source: 'selected', deployment_id: id, parameters },
      { event: { ...about('sales'), payload: exactValue('{"order": 12345678901234567890, "share": 1.0}') } },
    );
    assert.deepEqual([done.status], ['done'], done.text);
    const { text } = await api.post('/flow_runs/filter', {});
    assert.equal(
      /"parameters":(\{.*?\}),"/.exec(text)?.[1],
      String.raw`{"order":12345678901234567890,"text":"order 12345678901234567890, 1.0",` +
        String.raw`"all":"{\"order\": 12345678901234567890, \"share\": 1}",` +
        String.raw`"variable":9007199254740993,"named":9007199254740993}`,
    );
  }));

test('a wrong template, or parameters that do not fit, refuse the one action, and stop no other', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, { parameter_openapi_schema: SCHEMA, enforce_parameter_schema: true });
    const run = (parameters: Fields): Fields => ({
      type: 'run-deployment',
      source: 'selected',
      deployment_id: id,
      parameters,
    });
    const wrong = await orderAction(api, run({ x: '{{ event | nofilter }}' }));
    const misfit = await orderAction(api, run({ x: 'text' }));
    const fit = await orderAction(api, run({ x: 1 }));
    await actOnDue(api);
    const receipts = await Promise.all([wrong, misfit, fit].map(async (one) => (await recordOf(api, one)).receipt));
    assert.deepEqual(
      receipts.map((receipt) => receipt?.status),
      ['refused', 'refused', 'done'],
    );
    assert.match(receipts[0]?.text ?? '', /^Unable to create flow run from deployment: .*filter/);
    assert.match(receipts[1]?.text ?? '', /^Validation error occurred for 'run-deployment' - .*'text'/);
    const { payload } = await endOf(api, misfit);
    assert.equal(payload['status_code'], 409);
    assert.match(String(payload['validation_error']), /'text'/);
    assert.equal((await runsOf(api)).length, 1);
  }));

test('what a deleted automation has ordered is refused', () =>
  withApi({}, async (api) => {
    const ordered = await orderAction(api, { type: 'do-nothing' });
    assert.equal((await api.send('DELETE', `/automations/${String(ordered.automation['id'])}`)).status, 204);
    await actOnDue(api);
    assert.deepEqual((await recordOf(api, ordered)).receipt, {
      status: 'refused',
      text: 'The automation has been deleted.',
    });
    assert.equal((await acted(api, { type: 'do-nothing' })).status, 'done');
    assert.deepEqual(fields(await api.post('/automations/count', {})), 1);
  }));
