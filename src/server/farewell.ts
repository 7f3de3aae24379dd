/** The end of a server's connections: what is under way on them is answered first. */

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Who trickles a request, or waits for a lock of others, does not keep a server from its end. */
const GRACE_MS = 5000;
/** A connection whose answer is sent is closed so soon: clients keep them for minutes. */
const LOOK_EVERY_MS = 10;

/**
 * Call it before the server listens.
 * @param app made with `answersFirst`
 * @returns closes it: takes no further connection, refuses further requests (503), and cuts off what is not answered within the time
 */
export function farewellOf(app: FastifyInstance, graceMs = GRACE_MS): () => Promise<void> {
  const { server } = app;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return async () => {
    // Node counts a connection that has said nothing yet as busy; browsers open such ones ahead.
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
