import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import WebSocket from 'ws';

import { Frames } from './frames.ts';
import { serveSockets } from './socket-server.ts';

// Before the others: what they leave behind is cleared by real timers.
test('who does not say who it is hears nothing, is read no further, and is sent away in time', async (t) => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  let runs = 0;
  const sockets = serveSockets(http, {
    authString: 'me:it',
    channels: [{ path: '/quiet', run: async () => void (runs += 1) }],
    onFailure: (error) => assert.fail(String(error)),
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stranger = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/api/quiet`, ['prefect']);
  const heard: unknown[] = [];
  stranger.on('message', (data) => heard.push(data));
  await once(stranger, 'open');
  const ended = once(stranger, 'close');
  t.mock.timers.tick(29_999);
  assert.equal(stranger.readyState, WebSocket.OPEN);
  t.mock.timers.tick(1);
  const [code, reason] = (await ended) as [number, Buffer];
  assert.deepEqual([code, String(reason), heard, runs], [1008, 'No auth message in time', [], 0]);
  t.mock.timers.reset();
  await sockets.close();
  http.close();
});

test('a server that closes says good-bye to those who are there, and to those who come', async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const quiet = { path: '/quiet', run: async (socket: WebSocket) => void (await once(socket, 'close')) };
  const failures: unknown[] = [];
  const sockets = serveSockets(http, {
    authString: null,
    channels: [quiet],
    onFailure: (error) => failures.push(error),
  });
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/api/quiet`;
  const there = new WebSocket(url);
  await once(there, 'open');
  const sentAway = once(there, 'close');
  await sockets.close();
  const comes = new WebSocket(url);
  await once(comes, 'open');
  assert.deepEqual([(await sentAway)[0], (await once(comes, 'close'))[0]], [1012, 1012], 'so that they come again');
  http.close();
  assert.deepEqual(failures, []);
});

test('of a stranger one frame is read, and the next when it is welcome', () => {
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    isPaused: false,
    pause: () => void (socket.isPaused = true),
    resume: () => void (socket.isPaused = false),
  });
  const frames = new Frames(socket as unknown as WebSocket, true);
  socket.emit('message', Buffer.from('who'), false);
  assert.equal(socket.isPaused, true);
  assert.equal(frames.nextOfWaiting(), 'who');
  frames.welcome();
  assert.equal(socket.isPaused, false);
  socket.emit('message', Buffer.from('more'), false);
  assert.equal(socket.isPaused, false);
});
