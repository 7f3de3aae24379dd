import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test } from 'node:test';

import { FairTurns, readInTurns } from './fair-turns.ts';

test('what does not fit into a turn is done in the next ones, in its order', async () => {
  let nowMs = 1;
  const done: number[] = [];
  const turns = new FairTurns(() => nowMs);
  for (let count = 0; count < 10; count += 1) {
    turns.run(() => {
      nowMs += 15;
      done.push(count);
    });
  }
  const most = done.length;
  for (let before = most; done.length < 10; before = done.length) {
    await new Promise(setImmediate);
    assert.ok(done.length - before <= 6, 'of two turns at most');
  }
  assert.equal(most, 3, '45 ms of work');
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test(
  'thousands of requests that are sent ahead on one connection are all answered, and others in between',
  { timeout: 120_000 },
  async () => {
    let served = 0;
    let servedBefore = -1;
    const server = createServer((request, response) => {
      if (request.url === '/other') servedBefore = served;
      else served += 1;
      response.end('x');
    });
    readInTurns(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const flood = connect(port, '127.0.0.1');
    const other = connect(port, '127.0.0.1');
    await Promise.all([once(flood, 'connect'), once(other, 'connect')]);
    flood.on('data', () => undefined);
    flood.write('GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20_000));
    while (served === 0) await new Promise(setImmediate);
    other.write('GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n');
    while (served < 20_000 || servedBefore < 0) await new Promise(setImmediate);
    assert.ok(servedBefore < 15_000, `${servedBefore} before it`);
    flood.destroy();
    other.destroy();
    server.close();
  },
);
