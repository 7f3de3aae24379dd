/** What the page of events asks for. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_EVENTS_PAGE } from '../contract/routes/ui-events.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { fields, NOBODY, type Fields } from './fixtures/deployed.ts';

const RUN = `prefect.flow-run.${NOBODY}`;
const ago = (api: ApiUnderTest, seconds: number): string => new Date(api.now() / 1000 - seconds * 1000).toISOString();
const sold = (api: ApiUnderTest, seconds: number, more: Fields = {}): Fields => ({
  id: randomUUID(),
  event: 'shop.sold',
  occurred: ago(api, seconds),
  resource: { 'prefect.resource.id': 'shop.7', 'prefect.resource.name': 'Berlin Mitte' },
  related: [],
  payload: {},
  ...more,
});
const page = async (api: ApiUnderTest, body: Fields = {}): Promise<Fields> =>
  fields(await api.post('/ui/pages/events', body));
const count = async (api: ApiUnderTest, body: Fields): Promise<unknown> => (await page(api, body))['count'];

test('events: the newest first, narrowed by what they are called, are about and say', () =>
  withApi({}, async (api) => {
    const related = [{ 'prefect.resource.id': RUN, 'prefect.resource.role': 'flow-run' }];
    const closed = sold(api, 20, { event: 'shop.closed', related, payload: { reason: 'inventory of autumn' } });
    await api.post('/events', [
      sold(api, 30),
      closed,
      sold(api, 10, { resource: { 'prefect.resource.id': `shop.${'x'.repeat(10_000)}` } }),
      sold(api, 5, { event: 'other.thing', resource: { 'prefect.resource.id': RUN } }),
    ]);
    const all = await page(api);
    assert.ok(Value.Check(UI_EVENTS_PAGE.answers[200], all), JSON.stringify(all));
    const rows = all['events'] as readonly Fields[];
    assert.deepEqual(
      rows.map(({ event }) => event),
      ['other.thing', 'shop.sold', 'shop.closed', 'shop.sold'],
    );
    assert.equal(String(rows[1]?.['resource_id']).length, 301, 'a row is slim');
    assert.equal(rows[2]?.['resource_name'], 'Berlin Mitte');
    assert.equal(all['count'], 4);
    const found: readonly (readonly [Fields, number])[] = [
      [{ name: 'shop.' }, 3],
      [{ name: 'shop.sold' }, 2],
      [{ name: '*.sold' }, 2],
      [{ name: 'sold' }, 0],
      [{ resource: 'berlin' }, 2],
      [{ resource: 'shop.7' }, 2],
      [{ resource: '*Mitte' }, 2],
      [{ resource: RUN }, 1],
      [{ related: RUN }, 1],
      [{ related: 'flow-run' }, 1],
      [{ related: 'prefect.flow-run.*' }, 1],
      [{ text: 'autumn' }, 1],
      [{ text: 'autumn', name: 'shop.sold' }, 0],
      [{ id: closed['id'], name: 'nobody' }, 1],
      [{ name: '%' }, 0],
      [{ resource: '[' }, 0],
    ];
    for (const [body, expected] of found) assert.equal(await count(api, body), expected, JSON.stringify(body));
    const second = await page(api, { limit: 1, offset: 1 });
    assert.deepEqual([(second['events'] as unknown[]).length, second['count']], [1, 4]);
    const alone = await page(api, { id: closed['id'], since: ago(api, 1), step_seconds: 1 });
    assert.deepEqual([alone['count'], alone['bars']], [1, []]);
    assert.equal((await api.post('/ui/pages/events', { text: 'x'.repeat(201) })).status, 422);
  }));

test('when they were: bars from the start on, and what came after a moment', () =>
  withApi({}, async (api) => {
    await api.post('/events', [sold(api, 100), sold(api, 99), sold(api, 5)]);
    const body = { since: ago(api, 120), step_seconds: 60 };
    const first = await page(api, body);
    assert.deepEqual(
      (first['bars'] as readonly Fields[]).map(({ start, count: counted }) => [
        Date.parse(String(start)) - Date.parse(ago(api, 120)),
        counted,
      ]),
      [
        [0, 2],
        [60_000, 1],
      ],
    );
    assert.equal(await count(api, { since: ago(api, 60) }), 1);
    assert.equal(await count(api, { until: ago(api, 50) }), 2);
    assert.equal(await count(api, { after: first['as_of'], limit: 0 }), 0);
    assert.equal(await count(api, { after: ago(api, 5), limit: 0 }), 0, 'the moment itself is known');
    api.advance(10);
    await api.post('/events', [sold(api, 1)]);
    const news = await page(api, { after: first['as_of'], limit: 0 });
    assert.deepEqual([news['count'], news['events'], news['bars']], [1, [], []]);
    assert.equal((await api.post('/ui/pages/events', { step_seconds: 1 })).status, 422);
    assert.equal((await api.post('/ui/pages/events', { step_seconds: 0 })).status, 422);
  }));
