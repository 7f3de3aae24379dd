/** A failure with retries left becomes `AwaitingRetry`: the run continues in the process that holds it. */

import { delayOfAttempt, jittered } from '../retry.ts';
import type { ProposedState } from '../state.ts';
import { addSeconds, type Instant } from '../time.ts';
import type { Verdict } from './decision.ts';
import type { FlowRule, TaskRule } from './facts.ts';
import { ACTIVE_TYPES } from './policy.ts';

/** The failure's message becomes part of the waiting state, so that a list of states shows why the run waits. */
function failureMessage(proposed: ProposedState): string | null {
  if (proposed.message !== undefined && proposed.message !== null) return proposed.message;
  const failure = proposed.type === 'FAILED' ? proposed.failure : null;
  return failure === null ? null : `${failure.name}: ${failure.message}`;
}

function awaitRetry(
  proposed: ProposedState,
  delaySeconds: number,
  now: Instant,
): Extract<Verdict, { verdict: 'replace' }> {
  return {
    verdict: 'replace',
    proposed: {
      type: 'SCHEDULED',
      name: 'AwaitingRetry',
      scheduledTime: addSeconds(now, delaySeconds),
      message: failureMessage(proposed),
      ...(proposed.data ? { data: proposed.data } : {}),
    },
    reason: 'Retrying',
  };
}

/** Prefect's `RetryFailedFlows`. */
export const retryFailedFlow: FlowRule<'policy' | 'runCount' | 'retryDelaySeconds' | 'retriesWhateverFailed'> = {
  name: 'retry-failed-flow',
  from: ['RUNNING'],
  to: ['FAILED'],
  reads: { policy: true, runCount: true, retryDelaySeconds: true, retriesWhateverFailed: true },
  apply(from, proposed, facts, now) {
    const { retries } = facts.policy;
    // Another attempt after that needs new infrastructure.
    if (retries === null || facts.runCount > retries)
      return { verdict: 'amend', proposed, effects: { policy: { retryType: null } } };
    if (proposed.details?.retriable === false && facts.retriesWhateverFailed !== true) return null;
    const delay = facts.retryDelaySeconds ?? delayOfAttempt(facts.policy.retryDelaySeconds, facts.runCount);
    const retry = awaitRetry(proposed, delay, now);
    const leaseId = from?.details.deploymentConcurrencyLeaseId;
    return {
      ...retry,
      proposed:
        leaseId === undefined
          ? retry.proposed
          : { ...retry.proposed, details: { deploymentConcurrencyLeaseId: leaseId } },
      effects: { policy: { retryType: 'in_process', resuming: false, pauseKeys: [] } },
    };
  },
};

/** Prefect's `RetryFailedTasks`. */
export const retryFailedTask: TaskRule<'policy' | 'runCount' | 'retryDelaySeconds' | 'draw'> = {
  name: 'retry-failed-task',
  from: ['RUNNING'],
  to: ['FAILED'],
  reads: { policy: true, runCount: true, retryDelaySeconds: true, draw: true },
  apply(_from, proposed, facts, now) {
    if (proposed.details?.retriable === false || facts.runCount > facts.policy.retries) return null;
    const planned = delayOfAttempt(facts.policy.retryDelaySeconds, facts.runCount);
    const delay = facts.retryDelaySeconds ?? jittered(planned, facts.policy.retryJitterFactor, facts.draw ?? 0.5);
    return awaitRetry(proposed, delay, now);
  },
};

/**
 * A run that starts again is named `Retrying` after a failure, `Rerunning` otherwise. (One that had ended counts from
 * zero.)
 */
export const renameReruns: TaskRule<'runCount'> = {
  name: 'rename-reruns',
  from: ACTIVE_TYPES,
  to: ['RUNNING'],
  reads: { runCount: true },
  apply(from, proposed, facts) {
    if (facts.runCount === 0) return null;
    return {
      verdict: 'amend',
      proposed: { ...proposed, name: from?.name === 'AwaitingRetry' ? 'Retrying' : 'Rerunning' },
    };
  },
};
