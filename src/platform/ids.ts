/** The real source of ids: UUIDv7 in order of their making, from pooled randomness. */

import { randomBytes } from 'node:crypto';
import { joinUuidV7, uuidV7Head, type IdSource } from '../core/ids.ts';

/** A call into the random generator costs more than an id: it gives this many bytes at once, and they become text at once. */
const POOL_BYTES = 4096;
const DIGITS_PER_ID = 16;
const SEQUENCE_MAX = 0xfff;

export function createIdSource(nowMs: () => number = Date.now): IdSource {
  let pool = '';
  let used = 0;
  let lastMs = 0;
  let head = uuidV7Head(lastMs);
  let sequence = 0;
  const begin = (ms: number): void => {
    lastMs = ms;
    head = uuidV7Head(ms);
    sequence = 0;
  };
  return {
    next<Id extends string>(): Id {
      if (used === pool.length) {
        pool = randomBytes(POOL_BYTES).toString('hex');
        used = 0;
      }
      const ms = nowMs();
      if (ms > lastMs) begin(ms);
      // More than 4096 ids in a millisecond, or a clock that was set back: borrow from the next one, the order stays.
      else if (sequence === SEQUENCE_MAX) begin(lastMs + 1);
      else sequence += 1;
      const id = joinUuidV7(head, sequence, pool, used);
      used += DIGITS_PER_ID;
      return id as Id;
    },
  };
}
