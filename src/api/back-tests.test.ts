/** Back-tests: what is told is what fires, and nothing is done. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { BackTestAnswer } from '../contract/back-test.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import { hashText } from '../platform/hash.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

type Fields = Readonly<Record<string, unknown>>;

const FAILED = { type: 'event', posture: 'Reactive', expect: ['sale.failed'] };

const iso = (api: ApiUnderTest, secondsAgo = 0): string =>
  formatInstant((api.now() - secondsAgo * 1_000_000) as Instant);

let made = 0;

async function emit(api: ApiUnderTest, event: string, resource = 'shop.1', labels: Fields = {}): Promise<string> {
  const id = `00000000-0000-7000-8000-${String((made += 1)).padStart(12, '0')}`;
  const body = { id, event, occurred: iso(api), resource: { 'prefect.resource.id': resource, ...labels }, payload: {} };
  assert.equal((await api.post('/events', [body])).status, 204);
  api.advance(1);
  return id;
}

/** All calls of a test, as one answer. */
async function tested(api: ApiUnderTest, body: Fields): Promise<BackTestAnswer> {
  const firings: BackTestAnswer['firings'][number][] = [];
  let continuation: string | null = null;
  for (;;) {
    const answer = await api.post('/ostinato/automations/back-test', { ...body, continuation });
    assert.equal(answer.status, 200, answer.text);
    const part = answer.body as BackTestAnswer;
    firings.push(...part.firings);
    continuation = part.continuation;
    if (continuation === null) return { ...part, firings };
  }
}

async function step(api: ApiUnderTest): Promise<void> {
  while ((await api.useCases.stepAutomations(hashText))?.isBehind === true);
}

test('a test of an automation that is there tells the firings that it has had, across its calls', async () => {
  await withApi({}, async (api) => {
    for (const trigger of [
      FAILED,
      { ...FAILED, threshold: 3, within: 60, for_each: ['prefect.resource.id'] },
      { ...FAILED, posture: 'Proactive', within: 10 },
      { type: 'compound', require: 'all', within: 30, triggers: [FAILED, { ...FAILED, expect: ['sale.lost'] }] },
    ]) {
      const { body } = await api.post('/automations/', { name: 'watch', trigger, actions: [] });
      const { id, updated } = body as { id: string; updated: string };
      for (let count = 0; count < 30; count += 1)
        await emit(api, count % 5 === 0 ? 'sale.lost' : 'sale.failed', `shop.${count % 3}`);
      // As many as need more than one call.
      const many = Array.from({ length: 600 }, (_, number) => ({
        id: crypto.randomUUID(),
        event: 'sale.failed',
        occurred: iso(api),
        resource: { 'prefect.resource.id': `shop.${number % 7}` },
        payload: {},
      }));
      for (let from = 0; from < many.length; from += 100) await api.post('/events', many.slice(from, from + 100));
      // Nothing comes for a while, and somebody looks all the time.
      for (let seconds = 0; seconds < 40; seconds += 1) {
        api.advance(1);
        await step(api);
      }
      const fired = (await api.storage.readFullEvents({ afterSeq: 0, limit: 10_000 })).filter(
        (event) =>
          event.name === 'prefect.automation.triggered' &&
          event.resource['prefect.resource.id'] === `prefect.automation.${id}`,
      );
      const { firings, continuation } = await tested(api, { automation_id: id, since: updated, limit: 1000 });
      assert.equal(continuation, null);
      assert.ok(fired.length > 0);
      assert.deepEqual(
        firings.map((firing) => firing.id),
        fired.map((event) => event.id),
      );
      for (const { windows } of firings)
        for (const { count, events } of windows) assert.equal(events.length, Math.min(count, 50));
      await api.send('DELETE', `/automations/${id}`);
    }
  });
});

