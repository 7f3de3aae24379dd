/** Ids that are the same in every run of a test: time from the test's clock, chance from its seed. */

import { formatUuidV7, type IdSource } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';

const SEQUENCE_MAX = 0xfff;

/** Sorted by their making, as the real ones, also when the clock stands. */
export function createSeededIds(clock: Pick<Clock, 'now'>, random: () => number): IdSource {
  const bytes = new Uint8Array(8);
  let lastMs = 0;
  let sequence = 0;
  return {
    next<Id extends string>(): Id {
      const ms = Math.floor(clock.now() / 1000);
      if (ms > lastMs) [lastMs, sequence] = [ms, 0];
      else if (sequence === SEQUENCE_MAX) [lastMs, sequence] = [lastMs + 1, 0];
      else sequence += 1;
      for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(random() * 256);
      return formatUuidV7(lastMs, sequence, bytes) as Id;
    },
  };
}
