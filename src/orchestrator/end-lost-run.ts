/** The state of a run whose process is gone: Crashed, or Cancelled when it was being cancelled. */

import type { FlowRun } from '../core/flow-run.ts';
import type { StateId } from '../core/ids.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import { decide } from '../core/rules/decide.ts';
import { minimalFlowPolicy } from '../core/rules/flow-policy.ts';
import type { ProposedState, StateType } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import { runFactsOf } from './flow-run-facts.ts';
import { markedByHolder } from './let-go.ts';

export function lostState(type: StateType, evidence: string): ProposedState {
  return type === 'CANCELLING'
    ? { type: 'CANCELLED', message: `It was being cancelled when its process was lost. ${evidence}` }
    : { type: 'CRASHED', evidence, message: evidence };
}

/** A worker had taken it, and the process that was to run it has not begun. */
export function isUnbegun({ runner, state, startTime }: FlowRun): boolean {
  return runner === 'worker' && state.type === 'PENDING' && startTime === null;
}

/** The row of a run that goes back to where workers look for what is due. */
function requeued(run: FlowRun, evidence: string, now: Instant, stateId: StateId): FlowRun | null {
  const message = `The worker that had taken it is gone, and nothing of it was begun: it is due again. ${evidence}`;
  const proposed = { type: 'SCHEDULED', scheduledTime: now, message } as const;
  const decision = decide(minimalFlowPolicy, run.state, proposed, runFactsOf(run), now, stateId);
  if (decision.status !== 'accept') return null;
  const due = applyToFlowRun(run, decision.state, decision.effects);
  // The process that has taken it over may have said that its attempts are its own: nobody would be given the run.
  return { ...due, policy: { ...due.policy, retryType: null }, lease: null };
}

/**
 * The row after the loss: what was begun has ended, and what was only taken by a worker is due again. The
 * lease's token moves on, so that the old process, should it come back, is refused.
 */
export function endLostRun(run: FlowRun, evidence: string, now: Instant, stateId: StateId): FlowRun | null {
  if (isUnbegun(run)) return requeued(run, evidence, now, stateId);
  const decision = decide(
    minimalFlowPolicy,
    run.state,
    lostState(run.state.type, evidence),
    runFactsOf(run),
    now,
    stateId,
  );
  if (decision.status !== 'accept') return null;
  const lease = run.lease && { processId: run.lease.processId, token: run.lease.token + 1 };
  return { ...applyToFlowRun(run, markedByHolder(run, decision.state, lease?.token), decision.effects), lease };
}
