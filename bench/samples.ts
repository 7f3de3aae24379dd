/**
 * Repeated measurements of one thing, and how they are told apart from noise: by their median, with the range beside
 * it.
 */

export interface Samples {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** @throws RangeError without values: a figure that was not measured is `null`, not zero. */
export function samplesOf(values: readonly number[]): Samples {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('no measurement to take the median of');
  return { median: (low + high) / 2, min: sorted[0] as number, max: sorted.at(-1) as number, values };
}
