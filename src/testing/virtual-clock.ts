/**
 * Time that costs no time.
 *
 * 1. Time stands still while anything can run, but for one microsecond each time somebody looks at it: two looks are
 *    never the same instant, and a loop that only looks at the clock still sees its deadline come.
 * 2. When nothing has run for some turns of the event loop, and a timer that keeps the program alive is pending, time
 *    jumps to the earliest such timer. Timers marked `unref` (heartbeats) make no time pass by themselves; those that
 *    were due on the way fire at the end of the jump, once, in order.
 * 3. Work outside this clock (a socket, a file, a real timer, a thread) is given `patience` before time jumps over it:
 *    it cannot be known whether it will ever end.
 * 4. Nothing here keeps the program alive when no timer is pending.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { addSeconds, type Instant, type Timer } from '../core/time.ts';
import { QUIET_TURNS, turnsOfTheLoop, type TestClock } from './test-clock.ts';

/** Looks, a millisecond apart, at work that goes on outside before it is taken to hang. */
const PATIENCE_LOOKS = 100;
/** A thread or child process takes longer to start. */
const PATIENCE_LOOKS_HELD = 2000;
/** What is only there, not at work: listening sockets, terminals, pipes to a test runner. */
const AT_REST = new Set([
  'Immediate',
  'CloseReq',
  'TCPServerWrap',
  'PipeServerWrap',
  'PipeWrap',
  'TTYWrap',
  'SignalWrap',
  'FSEventWrap',
  'StatWatcher',
  'MessagePort',
]);

interface PendingTimer {
  readonly due: number;
  readonly order: number;
  readonly unref: boolean;
  readonly callback: () => void;
}

export class VirtualClock implements TestClock {
  readonly mode: 'virtual' | 'manual';
  readonly #timers = new Set<PendingTimer>();
  readonly #baseline = activeOutside();
  #now: number;
  #order = 0;
  #activity = 0;
  #held = 0;
  #watching = false;
  #stopped = false;

  constructor(startAt: Instant, mode: 'virtual' | 'manual' = 'virtual') {
    this.#now = startAt;
    this.mode = mode;
  }

  now(): Instant {
    this.#activity += 1;
    return (this.#now += 1) as Instant;
  }

  monotonicMs(): number {
    return this.now() / 1000;
  }

  setTimer(delayMs: number, callback: () => void, options: { readonly unref?: boolean } = {}): Timer {
    if (this.#stopped) return { cancel: () => {} };
    this.#activity += 1;
    const timer: PendingTimer = {
      due: this.#now + Math.max(0, Math.round(delayMs * 1000)),
      order: (this.#order += 1),
      unref: options.unref === true,
      callback: AsyncLocalStorage.bind(callback),
    };
    this.#timers.add(timer);
    this.#watch();
    return {
      cancel: () => {
        this.#activity += 1;
        this.#timers.delete(timer);
      },
    };
  }

  async yieldToEventLoop(): Promise<void> {
    await turnsOfTheLoop(1);
    this.#activity += 1;
    await this.#fireDue();
  }

  async advance(seconds: number): Promise<void> {
    const target = addSeconds(this.#now as Instant, seconds);
    for (;;) {
      await this.settle();
      const next = this.#earliest(() => true);
      if (!next || next.due > target) break;
      this.#now = Math.max(this.#now, next.due);
      await this.#fireDue();
    }
    this.#now = Math.max(this.#now, target);
  }

  async settle(): Promise<void> {
    let looks = 0;
    for (let quiet = 0, seen = this.#signature(); quiet < QUIET_TURNS;) {
      await turnsOfTheLoop(1);
      const signature = this.#signature();
      if (signature !== seen) [quiet, looks, seen] = [0, 0, signature];
      else if (this.#outside() && (looks += 1) < this.#patience()) await pause();
      else quiet += 1;
    }
  }

  hold(): () => void {
    let released = false;
    this.#held += 1;
    this.#activity += 1;
    return () => {
      if (released) return;
      released = true;
      this.#held -= 1;
      this.#activity += 1;
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#timers.clear();
  }

  /** Waits for quiet and jumps, as long as there is a timer to jump to. */
  #watch(): void {
    if (this.#watching || this.mode === 'manual') return;
    this.#watching = true;
    void this.#watchUntilIdle();
  }

  async #watchUntilIdle(): Promise<void> {
    while (this.#earliest((timer) => !timer.unref)) {
      await this.settle();
      const next = this.#earliest((timer) => !timer.unref);
      if (!next) break;
      this.#now = Math.max(this.#now, next.due);
      await this.#fireDue();
    }
    this.#watching = false;
  }

  /** Fires what is due, in order, with room for each timer's consequences before the next. */
  async #fireDue(): Promise<void> {
    for (let next = this.#dueNow(); next; next = this.#dueNow()) {
      this.#timers.delete(next);
      this.#activity += 1;
      next.callback();
      await Promise.resolve();
    }
  }

  #dueNow(): PendingTimer | undefined {
    return this.#earliest((timer) => timer.due <= this.#now);
  }

  #earliest(wanted: (timer: PendingTimer) => boolean): PendingTimer | undefined {
    let earliest: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (
        wanted(timer) &&
        (!earliest || timer.due < earliest.due || (timer.due === earliest.due && timer.order < earliest.order))
      )
        earliest = timer;
    }
    return earliest;
  }

  #patience(): number {
    return this.#held > 0 ? PATIENCE_LOOKS_HELD : PATIENCE_LOOKS;
  }

  /** Whether work goes on outside that was not there when the clock was made. */
  #outside(): boolean {
    if (this.#held > 0) return true;
    for (const [type, count] of activeOutside()) if (count > (this.#baseline.get(type) ?? 0)) return true;
    return false;
  }

  /** Changes whenever something has happened. */
  #signature(): string {
    return `${this.#activity} ${[...activeOutside()].join(' ')}`;
  }
}

/** How many things of which kind keep the event loop alive and may still do something. */
function activeOutside(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo())
    if (!AT_REST.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** Ends in a turn of its own, so that its timer is not taken for somebody's work. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await turnsOfTheLoop(1);
}
