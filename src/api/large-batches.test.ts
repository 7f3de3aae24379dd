/** What comes in large batches is read and written in pieces: with the same answers as a small one, to the letter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';

const TIME = '2026-09-23T08:00:00Z';
const idOf = (index: number): string => `0190a1b2-c3d4-7e5f-8a9b-${index.toString(16).padStart(12, '0')}`;
const event = (index: number) => ({
  id: idOf(index),
  occurred: TIME,
  event: 'batch.made',
  resource: { 'prefect.resource.id': `thing.${index}` },
  payload: { index },
});

test('a wrong element of a large batch is told by its place, and nothing of the batch is kept', () =>
  withApi({}, async (api) => {
    for (const wrong of [0, 499, 500, 1_234]) {
      const batch = Array.from({ length: 1_300 }, (_, index) =>
        index === wrong ? { ...event(index), id: 7 } : event(index),
      );
      const { status, body } = await api.post('/events', batch);
      assert.equal(status, 422);
      const [{ loc }] = (body as { exception_detail: [{ loc: unknown[] }] }).exception_detail;
      assert.deepEqual(loc, ['body', wrong, 'id']);
    }
    const found = await api.post('/events/filter', {
      filter: {
        occurred: { since: '2026-09-22T00:00:00Z', until: '2026-09-24T00:00:00Z' },
        event: { name: ['batch.made'] },
      },
    });
    assert.equal((found.body as { total: number }).total, 0);
  }));

test('large batches of events and logs are kept whole and in order, also where values are converted', () =>
  withApi({}, async (api) => {
    // Without dashes, some: what one piece converts stays where it was.
    const events = Array.from({ length: 1_700 }, (_, index) =>
      index % 3 === 0 ? { ...event(index), id: idOf(index).replaceAll('-', '') } : event(index),
    );
    assert.equal((await api.post('/events', events)).status, 204);
    const found = await api.post('/events/filter', {
      filter: {
        occurred: { since: '2026-09-22T00:00:00Z', until: '2026-09-24T00:00:00Z' },
        event: { name: ['batch.made'] },
        id: { id: [idOf(0), idOf(501), idOf(1_699)] },
      },
    });
    assert.equal((found.body as { total: number }).total, 3);

    const log = (index: number) => ({
      name: 'n',
      level: 20,
      message: `${index} ${'x'.repeat(900)}`,
      timestamp: TIME,
      flow_run_id: idOf(1),
    });
    assert.equal(
      (
        await api.post(
          '/logs/',
          Array.from({ length: 11_000 }, (_, index) => log(index)),
        )
      ).status,
      201,
    );
    for (const offset of [0, 4_600, 4_999, 5_000, 10_990]) {
      const { body } = await api.post('/logs/filter', {
        logs: { flow_run_id: { any_: [idOf(1)] } },
        sort: 'TIMESTAMP_ASC',
        limit: 5,
        offset,
      });
      assert.deepEqual(
        (body as { message: string }[]).map(({ message }) => message.split(' ')[0]),
        Array.from({ length: 5 }, (_, index) => String(offset + index)),
      );
    }
  }));

test('the event of an artifact says its data to the letter', () =>
  withApi({}, async (api) => {
    const sent =
      '{"key":"exact","type":"t","description":"d \\"quoted\\"","data":[1.0,12345678901234567890,{"a":-0.10e2}]}';
    assert.equal((await api.post('/artifacts/', sent as never)).status, 201);
    const { text } = await api.post('/events/filter', {
      filter: { event: { prefix: ['prefect.artifact-collection.'] } },
    });
    assert.match(text, /\[1\.0,12345678901234567890,\{"a":-0\.10e2\}\]/);
    assert.match(text, /"key":"exact"/);
    assert.match(text, /"description":"d \\"quoted\\""/);
  }));
