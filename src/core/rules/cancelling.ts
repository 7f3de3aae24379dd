import type { FlowRule } from './facts.ts';
import { anyTypeBut, type Rule } from './policy.ts';

/**
 * Seconds that a runner which is no process of our engine has for stopping a run; then the server marks it Cancelled.
 */
export const CANCELLING_SECONDS_MAX = 300;

/** A run that was asked to stop can only stop. */
export const enforceCancellingToCancelled: Rule<unknown> = {
  name: 'enforce-cancelling-to-cancelled',
  from: ['CANCELLING'],
  to: anyTypeBut('CANCELLED'),
  reads: {},
  apply: () => ({
    verdict: 'keep',
    reason: 'Cannot transition flows that are cancelling to a state other than Cancelled.',
  }),
};

/** Nothing runs it, so nothing has to stop: it is cancelled at once. */
export const bypassCancellingWithNoInfrastructure: FlowRule<'hasInfrastructure'> = {
  name: 'bypass-cancelling-with-no-infrastructure',
  from: ['SCHEDULED', 'PAUSED'],
  to: ['CANCELLING'],
  reads: { hasInfrastructure: true },
  apply(from, _proposed, facts) {
    const isScheduled = from?.type === 'SCHEDULED';
    const nobodyRunsIt = isScheduled
      ? !facts.hasInfrastructure || from.name === 'Resuming'
      : from?.details.pauseReschedule === true;
    if (!nobodyRunsIt) return null;
    const what = isScheduled ? 'Scheduled' : 'Suspended';
    return {
      verdict: 'replace',
      proposed: { type: 'CANCELLED' },
      reason: `${what} flow run has no infrastructure to terminate.`,
    };
  },
};
