/**
 * Events over the socket of a server, ours or Prefect's: its handshake and its frames.
 *
 * A connection that breaks is made again, for half a minute. Our server goes on behind the last frame; Prefect's, and
 * ours while no frame has come or where it does not know that one, with what happened shortly before the break: then an
 * event may come twice, and whoever prints it remembers what he has printed.
 */

import { OstinatoError } from '../core/errors.ts';
import { addSeconds, formatInstant, sleep, type Clock, type Instant } from '../core/time.ts';
import type { EventQueryIn } from './event-filter.ts';
import type { EventStream, StreamParts, WireEvent } from './event-stream.ts';
import { exactJson, type Live } from './open-api.ts';

type SocketLive = Extract<Live, { kind: 'socket' }>;

/** Seconds; the clocks of two machines differ. */
const OVERLAP_SECONDS = 60;
/** Seconds of reconnecting; a server that restarts is back within some. */
const AWAY_SECONDS_MAX = 30;
const PAUSE_MS = { first: 250, max: 4000 };
const CONNECT_MS_MAX = 10_000;
/** The server refuses this client: trying again would not help. */
const POLICY_VIOLATION = 1008;
const FAR_SECONDS = 50 * 365 * 86_400;

interface Closed {
  readonly code: number;
  readonly reason: string;
}

interface Connection {
  /** Resolves when the server has taken the filter; rejects when it closes before. */
  readonly ready: Promise<void>;
  readonly closed: Promise<Closed>;
  readonly close: () => void;
}

/** Where the server begins: with past events since a time, after a frame, or with events from now on. */
type Beginning = { readonly since: string } | { readonly after: string } | 'now';

export async function overSocket(live: SocketLive, parts: StreamParts): Promise<EventStream> {
  const { clock, query, withPast } = parts;
  const stream = new SocketStream(live, parts);
  await stream.open(withPast ? { since: later(query.occurred.since, shortlyBefore(clock.now())) } : 'now');
  return { ended: stream.follow(), close: () => stream.close() };
}

class SocketStream {
  readonly #live: SocketLive;
  readonly #parts: StreamParts;
  readonly #closing = new AbortController();
  #connection: Connection | null = null;
  /** The position of the last frame. */
  #position: string | null = null;
  /** Events since then may have been missed. */
  #brokenAt: Instant | null = null;
  #isWanted = true;
  readonly #startedAt: string;

  constructor(live: SocketLive, parts: StreamParts) {
    this.#live = live;
    this.#parts = parts;
    this.#startedAt = formatInstant(parts.clock.now());
  }

  /** Resolves when every event from now on will be received. */
  async open(beginning: Beginning): Promise<void> {
    const connection = connect(this.#live, this.#parts, beginning, (frame) => this.#take(frame));
    this.#connection = connection;
    await within(connection, this.#parts.clock, this.#closing.signal);
  }

  /** Follows until it is stopped. @throws `server-unavailable` when the server is away for too long */
  async follow(): Promise<void> {
    for (;;) {
      const closed = await (this.#connection as Connection).closed;
      if (!this.#isWanted || this.#closing.signal.aborted) return;
      if (closed.code === POLICY_VIOLATION || !(await this.#comeAgain())) {
        if (this.#closing.signal.aborted) return;
        throw gone(this.#live, closed.reason);
      }
    }
  }

  close(): void {
    this.#isWanted = false;
    this.#closing.abort();
    this.#connection?.close();
  }

  async #comeAgain(): Promise<boolean> {
    const { clock, onBreak } = this.#parts;
    const { signal } = this.#closing;
    const until = addSeconds(clock.now(), AWAY_SECONDS_MAX);
    this.#brokenAt ??= clock.now();
    onBreak();
    for (let pauseMs = PAUSE_MS.first; clock.now() < until; pauseMs = Math.min(2 * pauseMs, PAUSE_MS.max)) {
      try {
        await sleep(clock, pauseMs, signal);
        await this.open(this.#whereItBroke(this.#brokenAt));
        return true;
      } catch {
        if (signal.aborted) return false;
      }
    }
    return false;
  }

  #whereItBroke(brokenAt: Instant): Beginning {
    if (this.#position !== null) return { after: this.#position };
    const { query, withPast } = this.#parts;
    const since = withPast ? query.occurred.since : later(query.occurred.since, this.#startedAt);
    return { since: later(since, shortlyBefore(brokenAt)) };
  }

  #take({ type, event, position, complete }: Frame): void {
    if (!this.#isWanted) return;
    if (type === 'resumed' && complete !== true) {
      // The server does not know the position: continues by time.
      this.#position = null;
      return this.#connection?.close();
    }
    if (type === 'resumed' || type === 'event') this.#brokenAt = null;
    if (type !== 'event' || event === undefined) return;
    this.#position = position ?? this.#position;
    this.#isWanted = this.#parts.onEvent(event);
    if (!this.#isWanted) this.close();
  }
}

interface Frame {
  readonly type?: string;
  readonly event?: WireEvent;
  readonly position?: string;
  readonly complete?: boolean;
}

function connect(
  live: SocketLive,
  { clock, query }: Pick<StreamParts, 'clock' | 'query'>,
  beginning: Beginning,
  onFrame: (frame: Frame) => void,
): Connection {
  const { url, secret } = live;
  const socket = new WebSocket(`${url}/events/out`, 'prefect');
  const ready = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<Closed>();
  // A rejection that nobody waits for any more is dropped.
  ready.promise.catch(() => {});
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'auth', token: secret ?? '' })));
  socket.addEventListener('message', ({ data }) => {
    const frame = exactJson(String(data)) as Frame;
    if (frame.type !== 'auth_success') return onFrame(frame);
    socket.send(JSON.stringify(wanted(query, beginning, clock.now())));
    ready.resolve();
  });
  socket.addEventListener('close', ({ code, reason }) => {
    ready.reject(gone(live, reason));
    closed.resolve({ code, reason });
  });
  return { ready: ready.promise, closed: closed.promise, close: () => socket.close() };
}

function wanted(query: EventQueryIn, beginning: Beginning, now: Instant): object {
  const until = formatInstant(addSeconds(now, FAR_SECONDS));
  const isPast = beginning !== 'now' && 'since' in beginning;
  return {
    type: 'filter',
    backfill: isPast,
    filter: { ...query, occurred: { ...query.occurred, ...(isPast ? beginning : {}), until } },
    ...(beginning !== 'now' && 'after' in beginning ? beginning : {}),
  };
}

/** Waits until the connection is ready, for at most this long. */
async function within(connection: Connection, clock: Clock, signal: AbortSignal): Promise<void> {
  const ready = new AbortController();
  const late = sleep(clock, CONNECT_MS_MAX, AbortSignal.any([ready.signal, signal])).then(
    () => connection.close(),
    () => undefined,
  );
  try {
    await connection.ready;
  } finally {
    ready.abort();
    await late;
  }
}

function gone({ url }: SocketLive, reason: string): OstinatoError {
  return new OstinatoError(
    'server-unavailable',
    `The server at ${url.replace(/^ws/, 'http')} has closed the stream of events${reason === '' ? '.' : `: ${reason}`}`,
    { remedy: 'Is the server running? Call the command again with --since to miss nothing.' },
  );
}

function shortlyBefore(now: Instant): string {
  return formatInstant(addSeconds(now, -OVERLAP_SECONDS));
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other;
}
