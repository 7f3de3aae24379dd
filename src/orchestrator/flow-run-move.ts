/** Carries a decision about a flow run out: from a decision to the rows that are committed together, and the answer. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import type { Decision } from '../core/rules/decision.ts';
import type { FlowRunFacts } from '../core/rules/facts.ts';
import type { Transition } from '../core/transition.ts';
import type { FlowRunChange } from '../store/port.ts';
import { flowRunStateEvent } from './events.ts';

export function factsOf(run: FlowRun, retryDelaySeconds?: number): FlowRunFacts {
  return {
    runCount: run.runCount,
    policy: run.policy,
    hasDeployment: false,
    hasInfrastructure: run.lease !== null,
    isSubflow: run.parentTaskRunId !== null || run.parentFlowRunId !== null,
    retryDelaySeconds,
  };
}

export function moveFlowRun(run: FlowRun, decision: Decision): FlowRunChange<Transition<FlowRun>> {
  switch (decision.status) {
    case 'accept': {
      const moved = applyToFlowRun(run, decision.state, decision.effects);
      return written(moved, { status: 'accept', state: decision.state, run: moved });
    }
    case 'reject': {
      const { reason } = decision;
      if (!decision.written) return { answer: { status: 'reject', state: run.state, written: false, reason, run } };
      const moved = applyToFlowRun(run, decision.state, decision.effects);
      return written(moved, { status: 'reject', state: decision.state, written: true, reason, run: moved });
    }
    case 'wait':
      return { answer: { status: 'wait', delaySeconds: decision.delaySeconds, reason: decision.reason, run } };
    case 'abort':
      return { answer: { status: 'abort', reason: decision.reason, run } };
  }
}

function written(run: FlowRun, answer: Transition<FlowRun>): FlowRunChange<Transition<FlowRun>> {
  return { run, states: [run.state], events: [flowRunStateEvent(run.id, run.state)], answer };
}

export function flowRunMissing(id: FlowRunId): OstinatoError {
  return new OstinatoError('not-found', `There is no flow run ${id}.`, { remedy: '`ostinato flow-run ls` shows the runs there are.' });
}
