/** Lines that clients can bring about at will: a few are said, the others counted, so that nobody fills a log or waits for it. */

import type { Clock } from '../core/time.ts';

const LINES_MAX = 20;
const SECONDS = 60;

/** @returns hears of them; says at most 20 a minute, and then how many it kept to itself */
export function inMeasure(say: (message: string) => void, clock: Pick<Clock, 'now'>): (message: string) => void {
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
