import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TaskRunId } from './ids.ts';
import type { StateType } from './state.ts';
import { TaskRunFolder, type FoldedRuns } from './task-run-groups.ts';
import type { Instant } from './time.ts';

function runs(shape: number, count: number, type: StateType, at: number, end: number | null = at + 1): FoldedRuns {
  return {
    shape,
    type,
    name: type.toLowerCase(),
    count,
    firstId: String(at).padStart(9, '0') as TaskRunId,
    start: at as Instant,
    end: end as Instant | null,
  };
}

test('what comes in parts is added up by shape and state', () => {
  const folder = new TaskRunFolder();
  folder.add([runs(7, 3, 'COMPLETED', 10), runs(7, 1, 'FAILED', 12, 90), runs(9, 1, 'COMPLETED', 20)]);
  folder.add([runs(7, 2, 'COMPLETED', 30), runs(9, 1, 'RUNNING', 40, null)]);
  assert.deepEqual(folder.groups(10), [
    {
      first: 7,
      last: 7,
      shapeCount: 1,
      count: 6,
      firstId: '000000010',
      start: 10,
      end: 90,
      states: [
        { type: 'COMPLETED', name: 'completed', count: 5 },
        { type: 'FAILED', name: 'failed', count: 1 },
      ],
    },
    {
      first: 9,
      last: 9,
      shapeCount: 1,
      count: 2,
      firstId: '000000020',
      start: 20,
      end: null,
      states: [
        { type: 'COMPLETED', name: 'completed', count: 1 },
        { type: 'RUNNING', name: 'running', count: 1 },
      ],
    },
  ]);
});

test('too many groups: the large ones stay alone, neighbours become one, nobody is lost and spans do not overlap', () => {
  const folder = new TaskRunFolder();
  for (let shape = 1; shape <= 3000; shape += 1)
    folder.add([runs(shape, shape % 500 === 0 ? 10_000 : 1, shape === 1234 ? 'FAILED' : 'COMPLETED', shape)]);
  const groups = folder.groups(100);
  assert.ok(groups.length <= 100 && groups.length > 50, `${groups.length} groups`);
  assert.equal(
    groups.reduce((sum, { count }) => sum + count, 0),
    3000 - 6 + 6 * 10_000,
  );
  assert.equal(groups.filter(({ first, last, count }) => first === last && count === 10_000).length, 6);
  for (const [at, { first }] of groups.entries()) assert.ok(at === 0 || first > (groups[at - 1]?.last ?? 0));
  assert.equal(
    groups.reduce((sum, { shapeCount }) => sum + shapeCount, 0),
    3000,
  );
  assert.equal(groups.flatMap(({ states }) => states).filter(({ type }) => type === 'FAILED').length, 1);
});

test('a hundred thousand shapes and a thousand names of states are held in bounded memory', () => {
  const folder = new TaskRunFolder();
  for (let shape = 0; shape < 100_000; shape += 1) folder.add([runs(shape, 1, 'COMPLETED', shape)]);
  for (let at = 0; at < 1000; at += 1) folder.add([{ ...runs(5, 1, 'COMPLETED', at), name: `mine ${at}` }]);
  const groups = folder.groups(200);
  assert.ok(groups.length <= 200);
  assert.equal(
    groups.reduce((sum, { count }) => sum + count, 0),
    101_000,
  );
  assert.ok(groups.every(({ states }) => states.length <= 51));
  assert.equal(
    groups[0]?.states.reduce((sum, { count }) => sum + count, 0),
    groups[0]?.count,
  );
});
