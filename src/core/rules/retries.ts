/** A failure with attempts left becomes `AwaitingRetry`: the run goes on in the process that has it. */

import { delayOfAttempt, jittered } from '../retry.ts';
import type { ProposedState } from '../state.ts';
import { addSeconds, type Instant } from '../time.ts';
import type { Verdict } from './decision.ts';
import type { FlowRunFacts, TaskRunFacts } from './facts.ts';
import { ACTIVE_TYPES, type Rule } from './policy.ts';

/** The message of the failure goes with the waiting, so that a list of states tells why the run waits. */
function failureMessage(proposed: ProposedState): string | null {
  if (proposed.message !== undefined && proposed.message !== null) return proposed.message;
  const failure = proposed.type === 'FAILED' ? proposed.failure : null;
  return failure === null ? null : `${failure.name}: ${failure.message}`;
}

function awaitRetry(proposed: ProposedState, delaySeconds: number, now: Instant): Extract<Verdict, { verdict: 'replace' }> {
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
export const retryFailedFlow: Rule<FlowRunFacts> = {
  name: 'retry-failed-flow',
  from: ['RUNNING'],
  to: ['FAILED'],
  apply(from, proposed, facts, now) {
    const { retries } = facts.policy;
    // Who then asks for another attempt asks for new infrastructure.
    if (retries === null || facts.runCount > retries) return { verdict: 'amend', proposed, effects: { policy: { retryType: null } } };
    if (proposed.details?.retriable === false) return null;
    const delay = facts.retryDelaySeconds ?? delayOfAttempt(facts.policy.retryDelaySeconds, facts.runCount);
    const retry = awaitRetry(proposed, delay, now);
    const leaseId = from?.details.deploymentConcurrencyLeaseId;
    return {
      ...retry,
      proposed: leaseId === undefined ? retry.proposed : { ...retry.proposed, details: { deploymentConcurrencyLeaseId: leaseId } },
      effects: { policy: { retryType: 'in_process', resuming: false, pauseKeys: [] } },
    };
  },
};

/** Prefect's `RetryFailedTasks`. */
export const retryFailedTask: Rule<TaskRunFacts> = {
  name: 'retry-failed-task',
  from: ['RUNNING'],
  to: ['FAILED'],
  apply(_from, proposed, facts, now) {
    if (proposed.details?.retriable === false || facts.runCount > facts.policy.retries) return null;
    const planned = delayOfAttempt(facts.policy.retryDelaySeconds, facts.runCount);
    const delay = facts.retryDelaySeconds ?? jittered(planned, facts.policy.retryJitterFactor, facts.draw ?? 0.5);
    return awaitRetry(proposed, delay, now);
  },
};

/** A run that starts again says so: `Retrying` after a failure, `Rerunning` for any other reason. (One that had ended counts from zero.) */
export const renameReruns: Rule<TaskRunFacts> = {
  name: 'rename-reruns',
  from: ACTIVE_TYPES,
  to: ['RUNNING'],
  apply(from, proposed, facts) {
    if (facts.runCount === 0) return null;
    return { verdict: 'amend', proposed: { ...proposed, name: from?.name === 'AwaitingRetry' ? 'Retrying' : 'Rerunning' } };
  },
};
