import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  alertsOf,
  channelBlock,
  eventOf,
  failedRun,
  fakeChannel,
  newRun,
  notify,
  state,
} from '../../api/fixtures/alerted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { fields, type Fields } from '../../api/fixtures/deployed.ts';

/** A task run of a Prefect client, in a state. */
async function taskRun(api: ApiUnderTest, run: string, name: string, type: string, message: string): Promise<string> {
  const made = await api.post('/task_runs/', {
    flow_run_id: run,
    name,
    task_key: `${name}-0a1b2c3d`,
    dynamic_key: `${name}-0`,
  });
  assert.equal(made.status, 201, made.text);
  const id = String(fields(made)['id']);
  for (const given of [{ type: 'RUNNING' }, { type, message }]) {
    const moved = await api.post(`/task_runs/${id}/set_state`, { state: given, force: true });
    assert.equal(moved.status < 300, true, moved.text);
  }
  return id;
}

const counts = async (api: ApiUnderTest) => (await alertsOf(api)).map(({ cause, count }) => [cause, count]);

function withChannel(
  body: (api: ApiUnderTest, tell: (event: Fields | null, asked?: Fields) => Promise<unknown>) => Promise<void>,
) {
  return withApi({ openChannel: fakeChannel().openChannel }, async (api) => {
    const block = await channelBlock(api);
    await body(api, (event, labels) =>
      notify(api, event, { block, asked: labels === undefined ? {} : { labels: labels as Record<string, string> } }),
    );
  });
}

const BOOM = 'ValueError: no row 17';

test('a failed task, its flow run, and the runs above are one cause: the failed task', () =>
  withChannel(async (api, tell) => {
    const parent = await newRun(api, 'parent');
    await state(api, parent, 'RUNNING');
    const placeholder = fields(
      await api.post('/task_runs/', { flow_run_id: parent, name: 'child', task_key: 'child', dynamic_key: '0' }),
    );
    const child = await newRun(api, 'child', { parentTaskRun: String(placeholder['id']) });
    await state(api, child, 'RUNNING');
    await taskRun(api, child, 'load', 'FAILED', `Task run encountered an exception ${BOOM}`);
    await state(api, child, 'FAILED', { message: `Flow run encountered an exception: ${BOOM}` });
    await tell(await eventOf(api, child));
    // What the parent says is its own.
    await state(api, parent, 'FAILED', {
      message: 'Flow run encountered an exception: RuntimeError: the child failed',
    });
    await tell(await eventOf(api, parent));
    assert.deepEqual(await counts(api), [['ValueError: no row <n> (task load)', 2]]);
  }));

test('a task that its flow has put up with is not its cause', () =>
  withChannel(async (api, tell) => {
    for (const message of ['Flow run encountered an exception: DiskError: full', '1/2 states failed.']) {
      const run = await newRun(api);
      await state(api, run, 'RUNNING');
      await taskRun(api, run, 'load', 'FAILED', BOOM);
      await state(api, run, 'FAILED', { message });
      await tell(await eventOf(api, run));
    }
    assert.deepEqual((await counts(api)).map(([cause]) => String(cause)).toSorted(), [
      'DiskError: full (flow sales)',
      'ValueError: no row <n> (task load)',
    ]);
  }));

test('a late run, and one that was not where it was expected, are told once a deployment; a failed one of them not at all', () =>
  withChannel(async (api, tell) => {
    const resource = (id: string) => ({ 'prefect.resource.id': `prefect.flow-run.${id}` });
    const { id, event } = await failedRun(api);
    await tell(event);
    // The missed deadline of the same run.
    await tell(null, resource(id));
    assert.deepEqual(await counts(api), [['ValueError: no row <n> (flow sales)', 2]]);
    const late = await newRun(api);
    await state(api, late, 'SCHEDULED', { name: 'Late' });
    await tell(await eventOf(api, late));
    const other = await newRun(api);
    await state(api, other, 'SCHEDULED', { name: 'Late' });
    await tell(await eventOf(api, other));
    await tell(null, resource(other));
    assert.deepEqual((await counts(api))[0], ['A run of sales is late', 3]);
    // Whatever it was late for, how it fails is told.
    await tell((await failedRun(api, { run: late, message: 'TypeError: x' })).event);
    assert.equal((await counts(api)).length, 3);
    // A deadline of nothing that is a run says no cause.
    await tell(null, { 'prefect.resource.id': 'sales' });
    await tell(null, resource('no id'));
    assert.equal((await counts(api)).length, 3);
  }));

test('crashes count, and runs that are gone; cancelled ones do not', () =>
  withChannel(async (api, tell) => {
    const { id, event } = await failedRun(api, { type: 'CRASHED', message: 'Process exited with code 137.' });
    assert.equal((await api.send('DELETE', `/flow_runs/${id}`)).status, 204);
    await tell(event);
    assert.match(String((await counts(api))[0]?.[0]), /^Process exited with code <n>\. \(flow sales\)$/);
    const cancelled = await newRun(api);
    await state(api, cancelled, 'CANCELLED');
    await tell(await eventOf(api, cancelled));
    assert.equal((await counts(api)).length, 1);
  }));

test('hostile messages: long, empty, of control characters', () =>
  withChannel(async (api, tell) => {
    for (const message of ['', 'x'.repeat(100_000), '\u0000\u001b[31m\u2028', '{{ 1 }} {% x %}', '9'.repeat(19)])
      await tell((await failedRun(api, { message })).event);
    assert.equal((await counts(api)).length, 5);
    for (const [cause] of await counts(api)) assert.ok(String(cause).length < 400);
  }));
