import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addSeconds, secondsBetween, type Instant } from '../../core/time.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { openDueChannel, type ChannelSocket } from './due-channel.ts';

const START = 1_767_225_600_000_000 as Instant;

/** A server that ends each connection after so many seconds, with or without having said that it listens. */
function world(says: 'listening' | null, lastsSeconds: number) {
  const clock = new VirtualClock(START, 'manual');
  const connectedAt: number[] = [];
  const heard: boolean[] = [];
  const connect = (): ChannelSocket => {
    connectedAt.push(Math.round(secondsBetween(START, clock.now()) * 100) / 100);
    const events = new EventTarget();
    const end = (): void => void events.dispatchEvent(new Event('close'));
    clock.setTimer(0, () => {
      if (says !== null)
        events.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify({ type: says }) }));
      clock.setTimer(lastsSeconds * 1000, end);
    });
    return {
      addEventListener: (type: string, hear: unknown) => events.addEventListener(type, hear as EventListener),
      send() {},
      close: end,
    };
  };
  const channel = openDueChannel({
    apiUrl: 'http://h/api',
    secret: null,
    listenFor: { type: 'listen', work_pool: 'default-agent-pool', work_queues: [] },
    clock,
    connect,
    onDue: () => {},
    onCancelling: () => {},
    onListening: (isListening) => void heard.push(isListening),
  });
  return { clock, connectedAt, heard, channel };
}

for (const says of [null, 'listening'] as const) {
  const when = says === null ? 'before' : 'as soon as';
  test(`a connection that ends ${when} it listens is made again with growing pauses`, async () => {
    const { clock, connectedAt, channel } = world(says, 0);
    await clock.advance(40);
    channel.close();
    assert.deepEqual(connectedAt, [0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 25.75, 35.75]);
    await clock.advance(60);
    assert.equal(connectedAt.length, 9);
  });
}

test('one that has listened for a while is made again soon', async () => {
  const { clock, connectedAt, heard, channel } = world('listening', 20);
  await clock.advance(41);
  channel.close();
  assert.deepEqual(connectedAt, [0, 20.25, 40.5]);
  assert.deepEqual(heard, [true, false, true, false, true]);
  assert.ok(clock.now() >= addSeconds(START, 41));
});
