/** Faults of triggers that users of other orchestrators report: each by what happened there. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { openApi } from '../../src/api/fixtures/api-under-test.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { hashText } from '../../src/platform/hash.ts';

type Fields = Readonly<Record<string, unknown>>;

const EACH_RUN = { match: { 'prefect.resource.id': 'prefect.flow-run.*' }, for_each: ['prefect.resource.id'] };

function openWorld(t: TestContext) {
  const api = openApi();
  t.after(() => api.close());
  const post = async (path: string, body: unknown) => {
    const { status, body: answer } = await api.post(path, body);
    assert.ok(status < 300, JSON.stringify(answer));
    return answer as Fields & { readonly id: string };
  };
  const step = async (): Promise<void> => {
    while ((await api.useCases.stepAutomations(hashText))?.isBehind === true);
  };
  return {
    api,
    automation: (trigger: Fields) =>
      post('/automations/', { name: 'watch', trigger, actions: [{ type: 'do-nothing' }] }),
    run: async () => (await post('/flow_runs/', { flow_id: (await post('/flows/', { name: 'sales' })).id })).id,
    move: (id: string, type: string) => post(`/flow_runs/${id}/set_state`, { state: { type } }),
    /** Of clients; `seconds`: when they occurred, from now on. */
    async emit(event: string, resource = 'thing', seconds = 0): Promise<void> {
      const occurred = new Date(api.now() / 1000 + seconds * 1000).toISOString();
      const sent = {
        id: crypto.randomUUID(),
        event,
        occurred,
        resource: { 'prefect.resource.id': resource },
        payload: {},
      };
      assert.equal((await api.post('/events', [sent])).status, 204);
    },
    step,
    /** What a server sees that looks now and then. */
    async pass(seconds: number): Promise<void> {
      for (let left = seconds; left > 0; left -= 5) {
        api.advance(Math.min(5, left));
        await step();
      }
    },
    async fired(): Promise<readonly string[]> {
      await step();
      const events = await api.storage.readFullEvents({ afterSeq: 0, limit: 1000 });
      return events
        .filter(({ name }) => name === 'prefect.automation.triggered')
        .map(({ payload }) => {
          const { triggering_labels: labels } = JSON.parse(payload) as { readonly triggering_labels: Fields };
          return String(Object.values(labels)[0] ?? '');
        });
    },
  };
}

test('of three events close to each other one set it off: here each does (Prefect 11199)', async (t) => {
  const { automation, emit, fired } = openWorld(t);
  await automation({ type: 'event', posture: 'Reactive', expect: ['ping'], threshold: 1, within: 0 });
  for (let count = 0; count < 3; count += 1) await emit('ping');
  assert.equal((await fired()).length, 3);
});

test('an event from beyond the end of its window set nothing off: here it does (Prefect 15343)', async (t) => {
  const { automation, emit, fired } = openWorld(t);
  await automation({ type: 'event', posture: 'Reactive', expect: ['daily'], threshold: 1, within: 86_400 });
  await emit('daily');
  await emit('daily', 'thing', 3600);
  assert.equal((await fired()).length, 1);
  await emit('daily', 'thing', 86_401);
  assert.equal((await fired()).length, 2);
});

test('runs that had completed were taken for dead: here only one that falls silent is (Prefect 21932, 14692)', async (t) => {
  const { automation, run, move, emit, pass, fired } = openWorld(t);
  await automation({
    type: 'event',
    posture: 'Proactive',
    after: ['prefect.flow-run.heartbeat'],
    expect: ['prefect.flow-run.*'],
    within: 90,
    ...EACH_RUN,
  });
  const [healthy, silent] = [await run(), await run()];
  for (const id of [healthy, silent]) for (const type of ['PENDING', 'RUNNING']) await move(id, type);
  for (let beat = 0; beat < 4; beat += 1) {
    await pass(30);
    for (const id of [healthy, silent]) await emit('prefect.flow-run.heartbeat', `prefect.flow-run.${id}`);
  }
  await pass(10);
  await move(healthy, 'COMPLETED');
  // Sent before it completed, and received after.
  await emit('prefect.flow-run.heartbeat', `prefect.flow-run.${healthy}`, -2);
  assert.deepEqual(await fired(), []);
  await pass(300);
  assert.deepEqual(await fired(), [`prefect.flow-run.${silent}`]);
});

test('a run that stayed in a state set nothing off, or now and then: here it does, once (Prefect 16545, 18838)', async (t) => {
  const { automation, run, move, pass, fired } = openWorld(t);
  await automation({
    type: 'event',
    posture: 'Proactive',
    after: ['prefect.flow-run.Running'],
    expect: ['prefect.flow-run.Completed', 'prefect.flow-run.Failed', 'prefect.flow-run.Crashed'],
    within: 60,
    ...EACH_RUN,
  });
  const runs = [await run(), await run(), await run(), await run()];
  for (const id of runs) await move(id, 'PENDING');
  for (const [index, id] of runs.entries()) {
    await move(id, 'RUNNING');
    await pass(7);
    if (index % 2 === 0) await move(id, 'COMPLETED');
  }
  await pass(200);
  assert.deepEqual(
    await fired(),
    [runs[1], runs[3]].map((id) => `prefect.flow-run.${id}`),
  );
});

test('after a window in which all was well, the next one was not looked at: here it is (Prefect 17685)', async (t) => {
  const { automation, emit, pass, fired } = openWorld(t);
  await automation({ type: 'event', posture: 'Proactive', expect: ['alive'], within: 60 });
  await emit('alive');
  await pass(65);
  assert.equal((await fired()).length, 0);
  await pass(60);
  assert.equal((await fired()).length, 1);
});

test('with a threshold of 0, nothing is too little: it does not fire (Prefect 8713)', async (t) => {
  const { automation, emit, pass, fired } = openWorld(t);
  const trigger = { type: 'event', posture: 'Proactive', after: ['unhealthy'], expect: ['healthy'], within: 30 };
  await automation({ ...trigger, threshold: 0 });
  await automation({ ...trigger, threshold: 1, for_each: ['prefect.resource.id'] });
  await emit('unhealthy', 'queue');
  await pass(60);
  assert.deepEqual(await fired(), ['queue']);
});

test('an automation that another server had made was unknown until a restart: here it is not (Prefect 21083)', async (t) => {
  const { api, automation, emit, fired } = openWorld(t);
  await automation({ type: 'event', posture: 'Reactive', expect: ['other'] });
  await fired();
  const [there] = await api.storage.find('automation', { where: EVERYTHING, sort: [], limit: 1, offset: 0 });
  assert.ok(there !== undefined);
  // As another server writes it: nobody tells this one.
  const id = crypto.randomUUID() as typeof there.id;
  const made = { ...there, id, trigger: there.trigger.replace('other', 'mine'), updatedAt: api.now() };
  await api.storage.changeAutomation(id, () => ({ automation: made, answer: null }));
  await emit('mine');
  assert.equal((await fired()).length, 1);
});
