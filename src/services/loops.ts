/**
 * Drives the loops of a server: each is called again some seconds after it has ended, and never while it runs.
 *
 * 1. A loop that fails is told of and called again at its time.
 * 2. When it is stopped, what runs ends first.
 */

import type { Clock, Instant, Timer } from '../core/time.ts';

export interface Loop {
  /** For messages. */
  readonly name: string;
  readonly everySeconds: number;
  /** Default: the same interval as later. */
  readonly firstAfterSeconds?: number;
  readonly tick: (now: Instant) => Promise<unknown>;
}

export interface Loops {
  /** Resolves when no tick is running any more. */
  stop(): Promise<void>;
}

/** @param onFailure called with the error of a tick that failed */
export function startLoops(
  clock: Clock,
  loops: readonly Loop[],
  onFailure: (name: string, error: unknown) => void,
): Loops {
  const timers = new Map<Loop, Timer>();
  const running = new Set<Promise<void>>();
  let isStopped = false;
  const plan = (loop: Loop, afterSeconds = loop.everySeconds): void => {
    if (!isStopped)
      timers.set(
        loop,
        clock.setTimer(afterSeconds * 1000, () => run(loop), { unref: true }),
      );
  };
  const run = (loop: Loop): void => {
    const ticked = loop
      .tick(clock.now())
      .then(
        () => undefined,
        (error: unknown) => onFailure(loop.name, error),
      )
      .finally(() => {
        running.delete(ticked);
        plan(loop);
      });
    running.add(ticked);
  };
  for (const loop of loops) plan(loop, loop.firstAfterSeconds);
  return {
    async stop() {
      isStopped = true;
      for (const timer of timers.values()) timer.cancel();
      await Promise.all(running);
    },
  };
}
