/**
 * A figure of flow runs over a range of time, and whether it has been beyond a threshold for long enough.
 *
 * 1. Values are added up in stretches of a sixtieth of the range. One counts until its end is as long ago as the range
 *    says: what is kept does not grow with the runs.
 * 2. Runs that are late have no value yet; what they are late by grows with the time, and counts.
 * 3. When the figure comes to be bad or good next, if nothing happens, is computed. So nobody looks in between.
 * 4. Without a value there is no figure: what had lasted for a while begins anew, what has fired stays fired.
 */

import { clampInstant, type Instant } from '../time.ts';
import type { MetricOperator, MetricTrigger } from './run-trigger.ts';

const STRETCHES = 60;
/** Nobody waits for what comes to be later than that. */
const SECONDS_MAX = 10 * 366 * 86_400;

export interface MetricState {
  /** When it was looked at last. */
  readonly at: Instant;
  /** By their time: number of the stretch, how many values, their sum. */
  readonly stretches: readonly (readonly [stretch: number, count: number, sum: number])[];
  /** Runs that are late: how many, and the sum of their seconds after `origin` at which they came to be it. */
  readonly late: { readonly origin: Instant; readonly count: number; readonly sum: number };
  /** `null`: there is no figure. */
  readonly isBad: boolean | null;
  /** Since when it is. */
  readonly since: Instant;
  readonly hasFired: boolean;
}

export interface MetricFiring {
  readonly state: 'Triggered' | 'Resolved';
  readonly at: Instant;
  readonly value: number;
}

export interface MetricOutcome {
  readonly metric: MetricState;
  readonly firings: readonly MetricFiring[];
}

export function newMetric(at: Instant): MetricState {
  const late = { origin: at, count: 0, sum: 0 };
  return { at, stretches: [], late, isBad: null, since: at, hasFired: false };
}

/** With so many more (or fewer) values in the stretch of `at`. */
export function withValue(
  { rangeUs }: MetricTrigger,
  metric: MetricState,
  { at, value, count = 1 }: { readonly at: Instant; readonly value: number; readonly count?: 1 | -1 },
): MetricState {
  const stretch = Math.floor(at / stretchUs(rangeUs));
  const [, there, sum] = metric.stretches.find(([number]) => number === stretch) ?? [stretch, 0, 0];
  const others = metric.stretches.filter(([number]) => number !== stretch);
  const changed = [stretch, there + count, sum + value * count] as const;
  const stretches = there + count <= 0 ? others : [...others, changed].toSorted(([a], [b]) => a - b);
  return { ...metric, stretches };
}

/** With one more run that is late since `at`, or one fewer. */
export function withLate(metric: MetricState, at: Instant, count: 1 | -1): MetricState {
  const { origin, ...late } = metric.late;
  if (late.count + count <= 0) return { ...metric, late: { origin, count: 0, sum: 0 } };
  const seconds = (at - origin) / 1_000_000;
  return { ...metric, late: { origin, count: late.count + count, sum: late.sum + seconds * count } };
}

/** After what was changed at the time, or as time has passed up to then. */
export function metricAt(trigger: MetricTrigger, before: MetricState, time: Instant): MetricState {
  const at = Math.max(before.at, time) as Instant;
  const stretches = before.stretches.filter(([stretch]) => endOf(trigger, stretch) > at);
  const metric = { ...before, at, stretches };
  const isBad = isBadAt(trigger, metric, at);
  return isBad === before.isBad ? metric : { ...metric, isBad, since: at };
}

