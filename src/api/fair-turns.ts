/**
 * Many requests at once, on one connection or on hundreds, must not block other callers: when their work has used its
 * share of a turn of the event loop, the rest waits for the next turn, and public routes (health, readiness) are
 * answered in between.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const TURN_MS = 40;
/** Requests of one connection in a turn; more are read in the next. */
const REQUESTS_A_TURN = 50;

export class FairTurns {
  readonly #nowMs: () => number;
  readonly #waiting: (() => void)[] = [];
  /** When the share of this turn is used up; 0: no work was done in it yet. */
  #endMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Runs the work at once, or in one of the next turns, in order. */
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

/** Of pipelined requests on one connection, only some are read in each turn. */
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
