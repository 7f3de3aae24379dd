/** Whichever way an event comes in: its id counts once, its time is its place, what it follows is kept, and it goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventsOf } from '../client/control/events.ts';
import { ControlPlane, pathOf } from '../client/control/plane.ts';
import type { EventId } from '../core/ids.ts';
import { formatInstant, parseInstant, type Instant } from '../core/time.ts';
import { forgetOldEvents } from '../services/event-retention.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { eventIntake } from './sockets/event-intake.ts';

interface Told {
  readonly id: string;
  readonly occurred: string;
  readonly follows: string | null;
}

type Way = (api: ApiUnderTest, event: Told) => Promise<void>;

const wire = ({ id, occurred, follows }: Told) => ({
  id,
  occurred,
  follows,
  event: 'shop.sold',
  resource: { 'prefect.resource.id': 'order.1' },
  related: [],
  payload: {},
});

const WAYS: Readonly<Record<string, Way>> = {
  'a batch over the API': async (api, event) => {
    assert.equal((await api.post('/events', [wire(event)])).status, 204);
  },
  'a frame of a socket': (api, event) =>
    new Promise<void>((resolve, reject) => {
      const intake = eventIntake({
        clock: { now: () => api.now() },
        record: (report, settle) =>
          void Promise.resolve(api.useCases.recordEvents([report])).then(() => settle(null), reject),
        onRefused: (message) => reject(new Error(message)),
      });
      intake(JSON.stringify(wire(event)), resolve);
    }),
  'a program, over the control plane': async (api, { id, occurred, follows }) => {
    const plane = new ControlPlane({
      kind: 'ostinato',
      async send(call) {
        const { status, text } = await api.send(call.route.method, pathOf(call), call.body);
        assert.equal(status, 204, text);
        return { status, text };
      },
    });
    await eventsOf(plane).emit({
      id: id as EventId,
      name: 'shop.sold',
      occurred: parseInstant(occurred) as Instant,
      follows: follows as EventId | null,
      resource: { 'prefect.resource.id': 'order.1' },
      related: [],
      payload: '{}',
    });
  },
  'a webhook': async (api, { id, occurred, follows }) => {
    const event = { ...wire({ id, occurred, follows }) };
    const template = JSON.stringify(event);
    const name = `hook ${crypto.randomUUID()}`;
    const { slug } = (await api.post('/webhooks/', { name, template })).body as { slug: string };
    assert.equal((await api.call(slug, '')).status, 204);
  },
};

const id = (n: number): string => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`;

async function stored(api: ApiUnderTest): Promise<readonly Told[]> {
  const filter = { event: { name: ['shop.sold'] }, order: 'ASC' };
  return ((await api.post('/events/filter', { filter })).body as { readonly events: readonly Told[] }).events;
}

for (const [name, send] of Object.entries(WAYS))
  test(`by ${name}`, () =>
    withApi({}, async (api) => {
      const at = (secondsAgo: number) => formatInstant((api.now() - secondsAgo * 1_000_000) as Instant);
      await send(api, { id: id(2), occurred: at(10), follows: id(1) });
      await send(api, { id: id(1), occurred: at(3600), follows: null });
      for (const again of Object.values(WAYS)) await again(api, { id: id(2), occurred: at(0), follows: null });
      const events = await stored(api);
      assert.deepEqual(
        events.map((event) => [event.id, event.occurred, event.follows]),
        [
          [id(1), at(3600), null],
          [id(2), at(10), id(1)],
        ],
      );
      const clock = { now: () => api.now(), yieldToEventLoop: () => Promise.resolve() };
      api.advance(6 * 86_400);
      await forgetOldEvents(api.storage, clock);
      assert.equal((await stored(api)).length, 2);
      api.advance(2 * 86_400);
      // The newest event of all stays, as the end of the feed.
      await api.post('/variables/', { name: 'later', value: 1 });
      await forgetOldEvents(api.storage, clock);
      assert.deepEqual(await stored(api), []);
    }));
