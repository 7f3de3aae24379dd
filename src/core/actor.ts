/** Who has done something, as far as a server is told. */

import type { Instant } from './time.ts';

export interface Actor {
  /** `somebody@machine`; `null`: the program does not say. */
  readonly by: string | null;
  /** As it calls itself: `ostinato/0.1.0`; `null`: it does not. */
  readonly program: string | null;
}

export const NOBODY_KNOWN: Actor = { by: null, program: null };

/** By whom something was paused, and when. */
export interface Pause extends Actor {
  readonly at: Instant;
}

/** As a part of a sentence: ` by anna@barn (ostinato/0.1.0)`; empty when nothing is known. */
export function byWhom({ by, program }: Actor): string {
  if (by === null && program === null) return '';
  if (by === null) return ` by a program (${program})`;
  return ` by ${by}${program === null ? '' : ` (${program})`}`;
}
