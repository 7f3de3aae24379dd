/** Sources of random numbers: functions that return 0 ≤ x < 1. */

export type Random = () => number;

/** For delays and names, not for secrets. */
export const systemRandom: Random = Math.random;

/** The same numbers for the same seed, in every process (the generator is Mulberry32: 32 bits of state). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
