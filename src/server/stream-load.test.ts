/** Many subscribers and slow ones: what waits for them does not grow. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Instant } from '../core/time.ts';
import { createIdSource } from '../platform/ids.ts';
import { connect, openStreamsUnderTest, TestSocket, type StreamsUnderTest } from './fixtures/streams-under-test.ts';

const ids = createIdSource();
const FAR = { since: '2000-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };

async function listen(server: StreamsUnderTest, filter: Record<string, unknown> = {}): Promise<TestSocket> {
  const socket = await connect(`${server.url}/events/out`);
  socket.send({ type: 'filter', backfill: false, filter: { occurred: FAR, ...filter } });
  await socket.settled();
  return socket;
}

async function record(server: StreamsUnderTest, name: string, count: number, payload = '{}'): Promise<void> {
  const events = Array.from({ length: count }, () => ({
    event: {
      id: ids.next<never>(),
      name,
      resourceId: 'x',
      occurred: (Date.now() * 1000) as Instant,
      payload,
      labels: {},
    },
    taskRun: null,
  }));
  await server.storage.recordEvents(events);
}

void describe('streams under load', () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest();
  });
  after(() => server.close());

  void it('a reader that stops is passed over, and hears all of it when it reads again', async () => {
    const [slow, quick] = [await listen(server), await listen(server)];
    slow.socket.pause();
    const payload = JSON.stringify({ text: 'x'.repeat(100_000) });
    const before = process.memoryUsage().arrayBuffers;
    for (let batch = 0; batch < 6; batch += 1) {
      await record(server, `batch.${batch}`, 50, payload);
      for (let index = 0; index < 50; index += 1) await quick.next();
    }
    // 30 MB were handed on; of them the slow one holds up a page and what the network buffers.
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 25_000_000, `${grown} bytes`);
    slow.socket.resume();
    for (let index = 0; index < 300; index += 1) {
      assert.equal(
        ((await slow.next())['event'] as Record<string, unknown>)['event'],
        `batch.${Math.floor(index / 50)}`,
      );
    }
    for (const { socket } of [slow, quick]) socket.terminate();
  });

  void it('a thousand subscribers hear what they asked for', async () => {
    const sockets: TestSocket[] = [];
    for (let index = 0; index < 1000; index += 1)
      sockets.push(await listen(server, { event: { name: [index % 2 === 0 ? 'even' : 'odd'] } }));
    await record(server, 'even', 5);
    await record(server, 'odd', 5);
    for (const [index, socket] of sockets.entries()) {
      for (let heard = 0; heard < 5; heard += 1) {
        assert.equal(
          ((await socket.next())['event'] as Record<string, unknown>)['event'],
          index % 2 === 0 ? 'even' : 'odd',
        );
      }
    }
    for (const { socket } of sockets) socket.terminate();
    assert.deepEqual(server.failures, []);
  });
});
