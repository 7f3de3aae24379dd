import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acted, endOf } from '../../api/fixtures/acted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { deploy, fields, flowId, NOBODY, type Fields } from '../../api/fixtures/deployed.ts';

async function runIn(api: ApiUnderTest, state: Fields | null): Promise<string> {
  const made = await api.post('/flow_runs/', { flow_id: await flowId(api), ...(state === null ? {} : { state }) });
  assert.equal(made.status, 201, made.text);
  return String(fields(made)['id']);
}

const stateOf = async (api: ApiUnderTest, id: string): Promise<Fields> =>
  fields(await api.get(`/flow_runs/${id}`))['state'] as Fields;

const ofRun = (id: string) => ({ event: { resource: { 'prefect.resource.id': `prefect.flow-run.${id}` } } });
const set = async (api: ApiUnderTest, id: string, type: string): Promise<void> => {
  const answer = await api.post(`/flow_runs/${id}/set_state`, { state: { type } });
  assert.equal(fields(answer)['status'], 'ACCEPT', answer.text);
};

test('a run is changed, and a repeated attempt changes nothing more', () =>
  withApi({}, async (api) => {
    const id = await runIn(api, { type: 'PENDING' });
    await set(api, id, 'RUNNING');
    const action = { type: 'change-flow-run-state', state: 'FAILED', name: 'Overdue', message: null, force: false };
    const done = await acted(api, action, ofRun(id));
    assert.deepEqual([done.status, done.text], ['done', 'The flow run is Overdue.']);
    const state = await stateOf(api, id);
    assert.deepEqual(
      [state['type'], state['name'], state['message']],
      ['FAILED', 'Overdue', `State changed by Automation ${String(done.automation['id'])}`],
    );
    const { payload, related } = await endOf(api, done);
    assert.deepEqual(payload['status_code'], 201);
    assert.deepEqual(related[0], {
      'prefect.resource.id': `prefect.flow-run.${id}`,
      'prefect.resource.role': 'target',
    });

    await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'SCHEDULED' }, force: true });
    await api.useCases.actOn({ order: done.order, attempt: 2 });
    assert.equal((await stateOf(api, id))['type'], 'SCHEDULED', 'the first attempt did it already');
  }));

test('what the rules refuse is refused, unless it is forced', () =>
  withApi({}, async (api) => {
    const id = await runIn(api, { type: 'PENDING' });
    await set(api, id, 'RUNNING');
    await set(api, id, 'COMPLETED');
    const action = { type: 'change-flow-run-state', state: 'PAUSED', message: 'again' };
    const refused = await acted(api, action, ofRun(id));
    assert.equal(refused.status, 'refused');
    assert.match(refused.text, /^Failed to set state: /);
    assert.equal((await stateOf(api, id))['type'], 'COMPLETED');
    assert.equal((await acted(api, { ...action, force: true }, ofRun(id))).status, 'done');
    const state = await stateOf(api, id);
    assert.deepEqual([state['type'], state['message']], ['PAUSED', 'again']);
  }));

test('a run is cancelled: one that nothing runs at once', () =>
  withApi({}, async (api) => {
    const running = await runIn(api, { type: 'PENDING' });
    await set(api, running, 'RUNNING');
    const done = await acted(api, { type: 'cancel-flow-run' }, ofRun(running));
    assert.equal(done.status, 'done', done.text);
    const state = await stateOf(api, running);
    assert.deepEqual(
      [state['type'], state['message']],
      ['CANCELLING', `Cancelled by Automation ${String(done.automation['id'])}`],
    );
    const { id } = await deploy(api);
    const run = fields(await api.post(`/deployments/${String(id)}/create_flow_run`, {}));
    const waiting = await acted(api, { type: 'cancel-flow-run' }, ofRun(String(run['id'])));
    assert.equal(waiting.status, 'done', waiting.text);
    assert.equal((await stateOf(api, String(run['id'])))['type'], 'CANCELLED');
  }));

test('a run is suspended for an hour, and goes on', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    const run = String(fields(await api.post(`/deployments/${String(id)}/create_flow_run`, {}))['id']);
    await set(api, run, 'PENDING');
    await set(api, run, 'RUNNING');
    const suspended = await acted(api, { type: 'suspend-flow-run' }, ofRun(run));
    assert.equal(suspended.status, 'done', suspended.text);
    const state = await stateOf(api, run);
    const details = state['state_details'] as Fields;
    assert.deepEqual([state['type'], state['name'], details['pause_reschedule']], ['PAUSED', 'Suspended', true]);
    assert.equal(Date.parse(String(details['pause_timeout'])) - api.now() / 1000, 3_600_000);
    const resumed = await acted(api, { type: 'resume-flow-run' }, ofRun(run));
    assert.equal(resumed.status, 'done', resumed.text);
    assert.equal((await stateOf(api, run))['name'], 'Resuming');
    const again = await acted(api, { type: 'resume-flow-run' }, ofRun(run));
    assert.deepEqual(
      [again.status, again.text],
      ['refused', 'Failed to resume flow run: Cannot resume a flow run that is not paused.'],
    );
    await api.useCases.actOn({ order: resumed.order, attempt: 2 });
  }));

test('a run is deleted; the bucket names it where nothing happened to it', () =>
  withApi({}, async (api) => {
    const id = await runIn(api, null);
    const labels = { 'prefect.resource.id': `prefect.flow-run.${id}` };
    const done = await acted(api, { type: 'delete-flow-run' }, { labels });
    assert.deepEqual([done.status, done.text], ['done', 'The flow run is deleted.']);
    assert.equal((await api.get(`/flow_runs/${id}`)).status, 404);
    const gone = await acted(api, { type: 'delete-flow-run' }, { labels });
    assert.equal(gone.status, 'refused');
    for (const type of ['delete-flow-run', 'cancel-flow-run', 'resume-flow-run', 'suspend-flow-run']) {
      const nothing = await acted(api, { type }, { event: { resource: { 'prefect.resource.id': 'sales' } } });
      assert.deepEqual([nothing.status, nothing.text], ['refused', 'No flow run could be inferred']);
      const missing = await acted(api, { type }, ofRun(NOBODY));
      assert.match(missing.text, type.startsWith('delete') ? /: 404/ : new RegExp(`'${type}' action: 404`));
    }
  }));
