/** Every record of the store's own samples crosses our wire unchanged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { FLOW_FACTS, sampleState, sampleTaskRun, seconds, T0 } from '../../core/rules/fixtures/sample.ts';
import { openFlowRun } from '../../core/rules/apply-flow-run.ts';
import type { FlowId, FlowRunId, ProcessId, StateId, TaskRunId } from '../../core/ids.ts';
import { STATE_TYPES, type ProposedState, type State } from '../../core/state.ts';
import { codecOf, type SchemaOf } from '../codec.ts';
import { flowRun, taskRunRecord, transition } from './entities.ts';
import { proposedState, state } from './values.ts';

const UUID = '01a2057b-8e74-7000-8a77-b1dcdd57a659';
const across = <T>(schema: SchemaOf<T>, value: NoInfer<T>): T =>
  codecOf(schema).read(JSON.parse(JSON.stringify(codecOf(schema).write(value))), 'it');

const PROPOSALS: readonly ProposedState[] = [
  { type: 'PENDING' },
  { type: 'PENDING', scheduledTime: T0 },
  { type: 'RUNNING', name: 'Retrying' },
  { type: 'PAUSED', details: { pauseKey: 'k', pauseReschedule: true, runInputKeyset: { schema: 's' } } },
  { type: 'SCHEDULED', scheduledTime: seconds(5), name: 'AwaitingRetry', message: 'later' },
  { type: 'CANCELLING' },
  { type: 'CANCELLED', failure: { name: 'AbortError', message: 'stop' } },
  { type: 'COMPLETED', data: null },
  { type: 'COMPLETED', data: { kind: 'inline', text: '{"a":-0}', hash: 'h' } },
  { type: 'COMPLETED', data: { kind: 'foreign', text: '{"x": 1.0}' } },
  { type: 'FAILED', failure: null },
  {
    type: 'FAILED',
    failure: { name: 'E', message: 'm', code: 'c', stack: 's', fields: '{"n":1}', cause: { name: 'F', message: 'n' } },
    details: { retriable: false },
  },
  { type: 'CRASHED', evidence: 'gone', failure: null },
];

test('states of every type, proposed and stamped', () => {
  assert.deepEqual([...new Set(PROPOSALS.map(({ type }) => type))].sort(), [...STATE_TYPES].sort());
  for (const proposal of PROPOSALS) {
    assert.deepEqual(across(proposedState, proposal), proposal);
    const stamped: State = { ...sampleState(proposal), id: UUID as StateId };
    assert.deepEqual(across(state, stamped), stamped);
  }
});

test('texts of any kind in messages, and instants to the microsecond', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
      (message, timestamp) => {
        const stamped = {
          ...sampleState({ type: 'RUNNING' }),
          id: UUID as StateId,
          message,
          timestamp: timestamp as State['timestamp'],
        };
        assert.deepEqual(across(state, stamped), stamped);
      },
    ),
  );
});

test('a flow run, and what is answered about it', () => {
  const run = openFlowRun(
    {
      id: UUID as FlowRunId,
      flowId: UUID as FlowId,
      flowName: 'f',
      name: 'n',
      flowVersion: null,
      parameters: { kind: 'stored', key: 'k', hash: 'h', bytes: 9000 },
      tags: ['a'],
      labels: { userKey: 1, other_key: true },
      policy: { ...FLOW_FACTS.policy, retries: null, pauseKeys: ['p'] },
      durability: 'sync',
      parentTaskRunId: null,
      parentFlowRunId: null,
      idempotencyKey: 'once',
      entrypoint: { file: '/a.ts', exportName: null },
      lease: { processId: UUID as ProcessId, token: 3 },
      runner: 'ostinato',
      submission: null,
      createdAt: T0,
    },
    { ...sampleState({ type: 'PENDING' }), id: UUID as StateId },
  );
  assert.deepEqual(across(flowRun, run), run);
  assert.deepEqual(across(transition, { status: 'accept', state: run.state, run }), {
    status: 'accept',
    state: run.state,
    run,
  });
  assert.deepEqual(across(transition, { status: 'wait', delaySeconds: 0.25, reason: 'r', run }), {
    status: 'wait',
    delaySeconds: 0.25,
    reason: 'r',
    run,
  });
});

test('a task run with its states, edges and cache record', () => {
  const stamped: State = { ...sampleState({ type: 'COMPLETED', data: { kind: 'unpersisted' } }), id: UUID as StateId };
  const run = {
    ...sampleTaskRun('load', stamped),
    id: UUID as TaskRunId,
    flowRunId: null,
    parentTaskRunId: null,
    state: stamped,
    mapId: 'm',
    inputs: {
      argOne: [
        { kind: 'map', id: 'm', count: 2 },
        { kind: 'task_run', id: UUID as TaskRunId },
      ],
      waitFor: [
        { kind: 'parameter', name: 'p' },
        { kind: 'constant', type: 'int' },
      ],
    },
    cache: { outcome: 'hit', key: 'k', reason: 'r', from: UUID as TaskRunId, expiresAt: T0 },
  } as const;
  assert.deepEqual(across(taskRunRecord, { run, states: [stamped] }), { run, states: [stamped] });
});
