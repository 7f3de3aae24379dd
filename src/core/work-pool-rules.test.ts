import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { WorkerId, WorkPoolId, WorkQueueId } from './ids.ts';
import { addSeconds, type Instant } from './time.ts';
import type { Worker, WorkQueue } from './work-pool.ts';
import {
  deliveries,
  freePriority,
  isSilent,
  jobTemplateProblem,
  poolStatus,
  queueStatus,
  ranked,
} from './work-pool-rules.ts';

const NOW = 1_790_000_000_000_000 as Instant;

function queue(id: string, priority: number, fields: Partial<WorkQueue> = {}): WorkQueue {
  return {
    id: id as WorkQueueId,
    workPoolId: 'p' as WorkPoolId,
    name: id,
    description: null,
    isPaused: false,
    concurrencyLimit: null,
    priority,
    filter: null,
    lastPolled: null,
    status: 'NOT_READY',
    createdAt: NOW,
    updatedAt: NOW,
    ...fields,
  };
}

const order = (queues: readonly WorkQueue[]): unknown => queues.map(({ id, priority }) => `${id}${priority}`).join(' ');

test('a queue that is given a priority keeps it; those in its way move down, no further than they must', () => {
  assert.equal(order(ranked([queue('a', 1), queue('b', 2), queue('c', 1)], 'c' as WorkQueueId)), 'c1 a2 b3');
  assert.equal(order(ranked([queue('a', 1), queue('b', 5), queue('c', 1)], 'c' as WorkQueueId)), 'c1 a2 b5');
  assert.equal(order(ranked([queue('a', 1), queue('b', 2), queue('c', 7)], 'c' as WorkQueueId)), 'a1 b2 c7');
  assert.equal(freePriority([{ priority: 1 }, { priority: 3 }]), 2);
  assert.equal(freePriority([]), 1);
});

test('priorities are unique whatever they were', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 }), (priorities) => {
      const queues = priorities.map((priority, index) => queue(`q${index}`, priority));
      const found = ranked(queues, null);
      assert.equal(new Set(found.map(({ priority }) => priority)).size, queues.length);
      for (const each of found) assert.ok(each.priority >= (queues.find(({ id }) => id === each.id)?.priority ?? 0));
    }),
  );
});

test('runs are given by priority, then as they are due, within the limits of queue and pool', () => {
  const [low, high] = [queue('low', 2), queue('high', 1, { concurrencyLimit: 2 })];
  const facts = [
    { queue: low, due: ['l1', 'l2', 'l3'], activeSlots: 0 },
    { queue: high, due: ['h1', 'h2', 'h3'], activeSlots: 1 },
  ];
  const given = (limit: number | null, active: number, most = 10, isPaused = false): string =>
    deliveries({ isPaused, concurrencyLimit: limit }, active, facts, most)
      .map(({ run }) => run)
      .join(' ');
  assert.equal(given(null, 1), 'h1 l1 l2 l3');
  assert.equal(given(3, 1), 'h1 l1');
  assert.equal(given(3, 3), '');
  assert.equal(given(0, 5), '');
  assert.equal(given(null, 1, 2), 'h1 l1');
  assert.equal(given(null, 1, 10, true), '');
  assert.deepEqual(
    deliveries(
      { isPaused: false, concurrencyLimit: null },
      0,
      [{ ...facts[1], queue: { ...high, isPaused: true } }] as never,
      9,
    ),
    [],
  );
});

test('no limit is ever passed', () => {
  const limit = fc.option(fc.integer({ min: 0, max: 4 }));
  const queues = fc.array(
    fc.record({ limit, active: fc.integer({ min: 0, max: 5 }), due: fc.integer({ min: 0, max: 6 }) }),
  );
  fc.assert(
    fc.property(limit, queues, fc.integer({ min: 0, max: 8 }), (poolLimit, drawn, most) => {
      const facts = drawn.map(({ limit: own, active, due }, index) => ({
        queue: queue(`q${index}`, index + 1, { concurrencyLimit: own }),
        due: Array.from({ length: due }, (_, run) => run),
        activeSlots: active,
      }));
      const active = drawn.reduce((sum, each) => sum + each.active, 0);
      const given = deliveries({ isPaused: false, concurrencyLimit: poolLimit }, active, facts, most);
      assert.ok(given.length <= most);
      if (poolLimit !== null && given.length > 0) assert.ok(active + given.length <= poolLimit);
      for (const each of facts) {
        const own = given.filter((delivery) => delivery.queue === each.queue).length;
        if (each.queue.concurrencyLimit !== null && own > 0)
          assert.ok(each.activeSlots + own <= each.queue.concurrencyLimit);
      }
    }),
  );
});

test('statuses follow pauses, workers and polls', () => {
  const pool = (type: string, isPaused: boolean, isOnline: boolean) => poolStatus({ type, isPaused }, isOnline);
  assert.deepEqual(
    [
      pool('process', false, true),
      pool('process', false, false),
      pool('process', true, true),
      pool('prefect-agent', true, true),
    ],
    ['READY', 'NOT_READY', 'PAUSED', null],
  );
  const polled = (seconds: number | null, isPaused = false) =>
    queueStatus({ isPaused, lastPolled: seconds === null ? null : addSeconds(NOW, -seconds) }, NOW);
  assert.deepEqual(
    [polled(null), polled(60), polled(61), polled(1, true)],
    ['NOT_READY', 'READY', 'NOT_READY', 'PAUSED'],
  );
});

test('a worker is silent after three of its beats', () => {
  const worker = (heartbeatIntervalSeconds: number | null, seconds: number): Worker => ({
    id: 'w' as WorkerId,
    workPoolId: 'p' as WorkPoolId,
    name: 'w',
    lastHeartbeat: addSeconds(NOW, -seconds),
    heartbeatIntervalSeconds,
    status: 'ONLINE',
    createdAt: NOW,
    updatedAt: NOW,
  });
  assert.deepEqual(
    [worker(10, 30), worker(10, 31), worker(null, 90), worker(null, 91)].map((each) => isSilent(each, NOW)),
    [false, true, false, true],
  );
});

test('a template of jobs has variables for everything that it asks for', () => {
  const variables = { properties: { image: {}, 'x-y': {} } };
  assert.equal(jobTemplateProblem({}), null);
  assert.equal(
    jobTemplateProblem({ job_configuration: { a: ['{{ image }}:{{x-y}}', '{{ }}', '{ {no} }'] }, variables }),
    null,
  );
  for (const wrong of [{ variables }, { job_configuration: { a: 1 } }, { job_configuration: {}, variables }, { x: 1 }])
    assert.match(jobTemplateProblem(wrong) ?? '', /^The `base_job_template` must contain both/);
  assert.match(
    jobTemplateProblem({ job_configuration: { a: '{{ image }}{{ other }}' }, variables }) ?? '',
    /undeclared variable\(s\): other\.$/,
  );
});
