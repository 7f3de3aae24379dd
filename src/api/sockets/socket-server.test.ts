import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import WebSocket from 'ws';

import { serveSockets } from './socket-server.ts';

test('a server that closes says good-bye to those who are there, and to those who come', async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const quiet = { path: '/quiet', run: async (socket: WebSocket) => void (await once(socket, 'close')) };
  const failures: unknown[] = [];
  const sockets = serveSockets(http, { authString: null, channels: [quiet], onFailure: (error) => failures.push(error) });
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
