import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { TaskRunId } from './ids.ts';
import { judgeStep, planResume, type StepOnRecord } from './resume-plan.ts';
import { sampleState, sampleTaskRun } from './rules/fixtures/sample.ts';
import type { ProposedState } from './state.ts';
import { branchStep, OPTION_BRANCH } from './step-identity.ts';
import type { TaskRun } from './task-run.ts';
import type { ValueRef } from './value.ts';

const KEPT: ValueRef = { kind: 'inline', text: '1', hash: 'h' };
const STORED: ValueRef = { kind: 'stored', key: 'k', hash: 'h', bytes: 10_000 };
const DONE: ProposedState = { type: 'COMPLETED', data: KEPT };

function onRecord(
  name: string,
  state: ProposedState = DONE,
  facts: Partial<StepOnRecord> = {},
  run: Partial<TaskRun> = {},
): StepOnRecord {
  return {
    run: sampleTaskRun(name, sampleState(state), run),
    sourceHashes: ['s'],
    callSite: 'present',
    isOneOfSeveral: false,
    isResultReadable: true,
    ...facts,
  };
}

const TABLE: readonly [what: string, step: StepOnRecord, action: string, reason: RegExp][] = [
  ['finished, same source', onRecord('a'), 'reuse', /finished, and its source is the same/],
  [
    'finished, call site in a file that cannot be told',
    onRecord('a', DONE, { callSite: 'unknown' }),
    'reuse',
    /finished/,
  ],
  ['finished from the cache', onRecord('a', { type: 'COMPLETED', name: 'Cached', data: KEPT }), 'reuse', /finished/],
  ['finished, large result', onRecord('a', { type: 'COMPLETED', data: STORED }), 'reuse', /finished/],
  [
    'large result gone',
    onRecord('a', { type: 'COMPLETED', data: STORED }, { isResultReadable: false }),
    'run_again',
    /not in the result store/,
  ],
  ['source changed', onRecord('a', DONE, { sourceHashes: ['t'] }), 'run_again', /source changed/],
  ['nobody has looked at the code', onRecord('a', DONE, { sourceHashes: null }), 'reuse', /its result was kept/],
  ['one of two tasks of the key is the same', onRecord('a', DONE, { sourceHashes: ['t', 's'] }), 'reuse', /finished/],
  [
    'finished, input that cannot be compared',
    onRecord('a', DONE, {}, { step: '?abc' }),
    'run_again',
    /cannot be compared/,
  ],
  [
    'finished, one of several tasks that look the same, in another process',
    onRecord('a', DONE, {}, { step: '!abc' }),
    'run_again',
    /made from one source/,
  ],
  [
    'finished, one of several that nothing tells apart',
    onRecord('a', DONE, {}, { step: '?!bc' }),
    'run_again',
    /made from one source/,
  ],
  [
    'finished, several in the code now',
    onRecord('a', DONE, { isOneOfSeveral: true }),
    'run_again',
    /made from one source/,
  ],
  ['finished, told apart by number', onRecord('a', DONE, {}, { step: '~abc' }), 'reuse', /finished/],
  ['rolled back', onRecord('a', { type: 'COMPLETED', name: 'RolledBack', data: null }), 'run_again', /rolled back/],
  ['result not kept', onRecord('a', { type: 'COMPLETED', data: { kind: 'unpersisted' } }), 'run_again', /not kept/],
  ['no result recorded', onRecord('a', { type: 'COMPLETED', data: null }), 'run_again', /not kept/],
  [
    'failed',
    onRecord('a', { type: 'FAILED', failure: { name: 'Error', message: 'no room' } }),
    'run_again',
    /ended Failed: Error: no room/,
  ],
  ['timed out', onRecord('a', { type: 'FAILED', name: 'TimedOut', failure: null }), 'run_again', /ended TimedOut/],
  ['crashed', onRecord('a', { type: 'CRASHED', message: 'killed.' }), 'run_again', /ended Crashed: killed/],
  ['cancelled', onRecord('a', { type: 'CANCELLED' }), 'run_again', /ended Cancelled/],
  ['unfinished', onRecord('a', { type: 'RUNNING' }), 'run_again', /had not finished: Running/],
  ['task gone', onRecord('a', DONE, { sourceHashes: [] }), 'orphaned', /nothing defines "a"/],
  ['call site gone', onRecord('a', DONE, { callSite: 'missing' }), 'orphaned', /line that called it is gone/],
  [
    'failed, call site gone',
    onRecord('a', { type: 'FAILED', failure: null }, { callSite: 'missing' }),
    'orphaned',
    /line/,
  ],
];

for (const [what, step, action, reason] of TABLE) {
  test(`${what}: ${action}`, () => {
    const [planned] = planResume([step]);
    assert.equal(planned?.action, action);
    assert.match(planned?.reason ?? '', reason);
  });
}

const inside = (parent: string): Partial<TaskRun> => ({ parentTaskRunId: `task-run-${parent}` as TaskRunId });

