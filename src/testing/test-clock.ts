/** The clock of a test: a `Clock` that can also be moved by hand, waited for, and stopped. */

import { OstinatoError } from '../core/errors.ts';
import type { Clock, Timer } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';

/**
 * `virtual`: when nothing is left to do but wait, time jumps to the next timer. `manual`: time stands until `advance`.
 * `real`: the machine's clock.
 */
export type ClockMode = 'virtual' | 'manual' | 'real';

export interface TestClock extends Clock {
  readonly mode: ClockMode;
  /**
   * Moves time on, firing every timer on the way at its own time and letting its consequences happen. `unsupported` for
   * `real`.
   */
  advance(seconds: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /**
   * Something outside the event loop is at work (a thread): time does not jump over it at once. Answers how to say that
   * it ended.
   */
  hold(): () => void;
  /** Drops every timer, and takes no more. */
  stop(): void;
}

/** Turns of the event loop without any activity after which nothing is taken to be runnable. */
export const QUIET_TURNS = 4;

export async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The machine's clock, with timers that can be dropped together. */
export function createRealTestClock(): TestClock {
  const clock = createClock();
  const timers = new Set<Timer>();
  let stopped = false;
  return {
    mode: 'real',
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    watchTurns: clock.watchTurns,
    setTimer(delayMs, callback, options) {
      if (stopped) return { cancel: () => {} };
      const inner = clock.setTimer(
        delayMs,
        () => {
          timers.delete(timer);
          callback();
        },
        options,
      );
      const timer: Timer = {
        cancel: () => {
          timers.delete(timer);
          inner.cancel();
        },
      };
      timers.add(timer);
      return timer;
    },
    yieldToEventLoop: () => clock.yieldToEventLoop(),
    advance: async () => {
      throw new OstinatoError('unsupported', 'The real clock cannot be moved.', {
        remedy: "Make the world with clock: 'virtual' or 'manual'.",
      });
    },
    settle: () => turnsOfTheLoop(QUIET_TURNS),
    hold: () => () => {},
    stop: () => {
      stopped = true;
      for (const timer of timers) timer.cancel();
    },
  };
}

/** The clock as one process of the world has it: when that process is gone, none of its timers fires any more. */
export function clockOfProcess(clock: Clock): { readonly clock: Clock; readonly end: () => void } {
  const timers = new Set<Timer>();
  let ended = false;
  const own: Clock = {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    watchTurns: clock.watchTurns,
    setTimer(delayMs, callback, options) {
      if (ended) return { cancel: () => {} };
      const inner = clock.setTimer(
        delayMs,
        () => {
          timers.delete(timer);
          callback();
        },
        options,
      );
      const timer: Timer = {
        cancel: () => {
          timers.delete(timer);
          inner.cancel();
        },
      };
      timers.add(timer);
      return timer;
    },
    yieldToEventLoop: () => (ended ? new Promise(() => {}) : clock.yieldToEventLoop()),
  };
  return {
    clock: own,
    end: () => {
      ended = true;
      for (const timer of timers) timer.cancel();
    },
  };
}
