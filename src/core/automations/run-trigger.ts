/**
 * Triggers on flow runs: on the time that one is in a state, which is ours, and on a figure of many of them, as Prefect
 * Cloud has it. Source of the latter: Prefect 3.9.1, `events/schemas/automations.py`, and "Event triggers" in its
 * documentation.
 */

import type { ResourceMatch } from './label-match.ts';

/** Of a run, and of what is related to it: its flow, deployment, pool, tags. */
interface RunMatch extends ResourceMatch {
  readonly id: string;
}

/** Fires once for each run and each stay in one of the states that is longer than said, and resolves with its end. */
export interface StayTrigger extends RunMatch {
  readonly type: 'stay';
  /** Names. From one of them to another is one stay. */
  readonly states: readonly string[];
  /** Microseconds; `null`: only what is usual counts. */
  readonly forUs: number | null;
  /** Where both are there, the longer one counts. */
  readonly longerThan: UsualTime | null;
}

/** What is usual, from the run times of runs that have completed. */
export interface UsualTime extends RunTimesAsked {
  /** Above 0, at most 100. */
  readonly percentile: number;
  /** What it is multiplied by. */
  readonly times: number;
  /** With fewer, nothing is usual. */
  readonly runsMin: number;
}

/** Run times of the newest completed runs. */
export interface RunTimesAsked {
  /** Of the same flow, or of the same deployment. */
  readonly of: 'flow' | 'deployment';
  readonly runs: number;
}

/** `lateness` and `duration`: mean seconds; `successes`: from 0 to 1. */
export type MetricName = 'lateness' | 'duration' | 'successes';
export type MetricOperator = '<' | '<=' | '>' | '>=';

/** Fires when the figure has been beyond the threshold for a time, and resolves when it has not been for as long. */
export interface MetricTrigger extends RunMatch {
  readonly type: 'metric';
  readonly name: MetricName;
  readonly operator: MetricOperator;
  readonly threshold: number;
  /** Microseconds, as the next: of runs that ended so long ago, or less. */
  readonly rangeUs: number;
  readonly firingForUs: number;
}

export type RunTrigger = StayTrigger | MetricTrigger;

type Json = Readonly<Record<string, unknown>>;

/** Of a trigger of the type `event`; `null`: it is on events. */
export function readStay(json: Json, labels: RunMatch): StayTrigger | null {
  const stay = json['time_in_state'] as Json | null | undefined;
  if (stay === null || stay === undefined) return null;
  const usual = stay['longer_than'] as Json | null;
  return {
    ...labels,
    type: 'stay',
    states: (stay['states'] as readonly unknown[]).map(String),
    forUs: stay['for'] === null ? null : microseconds(stay['for']),
    longerThan: usual && {
      percentile: Number(usual['percentile']),
      times: Number(usual['times']),
      of: usual['of'] === 'deployment' ? 'deployment' : 'flow',
      runs: Number(usual['runs']),
      runsMin: Number(usual['runs_min']),
    },
  };
}

export function readMetric(json: Json, labels: RunMatch): MetricTrigger {
  const metric = json['metric'] as Json;
  return {
    ...labels,
    type: 'metric',
    name: metric['name'] as MetricName,
    operator: metric['operator'] as MetricOperator,
    threshold: Number(metric['threshold']),
    rangeUs: microseconds(metric['range']),
    firingForUs: microseconds(metric['firing_for']),
  };
}

export function microseconds(seconds: unknown): number {
  return Math.round(Number(seconds ?? 0) * 1_000_000);
}
