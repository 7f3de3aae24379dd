/**
 * Spare processes, so that a run need not wait for one to start. Each runs one run: what a run leaves in its process
 * (modules, environment, folder) is there for no other.
 */

import type { Clock, Timer } from '../core/time.ts';
import type { SpareProcess } from '../platform/spare-process.ts';
import { describeEnd, LastLines } from './process-end.ts';

/** The next one is started a little later: it would take its time from the run that begins. */
const REFILL_MS = 250;
/** After one that ended by itself, which the next may do, too; twice as long after each further one. */
const REFILL_AFTER_END_MS = 10_000;
const REFILL_AFTER_END_MS_MAX = 600_000;

const UNTIL_THEN =
  'Runs start without one, which takes a little longer; one is tried again now and then. This is not said again.';

export interface SpareProcessParts {
  /** How many are kept; 0: none. */
  readonly count: number;
  /** `onLine` hears what it writes while it waits. */
  readonly start: (onLine: (line: string) => void) => SpareProcess;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Hears why one ended by itself: the first time, and again after one that was of use. */
  readonly say: (line: string) => void;
}

export class SpareProcesses {
  readonly #parts: SpareProcessParts;
  readonly #waiting: SpareProcess[] = [];
  readonly #timers = new Set<Timer>();
  #isEnded = false;
  /** How many ended by themselves, one after the other. */
  #failures = 0;

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
    if (spare === null) return null;
    this.#failures = 0;
    this.#addLater(REFILL_MS);
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
    const lines = new LastLines();
    const spare = this.#parts.start((line) => lines.add(line));
    this.#waiting.push(spare);
    void spare.group.ended.then(async (end) => {
      const at = this.#waiting.indexOf(spare);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      this.#failures += 1;
      this.#addLater(Math.min(REFILL_AFTER_END_MS * 2 ** (this.#failures - 1), REFILL_AFTER_END_MS_MAX));
      if (this.#failures > 1 || this.#isEnded) return;
      await spare.group.read;
      this.#parts.say(`A spare process ended before it had a run. ${describeEnd(end)} ${lines.said()}\n${UNTIL_THEN}`);
    });
  }
}
