import assert from 'node:assert/strict';
import { test } from 'node:test';

import { came, deleted, metricTrigger, related } from './fixtures/runs.ts';
import { automation, Stepping, uuid } from './fixtures/stepping.ts';

const stepping = (metric: Readonly<Record<string, unknown>>, parts = {}) =>
  new Stepping(automation(metricTrigger(metric, parts)));
const told = ({ firings }: Stepping): readonly string[] =>
  firings.map(({ firing }) => `${firing.state === 'Triggered' ? '+' : '-'}${(firing.at - 1.8e15) / 1e6}`);
const valuesOf = ({ firings }: Stepping): readonly unknown[] => firings.map(({ firing }) => firing.value);

let runs = 100;

/** A run of its own that ends after so long. */
function ran(state: string, ended: number, seconds = 1) {
  const run = uuid((runs += 1));
  return [came('Running', ended - seconds, { run }), came(state, ended, { run })];
}

test('successes: it fires when the share has been too low for long enough, and resolves likewise', () => {
  const steps = stepping({ name: 'successes', operator: '<', threshold: 0.9, range: 3600 });
  steps.step([...ran('Completed', 0), ...ran('Failed', 10)], 309);
  assert.deepEqual(told(steps), []);
  steps.step([], 312);
  assert.deepEqual([told(steps), valuesOf(steps)], [['+310'], [0.5]]);
  steps.step([], 400);
  const good = Array.from({ length: 9 }, (_, index) => ran('Completed', 500 + index)).flat();
  // With the eighth of them it is 0.9.
  steps.step(good, 807);
  assert.deepEqual(told(steps), ['+310']);
  steps.step([], 808);
  assert.deepEqual(
    [told(steps), valuesOf(steps)],
    [
      ['+310', '-807'],
      [0.5, 10 / 11],
    ],
  );
  const [{ firing, event, posture } = assert.fail()] = steps.firings;
  assert.deepEqual([event, firing.eventId, firing.labels, posture], [null, null, {}, 'Metric']);
});

test('what is good in between begins anew', () => {
  const steps = stepping({ name: 'successes', operator: '<', threshold: 0.5, range: 3600 });
  steps.step([...ran('Failed', 0), ...ran('Completed', 200), ...ran('Failed', 250), ...ran('Completed', 400)], 3000);
  assert.deepEqual(told(steps), []);
});

test('what is older than the range counts no more; without a run there is no figure, and nothing resolves', () => {
  const steps = stepping({ name: 'successes', operator: '<', threshold: 0.9, range: 600 });
  steps.step(ran('Failed', 0), 10_000);
  assert.deepEqual(told(steps), ['+300']);
  const [row] = steps.rows.values();
  assert.equal(row?.dueAt, null);
  steps.step(ran('Completed', 20_000), 20_302);
  assert.deepEqual(told(steps), ['+300', '-20300']);
  // One that has neither a figure nor fired leaves nothing.
  steps.step([], 40_000);
  assert.equal([...steps.rows.values()].filter(({ body }) => body.kind === 'metric').length, 0);
});

test('a breach that ends with the range is too short', () => {
  const steps = stepping({ name: 'successes', operator: '<', threshold: 0.9, range: 300, firing_for: 400 });
  steps.step(ran('Failed', 0), 10_000);
  assert.deepEqual(told(steps), []);
});

test('successes: cancelled is no failure, and a run that is retried counts by its last end', () => {
  const steps = stepping({ name: 'successes', operator: '<', threshold: 1, range: 3600 });
  steps.step([...ran('Cancelled', 0), came('Failed', 10), came('AwaitingRetry', 20), came('Running', 30)], 1000);
  assert.deepEqual(told(steps), []);
  steps.step([came('Crashed', 1100), deleted(1150)], 1402);
  assert.deepEqual([told(steps), valuesOf(steps)], [['+1400'], [0.5]]);
});

