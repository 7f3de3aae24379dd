/**
 * Rate limit for log lines that clients can cause at will: some are written, the others counted, so that nobody can
 * fill a log.
 */

import type { Clock } from '../core/time.ts';

const LINES_MAX = 20;
const SECONDS = 60;

/** @returns a function that writes at most 20 lines a minute, and then the number of those it left out */
export function rateLimited(say: (message: string) => void, clock: Pick<Clock, 'now'>): (message: string) => void {
  let since = 0;
  let heard = 0;
  return (message) => {
    const seconds = clock.now() / 1_000_000;
    if (seconds - since >= SECONDS) {
      if (heard > LINES_MAX) say(`${heard - LINES_MAX} more of such lines were not written.`);
      since = seconds;
      heard = 0;
    }
    heard += 1;
    if (heard <= LINES_MAX) say(message);
  };
}
