import assert from 'node:assert/strict';
import { test } from 'node:test';

import { foretellCancel, hasWaitingProcess } from './cancel-outlook.ts';
import type { FlowRun, Runner } from './flow-run.ts';
import type { ProcessId } from './ids.ts';
import { sampleFlowRun, sampleState, T0 } from './rules/fixtures/sample.ts';
import { STATE_TYPES, isTerminalType, type ProposedState } from './state.ts';
import type { HolderEvidence } from './why.ts';

const record = {
  id: 'p1' as ProcessId,
  host: 'barn',
  pid: 42,
  startMark: null,
  command: 'node',
  startedAt: T0,
  heartbeatAt: T0,
};
const alive: HolderEvidence = { record, alive: true, evidence: 'it beats' };
const gone: HolderEvidence = { record, alive: false, evidence: 'no such pid' };
const told = (state: ProposedState, holder: HolderEvidence | null, runner: Runner = 'ostinato') =>
  foretellCancel(sampleFlowRun(sampleState(state), { runner }), holder);

test('who stops it, and what it is then', () => {
  const running = told({ type: 'RUNNING' }, alive);
  assert.match(running.asks ?? '', /^Its process \(pid 42 on barn\) hears of it within a second/);
  assert.equal(running.becomes, 'CANCELLING');
  assert.match(running.force ?? '', /the process still says about it is refused/);

  assert.deepEqual(
    [told({ type: 'RUNNING' }, gone).becomes, told({ type: 'RUNNING' }, gone).force],
    ['CANCELLED', null],
  );
  assert.match(told({ type: 'RUNNING' }, gone).asks ?? '', /^Its process is gone/);
  assert.match(
    told({ type: 'PAUSED' }, null).asks ?? '',
    /^It is Paused, and no process of this server has it: it is Cancelled at once/,
  );

  const prefectClient = told({ type: 'RUNNING' }, null, 'prefect-client');
  assert.match(
    prefectClient.asks ?? '',
    /^Another client runs it, and no process is known here.* 5 minutes after it was asked\.$/,
  );
  assert.match(told({ type: 'RUNNING' }, null, 'worker').asks ?? '', /^Its runner or worker stops it/);
});

test('asked already, or over: nothing to ask; only what is still open can be forced', () => {
  for (const type of STATE_TYPES) {
    const state =
      type === 'SCHEDULED'
        ? { type, scheduledTime: T0 }
        : type === 'FAILED'
          ? { type, failure: null }
          : type === 'COMPLETED'
            ? { type, data: null }
            : { type };
    const { asks, force } = told(state as ProposedState, alive);
    assert.equal(asks === null, isTerminalType(type) || type === 'CANCELLING', type);
    assert.equal(force === null, isTerminalType(type), type);
  }
});

test('a run of another client that waits in its process is not Cancelled at once: the process has to be ended', () => {
  const submission = { infrastructurePid: 'barn:42' } as FlowRun['submission'];
  const policyOf = (retryType: 'in_process' | 'reschedule' | null) => ({
    ...sampleFlowRun(sampleState({ type: 'RUNNING' })).policy,
    retryType,
  });
  const has = (state: ProposedState, retryType: 'in_process' | 'reschedule' | null = null, at = submission) =>
    hasWaitingProcess({ state: sampleState(state), policy: policyOf(retryType), submission: at });
  const scheduled = { type: 'SCHEDULED', scheduledTime: T0 } as const;
  assert.deepEqual([has(scheduled, 'in_process'), has(scheduled, 'reschedule'), has(scheduled)], [true, false, false]);
  assert.deepEqual(
    [has({ type: 'PENDING' }), has({ type: 'PAUSED' }), has({ type: 'PAUSED', details: { pauseReschedule: true } })],
    [true, true, false],
  );
  assert.equal(has({ type: 'PENDING' }, null, null), false, 'nothing was started for it');
  const run = {
    ...sampleFlowRun(sampleState(scheduled), { runner: 'worker' }),
    policy: policyOf('in_process'),
    submission,
  };
  assert.equal(foretellCancel(run, null).becomes, 'CANCELLING');
});
