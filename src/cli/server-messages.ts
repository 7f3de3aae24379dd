/**
 * Messages about a server's failures. One cause may fail a thousand requests a second, on a disk without room for the
 * messages: a failure is reported once, and then counted.
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

/** @returns a function that reports failures: what failed, and the error */
export function failureTeller(
  say: (line: string) => void,
  clock: Pick<Clock, 'now'>,
): (message: string, error: unknown) => void {
  const told = new Map<string, Told>();
  return (message, error) => {
    const why = describeFailure(error);
    const nowMs = clock.now() / 1000;
    const before = told.get(why);
    if (before && nowMs - before.atMs < AGAIN_AFTER_MS) {
      before.untold += 1;
      return;
    }
    told.delete(why);
    told.set(why, { atMs: nowMs, untold: 0 });
    for (const oldest of told.keys()) if (told.size > KINDS_MAX) told.delete(oldest);
    say(
      `${message}: ${why}${before && before.untold > 0 ? ` (and ${before.untold} times since it was told last)` : ''}\n`,
    );
  };
}

/** The message and remedy of a known failure; the stack of a defect, for a report. */
function describeFailure(error: unknown): string {
  if (OstinatoError.is(error)) return `${error.message} ${error.remedy}`.trim();
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
