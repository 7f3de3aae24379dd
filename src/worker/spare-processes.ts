/**
 * Spare processes, so that a run need not wait for one to start. Each runs one run: what a run leaves in its process
 * (modules, environment, folder) is there for no other.
 */

import type { Clock, Timer } from '../core/time.ts';
import type { SpareProcess } from '../platform/spare-process.ts';

/** The next one is started a little later: it would take its time from the run that begins. */
const REFILL_MS = 250;
/** After one that ended by itself, which the next may do, too. */
const REFILL_AFTER_END_MS = 10_000;

export interface SpareProcessParts {
  /** How many are kept; 0: none. */
  readonly count: number;
  readonly start: () => SpareProcess;
  readonly clock: Pick<Clock, 'setTimer'>;
}

export class SpareProcesses {
  readonly #parts: SpareProcessParts;
  readonly #waiting: SpareProcess[] = [];
  readonly #timers = new Set<Timer>();
  #isEnded = false;

  constructor(parts: SpareProcessParts) {
    this.#parts = parts;
    for (let index = 0; index < parts.count; index += 1) this.#add();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** `null`: there is none now. */
  take(): SpareProcess | null {
    const spare = this.#waiting.shift() ?? null;
    if (spare !== null) this.#addLater(REFILL_MS);
    return spare;
  }

  /** Those that wait end. */
  end(): void {
    this.#isEnded = true;
    for (const timer of this.#timers) timer.cancel();
    for (const { group } of this.#waiting.splice(0)) group.signal('SIGKILL');
  }

  #addLater(delayMs: number): void {
    if (this.#isEnded) return;
    const timer = this.#parts.clock.setTimer(
      delayMs,
      () => {
        this.#timers.delete(timer);
        this.#add();
      },
      { unref: true },
    );
    this.#timers.add(timer);
  }

  #add(): void {
    if (this.#isEnded || this.#waiting.length >= this.#parts.count) return;
    const spare = this.#parts.start();
    this.#waiting.push(spare);
    void spare.group.ended.then(() => {
      const at = this.#waiting.indexOf(spare);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      this.#addLater(REFILL_AFTER_END_MS);
    });
  }
}