/** From when on time has to be looked at; `null`: only events change it. */
export function metricDueAt(trigger: MetricTrigger, metric: MetricState): Instant | null {
  const turnsAt = metric.isBad === null ? null : nextTurn(trigger, metric);
  const countsAt = isUnsettled(metric) ? clampInstant(metric.since + trigger.firingForUs) : null;
  const times = [turnsAt, countsAt].filter((one) => one !== null);
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

/** What comes of the passing of time. */
export function afterMetricTime(trigger: MetricTrigger, before: MetricState, until: Instant): MetricOutcome {
  let metric = before;
  const firings: MetricFiring[] = [];
  for (;;) {
    const dueAt = metricDueAt(trigger, metric);
    if (dueAt === null || dueAt > until) return { metric, firings };
    if (isUnsettled(metric) && metric.since + trigger.firingForUs <= dueAt) {
      const hasFired = metric.isBad === true;
      const value = figureAt(metric, dueAt) ?? 0;
      firings.push({ state: hasFired ? 'Triggered' : 'Resolved', at: dueAt, value });
      metric = { ...metric, hasFired };
    }
    metric = metricAt(trigger, metric, dueAt);
  }
}

/** Whether it is about to fire, or to resolve. */
function isUnsettled({ isBad, hasFired }: MetricState): boolean {
  return isBad !== null && isBad !== hasFired;
}

function stretchUs(rangeUs: number): number {
  return rangeUs / STRETCHES;
}

/** When what is in the stretch of that time counts no more. */
export function countsUntil(trigger: MetricTrigger, at: Instant): Instant {
  return endOf(trigger, Math.floor(at / stretchUs(trigger.rangeUs)));
}

function endOf({ rangeUs }: MetricTrigger, stretch: number): Instant {
  return clampInstant(Math.ceil((stretch + 1) * stretchUs(rangeUs)) + rangeUs);
}

/** `null`: of no run. */
export function figureAt({ stretches, late }: MetricState, at: Instant): number | null {
  const count = stretches.reduce((sum, [, values]) => sum + values, late.count);
  if (count === 0) return null;
  const known = stretches.reduce((sum, [, , values]) => sum + values, 0);
  return (known + late.count * ((at - late.origin) / 1_000_000) - late.sum) / count;
}

function isBadAt({ operator, threshold }: MetricTrigger, metric: MetricState, at: Instant): boolean | null {
  const figure = figureAt(metric, at);
  return figure === null ? null : COMPARE[operator](figure, threshold);
}

const COMPARE: Readonly<Record<MetricOperator, (figure: number, threshold: number) => boolean>> = {
  '<': (figure, threshold) => figure < threshold,
  '<=': (figure, threshold) => figure <= threshold,
  '>': (figure, threshold) => figure > threshold,
  '>=': (figure, threshold) => figure >= threshold,
};

/** When it is bad, good or nothing else than now, if no run does anything; `null`: never. */
function nextTurn(trigger: MetricTrigger, metric: MetricState): Instant | null {
  let { at, stretches } = metric;
  for (;;) {
    const [oldest, ...newer] = stretches;
    const endsAt = oldest === undefined ? null : endOf(trigger, oldest[0]);
    const crossesAt = crossing(trigger, { ...metric, stretches }, at);
    if (crossesAt !== null && (endsAt === null || crossesAt < endsAt)) return crossesAt;
    if (endsAt === null) return null;
    at = endsAt;
    stretches = newer;
    if (isBadAt(trigger, { ...metric, stretches }, at) !== metric.isBad) return at;
  }
}

/** When what grows with the time passes the threshold, from `from` on. It only grows: so it passes it once. */
function crossing(trigger: MetricTrigger, metric: MetricState, from: Instant): Instant | null {
  const { late } = metric;
  const figure = figureAt(metric, from);
  if (late.count === 0 || figure === null) return null;
  const count = metric.stretches.reduce((sum, [, values]) => sum + values, late.count);
  const seconds = ((trigger.threshold - figure) * count) / late.count;
  if (seconds < 0 || seconds > SECONDS_MAX) return null;
  // The first microsecond at which it is so. Numbers of very late runs are not exact to one.
  const near = clampInstant(Math.floor(from + seconds * 1_000_000));
  for (let at = Math.max(near - 1, from + 1); at <= near + 2; at += 1)
    if (isBadAt(trigger, metric, at as Instant) !== metric.isBad) return at as Instant;
  return clampInstant(near + 1000);
}
