import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { createClock } from '../platform/clock.ts';
import { ALONE } from './alike.ts';
import type { FlowDefinition, TaskDefinition } from './definitions.ts';
import { inputNames } from './input-names.ts';
import {
  awaitDefinition,
  findFlow,
  findTask,
  isHeldBack,
  listFlows,
  loadMode,
  registerFlow,
  registerTask,
  setLoadMode,
} from './registry.ts';

const clock = createClock();
afterEach(() => setLoadMode('normal'));

const taskIn = (file: string, taskKey: string): TaskDefinition => ({
  fn: () => 0,
  name: taskKey,
  taskKey,
  file,
  sourceHash: '',
  inputs: inputNames(() => ({ names: [], hasRest: false })),
  streams: false,
  alike: ALONE,
  options: {},
  retryDelays: [],
});
const flowIn = (file: string, name: string): FlowDefinition => ({
  fn: () => 0,
  name,
  file,
  version: '1',
  streams: false,
  alike: ALONE,
  options: {},
  retryDelays: [],
  validate: null,
});

test('tasks of one key in two files are two tasks', () => {
  const [a, b] = [taskIn('/a/etl.ts', 'load-1'), taskIn('/b/etl.ts', 'load-1')];
  registerTask(a);
  registerTask(b);
  assert.equal(findTask('load-1', '/a/etl.ts'), a);
  assert.equal(findTask('load-1', '/b/etl.ts'), b);
  assert.equal(findTask('load-1', '/c/etl.ts'), undefined);
});

test('a program that makes tasks without end keeps the newest', () => {
  for (let i = 0; i < 10_050; i += 1) registerTask(taskIn('/loop.ts', `t-${i}`));
  assert.equal(findTask('t-0', '/loop.ts'), undefined);
  assert.ok(findTask('t-10049', '/loop.ts'));
});

test('flows are found by name and file, and listed by file', () => {
  const callable = (): void => {};
  registerFlow(flowIn('/f.ts', 'etl'), callable);
  registerFlow(flowIn('/g.ts', 'etl'), null);
  assert.equal(findFlow('etl', '/f.ts')?.callable, callable);
  assert.deepEqual(
    listFlows('/g.ts').map(({ definition }) => definition.file),
    ['/g.ts'],
  );
});

test('calls are held back by the mode', () => {
  assert.equal(loadMode(), 'normal');
  assert.equal(isHeldBack(false), false);
  setLoadMode('library');
  assert.equal(isHeldBack(false), true);
  assert.equal(isHeldBack(true), false);
  setLoadMode('isolate');
  assert.equal(isHeldBack(false), true);
  assert.equal(isHeldBack(true), false);
});

test('a definition is awaited to the end of its module', async () => {
  let found: string | undefined = 'early';
  let finish: () => void = () => {};
  const importing = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const waiting = awaitDefinition(importing, () => found, clock);
  found = 'late';
  finish();
  assert.equal(await waiting, 'late');
  assert.equal(await awaitDefinition(Promise.resolve(), () => undefined, clock), undefined);
  await assert.rejects(
    awaitDefinition(Promise.reject(new Error('broken')), () => 'there', clock),
    /broken/,
  );
});

test('a definition is awaited to a call that is held back, or shortly after', async () => {
  setLoadMode('library');
  let found: string | undefined = 'there';
  const never = new Promise<void>(() => {});
  const first = awaitDefinition(never, () => found, clock);
  isHeldBack(false);
  assert.equal(await first, 'there');
  found = undefined;
  const second = awaitDefinition(never, () => found, clock);
  isHeldBack(false);
  found = 'after';
  assert.equal(await second, 'after');
  assert.equal(
    await awaitDefinition(never, () => 'again', clock),
    'again',
    'an import that stands still is not waited for twice',
  );
});
