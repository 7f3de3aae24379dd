import assert from 'node:assert/strict';
import { test } from 'node:test';

import { segmentsOf, type StateMark } from './run-segments.ts';
import type { StateType } from './state.ts';
import type { Instant } from './time.ts';

/** Each a word of the state, its type and when, in milliseconds. */
function marks(...states: readonly (readonly [name: string, type: StateType, ms: number])[]): StateMark[] {
  return states.map(([name, type, ms]) => ({ name, type, timestamp: (ms * 1000) as Instant }));
}

function told(all: readonly StateMark[]) {
  return segmentsOf(all).map(({ stateName, attempt, startTime, endTime }) => [
    stateName,
    attempt,
    startTime / 1000,
    endTime === null ? null : endTime / 1000,
  ]);
}

test('attempts and the waits between them are stretches, each with its number', () => {
  assert.deepEqual(
    told(
      marks(
        ['Pending', 'PENDING', 0],
        ['Running', 'RUNNING', 1],
        ['AwaitingRetry', 'SCHEDULED', 50],
        ['Retrying', 'RUNNING', 150],
        ['Completed', 'COMPLETED', 200],
      ),
    ),
    [
      ['Running', 1, 1, 50],
      ['AwaitingRetry', 1, 50, 150],
      ['Retrying', 2, 150, 200],
    ],
  );
});

test('a run that began at once and was tried once has none', () => {
  assert.deepEqual(
    told(marks(['Pending', 'PENDING', 0], ['Running', 'RUNNING', 1], ['Completed', 'COMPLETED', 200])),
    [],
  );
  assert.deepEqual(told([]), []);
  assert.deepEqual(told(marks(['Pending', 'PENDING', 0])), []);
});

test('a wait before the first attempt is told when it can be seen, asked again for a slot it is one', () => {
  assert.deepEqual(
    told(
      marks(
        ['AwaitingConcurrencySlot', 'SCHEDULED', 0],
        ['AwaitingConcurrencySlot', 'SCHEDULED', 30],
        ['Running', 'RUNNING', 60],
        ['Failed', 'FAILED', 70],
      ),
    ),
    [
      ['AwaitingConcurrencySlot', 0, 0, 60],
      ['Running', 1, 60, 70],
    ],
  );
});

test('a run that is opened again does not run between its end and then', () => {
  assert.deepEqual(
    told(
      marks(
        ['Running', 'RUNNING', 0],
        ['Failed', 'FAILED', 10],
        ['AwaitingRetry', 'SCHEDULED', 500],
        ['Retrying', 'RUNNING', 560],
      ),
    ),
    [
      ['Running', 1, 0, 10],
      ['AwaitingRetry', 1, 500, 560],
      ['Retrying', 2, 560, null],
    ],
  );
});

test('of a thousand attempts the newest are told, with their numbers', () => {
  const all = marks(
    ...Array.from({ length: 2000 }, (_, at) =>
      at % 2 === 0 ? (['Running', 'RUNNING', at * 30] as const) : (['AwaitingRetry', 'SCHEDULED', at * 30] as const),
    ),
  );
  const segments = told(all);
  assert.equal(segments.length, 40);
  assert.deepEqual(segments.at(-2), ['Running', 1000, 59_940, 59_970]);
});
