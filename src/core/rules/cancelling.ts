import type { FlowRunFacts } from './facts.ts';
import { anyTypeBut, type Rule } from './policy.ts';

/** Once a run is asked to stop, it can only stop. */
export const enforceCancellingToCancelled: Rule<unknown> = {
  name: 'enforce-cancelling-to-cancelled',
  from: ['CANCELLING'],
  to: anyTypeBut('CANCELLED'),
  apply: () => ({ verdict: 'keep', reason: 'This run is cancelling and can only become Cancelled.' }),
};

/** Nobody runs it, so nobody has to stop: it is cancelled at once. */
export const bypassCancellingWithNoInfrastructure: Rule<FlowRunFacts> = {
  name: 'bypass-cancelling-with-no-infrastructure',
  from: ['SCHEDULED', 'PAUSED'],
  to: ['CANCELLING'],
  apply(from, proposed, facts) {
    const nobodyRunsIt =
      from?.type === 'SCHEDULED' ? !facts.hasInfrastructure || from.name === 'Resuming' : from?.details.pauseReschedule === true;
    if (!nobodyRunsIt) return null;
    return {
      verdict: 'replace',
      proposed: { type: 'CANCELLED', ...(proposed.message === undefined ? {} : { message: proposed.message }) },
      reason: 'Nothing runs it, so it was cancelled at once.',
    };
  },
};
