import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { State, StateType } from '../../api/states.ts';
import { attemptsOf, retryAhead } from './attempts.ts';

function state(
  second: number,
  type: StateType,
  name: string,
  message: string | null = null,
  scheduled: string | null = null,
): State {
  return {
    id: String(second),
    type,
    name,
    message,
    data: null,
    timestamp: `2026-11-22T18:00:${String(second).padStart(2, '0')}.000000Z`,
    state_details: { scheduled_time: scheduled },
  };
}

const START = Date.parse('2026-11-22T18:00:00Z');

test('each time in RUNNING is an attempt, with what it ended in', () => {
  const states = [
    state(0, 'PENDING', 'Pending'),
    state(1, 'RUNNING', 'Running'),
    state(3, 'SCHEDULED', 'AwaitingRetry', 'it broke'),
    state(8, 'RUNNING', 'Retrying'),
    state(9, 'COMPLETED', 'Completed'),
    state(20, 'COMPLETED', 'RolledBack'),
  ];
  assert.deepEqual(
    attemptsOf(states, 2).map(({ number, start, end, outcome }) => [
      number,
      start - START,
      (end ?? 0) - START,
      outcome?.name,
      outcome?.message,
    ]),
    [
      [1, 1000, 3000, 'AwaitingRetry', 'it broke'],
      [2, 8000, 9000, 'Completed', null],
    ],
  );
  assert.deepEqual(
    attemptsOf(states.slice(0, 2), 1).map(({ end, outcome }) => [end, outcome]),
    [[null, null]],
  );
  assert.deepEqual(
    attemptsOf(states.slice(3), 7).map(({ number }) => number),
    [7],
    'of many the newest, with their numbers',
  );
  assert.deepEqual(attemptsOf([], 0), []);
});

test('a retry that is waited for: which one, of how many, when', () => {
  const waiting = state(3, 'SCHEDULED', 'AwaitingRetry', null, '2026-11-22T18:00:40.000000Z');
  assert.deepEqual(retryAhead(waiting, 1, 2), { next: 2, most: 3, at: START + 40_000 });
  assert.deepEqual(
    retryAhead({ ...waiting, state_details: null }, 3, 2),
    { next: 4, most: 4, at: null },
    'one that was opened by hand',
  );
  for (const other of [null, state(1, 'RUNNING', 'Running'), state(1, 'SCHEDULED', 'Late')])
    assert.equal(retryAhead(other, 1, 2), null);
});
