import type { FlowRunFacts } from './facts.ts';
import { anyTypeBut, type Rule } from './policy.ts';

/** So long may whoever runs a run take to stop it, when no process of ours has it: then the server marks it Cancelled. */
export const CANCELLING_SECONDS_MAX = 300;

/** Once a run is asked to stop, it can only stop. */
export const enforceCancellingToCancelled: Rule<unknown> = {
  name: 'enforce-cancelling-to-cancelled',
  from: ['CANCELLING'],
  to: anyTypeBut('CANCELLED'),
  apply: () => ({ verdict: 'keep', reason: 'Cannot transition flows that are cancelling to a state other than Cancelled.' }),
};

/** Nobody runs it, so nobody has to stop: it is cancelled at once. */
export const bypassCancellingWithNoInfrastructure: Rule<FlowRunFacts> = {
  name: 'bypass-cancelling-with-no-infrastructure',
  from: ['SCHEDULED', 'PAUSED'],
  to: ['CANCELLING'],
  apply(from, _proposed, facts) {
    const isScheduled = from?.type === 'SCHEDULED';
    const nobodyRunsIt = isScheduled ? !facts.hasInfrastructure || from.name === 'Resuming' : from?.details.pauseReschedule === true;
    if (!nobodyRunsIt) return null;
    const what = isScheduled ? 'Scheduled' : 'Suspended';
    return { verdict: 'replace', proposed: { type: 'CANCELLED' }, reason: `${what} flow run has no infrastructure to terminate.` };
  },
};
