/** Programs that can do nothing without their server wait for it, and say since when. */

import { OstinatoError } from '../core/errors.ts';
import { formatInstant, secondsBetween, sleep, type Clock, type Instant } from '../core/time.ts';

export interface Patience {
  readonly clock: Clock;
  /** How long it is waited for; `Infinity`: until it answers. */
  readonly secondsMax: number;
  readonly tell: (message: string) => void;
  /** Ends the waiting: what was the trouble is thrown. */
  readonly signal?: AbortSignal;
}

const ASK_AGAIN_MS = 1000;
/** Who comes to look later sees it, too. */
const TELL_AGAIN_SECONDS = 60;

/** @throws whatever is asked throws, but for a server that is away while there is patience */
export async function whileAway<T>(
  { clock, secondsMax, tell, signal }: Patience,
  ask: () => T | Promise<T>,
): Promise<T> {
  const since = clock.now();
  for (let toldAt: Instant | null = null; ;) {
    try {
      const answer = await ask();
      if (toldAt !== null) tell(`The server answers, after ${Math.round(secondsBetween(since, clock.now()))} s.`);
      return answer;
    } catch (error) {
      const isAway = OstinatoError.is(error) && error.code === 'server-unavailable';
      const now = clock.now();
      if (!isAway || signal?.aborted === true || secondsBetween(since, now) >= secondsMax) throw error;
      if (toldAt === null || secondsBetween(toldAt, now) >= TELL_AGAIN_SECONDS) {
        tell(`${error.message} It is waited for since ${formatInstant(since)}.`);
        toldAt = now;
      }
      await sleep(clock, ASK_AGAIN_MS, signal).catch(() => {});
    }
  }
}
