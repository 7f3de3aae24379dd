/** One line of the result: our figure, the peer's beside it, and the goals that were set. */

import { samplesOf, type Samples } from './samples.ts';

export type Unit = 'microseconds' | 'bytes';

export type Goal =
  /** The peer takes at least this many times as long. */
  | { readonly kind: 'times-less'; readonly factor: number }
  /** We take at most this many times as long as the peer. */
  | { readonly kind: 'within'; readonly factor: number }
  /** Our figure itself stays below this, in the row's unit. */
  | { readonly kind: 'below'; readonly value: number };

export interface Peer {
  /** For instance `Prefect 3.8.8`, `bare SQLite loop`. */
  readonly name: string;
  readonly samples: Samples;
  /** Whether its n-th measurement was made in the same turn as our n-th. */
  readonly paired: boolean;
}

export interface Row {
  /** The `--only` name of the figure that it belongs to. */
  readonly figure: string;
  readonly what: string;
  readonly unit: Unit;
  readonly ours: Samples;
  /** `null`: nothing to compare with, or it was left out. */
  readonly peer: Peer | null;
  readonly goals: readonly Goal[];
}

/**
 * How many times as long the peer takes; below 1 when we take longer.
 *
 * Measurements of which each had one of the peer in the same turn are compared pair by pair: what made the machine slow
 * for a while made both slow.
 */
export function ratioOf({ ours, peer }: Row): number | null {
  if (peer === null) return null;
  const { median, values } = peer.samples;
  if (!peer.paired || values.length !== ours.values.length) return median / ours.median;
  return samplesOf(values.map((value, index) => value / (ours.values[index] as number))).median;
}

/** `null` when the goal compares with a peer that was not measured. */
export function isMet(row: Row, goal: Goal): boolean | null {
  const ratio = ratioOf(row);
  switch (goal.kind) {
    case 'below':
      return row.ours.median < goal.value;
    case 'times-less':
      return ratio === null ? null : ratio >= goal.factor;
    case 'within':
      return ratio === null ? null : 1 / ratio <= goal.factor;
  }
}