test('what the actions would do is told, or why they would be refused; nothing is done', async () => {
  await withApi({}, async (api) => {
    const since = iso(api);
    const flow = (await api.post('/flows/', { name: 'sales' })).body as { id: string };
    const deployment = (await api.post('/deployments/', { name: 'clean-up', flow_id: flow.id })).body as { id: string };
    await emit(api, 'sale.failed', 'shop.1');
    const before = await api.storage.newestEventSeq();
    const automation = {
      name: 'clean',
      trigger: FAILED,
      actions: [
        {
          type: 'run-deployment',
          deployment_id: deployment.id,
          parameters: { of: '{{ event.resource["prefect.resource.id"] }}', big: 1 },
        },
        { type: 'run-deployment', source: 'inferred' },
        { type: 'pause-work-pool', work_pool_id: crypto.randomUUID() },
        { type: 'cancel-flow-run' },
        { type: 'run-deployment', deployment_id: deployment.id, parameters: { x: '{{ 1 / 0 }}' } },
        { type: 'do-nothing' },
      ],
    };
    const { firings, fired } = await tested(api, { automation, since, preview: true });
    assert.equal(fired, 1);
    const [run, inferred, pool, cancel, broken, nothing] = firings[0]?.actions ?? [];
    assert.deepEqual(run?.target, { kind: 'deployment', id: deployment.id, name: 'clean-up' });
    assert.deepEqual(JSON.parse(run.texts['parameters'] ?? ''), { of: 'shop.1', big: 1 });
    assert.equal(run.refusal, null);
    assert.equal(inferred?.refusal, 'No deployment could be inferred');
    assert.match(pool?.refusal ?? '', /^There is no work pool /);
    assert.equal(cancel?.refusal, 'No flow run could be inferred');
    assert.match(broken?.refusal ?? '', /Invalid jinja/);
    assert.equal(nothing?.refusal, null);
    assert.equal(await api.storage.newestEventSeq(), before);
    assert.equal((await api.post('/flow_runs/count', {})).body, 0);
    assert.equal((await api.post('/automations/count', {})).body, 0);
  });
});

test('a label that no event has is told, with the nearest that there are', async () => {
  await withApi({}, async (api) => {
    const since = iso(api);
    for (let count = 0; count < 12; count += 1)
      await emit(api, 'sale.failed', 'shop.1', { 'prefect.resource.name': 'sales' });
    const hints = async (trigger: Fields) =>
      (await tested(api, { automation: { name: 'x', trigger: { ...FAILED, ...trigger }, actions: [] }, since })).hints;
    assert.deepEqual(
      (await hints({ match: { 'prefect.resource.name': 'sale' } })).map((hint) => ({ ...hint, trigger_id: '' })),
      [
        {
          trigger_id: '',
          what: 'label',
          label: 'prefect.resource.name',
          expected: ['sale'],
          count: 12,
          nearest: [{ value: 'sales', count: 12 }],
        },
      ],
    );
    const [name] = await hints({ expect: ['sale.fialed'] });
    assert.deepEqual([name?.what, name?.nearest[0]], ['name', { value: 'sale.failed', count: 12 }]);
    assert.deepEqual(await hints({ match: { 'prefect.resource.name': 'sales' } }), []);
  });
});

test('of an event it is told whether it counted, or the first thing that it has otherwise', async () => {
  await withApi({}, async (api) => {
    const before = await emit(api, 'sale.failed');
    const trigger = { ...FAILED, threshold: 2, within: 20, match: { 'prefect.resource.id': 'shop.1' } };
    const { body } = await api.post('/automations/', { name: 'watch', trigger, actions: [] });
    const { id, updated } = body as { id: string; updated: string };
    const first = await emit(api, 'sale.failed');
    const other = await emit(api, 'sale.failed', 'shop.2');
    const named = await emit(api, 'sale.made');
    const second = await emit(api, 'sale.failed');
    // The next window begins where this one ends.
    const early = await emit(api, 'sale.failed');
    api.advance(60);
    const last = await emit(api, 'sale.failed');
    api.advance(3600);
    const verdict = async (event: string) => {
      const { verdicts, firings } = await tested(api, { automation_id: id, since: updated, event_id: event });
      const [one] = verdicts;
      return { over: one?.passed_over, what: one?.happenings.map(({ what }) => what), fired: firings.length };
    };
    assert.deepEqual(await verdict(first), { over: null, what: ['counted'], fired: 1 });
    assert.deepEqual(await verdict(second), { over: null, what: ['counted', 'fired'], fired: 1 });
    assert.deepEqual(await verdict(early), { over: null, what: ['early'], fired: 0 });
    assert.deepEqual(await verdict(last), { over: null, what: ['ended', 'counted'], fired: 0 });
    assert.deepEqual((await verdict(other)).over, {
      what: 'label',
      label: 'prefect.resource.id',
      expected: ['shop.1'],
      actual: 'shop.2',
    });
    assert.equal((await verdict(named)).over?.what, 'name');
    assert.equal((await verdict(before)).over?.what, 'received');
    const whole = await tested(api, { automation_id: id, since: updated });
    assert.deepEqual(
      whole.firings[0]?.windows[0]?.events.map((event) => event.id),
      [first, second],
    );
    assert.equal(whole.missed, 1);
    assert.deepEqual([whole.near_misses[0]?.count, whole.near_misses[0]?.threshold], [1, 2]);
    const unknown = { automation_id: id, since: updated, event_id: crypto.randomUUID() };
    assert.equal((await api.post('/ostinato/automations/back-test', unknown)).status, 404);
  });
});

