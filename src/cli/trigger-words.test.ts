import assert from 'node:assert/strict';
import { test } from 'node:test';

import { metricTrigger, stayTrigger, usual } from '../core/automations/fixtures/runs.ts';
import { triggerInWords } from './trigger-words.ts';

const EVENT = { type: 'event', expect: ['prefect.flow-run.Failed', 'a'] };

test('triggers are told in words', () => {
  const pending = stayTrigger({ states: ['Pending'], for: 300 });
  const told: readonly (readonly [unknown, string])[] = [
    [EVENT, 'event of prefect.flow-run.Failed, a'],
    [{ type: 'event', expect: [] }, 'event'],
    [pending, 'flow run in Pending for longer than 5 min'],
    [
      stayTrigger({ states: ['AwaitingRetry', 'Paused'], for: 3600 }),
      'flow run in AwaitingRetry or Paused for longer than 1 h',
    ],
    [
      stayTrigger({ states: ['Running'], for: 90, longer_than: usual({ times: 2, of: 'deployment' }) }),
      'flow run in Running for longer than 1 min 30 s and 2 × p95 of the last 30 completed runs of its deployment',
    ],
    [
      stayTrigger({ states: ['Running'], longer_than: usual({ percentile: 99.9, runs: 1 }) }),
      'flow run in Running for longer than p99.9 of the last 1 completed run of its flow',
    ],
    [
      metricTrigger({ name: 'lateness', operator: '>', threshold: 300, range: 86_400, firing_for: 600 }),
      'mean lateness of flow runs within 1 d > 5 min, for 10 min',
    ],
    [
      metricTrigger({ name: 'successes', operator: '<', threshold: 0.9 }),
      'share of successes of flow runs within 5 min < 0.9, for 5 min',
    ],
    [
      metricTrigger({ name: 'duration', operator: '>=', threshold: -1 }),
      'mean duration of flow runs within 5 min >= -1, for 5 min',
    ],
    [
      { type: 'compound', require: 'any', triggers: [EVENT, { type: 'sequence', triggers: [pending, EVENT] }] },
      'any of: event of prefect.flow-run.Failed, a; in this order: flow run in Pending for longer than 5 min; ' +
        'event of prefect.flow-run.Failed, a',
    ],
    // Of a server that is newer, or another one.
    [{}, ''],
    [{ type: 'newer', expect: 7, triggers: 'x', metric: [], time_in_state: null }, 'newer'],
    [{ type: 'metric', metric: {} }, 'metric'],
  ];
  for (const [trigger, words] of told) assert.equal(triggerInWords(trigger as Record<string, unknown>), words);
});
