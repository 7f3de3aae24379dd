/** The real clock: wall time in microseconds that never goes back within a process. */

import type { Clock, Instant, Timer } from '../core/time.ts';
import { stoppedMs, watchNow } from './watchdog.ts';

/** Milliseconds between comparisons with the wall clock, which may be slewed and corrected. */
const RECALIBRATE_MS = 1000;
/** `Date.now()` has whole milliseconds: a smaller difference is rounding. */
const DIFFERENCE_MS = 5;

export function createClock(): Clock {
  // `timeOrigin` is the wall time of the zero of `performance.now()`, with microseconds.
  let offsetMs = performance.timeOrigin;
  let calibratedAt = performance.now();
  return {
    now(): Instant {
      const elapsed = performance.now();
      if (elapsed - calibratedAt > RECALIBRATE_MS) {
        calibratedAt = elapsed;
        const ahead = Date.now() - elapsed - offsetMs;
        // A wall clock that was set back is not followed: two states of a run would swap their order.
        if (ahead > DIFFERENCE_MS) offsetMs += ahead;
      }
      return Math.round((offsetMs + elapsed) * 1000) as Instant;
    },
    monotonicMs: runningMs,
    watchTurns,
    setTimer(delayMs, callback, options): Timer {
      return startTimer(delayMs, callback, options?.unref === true);
    },
    yieldToEventLoop(): Promise<void> {
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function runningMs(): number {
  return performance.now() - stoppedMs();
}

const TURN_LOOK_MS = 50;
/** One timer for all watchers, while there are any. */
const turns = { watchers: 0, lastMs: 0, timer: undefined as NodeJS.Timeout | undefined };

function watchTurns(): { lastMs(): number; stop(): void } {
  watchNow();
  turns.watchers += 1;
  if (turns.timer === undefined) {
    turns.lastMs = runningMs();
    turns.timer = setInterval(() => {
      turns.lastMs = runningMs();
      if (turns.watchers > 0) return;
      clearInterval(turns.timer);
      turns.timer = undefined;
    }, TURN_LOOK_MS).unref();
  }
  let stopped = false;
  return {
    lastMs: () => turns.lastMs,
    stop: () => {
      if (!stopped) turns.watchers -= 1;
      stopped = true;
    },
  };
}

/** Node fires timers above this at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

function startTimer(delayMs: number, callback: () => void, unref: boolean): Timer {
  let handle: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, DELAY_MS_MAX);
    handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), Math.max(0, stepMs));
    if (unref) handle.unref();
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}
