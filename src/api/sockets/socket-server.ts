/**
 * The WebSockets of the API, besides its HTTP operations: who may open one, how it is opened, and when it is closed.
 *
 * Prefect's handshake: a client that offers the subprotocol `prefect` gets it, says `{"type": "auth", "token": …}` as
 * its first frame and hears `{"type": "auth_success"}`. A client that does not offer it is old: it is taken without a
 * handshake, where no auth string is set.
 */

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

import { ERROR_CODES, OstinatoError } from '../../core/errors.ts';
import type { Reach } from '../../core/web/caller-policy.ts';
import { callerProblem, isOfScript, LOOPBACK_ONLY } from '../gate/callers.ts';
import { answerRaw } from '../gate/raw-answers.ts';
import { isAuthorized, isSameSecret } from '../gate/secret.ts';
import { API_PREFIX } from '../operation.ts';
import { closeSocket, Frames, POLICY_VIOLATION, PROTOCOL_ERROR } from './frames.ts';

const SUBPROTOCOL = 'prefect';
/** Milliseconds that a client has to authenticate. */
const HANDSHAKE_MS_MAX = 30_000;
/** Interval of pings: a dead peer is noticed within two of them. */
const HEARTBEAT_MS = 30_000;
const SOCKETS_MAX = 20_000;
/** Bytes; subscriptions are small. */
const FRAME_BYTES_MAX = 256 * 1024;
/** Not 1001, which Prefect's task workers take for the end of their work: after this code they reconnect. */
const SERVICE_RESTART = 1012;
/** Milliseconds for the closing handshake when the server stops. */
const GOODBYE_MS_MAX = 500;

/** The handler of one path. */
export interface Channel {
  /** Below `/api`, for instance `/events/out`; a part in braces stands for any name: `/work_pools/{name}/connect`. */
  readonly path: string;
  /** Whether clients without the handshake are refused. Default: they are taken where no auth string is set. */
  readonly needsHandshake?: boolean;
  /** Why a client with a wrong secret is closed. Default: what is wrong with it. */
  readonly refusal?: string;
  /** Default: 256 KiB. A longer frame closes the socket (1009). */
  readonly frameBytesMax?: number;
  /** Runs from the handshake to the end of the socket. An error closes the socket and is reported. */
  run(socket: WebSocket, frames: Frames, names: Readonly<Record<string, string>>): Promise<void>;
}

export interface SocketOptions {
  /** `user:password`; `null`: everybody may. */
  readonly authString: string | null;
  /** Default: this machine only, by its loopback names. */
  readonly reach?: Reach | undefined;
  readonly channels: readonly Channel[];
  /** Called for failures of the server. */
  readonly onFailure: (error: unknown, path: string) => void;
}

export interface Sockets {
  /** Closes all sockets. */
  close(): Promise<void>;
}

interface Route {
  readonly channel: Channel;
  readonly server: WebSocketServer;
  /** What stands in the path: literal parts, and names in braces. */
  readonly parts: readonly string[];
}

interface Found {
  readonly route: Route;
  readonly names: Readonly<Record<string, string>>;
}

