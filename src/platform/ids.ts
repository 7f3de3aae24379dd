/** The real source of ids: UUIDv7 in order of creation, from pooled randomness. */

import { randomFillSync } from 'node:crypto';
import { formatUuidV7, type IdSource } from '../core/ids.ts';

/** Bytes that one call of the random generator gives: a call costs more than an id. */
const POOL_BYTES = 4096;
const BYTES_PER_ID = 8;
const SEQUENCE_MAX = 0xfff;

export function createIdSource(nowMs: () => number = Date.now): IdSource {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  let lastMs = 0;
  let sequence = 0;
  return {
    next<Id extends string>(): Id {
      if (used === POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const ms = nowMs();
      if (ms > lastMs) [lastMs, sequence] = [ms, 0];
      // After 4096 ids in a millisecond, or when the clock was set back, the next millisecond is used, so that the
      // order stays.
      else if (sequence === SEQUENCE_MAX) [lastMs, sequence] = [lastMs + 1, 0];
      else sequence += 1;
      const id = formatUuidV7(lastMs, sequence, pool, used);
      used += BYTES_PER_ID;
      return id as Id;
    },
  };
}
