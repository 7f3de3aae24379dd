import type { Rule } from './policy.ts';

/**
 * Going back to PENDING would let a run be submitted twice. A PENDING run may still say how far its submission is
 * (`Submitting`, `InfrastructurePending`): a different name inside the type.
 */
export const preventPendingTransitions: Rule<unknown> = {
  name: 'prevent-pending-transitions',
  from: ['PENDING', 'RUNNING', 'CANCELLING', 'CANCELLED'],
  to: ['PENDING'],
  reads: {},
  apply(from, proposed) {
    const name = proposed.name ?? 'Pending';
    if (from?.type === 'PENDING' && name !== 'Pending' && name !== from.name) {
      const details = { ...proposed.details, deploymentConcurrencyLeaseId: from.details.deploymentConcurrencyLeaseId };
      return {
        verdict: 'amend',
        proposed: { ...proposed, type: 'PENDING', scheduledTime: from.scheduledTime, details },
      };
    }
    return {
      verdict: 'abort',
      reason: `This run is in a ${from?.type} state and cannot transition to a PENDING state.`,
    };
  },
};
