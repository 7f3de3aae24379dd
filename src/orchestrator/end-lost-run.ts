/** The state of a run whose process is gone: Crashed, or Cancelled when it was being cancelled. */

import type { FlowRun } from '../core/flow-run.ts';
import type { StateId } from '../core/ids.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import { decide } from '../core/rules/decide.ts';
import { minimalFlowPolicy } from '../core/rules/flow-policy.ts';
import type { ProposedState, StateType } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import { factsOf } from './flow-run-move.ts';

export function lostState(type: StateType, evidence: string): ProposedState {
  return type === 'CANCELLING'
    ? { type: 'CANCELLED', message: `It was being cancelled when its process was lost. ${evidence}` }
    : { type: 'CRASHED', evidence, message: evidence };
}

/** The row after the loss. The lease's token moves on, so that the old process, should it come back, is refused. */
export function endLostRun(run: FlowRun, evidence: string, now: Instant, stateId: StateId): FlowRun | null {
  const decision = decide(minimalFlowPolicy, run.state, lostState(run.state.type, evidence), factsOf(run), now, stateId);
  if (decision.status !== 'accept') return null;
  const ended = applyToFlowRun(run, decision.state, decision.effects);
  return { ...ended, lease: run.lease && { processId: run.lease.processId, token: run.lease.token + 1 } };
}
