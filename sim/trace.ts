/**
 * What happened in one simulation, line by line: equal seeds give equal traces, or the simulation is not worth
 * replaying.
 */

import { createHash } from 'node:crypto';

export class Trace {
  readonly lines: string[] = [];
  readonly #hash = createHash('sha256');

  /** @param at microseconds since the simulation began */
  say(at: number, who: string, what: string): void {
    const line = `${(at / 1e6).toFixed(6).padStart(14)}  ${who.padEnd(8)} ${what}`;
    this.lines.push(line);
    this.#hash.update(line).update('\n');
  }

  /** Of all lines so far; ends the trace. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }
}