test('duration: the mean of the time from Running to the end', () => {
  const steps = stepping({ name: 'duration', operator: '>=', threshold: 20 });
  steps.step([...ran('Completed', 0, 10), ...ran('Failed', 1, 29)], 2);
  steps.step(ran('Completed', 3, 21), 305);
  assert.deepEqual([told(steps), valuesOf(steps)], [['+303'], [20]]);
  // What was paused in between has not run from one to the other.
  const paused = stepping({ name: 'duration', operator: '>', threshold: 1 });
  paused.step([came('Running', 0), came('Paused', 50), came('Completed', 100)], 1000);
  assert.deepEqual([told(paused), paused.rows.size], [[], 0]);
});

test('lateness: from Late to Running; one that is rescheduled or cancelled is not counted', () => {
  const steps = stepping({ name: 'lateness', operator: '>', threshold: 60 });
  const late = (state: string, run: string) => [came('Late', 0, { run }), came(state, 100, { run })];
  steps.step([...late('Scheduled', uuid(1)), ...late('Cancelled', uuid(2))], 1000);
  assert.deepEqual([told(steps), steps.rows.size], [[], 0]);
  const began = stepping({ name: 'lateness', operator: '>', threshold: 60 });
  began.step([came('Late', 0), came('Pending', 99), came('Running', 100)], 1000);
  assert.deepEqual([told(began), valuesOf(began)], [['+360.000001'], [100]]);
});

test('lateness: a run that nobody takes is later and later, without any event; one that is deleted is not late', () => {
  const steps = stepping({ name: 'lateness', operator: '>=', threshold: 60 });
  steps.step([came('Late', 0)], 1);
  // It is known when: nobody has to look before.
  assert.deepEqual(
    [...steps.rows.values()].flatMap(({ dueAt }) => (dueAt === null ? [] : (dueAt - 1.8e15) / 1e6)),
    [60],
  );
  steps.step([], 361);
  assert.deepEqual([told(steps), valuesOf(steps)], [['+360'], [360]]);
  steps.step([deleted(400)], 10_000);
  assert.deepEqual(told(steps), ['+360']);
});

test('lateness below a threshold: it is good again when runs wait too long', () => {
  const steps = stepping({ name: 'lateness', operator: '<', threshold: 1000 });
  steps.step([came('Late', 0)], 302);
  assert.deepEqual(told(steps), ['+300']);
  steps.step([], 1400);
  assert.deepEqual(told(steps), ['+300', '-1300']);
});

test('only runs whose labels fit count; one that was counted is moved on whatever its labels are then', () => {
  const match = { match_related: { 'prefect.resource.id': 'prefect.flow.sales' } };
  const steps = stepping({ name: 'successes', operator: '<', threshold: 1, range: 3600 }, match);
  const other = { run: uuid(2), related: related('flow', 'other') };
  steps.step([came('Failed', 0), came('Failed', 0, other)], 10);
  steps.step([came('AwaitingRetry', 20, { related: [] })], 1000);
  assert.deepEqual([told(steps), steps.rows.size], [[], 0]);
});

test('what is kept does not grow with the runs', () => {
  const steps = stepping({ name: 'duration', operator: '>', threshold: 1e9, range: 86_400 });
  for (let index = 0; index < 1500; index += 1) steps.step(ran('Completed', index * 86, 40));
  const [row, ...more] = steps.rows.values();
  assert.deepEqual(more, []);
  assert.ok(row?.body.kind === 'metric' && row.body.metric.stretches.length <= 62);
  const count = row.body.metric.stretches.reduce((sum, [, values]) => sum + values, 0);
  assert.ok(count >= 1004 && count <= 1022, `${count} of a day and a sixtieth of it`);
});

test('numbers without measure break nothing', () => {
  for (const threshold of [-1e308, 1e308, 0, -0, Number.MAX_SAFE_INTEGER])
    for (const operator of ['<', '<=', '>', '>=']) {
      const steps = stepping({ name: 'lateness', operator, threshold, range: 31_536_000, firing_for: 31_536_000 });
      steps.step([came('Late', 0), came('Late', 1, { run: uuid(2) })], 1e6);
      steps.step([came('Running', 1e6)], 1e8);
      for (const { dueAt } of steps.rows.values()) assert.ok(dueAt === null || Number.isSafeInteger(dueAt));
    }
});
