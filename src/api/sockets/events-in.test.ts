import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import WebSocket from 'ws';

import { eventsIn } from './events-in.ts';
import { Room } from './room.ts';
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
  const sockets = serveSockets(http, { authString: null, channels: [eventsIn(intake, new Room(Infinity, 10))], onFailure: (error) => failures.push(error) });
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
  assert.deepEqual([taken, isConfirmed], [['first of it', 'one that stays'], false], 'one frame of each: it was there before anybody could say no');
  write();
  await once(stays, 'pong');
  assert.deepEqual(taken.slice(2), ['another that stays']);
  stays.terminate();
  await sockets.close();
  http.close();
  assert.deepEqual(failures, []);
});
