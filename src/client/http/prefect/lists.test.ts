/** What of a condition Prefect's filters can say is asked of its server; the rest is looked at in the rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeFlow, makeFlowRun, makeLog, makeState, makeTaskRun } from '../../../../tests/conformance/samples.ts';
import type { FlowRunId, ProcessId } from '../../../core/ids.ts';
import { idBegins, matching, ofFlow, ROOT_RUNS, withTags, type ListedNoun } from '../../../core/list-query.ts';
import { allOf, EVERYTHING, type Condition } from '../../../core/query.ts';
import { askedOf, bodyOf, meets } from './lists.ts';

const remote = (id: FlowRunId): string => `theirs-${id}`;
const id = 'mine' as FlowRunId;
const about = (text: string): Condition => ({ op: 'contains', field: 'message', text });
const above: Condition = { op: 'ge', field: 'level', value: 30 };
const failed: Condition = { op: 'or', of: [matching({ stateType: ['FAILED'] }), matching({ stateName: ['Late'] })] };

const CASES: readonly (readonly [ListedNoun, Condition, body: object, rest: Condition | null])[] = [
  ['flow_run', EVERYTHING, {}, null],
  ['flow_run', matching({ id: [id] }), { flow_runs: { id: { any_: ['theirs-mine'] } } }, null],
  ['flow_run', matching({ name: 'one' }), { flow_runs: { name: { any_: ['one'] } } }, null],
  ['flow_run', ofFlow('sales'), { flows: { name: { any_: ['sales'] } } }, null],
  ['flow_run', ROOT_RUNS, { flow_runs: { parent_task_run_id: { is_null_: true } } }, null],
  [
    'flow_run',
    allOf([withTags(['a', 'b']), failed]),
    {
      flow_runs: {
        tags: { all_: ['a', 'b'] },
        state: { operator: 'or_', type: { any_: ['FAILED'] }, name: { any_: ['Late'] } },
      },
    },
    null,
  ],
  [
    'flow_run',
    allOf([matching({ stateType: ['FAILED', 'CRASHED'] }), matching({ stateType: ['FAILED'], stateName: 'Late' })]),
    { flow_runs: { state: { type: { any_: ['FAILED'] }, name: { any_: ['Late'] } } } },
    null,
  ],
  [
    'flow_run',
    allOf([matching({ name: 'one' }), idBegins('0190')]),
    { flow_runs: { name: { any_: ['one'] } } },
    idBegins('0190'),
  ],
  [
    'task_run',
    matching({ flowRunId: id, taskKey: 'load' }),
    { task_runs: { flow_run_id: { any_: ['theirs-mine'] } } },
    matching({ taskKey: 'load' }),
  ],
  [
    'log',
    allOf([matching({ flowRunId: id }), above, about('Rows')]),
    { logs: { flow_run_id: { any_: ['theirs-mine'] }, level: { ge_: 30 } } },
    about('Rows'),
  ],
  ['log', matching({ level: 30 }), {}, matching({ level: 30 })],
];

for (const [noun, where, body, rest] of CASES)
  test(`${noun} ${JSON.stringify(where)}`, () => {
    assert.deepEqual(askedOf(noun, where, remote), { body, rest });
    if (rest === null) assert.deepEqual(bodyOf(askedOf(noun, where, remote)), body);
    else assert.throws(() => bodyOf(askedOf(noun, where, remote)), { code: 'unsupported' });
  });

test('a second word on states that an either-or speaks of is looked at in the rows', () => {
  const { body, rest } = askedOf('flow_run', allOf([failed, matching({ stateType: ['FAILED'] })]), remote);
  assert.deepEqual(body, {
    flow_runs: { state: { operator: 'or_', type: { any_: ['FAILED'] }, name: { any_: ['Late'] } } },
  });
  assert.deepEqual(rest, matching({ stateType: ['FAILED'] }));
});

test('rows are looked at as a store would', () => {
  const processId = '01900000-0000-7000-8000-000000000001' as ProcessId;
  const run = makeFlowRun(makeFlow('sales'), {
    name: 'Brave Lynx',
    tags: ['a', 'b'],
    state: makeState({ type: 'RUNNING', name: 'Retrying' }),
    lease: { processId, token: 1 },
  });
  const yes: readonly Condition[] = [
    matching({ name: 'Brave Lynx', stateType: ['RUNNING'], stateName: 'Retrying', processId }),
    idBegins(run.id.slice(0, 9).toUpperCase()),
    ROOT_RUNS,
    withTags(['b']),
    { op: 'hasAny', field: 'tags', values: ['b', 'c'] },
    { op: 'isEmpty', field: 'tags', isEmpty: false },
    { op: 'contains', field: 'name', text: 'LYNX' },
    { op: 'startsWith', field: 'name', text: 'brave' },
    { op: 'hasPrefix', field: 'name', text: 'Brave' },
    { op: 'notIn', field: 'name', values: ['one'] },
    { op: 'gt', field: 'createdAt', value: 0 },
    { op: 'not', of: { op: 'lt', field: 'createdAt', value: 0 } },
    { op: 'or', of: [matching({ name: 'one' }), matching({ name: 'Brave Lynx' })] },
  ];
  for (const where of yes) {
    assert.equal(meets(run, where), true, JSON.stringify(where));
    assert.equal(meets(run, { op: 'not', of: where }), false, JSON.stringify(where));
  }
  assert.equal(meets({ ...run, lease: null }, matching({ processId })), false);
  assert.equal(meets(makeTaskRun({ taskKey: 'load' }), matching({ taskKey: 'load' })), true);
  assert.equal(meets(makeLog({ message: 'ÄRGER' }), about('ärger')), true);
  for (const where of [matching({ colour: 'red' }), ofFlow('sales'), { op: 'not', of: ofFlow('sales') } as const])
    assert.throws(() => meets(run, where), { code: 'unsupported' });
});
