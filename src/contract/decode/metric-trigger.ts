/** Triggers on a figure of flow runs, as they are sent. Source: Prefect 3.9.1, `events/schemas/automations.py`. */

import { Type } from '../type.ts';
import { duration, fitting, needed, ofKind, optional, word, type Kind, type Read } from './kinds.ts';
import { RESOURCE_MEMBERS } from './resource-match.ts';

const DEFAULT_SECONDS = 300;
const SECONDS_MIN = 300;
/** Ours: a year. */
export const TRIGGER_SECONDS_MAX = 366 * 86_400;

const stretch: Read = (sent, findings) => {
  const before = findings.problems.length;
  const seconds = duration(sent, findings);
  if (findings.problems.length > before || typeof seconds !== 'number') return seconds;
  if (seconds < SECONDS_MIN) findings.addRule(sent.path, 'The minimum range is 300 seconds (5 minutes)', sent.plain);
  if (seconds > TRIGGER_SECONDS_MAX) findings.addRule(sent.path, 'The maximum range is 366 days', sent.plain);
  return seconds;
};

const METRIC_QUERY: Kind = {
  name: 'MetricTriggerQuery',
  members: {
    name: needed(word(['lateness', 'duration', 'successes'], 'enum')),
    threshold: needed(fitting(Type.Number())),
    operator: needed(word(['<', '<=', '>', '>='], 'enum')),
    range: optional(stretch, DEFAULT_SECONDS),
    firing_for: optional(stretch, DEFAULT_SECONDS),
  },
};

export const METRIC: Kind = {
  name: 'MetricTrigger',
  members: {
    type: optional(word(['metric']), 'metric'),
    ...RESOURCE_MEMBERS,
    posture: optional(
      word(['Metric'], 'literal_error', (posture) => `Posture.${posture}`),
      'Metric',
    ),
    metric: needed(ofKind(METRIC_QUERY)),
  },
};
