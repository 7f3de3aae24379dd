/**
 * What becomes of a proposal by the rules alone: the same function that the orchestrator asks, on the run as it is
 * known here.
 */

import type { FlowRun } from '../../core/flow-run.ts';
import type { SetFlowRunState } from '../../core/flow-run-request.ts';
import type { StateId } from '../../core/ids.ts';
import { applyToFlowRun } from '../../core/rules/apply-flow-run.ts';
import { decide } from '../../core/rules/decide.ts';
import type { Decision } from '../../core/rules/decision.ts';
import type { FlowRunFacts } from '../../core/rules/facts.ts';
import { flowPolicy, minimalFlowPolicy, ownedFlowPolicy } from '../../core/rules/flow-policy.ts';
import type { Policy } from '../../core/rules/policy.ts';
import type { State } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { Transition } from '../../core/transition.ts';

export function decideHere(run: FlowRun, request: SetFlowRunState, now: Instant, stateId: StateId): Decision {
  const policy: Policy<FlowRunFacts> =
    request.force === true ? minimalFlowPolicy : request.leaseToken === undefined ? flowPolicy : ownedFlowPolicy;
  return decide(policy, run.state, request.state, factsOf(run, request.retryDelaySeconds), now, stateId);
}

export function factsOf(run: FlowRun, retryDelaySeconds?: number): FlowRunFacts {
  return {
    runCount: run.runCount,
    policy: run.policy,
    hasDeployment: (run.submission?.deploymentId ?? null) !== null,
    hasInfrastructure: run.lease !== null,
    isSubflow: run.parentTaskRunId !== null || run.parentFlowRunId !== null,
    retryDelaySeconds,
    // Slots are the server's to decide.
    slots: null,
    poolSlot: null,
  };
}

/** The state that a decision writes; `null` when it writes none. */
export function writtenBy(decision: Decision): State | null {
  return decision.status === 'accept' || (decision.status === 'reject' && decision.written) ? decision.state : null;
}

/** The answer of a decision carried out here, with the run after it. */
export function applyDecision(run: FlowRun, decision: Decision): Transition<FlowRun> {
  switch (decision.status) {
    case 'accept': {
      const moved = applyToFlowRun(run, decision.state, decision.effects);
      return { status: 'accept', state: moved.state, run: moved };
    }
    case 'reject': {
      const { reason, written } = decision;
      if (!written) return { status: 'reject', state: run.state, written, reason, run };
      const moved = applyToFlowRun(run, decision.state, decision.effects);
      return { status: 'reject', state: moved.state, written, reason, run: moved };
    }
    case 'wait':
      return { status: 'wait', delaySeconds: decision.delaySeconds, reason: decision.reason, run };
    case 'abort':
      return { status: 'abort', reason: decision.reason, run };
  }
}
