/**
 * What a server says of its failures. One cause may fail a thousand requests a second, on a disk that has no room for it either:
 * the same failure is told once, and then with its number.
 */

import { OstinatoError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';

const AGAIN_AFTER_MS = 10_000;
/** Different failures that are remembered. */
const KINDS_MAX = 100;

interface Told {
  readonly atMs: number;
  untold: number;
}

/** @returns hears of failures: of what, and why */
export function failureTeller(say: (line: string) => void, clock: Pick<Clock, 'now'>): (message: string, error: unknown) => void {
  const told = new Map<string, Told>();
  return (message, error) => {
    const why = words(error);
    const nowMs = clock.now() / 1000;
    const before = told.get(why);
    if (before && nowMs - before.atMs < AGAIN_AFTER_MS) {
      before.untold += 1;
      return;
    }
    told.delete(why);
    told.set(why, { atMs: nowMs, untold: 0 });
    for (const oldest of told.keys()) if (told.size > KINDS_MAX) told.delete(oldest);
    say(`${message}: ${why}${before && before.untold > 0 ? ` (and ${before.untold} times since it was told last)` : ''}\n`);
  };
}

/** A known failure says itself what to do; of a defect the stack is what a report needs. */
function words(error: unknown): string {
  if (OstinatoError.is(error)) return `${error.message} ${error.remedy}`.trim();
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
