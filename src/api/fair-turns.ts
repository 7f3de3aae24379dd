/**
 * Many requests that are there at once, on one connection or on hundreds, keep nobody else waiting: when their work has taken its part
 * of a turn of the event loop, the rest waits for the next, and what is open to everybody (health, readiness) is answered in between.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const TURN_MS = 40;
/** Of one connection; more are read in the next turn. */
const REQUESTS_A_TURN = 50;

export class FairTurns {
  readonly #nowMs: () => number;
  readonly #waiting: (() => void)[] = [];
  /** When the part of this turn is used up; 0: nothing was done in it yet. */
  #endMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** At once, or in the next turns, in the order in which it came. */
  run(work: () => void): void {
    if (this.#waiting.length === 0 && this.#hasTime()) work();
    else this.#waiting.push(work);
  }

  #hasTime(): boolean {
    if (this.#endMs > 0) return this.#nowMs() < this.#endMs;
    this.#endMs = this.#nowMs() + TURN_MS;
    setImmediate(() => this.#nextTurn());
    return true;
  }

  #nextTurn(): void {
    this.#endMs = 0;
    while (this.#waiting.length > 0 && this.#hasTime()) this.#waiting.shift()?.();
  }
}

/** A connection on which thousands of requests are sent ahead is read some of them a turn. */
export function readInTurns(server: Server): void {
  const counts = new Map<Socket, number>();
  const next = (): void => {
    for (const [socket, count] of counts) if (count >= REQUESTS_A_TURN) socket.resume();
    counts.clear();
  };
  server.on('request', ({ socket }) => {
    if (counts.size === 0) setImmediate(next);
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    if (count === REQUESTS_A_TURN) socket.pause();
  });
}
