import assert from 'node:assert/strict';
import { test } from 'node:test';

import { came, deleted, related, RUN, stayTrigger, usual } from './fixtures/runs.ts';
import { automation, event, Stepping, uuid } from './fixtures/stepping.ts';
import { OWN_FIRINGS_MAX } from './loop-guard.ts';

const stepping = (stay: Readonly<Record<string, unknown>>, parts = {}) =>
  new Stepping(automation(stayTrigger(stay, parts)));
const PENDING = { states: ['Pending'], for: 300 };

/** For instance `+300`: it fired at that second, `-400`: it resolved. */
const told = ({ firings }: Stepping): readonly string[] =>
  firings.map(({ firing }) => `${firing.state === 'Triggered' ? '+' : '-'}${(firing.at - 1.8e15) / 1e6}`);

test('a stay fires when it has lasted as long as said, once, and resolves with its end', () => {
  const steps = stepping(PENDING);
  const pending = came('Pending', 0);
  steps.step([pending], 300.9);
  assert.deepEqual(told(steps), []);
  steps.step([], 301);
  steps.step([], 5000);
  assert.deepEqual(told(steps), ['+300']);
  const [{ firing, event: by, posture } = assert.fail()] = steps.firings;
  assert.deepEqual(
    [firing.eventId, by?.id, posture, firing.labels],
    [pending.id, pending.id, 'Proactive', { 'prefect.resource.id': `prefect.flow-run.${RUN}` }],
  );
  const running = came('Running', 6000);
  steps.step([running, came('Completed', 6001)], 9000);
  assert.deepEqual(told(steps), ['+300', '-6000']);
  assert.equal(steps.firings[1]?.firing.eventId, running.id);
  assert.notEqual(steps.firings[1].firing.id, firing.id);
  assert.equal(steps.rows.size, 0);
});

test('one that ends before fires never; one that ended after, before anybody looked, fires and resolves', () => {
  const short = stepping(PENDING);
  short.step([came('Pending', 0), came('Running', 299.9)], 9000);
  assert.deepEqual([told(short), short.rows.size], [[], 0]);
  const seen = stepping(PENDING);
  seen.step([came('Pending', 0), came('Running', 300)], 9000);
  assert.deepEqual(told(seen), ['+300', '-300']);
});

test('each run and each stay fires by itself', () => {
  const steps = stepping(PENDING);
  const other = { run: uuid(2) };
  steps.step([came('Pending', 0), came('Pending', 10, other), came('Running', 400), came('Pending', 500)], 900);
  assert.deepEqual(told(steps), ['+300', '+310', '-400', '+800']);
  assert.equal(new Set(steps.firings.map(({ firing }) => firing.id)).size, 4);
});

test('from one of its states to another, and to the same one again, is one stay; what is no state ends none', () => {
  const steps = stepping({ states: ['Scheduled', 'Late'], for: 300 });
  const resource = { 'prefect.resource.id': `prefect.flow-run.${RUN}` };
  const beat = event({ name: 'prefect.flow-run.heartbeat', seconds: 120, resource });
  steps.step([came('Scheduled', 0), came('Late', 100), beat, came('Late', 200)], 1000);
  assert.deepEqual(told(steps), ['+300']);
});

test('a run that is deleted has left; an event from before the stay ends nothing', () => {
  const steps = stepping(PENDING);
  steps.step([came('Pending', 0)], 400);
  steps.step([came('Scheduled', -1, { receivedSeconds: 400 })], 401);
  assert.deepEqual(told(steps), ['+300']);
  steps.step([deleted(500)], 600);
  assert.deepEqual([told(steps), steps.rows.size], [['+300', '-500'], 0]);
});

test('it looks at runs whose labels fit; one whose labels change has still left', () => {
  const match = { match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'sales' } };
  const steps = stepping(PENDING, match);
  const other = { run: uuid(2), related: related('flow', 'other') };
  steps.step([came('Pending', 0), came('Pending', 0, other)], 1000);
  steps.step([came('Running', 1000, { related: [] })], 1001);
  assert.deepEqual(told(steps), ['+300', '-1000']);
});

