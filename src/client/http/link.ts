/**
 * The link to a server that may be away.
 *
 * 1. It is `up`, or `away`: then nobody asks the server but the link itself, with growing pauses, until it answers.
 * 2. Before it is up again, everything that was put into the outbox meanwhile is told, in order. What comes while that
 *    goes on is put behind it.
 * 3. Finding out that the server is away costs its caller one patience; after that nobody waits.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { Clock, Timer } from '../../core/time.ts';
import { Unavailable } from './transport.ts';

export interface LinkParts<Server> {
  readonly clock: Clock;
  /** Draws 0 ≤ x < 1. */
  readonly random: () => number;
  /** Greets the server and finds out which kind it is. @throws `Unavailable`, or an error that waiting cannot cure */
  readonly greet: () => Promise<Server>;
  /** Sends the server what dead processes and this one have in their outboxes. @throws `Unavailable` */
  readonly catchUp: (server: Server) => Promise<void>;
  /** Whether the outbox holds entries, so that the link may not be up yet. */
  readonly isBehind: () => boolean;
  readonly onAway: (error: Unavailable) => void;
  readonly onBack: () => void;
}

const PROBE_MS_MIN = 200;
const PROBE_MS_MAX = 5_000;
/** Longest pause that a server may ask for, in milliseconds; one that asks for more is asked again after this. */
const ASKED_PAUSE_MS_MAX = 300_000;

export class Link<Server> {
  readonly #parts: LinkParts<Server>;
  #server: Server | null = null;
  #state: 'new' | 'up' | 'away' = 'new';
  #reason: Unavailable | null = null;
  #connecting: Promise<Server | null> | null = null;
  #probeMs = PROBE_MS_MIN;
  #timer: Timer | null = null;
  #waiters: (() => void)[] = [];
  #closed = false;

  constructor(parts: LinkParts<Server>) {
    this.#parts = parts;
  }

  get isAway(): boolean {
    return this.#state === 'away';
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Why the server is away. */
  get reason(): Unavailable {
    return (
      this.#reason ??
      new Unavailable('The server was not asked yet.', { status: null, retryAfterMs: null, isAmbiguous: false })
    );
  }

  /** The server; `null` while it is away. @throws what waiting cannot cure: a wrong password, another kind of server */
  async server(): Promise<Server | null> {
    if (this.#state === 'up') return this.#server;
    if (this.#state === 'away') return null;
    return await this.#connect();
  }

  /** Asks the server; returns `elsewise()` when the server is away, or goes away during the request. */
  async ask<T>(
    question: (server: Server) => T | Promise<T>,
    elsewise: (reason: Unavailable) => T | Promise<T>,
  ): Promise<T> {
    const server = await this.server();
    if (server === null) return await elsewise(this.reason);
    try {
      return await question(server);
    } catch (error) {
      const lost = this.#lossOf(error);
      if (lost === null) throw error;
      this.#goAway(lost);
      return await elsewise(lost);
    }
  }

  /** A password that was accepted before and is refused now counts as an outage, so that runs go on. */
  #lossOf(error: unknown): Unavailable | null {
    if (error instanceof Unavailable) return error;
    if (!OstinatoError.is(error) || error.code !== 'access-denied') return null;
    return new Unavailable(error.message, { status: 401, retryAfterMs: null, isAmbiguous: false, cause: error });
  }

  /** Resolves with `true` when the link is up, with `false` after `seconds`. */
  async whenUp(seconds: number): Promise<boolean> {
    if (this.#state !== 'away' || this.#closed) return this.#state === 'up';
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.setTimer(seconds * 1000, resolve);
      this.#waiters.push(() => {
        timer.cancel();
        resolve();
      });
      // Somebody waits: the timer of the next probe keeps the process alive.
      this.#arm(this.#probeMs);
    });
    return this.isUp;
  }

  /** Probes the server now. Never throws; returns whether the link is up. */
  async lookNow(): Promise<boolean> {
    if (this.#state === 'up' && !this.#parts.isBehind()) return true;
    try {
      await this.#connect();
    } catch {
      /* The next caller that asks the server gets the error. */
    }
    return this.isUp;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #connect(): Promise<Server | null> {
    this.#connecting ??= this.#tryToConnect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #tryToConnect(): Promise<Server | null> {
    this.#timer?.cancel();
    this.#timer = null;
    try {
      const server = await this.#parts.greet();
      this.#server = server;
      do await this.#parts.catchUp(server);
      while (this.#parts.isBehind());
      // No `await` between these lines: entries that are added from here on belong to the next outage.
      const wasAway = this.#state === 'away';
      this.#state = 'up';
      this.#probeMs = PROBE_MS_MIN;
      for (const wake of this.#waiters.splice(0)) wake();
      if (wasAway) this.#parts.onBack();
      return server;
    } catch (error) {
      const lost =
        this.#state === 'new'
          ? error instanceof Unavailable
            ? error
            : null
          : (this.#lossOf(error) ?? asUnavailable(error));
      if (lost === null) throw error;
      this.#goAway(lost);
      return null;
    }
  }

  #goAway(error: Unavailable): void {
    const isNew = this.#state !== 'away';
    this.#state = 'away';
    this.#reason = error;
    if (isNew) this.#parts.onAway(error);
    const pauseMs = this.#probeMs * (0.5 + this.#parts.random());
    this.#arm(Math.max(Math.min(error.retryAfterMs ?? 0, ASKED_PAUSE_MS_MAX), pauseMs));
    if (!isNew) this.#probeMs = Math.min(PROBE_MS_MAX, this.#probeMs * 2);
  }

  #arm(afterMs: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.setTimer(
      afterMs,
      () => {
        this.#timer = null;
        void this.lookNow();
      },
      { unref: this.#waiters.length === 0 },
    );
  }
}

function asUnavailable(error: unknown): Unavailable {
  return new Unavailable(error instanceof Error ? error.message : String(error), {
    status: null,
    retryAfterMs: null,
    isAmbiguous: false,
    cause: error,
  });
}
