import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';

import { addSeconds, formatInstant, type Clock, type Instant } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';
import { overSocket } from './event-socket.ts';
import type { WireEvent } from './event-stream.ts';

const NOW = 1_790_000_000_000_000 as Instant;
const at = (seconds: number): string => formatInstant(addSeconds(NOW, seconds));

/** Pauses are over at once; what takes longer never is. */
function clockWithoutPauses(): Clock {
  const clock = createClock();
  return {
    ...clock,
    now: () => NOW,
    setTimer: (delayMs, callback, options) =>
      delayMs > 5000 ? { cancel: () => undefined } : clock.setTimer(0, callback, options),
  };
}

interface Asked {
  readonly backfill: boolean;
  readonly filter: { readonly occurred: { readonly since?: string } };
  readonly after?: string;
}

/** A server whose connections are the test's: each with what its client has asked for. */
async function startServer(test: TestContext) {
  const http = createServer();
  const waiting: ((opened: { readonly socket: WebSocket; readonly asked: Asked }) => void)[] = [];
  const opened: { readonly socket: WebSocket; readonly asked: Asked }[] = [];
  new WebSocketServer({ server: http, handleProtocols: () => 'prefect' }).on('connection', (socket) =>
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Asked & { readonly type: string };
      if (message.type === 'auth') return socket.send('{"type":"auth_success"}');
      const { type: _type, ...asked } = message;
      const next = waiting.shift();
      if (next === undefined) opened.push({ socket, asked });
      else next({ socket, asked });
    }),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  test.after(() => (http.closeAllConnections(), http.close()));
  return {
    live: { kind: 'socket', url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/api`, secret: null } as const,
    next: () =>
      new Promise<{ readonly socket: WebSocket; readonly asked: Asked }>((resolve) => {
        const first = opened.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}

function tell(socket: WebSocket, id: string, position?: string): void {
  socket.send(JSON.stringify({ type: 'event', event: { id }, position }));
}

function listener(limit: number) {
  const heard: string[] = [];
  const breaks: string[] = [];
  return {
    heard,
    breaks,
    parts: {
      clock: clockWithoutPauses(),
      query: { occurred: {} } as never,
      withPast: false,
      onBreak: () => void breaks.push('broken'),
      onEvent: ({ id }: WireEvent) => heard.push(id) < limit,
    },
  };
}

test('a stream that breaks goes on behind its last frame; by the time, where the server does not know that one', async (context) => {
  const server = await startServer(context);
  const { parts, heard, breaks } = listener(3);
  const stream = await overSocket(server.live, parts);
  const first = await server.next();
  assert.deepEqual([first.asked.backfill, first.asked.after], [false, undefined]);
  tell(first.socket, 'a', '1.a');
  tell(first.socket, 'b', '2.b');
  first.socket.close();
  const second = await server.next();
  assert.deepEqual([second.asked.backfill, second.asked.after], [false, '2.b']);
  second.socket.send('{"type":"resumed","complete":false}');
  const third = await server.next();
  assert.deepEqual([third.asked.backfill, third.asked.after], [true, undefined]);
  tell(third.socket, 'c');
  await stream.ended;
  assert.deepEqual([heard, breaks.length], [['a', 'b', 'c'], 2]);
});

test('a stream that has heard nothing goes on with what happened since it began', async (context) => {
  const server = await startServer(context);
  const { parts, heard } = listener(1);
  const stream = await overSocket(server.live, parts);
  (await server.next()).socket.terminate();
  const second = await server.next();
  assert.deepEqual([second.asked.backfill, second.asked.filter.occurred.since], [true, at(0)]);
  second.socket.terminate();
  tell((await server.next()).socket, 'a');
  await stream.ended;
  assert.deepEqual(heard, ['a']);
});

test('a stream with a past begins a minute before, or with the time that was asked for', async (context) => {
  const server = await startServer(context);
  const { parts } = listener(1);
  for (const [since, expected] of [
    [undefined, at(-60)],
    [at(-3600), at(-60)],
    [at(-10), at(-10)],
  ] as const) {
    const query = { occurred: since === undefined ? {} : { since } } as never;
    const stream = await overSocket(server.live, { ...parts, query, withPast: true });
    const { asked } = await server.next();
    assert.deepEqual([asked.backfill, asked.filter.occurred.since], [true, expected]);
    stream.close();
    await stream.ended;
  }
});

test('who is not let in is told so, and does not try again', async (context) => {
  const server = await startServer(context);
  const { parts, breaks } = listener(1);
  const stream = await overSocket(server.live, parts);
  (await server.next()).socket.close(1008, 'Invalid token');
  await assert.rejects(stream.ended, {
    code: 'server-unavailable',
    message: /closed the stream of events: Invalid token/,
  });
  assert.deepEqual(breaks, []);
});
