/** Time windows of the runs list, and how runs are counted into the bars of its chart. Pure. */
import type { HistoryBucket } from '../../api/flow-runs.ts';
import type { StateType } from '../../api/states.ts';
import type { Period } from '../../components/time-bars.ts';
import { SPANS, type Span } from './spans.ts';
import { lookById, lookOf, type LookCounts } from '../states/state-look.ts';

/** A window that ends now reaches a little beyond: runs that are scheduled for the next minutes belong to it. */
export function periodOf(span: Span, now: number): Period {
  const { seconds } = SPANS[span];
  return { start: now - seconds * 1000, end: now + seconds * 20 };
}

export interface Bar {
  readonly start: number;
  readonly end: number;
  readonly total: number;
  /** By look: late runs are not what scheduled ones are. */
  readonly counts: LookCounts;
}

/** One bar for each step of the period, also where the server had nothing to say. */
export function barsOf(period: Period, stepSeconds: number, buckets: readonly HistoryBucket[]): Bar[] {
  const step = stepSeconds * 1000;
  const bars = Array.from({ length: Math.max(0, Math.round((period.end - period.start) / step)) }, (_, at) => {
    return {
      start: period.start + at * step,
      end: period.start + (at + 1) * step,
      total: 0,
      counts: {} as Record<string, number>,
    };
  });
  for (const { interval_start: from, states } of buckets) {
    const bar = bars[Math.floor((Date.parse(from) - period.start) / step)];
    if (bar === undefined) continue;
    for (const { state_type: type, state_name: name, count_runs: count } of states) {
      const { id } = lookOf(type, name);
      bar.counts[id] = (bar.counts[id] ?? 0) + count;
      bar.total += count;
    }
  }
  return bars;
}

export function totalsOf(bars: readonly Bar[]): Partial<Record<StateType, number>> {
  const totals: Partial<Record<StateType, number>> = {};
  for (const { counts } of bars) {
    for (const [id, count] of Object.entries(counts)) {
      const { type } = lookById(id);
      totals[type] = (totals[type] ?? 0) + count;
    }
  }
  return totals;
}
