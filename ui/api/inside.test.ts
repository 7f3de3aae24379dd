import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StateChange } from './events.ts';
import { movedInside, movedRun, type InsideRun } from './inside.ts';
import type { StateType } from './states.ts';

const RUN: InsideRun = {
  kind: 'task-run',
  id: 'a',
  label: 'load-0',
  name: 'load',
  group: 'task load',
  map_index: null,
  state_type: 'PENDING',
  state_name: 'Pending',
  message: null,
  run_count: 0,
  start_time: '2026-11-22T18:00:00Z',
  end_time: null,
  total_run_time: 0,
  running_since: null,
  parents: [],
  caller: null,
  segments: [],
};

function change(second: number, stateType: StateType, stateName: string): StateChange {
  return {
    kind: 'task-run',
    runId: 'a',
    stateType,
    stateName,
    occurred: `2026-11-22T18:00:${String(second).padStart(2, '0')}Z`,
  };
}

function told({ segments }: InsideRun) {
  return segments.map(({ state_name: name, attempt, start_time: start, end_time: end }) => [
    name,
    attempt,
    start.slice(17, 19),
    end === null ? null : end.slice(17, 19),
  ]);
}

test('attempts and waits grow with the events', () => {
  const running = movedRun(RUN, { ...change(1, 'RUNNING', 'Running'), occurred: '2026-11-22T18:00:00.019Z' });
  assert.deepEqual([told(running), running.start_time.slice(17, 19), running.run_count], [[], '00', 1]);
  assert.deepEqual(
    told(movedRun(RUN, change(1, 'RUNNING', 'Running'))),
    [
      ['Pending', 0, '00', '01'],
      ['Running', 1, '01', null],
    ],
    'a wait that can be seen',
  );
  const waiting = movedRun(running, change(3, 'SCHEDULED', 'AwaitingRetry'));
  assert.deepEqual(told(waiting), [
    ['Running', 1, '00', '03'],
    ['AwaitingRetry', 1, '03', null],
  ]);
  const again = movedRun(waiting, change(5, 'RUNNING', 'Retrying'));
  assert.deepEqual(told(again), [
    ['Running', 1, '00', '03'],
    ['AwaitingRetry', 1, '03', '05'],
    ['Retrying', 2, '05', null],
  ]);
  const over = movedRun(again, change(6, 'FAILED', 'TimedOut'));
  assert.deepEqual(
    [told(over).at(-1), over.state_name, over.end_time?.slice(17, 19), over.running_since],
    [['Retrying', 2, '05', '06'], 'TimedOut', '06', null],
  );
  assert.equal(movedRun(over, change(9, 'RUNNING', 'Running')), over, 'what is over stays');
  assert.equal(movedRun(again, change(2, 'SCHEDULED', 'Late')), again, 'what comes late changes nothing');
});

test('several events of one run in a batch all count, others are left alone', () => {
  const inside = {
    as_of: '',
    start_time: null,
    end_time: null,
    task_run_count: 2,
    is_folded: false,
    groups: [],
    runs: [RUN, { ...RUN, id: 'b' }],
  };
  const { runs } = movedInside(inside, [change(1, 'RUNNING', 'Running'), change(2, 'COMPLETED', 'Completed')]);
  assert.deepEqual(
    runs.map(({ state_type: type, end_time: end }) => [type, end]),
    [
      ['COMPLETED', '2026-11-22T18:00:02Z'],
      ['PENDING', null],
    ],
  );
});
