/** How many runs were under way at a time. Pure. */
import type { TimelineNode } from './nodes.ts';

/**
 * @param now the end of what has none
 * @param steps into how many equal stretches the time from first start to last end is cut
 * @returns for each stretch, the mean number of runs under way in it
 */
export function concurrencyProfile(
  nodes: readonly Pick<TimelineNode, 'start' | 'end'>[],
  now: number,
  steps: number,
): number[] {
  let first = Infinity;
  let last = -Infinity;
  for (const { start, end } of nodes) {
    first = Math.min(first, start);
    last = Math.max(last, end ?? now);
  }
  const size = Math.max(1e-9, last - first) / steps;
  const busy = new Array<number>(steps).fill(0);
  for (const { start, end } of nodes) {
    const [from, to] = [(start - first) / size, Math.max(start, end ?? now) / size - first / size];
    for (let step = Math.floor(from); step < Math.min(steps, Math.max(to, from + 1e-9)); step += 1) {
      busy[step] = (busy[step] ?? 0) + Math.max(0, Math.min(step + 1, to) - Math.max(step, from));
    }
  }
  return busy;
}