test('a test that one server has begun goes on at another', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-back-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'ostinato.db');
  await withApi({ path }, async (first) => {
    const since = iso(first);
    for (let count = 0; count < 8; count += 1)
      await first.post(
        '/events',
        Array.from({ length: 100 }, () => ({
          id: crypto.randomUUID(),
          event: 'sale.failed',
          occurred: iso(first),
          resource: { 'prefect.resource.id': 'shop.1' },
          payload: {},
        })),
      );
    const automation = { name: 'x', trigger: { ...FAILED, threshold: 300, within: 60 }, actions: [] };
    const whole = await tested(first, { automation, since });
    const begun = await first.post('/ostinato/automations/back-test', { automation, since });
    const { continuation, fired } = begun.body as BackTestAnswer;
    assert.ok(continuation !== null);
    await withApi({ path }, async (second) => {
      const rest = await second.post('/ostinato/automations/back-test', { automation, since, continuation });
      const { fired: later, events } = rest.body as BackTestAnswer;
      assert.deepEqual([fired + later, events], [1, 800]);
      assert.equal(whole.firings.length, 1);
    });
  });
});

test('a test that would keep too much ends early, and says so', async () => {
  await withApi({}, async (api) => {
    const since = iso(api);
    for (let from = 0; from < 1500; from += 100)
      await api.post(
        '/events',
        Array.from({ length: 100 }, (_, number) => ({
          id: crypto.randomUUID(),
          event: 'sale.failed',
          occurred: iso(api),
          resource: { 'prefect.resource.id': `shop.${from + number}.${'x'.repeat(1500)}` },
          payload: {},
        })),
      );
    const trigger = { ...FAILED, for_each: ['prefect.resource.id'], threshold: 2, within: 60 };
    const answer = await tested(api, { automation: { name: 'x', trigger, actions: [] }, since });
    assert.match(answer.ended_early ?? '', /keeps too much at a time/);
    assert.ok(answer.events < 1500);
  });
});

test('what cannot be tested is refused, and no continuation of somebody else harms the server', async () => {
  await withApi({}, async (api) => {
    const since = iso(api);
    await emit(api, 'sale.failed');
    const automation = { name: 'x', trigger: FAILED, actions: [] };
    const status = async (body: Fields) => (await api.post('/ostinato/automations/back-test', body)).status;
    assert.equal(await status({ since }), 422);
    assert.equal(await status({ since, automation, automation_id: crypto.randomUUID() }), 422);
    assert.equal(await status({ since, automation_id: crypto.randomUUID() }), 404);
    assert.equal(await status({ since: 'yesterday', automation }), 422);
    assert.equal(await status({ since, automation: { ...automation, trigger: { type: 'event' } } }), 422);
    assert.equal(await status({ since: '0001-01-01T00:00:00Z', automation }), 200);
    assert.equal(await status({ since: '9999-12-31T00:00:00Z', until: '0001-01-01T00:00:00Z', automation }), 200);
    // Windows of ten seconds since the year 1, and until the year 9999, would have no end.
    const absence = { ...automation, trigger: { ...FAILED, posture: 'Proactive', within: 10 } };
    const always = { since: '0001-01-01T00:00:00Z', until: '9999-12-31T00:00:00Z', automation: absence };
    const { since: from, until } = await tested(api, always);
    assert.deepEqual([from, until], [since, iso(api)]);
    const signed = (text: string): string => hashText(text) + text;
    for (const continuation of ['', 'x', signed(''), signed('null'), signed('{}'), signed('{"key":1}'), signed('[]')])
      assert.ok([409, 422].includes(await status({ since, automation, continuation })), continuation);
  });
});