test('a step inside a reused task is reused with it; inside one that runs again it is looked at itself', () => {
  const failed: ProposedState = { type: 'FAILED', failure: null };
  const actions = (steps: StepOnRecord[]): string[] => planResume(steps).map(({ action }) => action);
  assert.deepEqual(actions([onRecord('outer'), onRecord('inner', failed, {}, inside('outer'))]), ['reuse', 'reuse']);
  assert.deepEqual(actions([onRecord('outer', failed), onRecord('inner', DONE, {}, inside('outer'))]), [
    'run_again',
    'reuse',
  ]);
  assert.deepEqual(
    actions([onRecord('outer', failed, { sourceHashes: [] }), onRecord('inner', DONE, {}, inside('outer'))]),
    ['orphaned', 'orphaned'],
  );
  const three = [
    onRecord('a'),
    onRecord('b', failed, { sourceHashes: [] }, inside('a')),
    onRecord('c', DONE, {}, inside('b')),
  ];
  assert.deepEqual(actions(three), ['reuse', 'reuse', 'reuse']);
});

test('what depends on a step that runs again is reused only if that gives the same value', () => {
  const edge = { kind: 'task_run' as const, id: 'task-run-load' as TaskRunId };
  const steps = [
    onRecord('load', { type: 'CRASHED' }),
    onRecord('add', DONE, {}, { inputs: { data: [edge] } }),
    onRecord('item', { type: 'FAILED', failure: null }, {}, { mapId: 'item-1' }),
    onRecord('sum', DONE, {}, { inputs: { items: [{ kind: 'map', id: 'item-1', count: 3 }] } }),
  ];
  assert.deepEqual(
    planResume(steps).map(({ ifUnchanged }) => ifUnchanged),
    [[], ['load'], [], ['item']],
  );
});

const states: fc.Arbitrary<ProposedState> = fc.oneof(
  fc.constantFrom<ProposedState>(
    DONE,
    { type: 'COMPLETED', data: null },
    { type: 'COMPLETED', data: { kind: 'unpersisted' } },
    { type: 'COMPLETED', name: 'RolledBack', data: KEPT },
  ),
  fc.constantFrom<ProposedState>(
    { type: 'FAILED', failure: null },
    { type: 'CRASHED' },
    { type: 'CANCELLED' },
    { type: 'RUNNING' },
    { type: 'PENDING' },
    { type: 'PAUSED' },
    { type: 'CANCELLING' },
  ),
);

test('the rule, said the short way', () => {
  fc.assert(
    fc.property(
      states,
      fc.constantFrom('s', 't'),
      fc.constantFrom('a1', '~a1', '?a1'),
      (proposed, sourceHashNow, step) => {
        const state = sampleState(proposed);
        const expected =
          state.type === 'COMPLETED' &&
          state.name !== 'RolledBack' &&
          sourceHashNow === 's' &&
          state.data !== null &&
          state.data.kind !== 'unpersisted' &&
          step !== '?a1';
        assert.equal(judgeStep({ state, sourceHash: 's', step }, sourceHashNow).reuse, expected);
      },
    ),
  );
});

test('every step gets one action and a reason; nothing below a reused or orphaned step runs', () => {
  const record = fc.record({
    state: states,
    sourceHashes: fc.subarray(['s', 't']),
    callSite: fc.constantFrom('present' as const, 'missing' as const),
    parent: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      const steps = records.map(({ state, parent, ...facts }, index) => {
        const at = parent % (index + 1);
        return onRecord(`n${index}`, state, facts, at === index ? {} : inside(`n${at}`));
      });
      const planned = planResume(steps);
      assert.deepEqual(
        planned.map(({ run }) => run.id),
        steps.map(({ run }) => run.id),
      );
      const byId = new Map(planned.map((step) => [step.run.id, step]));
      for (const step of planned) {
        assert.ok(step.reason.length > 0);
        const parent = step.run.parentTaskRunId === null ? undefined : byId.get(step.run.parentTaskRunId);
        if (parent !== undefined && parent.action !== 'run_again') assert.equal(step.action, parent.action);
      }
    }),
  );
});

test('a failure that a branch has answered stands, with the branch; without one, or with other code, it is done again', () => {
  const failed: ProposedState = { type: 'FAILED', failure: { name: 'Error', message: 'down' } };
  const branchOf = (of: StepOnRecord): StepOnRecord =>
    onRecord('branch', DONE, { sourceHashes: [] }, { step: branchStep(of.run.id, OPTION_BRANCH) });
  const actions = (...steps: readonly StepOnRecord[]): readonly string[] =>
    planResume(steps).map(({ action, reason }) => `${action}: ${reason}`);
  const load = onRecord('load', failed);
  assert.deepEqual(actions(load, branchOf(load)), [
    'reuse: it failed, and the flow has gone on from its failure',
    'reuse: it finished, and its result was kept',
  ]);
  assert.match(String(actions(load)), /^run_again/);
  const changed = onRecord('load', failed, { sourceHashes: ['t'] });
  assert.match(String(actions(changed, branchOf(changed))), /^run_again/);
  const unsure = onRecord('load', failed, {}, { step: '?abc' });
  assert.match(String(actions(unsure, branchOf(unsure))), /^run_again/);
});
