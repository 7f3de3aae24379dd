import assert from 'node:assert/strict';
import { test } from 'node:test';

import { metricTrigger, stayTrigger, usual } from './fixtures/runs.ts';
import { triggerLine, triggerWords } from './trigger-words.ts';
import { readTrigger } from './trigger.ts';

const EVENT = {
  type: 'event',
  id: 'a',
  match: { 'prefect.resource.id': 'prefect.flow-run.*' },
  match_related: {},
  after: [],
  expect: ['prefect.flow-run.Failed'],
  for_each: [],
  posture: 'Reactive',
  threshold: 1,
  within: 0,
};
function line(trigger: object): string {
  const read = readTrigger(JSON.stringify(trigger));
  assert.ok(read !== null);
  return triggerLine(triggerWords(read));
}
const of = (change: object): string => line({ ...EVENT, ...change });

test('events in words: what happens, to what, how often and within which time', () => {
  assert.equal(of({}), 'each time a flow run fails');
  assert.equal(
    of({ expect: ['prefect.flow-run.Failed', 'prefect.flow-run.Crashed'] }),
    'each time a flow run fails or crashes',
  );
  assert.equal(
    of({ match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.name': ['sales', '!old*'] } }),
    'each time a flow run of the flow “sales” or other than “old*” fails',
  );
  assert.equal(
    of({ threshold: 3, within: 300, for_each: ['related:flow:prefect.resource.id'] }),
    'when a flow run fails 3 times within 5 minutes, counted for each flow by itself',
  );
  assert.equal(of({ expect: ['prefect.flow-run.*'] }), 'each time a flow run changes its state');
  assert.equal(of({ expect: [] }), 'each time anything happens');
  assert.equal(of({ expect: ['order.*'] }), 'each time “order.*” is told');
  assert.equal(of({ expect: ['prefect.flow-run.Odd'] }), 'each time a flow run becomes “Odd”');
  assert.equal(of({ match: { shop: 'Berlin' } }), 'each time a flow run with shop “Berlin” fails');
});

test('what does not happen in words', () => {
  assert.equal(
    of({ posture: 'Proactive', expect: ['prefect.flow-run.Completed'], within: 3600 }),
    'when no flow run completes within an hour',
  );
  assert.equal(
    of({
      posture: 'Proactive',
      after: ['prefect.flow-run.Running'],
      expect: ['prefect.flow-run.Completed'],
      within: 5400,
      for_each: ['prefect.resource.id'],
    }),
    'when, after a flow run begins to run, no flow run completes within 90 minutes, ' +
      'counted for each resource by itself',
  );
});

test('what does not happen, of names that are not known, and often enough', () => {
  const absent = { posture: 'Proactive', within: 3600 };
  assert.equal(
    of({ ...absent, expect: ['order.paid'] }),
    'when it does not happen within an hour that “order.paid” is told',
  );
  assert.equal(of({ ...absent, threshold: 5 }), 'when a flow run fails fewer than 5 times within an hour');
});

test('several triggers in words, and names that are no words', () => {
  const compound = { type: 'compound', id: 'c', within: 60, require: 'any', triggers: [EVENT, EVENT] };
  assert.equal(
    line(compound),
    'when any of these happens within a minute: each time a flow run fails; each time a flow run fails',
  );
  assert.match(line({ ...compound, require: 'all', within: null }), /^when all of these happen: /);
  assert.match(line({ ...compound, type: 'sequence' }), /^when these happen one after the other within a minute: /);
  const long = '<img onerror>'.repeat(1000);
  const told = of({ expect: [long, 'constructor', '__proto__', 'prefect.constructor.toString'] });
  assert.ok(told.length < 400, told);
  assert.equal(of({ expect: Array.from({ length: 9 }, (_, at) => `e${at}`) }).match(/5 more/)?.length, 1);
  assert.match(of({ threshold: 9_007_199_254_740_991, within: 0.25 }), /9007199254740991 times within 0\.25 seconds/);
});

test('triggers on runs in words', () => {
  assert.equal(
    line(stayTrigger({ states: ['Pending'], for: 300 })),
    'when a flow run is in “Pending” for longer than 5 minutes',
  );
  assert.equal(
    line(stayTrigger({ states: ['AwaitingRetry', 'Paused'], for: 3600 })),
    'when a flow run is in “AwaitingRetry” or “Paused” for longer than an hour',
  );
  assert.equal(
    line(stayTrigger({ states: ['Running'], for: 90, longer_than: usual({ times: 2, of: 'deployment' }) })),
    'when a flow run is in “Running” for longer than 90 seconds and twice the time within which 95 % of the last 30 ' +
      'completed runs of its deployment ended',
  );
  assert.equal(
    line(metricTrigger({ name: 'lateness', operator: '>', threshold: 300, range: 86_400, firing_for: 600 })),
    'when the mean lateness of flow runs within a day is above 5 minutes, and has been for 10 minutes',
  );
  assert.equal(
    line(metricTrigger({ name: 'successes', operator: '<', threshold: 0.9 })),
    'when the share of successes of flow runs within 5 minutes is below 90 %, and has been for 5 minutes',
  );
});
