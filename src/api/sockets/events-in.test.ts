import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import WebSocket from 'ws';

import { textFrame, UPGRADE } from '../../server/fixtures/raw-http.ts';
import { eventsIn } from './events-in.ts';
import { InFlightBudget } from './in-flight-budget.ts';
import { serveSockets } from './socket-server.ts';

test('while there is no room, a client that goes takes what was not read with it, and others wait', async () => {
  const taken: string[] = [];
  let write: () => void = () => undefined;
  const isWritten = new Promise<void>((resolve) => (write = resolve));
  const intake = (text: string, onSettled: () => void): boolean => {
    taken.push(text);
    void isWritten.then(onSettled);
    return true;
  };
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const failures: unknown[] = [];
  const sockets = serveSockets(http, {
    authString: null,
    channels: [eventsIn(intake, new InFlightBudget(Infinity, 10))],
    onFailure: (error) => failures.push(error),
  });
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/api/events/in`;
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return socket;
  };
  const untilTaken = async (count: number): Promise<void> => {
    while (taken.length < count) await new Promise(setImmediate);
  };

  const goes = await open();
  for (const text of ['first of it', 'second of it']) goes.send(text);
  await untilTaken(1);
  goes.close();
  await once(goes, 'close');

  const stays = await open();
  let isConfirmed = false;
  stays.once('pong', () => (isConfirmed = true));
  for (const text of ['one that stays', 'another that stays']) stays.send(text);
  stays.ping();
  await untilTaken(2);
  assert.deepEqual(
    [taken, isConfirmed],
    [['first of it', 'one that stays'], false],
    'one frame of each: it was there before anybody could say no',
  );
  write();
  await once(stays, 'pong');
  assert.deepEqual(taken.slice(2), ['another that stays']);
  stays.terminate();
  await sockets.close();
  http.close();
  assert.deepEqual(failures, []);
});

test('thousands of tiny frames in one piece keep nobody waiting, and many pings are answered the last one', async () => {
  let inTurn = 0;
  let most = 0;
  let taken = 0;
  const intake = (): boolean => {
    taken += 1;
    most = Math.max(most, (inTurn += 1));
    return false;
  };
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const sockets = serveSockets(http, {
    authString: null,
    channels: [eventsIn(intake)],
    onFailure: (error) => assert.fail(String(error)),
  });
  const { port } = http.address() as AddressInfo;
  let isOver = false;
  const count = (): void => {
    inTurn = 0;
    if (!isOver) setImmediate(count);
  };
  count();
  const stream = connect(port, '127.0.0.1');
  let heard = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => (heard = Buffer.concat([heard, chunk])));
  const head = `GET /api/events/in HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${Object.entries(UPGRADE)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
  const ping = (digit: number): Buffer => Buffer.from([0x89, 0x81, 0, 0, 0, 0, digit]);
  const pings = Buffer.concat(Array.from({ length: 500 }, (_, index) => ping(index % 10)));
  stream.write(Buffer.concat([Buffer.from(head), ...Array.from({ length: 20_000 }, () => textFrame('{}')), pings]));
  while (taken < 20_000 || !heard.subarray(-3).equals(Buffer.from([0x8a, 1, 9]))) await new Promise(setImmediate);
  isOver = true;
  assert.ok(most <= 100, `${most} in one turn`);
  const pongs = heard.subarray(heard.indexOf('\r\n\r\n') + 4).length / 3;
  assert.ok(pongs < 500, `${pongs} answers to 500 pings`);
  stream.destroy();
  await sockets.close();
  http.close();
});
