/** Triggers on flow runs in the words of people: `when a flow run is in “Pending” for longer than 5 minutes`. */

import type { MetricTrigger, RunTrigger, StayTrigger } from './run-trigger.ts';

/** What the words of all triggers have in common. */
export interface WordsOfParts {
  /** ` of the flow “sales”`; empty: of any. */
  readonly about: string;
  /** `an hour`, of microseconds. */
  readonly span: (us: number) => string;
  readonly alternatives: (all: readonly string[]) => string;
}

export function runTriggerWords(trigger: RunTrigger, parts: WordsOfParts): string {
  return trigger.type === 'stay' ? stayWords(trigger, parts) : metricWords(trigger, parts);
}

function stayWords({ states, forUs, longerThan }: StayTrigger, { about, span, alternatives }: WordsOfParts): string {
  const lengths = [...(forUs === null ? [] : [span(forUs)]), ...(longerThan === null ? [] : [usualWords(longerThan)])];
  const named = alternatives(states.map((state) => `“${state}”`));
  return `when a flow run${about} is in ${named} for longer than ${lengths.join(' and ')}`;
}

/** For instance `twice the time within which 95 % of the last 30 completed runs of its flow ended`. */
function usualWords({ percentile, times, of, runs }: NonNullable<StayTrigger['longerThan']>): string {
  const factor = times === 1 ? '' : times === 2 ? 'twice ' : `${times} times `;
  const which = runs === 1 ? 'the last completed run' : `the last ${runs} completed runs`;
  return `${factor}the time within which ${percentile} % of ${which} of its ${of} ended`;
}

const FIGURES = { lateness: 'mean lateness', duration: 'mean duration', successes: 'share of successes' } as const;

const OPERATORS = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' } as const;

function metricWords(trigger: MetricTrigger, { about, span }: WordsOfParts): string {
  const { name, operator, threshold, rangeUs, firingForUs } = trigger;
  const limit = name === 'successes' ? `${Number((threshold * 100).toFixed(3))} %` : secondsWords(threshold, span);
  const held = firingForUs > 0 ? `, and has been for ${span(firingForUs)}` : '';
  return `when the ${FIGURES[name]} of flow runs${about} within ${span(rangeUs)} is ${OPERATORS[operator]} ${limit}${held}`;
}

function secondsWords(seconds: number, span: WordsOfParts['span']): string {
  return seconds > 0 ? span(Math.round(seconds * 1_000_000)) : `${seconds} seconds`;
}
