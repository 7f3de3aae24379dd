import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptStart } from './flow-deadline.ts';
import type { StateType } from './state.ts';
import type { Instant } from './time.ts';

const start = (...types: readonly StateType[]): Instant | null =>
  attemptStart(types.map((type, index) => ({ type, timestamp: (index + 1) as Instant })));

test('an attempt begins when it first runs, and a process that is gone does not end it', () => {
  assert.equal(start(), null);
  assert.equal(start('PENDING', 'SCHEDULED'), null);
  assert.equal(start('PENDING', 'RUNNING'), 2);
  assert.equal(start('PENDING', 'RUNNING', 'CRASHED', 'SCHEDULED', 'RUNNING'), 2);
  assert.equal(
    start('PENDING', 'RUNNING', 'CANCELLING', 'CRASHED', 'SCHEDULED', 'RUNNING', 'CRASHED', 'SCHEDULED', 'RUNNING'),
    2,
  );
});

test('what ended by itself gives the next attempt all of its time', () => {
  assert.equal(start('RUNNING', 'FAILED', 'SCHEDULED', 'RUNNING'), 4);
  assert.equal(start('RUNNING', 'CANCELLING', 'CANCELLED', 'SCHEDULED', 'RUNNING'), 5);
  assert.equal(start('RUNNING', 'SCHEDULED', 'RUNNING'), 3, 'a retry of the flow itself');
  assert.equal(
    start('RUNNING', 'SCHEDULED', 'RUNNING', 'CRASHED', 'SCHEDULED', 'RUNNING'),
    3,
    'the second attempt goes on',
  );
  assert.equal(start('RUNNING', 'CRASHED', 'SCHEDULED', 'RUNNING', 'FAILED', 'SCHEDULED', 'RUNNING'), 7);
});
