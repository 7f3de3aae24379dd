/**
 * What the states of a flow run add to a figure. As Prefect Cloud defines its metrics:
 *
 * - `duration`: from a Running state to the terminal state that follows it.
 * - `lateness`: from the Late state until it runs, or crashes. Here what is still late counts, too: else nobody would
 *   be told of runs that never begin.
 * - `successes`: of the runs that have ended, how many have not failed or crashed. A run that is retried after its end
 *   counts by its last one.
 */

import { isTerminalType } from '../state.ts';
import { secondsBetween, type Instant } from '../time.ts';
import { countsUntil, withLate, withValue, type MetricState } from './metric.ts';
import type { RunNews } from './run-state.ts';
import type { MetricName, MetricTrigger } from './run-trigger.ts';

/** What is kept of one run. */
export interface MetricRun {
  /** When it began to run, came to be late, or ended. */
  readonly at: Instant;
  /** What it has added; `null`: nothing yet. */
  readonly value: number | null;
}

export interface MetricRunOutcome {
  readonly metric: MetricState;
  /** `null`: nothing is to be kept of it. */
  readonly run: MetricRun | null;
}

type Take = (trigger: MetricTrigger, before: MetricRunOutcome, news: RunNews) => MetricRunOutcome;

const TAKE: Readonly<Record<MetricName, Take>> = {
  duration(trigger, { metric, run }, { state, at }) {
    if (state?.type === 'RUNNING') return { metric, run: run ?? { at, value: null } };
    if (run === null || state === null || !isTerminalType(state.type)) return { metric, run: null };
    return { metric: withValue(trigger, metric, { at, value: secondsBetween(run.at, at) }), run: null };
  },

  lateness(trigger, { metric, run }, { state, at }) {
    if (state?.type === 'SCHEDULED' && state.name === 'Late')
      return run === null ? { metric: withLate(metric, at, 1), run: { at, value: null } } : { metric, run };
    if (run === null || state?.type === 'PENDING') return { metric, run };
    const without = withLate(metric, run.at, -1);
    if (state?.type !== 'RUNNING' && state?.type !== 'CRASHED') return { metric: without, run: null };
    return { metric: withValue(trigger, without, { at, value: secondsBetween(run.at, at) }), run: null };
  },

  successes(trigger, { metric, run }, { state, at }) {
    // What a run that is deleted has come to stays true.
    if (state === null) return { metric, run: null };
    const { at: endedAt, value } = run ?? { at, value: null };
    const without = value === null ? metric : withValue(trigger, metric, { at: endedAt, value, count: -1 });
    if (!isTerminalType(state.type)) return { metric: without, run: null };
    const ended = { at, value: state.type === 'FAILED' || state.type === 'CRASHED' ? 0 : 1 };
    return { metric: withValue(trigger, without, ended), run: ended };
  },
};

/** What comes of a state. One from before what is known of the run changes nothing. */
export function afterRunState(trigger: MetricTrigger, before: MetricRunOutcome, news: RunNews): MetricRunOutcome {
  return before.run !== null && news.at < before.run.at ? before : TAKE[trigger.name](trigger, before, news);
}

/** From when on it is as if it had never been; `null`: not by the passing of time. */
export function metricRunGoneAt(trigger: MetricTrigger, { at, value }: MetricRun): Instant | null {
  return value === null ? null : countsUntil(trigger, at);
}