export function serveSockets(http: Server, options: SocketOptions): Sockets {
  const routes = options.channels.map((channel) => ({
    channel,
    server: socketServer(channel),
    parts: (API_PREFIX + channel.path).split('/'),
  }));
  const alive = new Map<WebSocket, { isHeard: boolean }>();
  let isClosing = false;
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy());
    const refused = callerProblem(options.reach ?? LOOPBACK_ONLY, request);
    if (refused !== null) return answerRaw(stream, refused.status, { detail: refused.detail });
    const found = findRoute(routes, pathOf(request));
    if (found === null) return refuseUnknown(request, stream, options.authString);
    const { route, names } = found;
    if (alive.size >= SOCKETS_MAX) return answerRaw(stream, 503, { detail: 'Too many sockets are open.' });
    const isOld = !offersSubprotocol(request);
    if (isOld && (options.authString !== null || route.channel.needsHandshake === true))
      return answerRaw(stream, 403, {
        detail: 'The subprotocol "prefect", which has a place for the secret, must be offered.',
      });
    route.server.handleUpgrade(request, stream, head, (socket) => {
      if (isClosing) return sayGoodbye(socket);
      const life = { isHeard: true };
      alive.set(socket, life);
      const hear = (): void => void (life.isHeard = true);
      socket.on('pong', hear).on('message', hear).on('ping', hear);
      socket.on('close', () => alive.delete(socket));
      // A protocol error also closes the socket; there is nobody to report it to.
      socket.on('error', hear);
      void runChannel(socket, { channel: route.channel, names, isOld }, options);
    });
  };
  http.on('upgrade', onUpgrade);
  const heartbeat = setInterval(() => {
    for (const [socket, life] of alive) {
      if (!life.isHeard) socket.terminate();
      else {
        life.isHeard = false;
        socket.ping();
      }
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async close() {
      clearInterval(heartbeat);
      // New clients are accepted and closed: Prefect's clients reconnect after that, and give up after a refusal.
      isClosing = true;
      for (const socket of alive.keys()) sayGoodbye(socket);
      const isOver = Promise.all(
        [...alive.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
      );
      const late = setTimeout(() => alive.forEach((_life, socket) => socket.terminate()), GOODBYE_MS_MAX);
      await isOver;
      clearTimeout(late);
    },
  };
}

function sayGoodbye(socket: WebSocket): void {
  socket.on('error', () => socket.terminate());
  socket.close(SERVICE_RESTART, 'The server closes.');
}

function socketServer(channel: Channel): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: channel.frameBytesMax ?? FRAME_BYTES_MAX,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('wsClientError', (error, stream) => answerRaw(stream, 400, { detail: error.message }));
  return server;
}

interface Opened {
  readonly channel: Channel;
  readonly names: Found['names'];
  readonly isOld: boolean;
}

async function runChannel(socket: WebSocket, { channel, names, isOld }: Opened, options: SocketOptions): Promise<void> {
  const frames = new Frames(socket, !isOld);
  try {
    if (!isOld && !(await shakeHands(socket, frames, options.authString, channel.refusal))) return;
    await channel.run(socket, frames, names);
  } catch (error) {
    if (OstinatoError.is(error) && ERROR_CODES[error.code].httpStatus < 500)
      return closeSocket(socket, PROTOCOL_ERROR, error.message);
    options.onFailure(error, channel.path);
    closeSocket(socket, 1011, 'Internal error');
  }
}

async function shakeHands(
  socket: WebSocket,
  frames: Frames,
  authString: string | null,
  refusal?: string,
): Promise<boolean> {
  const late = setTimeout(() => closeSocket(socket, POLICY_VIOLATION, 'No auth message in time'), HANDSHAKE_MS_MAX);
  const message = await frames.nextJson();
  clearTimeout(late);
  if (message === null) return false;
  const problem = message['type'] === 'auth' ? tokenProblem(message['token'], authString) : "Expected 'auth' message";
  if (problem !== null) {
    closeSocket(socket, POLICY_VIOLATION, refusal ?? problem);
    return false;
  }
  frames.welcome();
  socket.send('{"type":"auth_success"}');
  return true;
}

function tokenProblem(token: unknown, authString: string | null): string | null {
  if (authString === null) return null;
  if (typeof token !== 'string' || token === '') return 'Auth required but no token provided';
  return isSameSecret(token, authString) ? null : 'Invalid token';
}

function pathOf(request: IncomingMessage): string {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function findRoute(routes: readonly Route[], path: string): Found | null {
  const sent = path.split('/');
  for (const route of routes) {
    if (route.parts.length !== sent.length) continue;
    const names = namesIn(route.parts, sent);
    if (names !== null) return { route, names };
  }
  return null;
}

/** `null`: another path. */
function namesIn(parts: readonly string[], sent: readonly string[]): Found['names'] | null {
  const names: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const text = sent[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (part !== text) return null;
      continue;
    }
    try {
      names[name] = decodeURIComponent(text);
    } catch {
      return null;
    }
    if (names[name] === '') return null;
  }
  return names;
}

function offersSubprotocol(request: IncomingMessage): boolean {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === SUBPROTOCOL);
}

/** Without the secret, nobody can find out which paths exist. */
function refuseUnknown({ headers }: IncomingMessage, stream: Duplex, authString: string | null): void {
  if (authString === null || isAuthorized(headers.authorization, authString))
    return answerRaw(stream, 404, { detail: 'Not Found' });
  answerRaw(
    stream,
    401,
    { exception_message: 'Unauthorized' },
    isOfScript(headers) ? {} : { 'www-authenticate': 'Basic' },
  );
}
