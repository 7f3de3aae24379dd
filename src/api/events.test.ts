import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { formatInstant, type Instant } from '../core/time.ts';
import { createIdSource } from '../platform/ids.ts';
import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

const ids = createIdSource();

interface Page {
  readonly events: readonly Record<string, unknown>[];
  readonly total: number;
  readonly next_page: string | null;
}

void describe('events over the API', () => {
  let api: ApiUnderTest;
  before(() => {
    api = openApi();
  });
  after(() => api.close());

  const event = (name: string, minutesAgo: number, fields: Record<string, unknown> = {}) => ({
    id: ids.next(),
    event: name,
    occurred: formatInstant((api.now() - minutesAgo * 60_000_000) as Instant),
    resource: { 'prefect.resource.id': 'store.1', 'prefect.resource.name': 'the store' },
    ...fields,
  });
  const filter = async (body: unknown): Promise<Page> => (await api.post('/events/filter', body)).body as Page;

  void it('are recorded in batches, once, and read back to the letter', async () => {
    const text = JSON.stringify([
      event('exact', 1, {
        payload: { big: 'BIG', float: 'FLOAT' },
        related: [{ 'prefect.resource.id': 'r', 'prefect.resource.role': 'x' }],
      }),
    ])
      .replace('"BIG"', '12345678901234567890')
      .replace('"FLOAT"', '1.0');
    assert.equal((await api.post('/events', text)).status, 204);
    assert.equal((await api.post('/events/', text)).status, 204);
    const answer = await api.post('/events/filter', { filter: { event: { name: ['exact'] } } });
    assert.match(answer.text, /"payload":\{"big":12345678901234567890,"float":1\.0\}/);
    const { events, total, next_page } = answer.body as Page;
    assert.deepEqual([events.length, total, next_page], [1, 1, null]);
    assert.deepEqual(
      Object.keys(events[0] ?? {}).toSorted((a, b) => (a < b ? -1 : 1)),
      ['event', 'follows', 'id', 'occurred', 'payload', 'received', 'related', 'resource'],
    );
  });

  void it('come in pages whose addresses follow each other', async () => {
    const batch = Array.from({ length: 120 }, (_, index) => event('paged', 1 + index));
    assert.equal((await api.post('/events', batch)).status, 204);
    const seen: unknown[] = [];
    let page = await filter({ filter: { event: { prefix: ['paged'] } } });
    for (;;) {
      assert.equal(page.total, 120);
      seen.push(...page.events.map(({ id }) => id));
      if (page.next_page === null) break;
      const { pathname, search } = new URL(page.next_page);
      page = (await api.get(pathname.replace('/api', '') + search)).body as Page;
    }
    assert.deepEqual(
      seen,
      batch.map(({ id }) => id),
    );
    assert.equal((await api.get('/events/filter/next?page-token=bm9uc2Vuc2U%3D')).status, 403);
    assert.equal((await api.get('/events/filter/next')).status, 422);
  });

  void it('an empty body means all of the last half-year', async () => {
    assert.ok((await filter(undefined)).total > 100);
    assert.equal((await filter({ filter: { occurred: { until: '2001-01-01 00:00:00+00:00' } } })).total, 0);
    assert.deepEqual((await filter({ limit: 0 })).events, []);
  });

  void it('are refused when they, or what is asked, are wrong', async () => {
    for (const wrong of [
      { id: 'x' },
      { resource: {} },
      { resource: { 'prefect.resource.id': '' } },
      { related: [{ 'prefect.resource.id': 'x' }] },
      { event: 'x'.repeat(1025) },
      { payload: [] },
      { occurred: 'soon' },
    ]) {
      assert.equal((await api.post('/events', [event('wrong', 1, wrong)])).status, 422, JSON.stringify(wrong));
    }
    for (const wrong of [
      { limit: 51 },
      { limit: -1 },
      { filter: { bogus: 1 } },
      { filter: { resource: { ids: [] } } },
      { filter: { order: 'UP' } },
    ]) {
      assert.equal((await api.post('/events/filter', wrong)).status, 422, JSON.stringify(wrong));
    }
    assert.equal((await filter({ filter: { event: { name: ['wrong'] } } })).total, 0);
  });

  void it('are counted by time, with the buckets that are empty, by name and by resource', async () => {
    const since = formatInstant((api.now() - 3 * 3_600_000_000) as Instant);
    const body = { filter: { occurred: { since, until: formatInstant(api.now()) }, event: { name: ['paged'] } } };
    const hours = (await api.post('/events/count-by/time', { ...body, time_unit: 'hour' })).body as {
      value: string;
      count: number;
      start_time: string;
    }[];
    assert.equal(
      hours.reduce((sum, { count }) => sum + count, 0),
      120,
    );
    assert.deepEqual(
      hours.map(({ value }) => value),
      hours.map((_, index) => `${index}`),
    );
    const names = (await api.post('/events/count-by/event', body)).body as { value: string; count: number }[];
    assert.deepEqual(
      names.map(({ value, count }) => [value, count]),
      [['paged', 120]],
    );
    const resources = (await api.post('/events/count-by/resource', body)).body as { value: string; label: string }[];
    assert.deepEqual(
      resources.map(({ value, label }) => [value, label]),
      [['store.1', 'the store']],
    );
    assert.equal((await api.post('/events/count-by/time', { ...body, time_unit: 'second' })).status, 422);
    assert.equal((await api.post('/events/count-by/time', { ...body, time_interval: 0.001 })).status, 422);
    assert.equal((await api.post('/events/count-by/colour', body)).status, 422);
  });
});

void describe('logs over the API', () => {
  let api: ApiUnderTest;
  before(() => {
    api = openApi();
  });
  after(() => api.close());

  void it('come as a bare list, are answered null, and are listed by filter', async () => {
    const run = ids.next<string>();
    const log = {
      name: 'prefect.flow_runs',
      level: 20,
      message: 'a\0b',
      timestamp: '2026-11-22 15:47:19.806949+00:00',
    };
    const answer = await api.post('/logs/', [
      { ...log, flow_run_id: run },
      { ...log, level: 40, message: 'Über', flow_run_id: null, task_run_id: null },
    ]);
    assert.deepEqual([answer.status, answer.body], [201, null]);
    const all = (await api.post('/logs/filter', {})).body as Record<string, unknown>[];
    assert.deepEqual(
      all.map(({ message, flow_run_id }) => [message, flow_run_id]),
      [
        ['ab', run],
        ['Über', null],
      ],
    );
    assert.equal(all[0]?.['timestamp'], '2026-11-22T15:47:19.806949Z');
    const found = (
      await api.post('/logs/filter', {
        logs: { flow_run_id: { any_: [run] }, level: { ge_: 20 } },
        sort: 'TIMESTAMP_DESC',
        limit: 1,
      })
    ).body as unknown[];
    assert.equal(found.length, 1);
    assert.deepEqual((await api.post('/logs/', [])).body, null);
    for (const wrong of [{}, [{ ...log, level: 'high' }], [{ ...log, extra: 1 }], [{ ...log, flow_run_id: 'x' }]])
      assert.equal((await api.post('/logs/', wrong)).status, 422);
    assert.equal(((await api.post('/logs/filter', {})).body as unknown[]).length, 2);
  });
});
