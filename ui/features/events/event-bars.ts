/** How events are counted into the bars of their chart. Pure. */
import type { TimeBar } from '../../components/histogram.tsx';
import type { Period } from '../../components/time-bars.ts';

/** One bar for each step of the period, also where the server had nothing to say. */
export function eventBars(
  { start, end }: Period,
  stepSeconds: number,
  counted: readonly { readonly start: string; readonly count: number }[],
): readonly TimeBar[] {
  const step = stepSeconds * 1000;
  const totals = new Map<number, number>();
  for (const { start: from, count } of counted) {
    const at = Math.floor((Date.parse(from) - start) / step);
    totals.set(at, (totals.get(at) ?? 0) + count);
  }
  return Array.from({ length: Math.max(0, Math.round((end - start) / step)) }, (_, at) => ({
    start: start + at * step,
    end: start + (at + 1) * step,
    total: totals.get(at) ?? 0,
  }));
}
