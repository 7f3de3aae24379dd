/** Closes a server's connections after answering the requests in progress. */

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds; a slow sender, or a wait for others' locks, does not keep a server from stopping. */
const GRACE_MS = 5000;
/** Milliseconds until a connection whose answer was sent is closed: clients keep them open for minutes. */
const LOOK_EVERY_MS = 10;

/**
 * Call it before the server listens.
 * @param app made with `answersFirst`
 * @returns a function that closes it: accepts no further connection, refuses further requests (503), and cuts off what
 * is not answered in time
 */
export function gracefulClose(app: FastifyInstance, graceMs = GRACE_MS): () => Promise<void> {
  const { server } = app;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return async () => {
    // Node counts a connection without a request as busy; browsers open such ones ahead.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    const look = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
    const late = setTimeout(() => server.closeAllConnections(), graceMs);
    try {
      await app.close();
    } finally {
      clearInterval(look);
      clearTimeout(late);
    }
  };
}
