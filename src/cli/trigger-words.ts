/** Triggers of automations in words. */

import { plural, showSeconds } from '../core/why-phrases.ts';

type Json = Readonly<Record<string, unknown>>;

/** For instance `event of prefect.flow-run.Failed`, `flow run in Pending for longer than 5 min`. */
export function triggerInWords(trigger: Json): string {
  const { metric, time_in_state: stay, triggers } = trigger;
  if (isJson(metric) && text(metric['name']) !== '') return metricInWords(metric);
  if (isJson(stay)) return stayInWords(stay);
  if (Array.isArray(triggers)) return compositeInWords(trigger, triggers.filter(isJson));
  const expected = textsIn(trigger['expect']).join(', ');
  return expected === '' ? text(trigger['type']) : `${text(trigger['type'])} of ${expected}`;
}

function compositeInWords({ type, require: required }: Json, triggers: readonly Json[]): string {
  const parts = triggers.map(triggerInWords).join('; ');
  return `${type === 'sequence' ? 'in this order' : `${String(required)} of`}: ${parts}`;
}

const METRICS: Readonly<Record<string, string>> = {
  lateness: 'mean lateness',
  duration: 'mean duration',
  successes: 'share of successes',
};

function metricInWords({ name, operator, threshold, range, firing_for: firingFor }: Json): string {
  const figure = METRICS[text(name)] ?? text(name);
  const limit = name === 'successes' || Number(threshold) < 0 ? String(threshold) : span(threshold);
  return `${figure} of flow runs within ${span(range)} ${text(operator)} ${limit}, for ${span(firingFor)}`;
}

function stayInWords({ states, for: seconds, longer_than: usual }: Json): string {
  const lengths = [
    ...(typeof seconds === 'number' ? [span(seconds)] : []),
    ...(isJson(usual) ? [usualInWords(usual)] : []),
  ];
  return `flow run in ${textsIn(states).join(' or ')} for longer than ${lengths.join(' and ')}`;
}

/** For instance `2 × p95 of the last 30 completed runs of its flow`. */
function usualInWords({ percentile, times, of, runs }: Json): string {
  const factor = times === 1 ? '' : `${String(times)} × `;
  return `${factor}p${String(percentile)} of the last ${plural(Number(runs), 'completed run')} of its ${text(of)}`;
}

function span(seconds: unknown): string {
  return typeof seconds === 'number' ? showSeconds(seconds) : String(seconds);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
