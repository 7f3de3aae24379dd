/**
 * Every transition between nineteen states, as Prefect 3.8.8's own server answered it (probed over HTTP); 3.9.1's
 * answers the same. A row is a current state, a column a proposal, in the same order: A accepted, k kept (rejected,
 * nothing written), C F S rejected with CANCELLED, FAILED or SCHEDULED written instead, W told to wait, X aborted.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateId } from '../ids.ts';
import type { ProposedState } from '../state.ts';
import type { ValueRef } from '../value.ts';
import { decide } from './decide.ts';
import { flowPolicy, minimalFlowPolicy } from './flow-policy.ts';
import { FLOW_FACTS, sampleState, seconds, T0, TASK_FACTS } from './fixtures/sample.ts';
import type { Policy } from './policy.ts';
import { backgroundTaskPolicy, minimalTaskPolicy, taskPolicy } from './task-policy.ts';

const KEPT: ValueRef = { kind: 'foreign', text: '{"storage_key": "x"}' };
const UNPERSISTED: ValueRef = { kind: 'foreign', text: '{"prefect_version": "2", "type": "unpersisted"}' };

const STATES: Readonly<Record<string, ProposedState>> = {
  PENDING: { type: 'PENDING' },
  SUBMITTING: { type: 'PENDING', name: 'Submitting' },
  SCHEDULED: { type: 'SCHEDULED', scheduledTime: T0 },
  FUTURE: { type: 'SCHEDULED', scheduledTime: seconds(600) },
  LATE: { type: 'SCHEDULED', name: 'Late', scheduledTime: T0 },
  AWAIT: { type: 'SCHEDULED', name: 'AwaitingRetry', scheduledTime: T0 },
  RESUMING: { type: 'SCHEDULED', name: 'Resuming', scheduledTime: T0 },
  RUNNING: { type: 'RUNNING' },
  PAUSED: { type: 'PAUSED', details: { pauseKey: '1' } },
  PAUSED_TO: { type: 'PAUSED', details: { pauseKey: '1', pauseTimeout: T0 } },
  SUSPENDED: {
    type: 'PAUSED',
    name: 'Suspended',
    details: { pauseKey: '2', pauseReschedule: true, pauseTimeout: seconds(600) },
  },
  CANCELLING: { type: 'CANCELLING' },
  CANCELLED: { type: 'CANCELLED' },
  COMPLETED: { type: 'COMPLETED', data: null },
  COMPLETED_D: { type: 'COMPLETED', data: KEPT },
  COMPLETED_U: { type: 'COMPLETED', data: UNPERSISTED },
  FAILED: { type: 'FAILED', failure: null, message: 'boom', data: KEPT },
  FAILED_NR: { type: 'FAILED', failure: null, message: 'boom', details: { retriable: false } },
  CRASHED: { type: 'CRASHED', message: 'gone' },
};

const FLOW_RUN = `
  PENDING     XAAAkAAAkkkAAAAAAAA
  SUBMITTING  XXAAkAAAkkkAAAAAAAA
  SCHEDULED   AAAAAAAAkkkCAAAAAAA
  FUTURE      AAAAAAAWkkkCAAAAAAA
  LATE        AAAAkAAAkkkCAAAAAAA
  AWAIT       AAAAAAAAkkkCAAAAAAA
  RESUMING    AAAAAAAAkkkCAAAAAAA
  RUNNING     XXAAkAAAAAXAAAAAAAA
  PAUSED      kkAAkAAAkkkAAAAAAAA
  PAUSED_TO   kkFFkFFFkkkAFFFFFFF
  SUSPENDED   kkkkkkkkkkkCkkkkkkk
  CANCELLING  kkkkkkkkkkkkAkkkkkk
  CANCELLED   XXXXXXXAXXXXAAAAAAX
  COMPLETED   AAXXXXXAXXXXAAAAAAX
  COMPLETED_D kkkkkkkkXXXXAkAkAAX
  COMPLETED_U AAXXXXXAXXXXAAAAAAX
  FAILED      AAXXXXXAXXXXAAAAAAX
  FAILED_NR   AAXXXXXAXXXXAAAAAAX
  CRASHED     AAXXXXXAXXXXAAAAAAX
`;

const FLOW_RUN_OF_A_DEPLOYMENT = `
  PENDING     XAAAkAAAkkkAAAAAAAA
  SUBMITTING  XXAAkAAAkkkAAAAAAAA
  SCHEDULED   AAAAAAAAkkkCAAAAAAA
  FUTURE      AAAAAAAWkkkCAAAAAAA
  LATE        AAAAkAAAkkkCAAAAAAA
  AWAIT       AAAAAAAAkkkCAAAAAAA
  RESUMING    AAAAAAAAkkkCAAAAAAA
  RUNNING     XXAAkAAAAAAAAAAAAAA
  PAUSED      kkAAkAAAkkkAAAAAAAA
  PAUSED_TO   kkFFkFFFkkkAFFFFFFF
  SUSPENDED   kkAAkAAAkkkCAAAAAAA
  CANCELLING  kkkkkkkkkkkkAkkkkkk
  CANCELLED   XXAAkAAAXXXXAAAAAAX
  COMPLETED   AAAAkAAAXXXXAAAAAAX
  COMPLETED_D kkkkkkkkXXXXAkAkAAX
  COMPLETED_U AAAAkAAAXXXXAAAAAAX
  FAILED      AAAAkAAAXXXXAAAAAAX
  FAILED_NR   AAAAkAAAXXXXAAAAAAX
  CRASHED     AAAAkAAAXXXXAAAAAAX
`;

const FORCED_FLOW_RUN = `
  PENDING     AAAAAAAAAAAAAAAAAAA
  SUBMITTING  AAAAAAAAAAAAAAAAAAA
  SCHEDULED   AAAAAAAAAAACAAAAAAA
  FUTURE      AAAAAAAAAAACAAAAAAA
  LATE        AAAAAAAAAAACAAAAAAA
  AWAIT       AAAAAAAAAAACAAAAAAA
  RESUMING    AAAAAAAAAAACAAAAAAA
  RUNNING     AAAAAAAAAAAAAAAAAAA
  PAUSED      AAAAAAAAAAAAAAAAAAA
  PAUSED_TO   AAAAAAAAAAAAAAAAAAA
  SUSPENDED   AAAAAAAAAAACAAAAAAA
  CANCELLING  AAAAAAAAAAAAAAAAAAA
  CANCELLED   AAAAAAAAAAAAAAAAAAA
  COMPLETED   AAAAAAAAAAAAAAAAAAA
  COMPLETED_D AAAAAAAAAAAAAkAkAAA
  COMPLETED_U AAAAAAAAAAAAAAAAAAA
  FAILED      AAAAAAAAAAAAAAAAAAA
  FAILED_NR   AAAAAAAAAAAAAAAAAAA
  CRASHED     AAAAAAAAAAAAAAAAAAA
`;

const TASK_RUN = `
  PENDING     AAAAAAAAAAAAAAAAAAA
  SUBMITTING  AAAAAAAAAAAAAAAAAAA
  SCHEDULED   AAAAAAAAAAAAAAAAAAA
  FUTURE      AAAAAAAWAAAAAAAAAAA
  LATE        AAAAAAAAAAAAAAAAAAA
  AWAIT       AAAAAAAAAAAAAAAAAAA
  RESUMING    AAAAAAAAAAAAAAAAAAA
  RUNNING     AAAAAAAAAAAAAAAAAAA
  PAUSED      AAAAAAAAAAAAAAAAAAA
  PAUSED_TO   AAAAAAAAAAAAAAAAAAA
  SUSPENDED   AAAAAAAAAAAAAAAAAAA
  CANCELLING  AAAAAAAAAAAAAAAAAAA
  CANCELLED   AAAAAAAAXXXXAAAAAAX
  COMPLETED   AAAAAAAAXXXXAAAAAAX
  COMPLETED_D kkkkkkkkXXXXkkkkkkX
  COMPLETED_U AAAAAAAAXXXXAAAAAAX
  FAILED      AAAAAAAAXXXXAAAAAAX
  FAILED_NR   AAAAAAAAXXXXAAAAAAX
  CRASHED     AAAAAAAAXXXXAAAAAAX
`;

const DEFERRED_TASK_RUN = `
  PENDING     XAAAAAAAAAAAAAAAAAA
  SUBMITTING  XXAAAAAAAAAAAAAAAAA
  SCHEDULED   AAAAAAAAAAAAAAAAAAA
  FUTURE      AAAAAAAWAAAAAAAAAAA
  LATE        AAAAAAAAAAAAAAAAAAA
  AWAIT       AAAAAAAAAAAAAAAAAAA
  RESUMING    AAAAAAAAAAAAAAAAAAA
  RUNNING     XXAAAAAAAAAAAAAAAAA
  PAUSED      AAAAAAAAAAAAAAAAAAA
  PAUSED_TO   AAAAAAAAAAAAAAAAAAA
  SUSPENDED   AAAAAAAAAAAAAAAAAAA
  CANCELLING  XXAAAAAAAAAAAAAAAAA
  CANCELLED   XXAAAAAAXXXXAAAAAAX
  COMPLETED   AAAAAAAAXXXXAAAAAAX
  COMPLETED_D kkkkkkkkXXXXkkkkkkX
  COMPLETED_U AAAAAAAAXXXXAAAAAAX
  FAILED      AAAAAAAAXXXXAAAAAAX
  FAILED_NR   AAAAAAAAXXXXAAAAAAX
  CRASHED     AAAAAAAAXXXXAAAAAAX
`;

function letters<Facts>(policy: Policy<Facts>, facts: Facts): string {
  const rows = Object.entries(STATES).map(([name, from]) => {
    const current = sampleState(from, T0);
    const row = Object.values(STATES).map((to) => {
      const decision = decide(policy, current, to, facts, seconds(1), 'next' as StateId);
      switch (decision.status) {
        case 'accept':
          return 'A';
        case 'reject':
          return decision.written ? decision.state.type[0] : 'k';
        case 'wait':
          return 'W';
        case 'abort':
          return 'X';
      }
    });
    return `  ${name.padEnd(11)} ${row.join('')}`;
  });
  return `\n${rows.join('\n')}\n`;
}

test('flow runs without a deployment', () => assert.equal(letters(flowPolicy, FLOW_FACTS), FLOW_RUN));
test('flow runs of a deployment', () =>
  assert.equal(letters(flowPolicy, { ...FLOW_FACTS, hasDeployment: true }), FLOW_RUN_OF_A_DEPLOYMENT));
test('forced transitions of flow runs', () => assert.equal(letters(minimalFlowPolicy, FLOW_FACTS), FORCED_FLOW_RUN));
test('task runs', () =>
  assert.equal(letters(taskPolicy, { ...TASK_FACTS, runCount: 1, flowRunStateType: 'RUNNING' }), TASK_RUN));
test('deferred task runs', () =>
  assert.equal(letters(backgroundTaskPolicy, { ...TASK_FACTS, runCount: 1 }), DEFERRED_TASK_RUN));
test('forced transitions of task runs are all accepted', () => {
  assert.match(letters(minimalTaskPolicy, TASK_FACTS), /^(\n {2}\w+ +A{19})+\n$/);
});