test('nobody leaves a terminal state, whatever its name: it is no stay', () => {
  const steps = stepping({ states: ['Odd'], for: 1 });
  steps.step([came('Odd', 0, { resource: { 'prefect.state-type': 'FAILED' } })], 100);
  assert.deepEqual([told(steps), steps.rows.size], [[], 0]);
});

test('an event that is none of a run, or a hostile one, is passed over', () => {
  const steps = stepping(PENDING);
  const odd = [
    { 'prefect.resource.id': 'prefect.flow-run.not-a-uuid' },
    { 'prefect.resource.id': 'sales' },
    { 'prefect.state-type': 'NONSENSE' },
    { 'prefect.state-name': 'Other' },
  ];
  steps.step(
    odd.map((resource) => came('Pending', 0, { resource })),
    1000,
  );
  assert.deepEqual([told(steps), steps.rows.size], [[], 0]);
});

test('a clock that is ahead does not put a stay into the future', () => {
  const steps = stepping(PENDING);
  steps.step([came('Pending', 86_400, { receivedSeconds: 0 })], 301);
  assert.deepEqual(told(steps), ['+300']);
});

test('longer than usual: the percentile of the newest run times by the nearest rank, so many times', () => {
  const running = { states: ['Running'] };
  const fires = (stay: Readonly<Record<string, unknown>>, runTimes: readonly number[]): readonly string[] => {
    const steps = stepping({ ...running, ...stay });
    steps.runTimes = runTimes.map((seconds) => seconds * 1e6);
    steps.step([came('Running', 0)], 1e6);
    return told(steps);
  };
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(fires({ longer_than: usual({ times: 2 }) }, hundred), ['+190']);
  assert.deepEqual(fires({ longer_than: usual({ percentile: 50 }) }, hundred), ['+50']);
  assert.deepEqual(fires({ longer_than: usual({ percentile: 100 }) }, hundred), ['+100']);
  assert.deepEqual(fires({ longer_than: usual({ percentile: 0.001 }) }, hundred), ['+1']);
  // Too few are not usual: then what is said counts, or nothing.
  assert.deepEqual(fires({ longer_than: usual() }, [1, 2, 3, 4]), []);
  assert.deepEqual(fires({ longer_than: usual(), for: 600 }, [1, 2, 3, 4]), ['+600']);
  assert.deepEqual(fires({ longer_than: usual({ runs_min: 4 }) }, [1, 2, 3, 4]), ['+4']);
  // Of both the longer one.
  assert.deepEqual(fires({ longer_than: usual(), for: 600 }, hundred), ['+600']);
  assert.deepEqual(fires({ longer_than: usual(), for: 10 }, hundred), ['+95']);
});

test('as a part of a compound it counts when it fires; that it is over is told of no compound', () => {
  const parts = [stayTrigger(PENDING, { id: 'a' }), stayTrigger({ states: ['Late'], for: 60 }, { id: 'b' })];
  const whole = { type: 'compound', id: 'whole', within: null, require: 'all', triggers: parts };
  const steps = new Stepping(automation(whole));
  const other = { run: uuid(2) };
  steps.step([came('Late', 0), came('Pending', 0, other)], 100);
  assert.deepEqual(told(steps), []);
  steps.step([came('Running', 200), came('Running', 400, other)], 1000);
  assert.deepEqual(told(steps), ['+300']);
});

test('one whose stays its own deeds have brought about is stopped, as any other that sets itself off', () => {
  const own = automation(stayTrigger({ states: ['Pending'], for: 1 }));
  const steps = new Stepping(own);
  // Each run was started by the automation.
  const creator = { 'prefect.resource.id': `prefect.automation.${own.id}`, 'prefect.resource.role': 'creator' };
  for (let number = 1; number <= OWN_FIRINGS_MAX + 5; number += 1)
    steps.step([came('Pending', number, { run: uuid(number), related: [creator] })], number + 2.5);
  assert.equal(told(steps).length, OWN_FIRINGS_MAX);
  assert.deepEqual(
    steps.stopped.map(({ id }) => id),
    [own.id],
  );
});
