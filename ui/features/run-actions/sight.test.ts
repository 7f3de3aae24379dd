import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StateType } from '../../api/states.ts';
import { shellCommand } from './command-text.ts';
import { firstSight, knownSight, seenNow, type SeenRun } from './sight.ts';

const run = (type: StateType, id: string): SeenRun => ({
  id: 'r',
  name: 'brave-otter',
  state: { id },
  state_type: type,
  state_name: type,
});
const look = (...runs: readonly SeenRun[]) => {
  const sight = runs.reduce(knownSight, firstSight(runs[0] as SeenRun));
  const { stateId, hasMovedOn, canAct } = seenNow(sight, runs.at(-1) as SeenRun);
  return [stateId, hasMovedOn, canAct];
};

test('what was seen is acted on while it stands', () => {
  assert.deepEqual(look(run('FAILED', 'a')), ['a', false, true]);
  assert.deepEqual(look(run('FAILED', 'a'), run('RUNNING', 'b')), ['a', true, false]);
  assert.deepEqual(look(run('FAILED', 'a'), run('FAILED', 'b')), ['a', true, false], 'failed again is another state');
});

test('a dialog that is opened between an event and its answer waits for the answer', () => {
  assert.deepEqual(look(run('FAILED', '')), ['', false, false]);
  assert.deepEqual(look(run('FAILED', ''), run('FAILED', 'b')), ['b', false, true]);
  assert.deepEqual(look(run('FAILED', ''), run('RUNNING', 'c')), ['', true, false]);
  assert.deepEqual(look(run('FAILED', 'a'), run('RUNNING', '')), ['a', true, false]);
});

test('a command leads to the server of the page, and others stay as they are', () => {
  assert.equal(
    shellCommand('ostinato flow-run retry x', 'http://a:1'),
    'OSTINATO_API_URL=http://a:1/api npx ostinato flow-run retry x',
  );
  assert.equal(shellCommand('python flow.py', 'http://a:1'), 'python flow.py');
});
