import { isTerminalType } from '../state.ts';
import type { FlowRunFacts } from './facts.ts';
import { ANY_TYPE, type FromType, type Rule } from './policy.ts';

const FROM_ANY: readonly FromType[] = ['none', ...ANY_TYPE];

/** Only a running run pauses, and each place in its code pauses it once (`pauseKey`), also when the code runs again. */
export const handlePausing: Rule<FlowRunFacts> = {
  name: 'handle-pausing',
  from: FROM_ANY,
  to: ['PAUSED'],
  apply(from, proposed, facts) {
    const suspends = proposed.details?.pauseReschedule === true;
    const verb = proposed.name === 'Suspended' ? 'suspend' : 'pause';
    if (from === null) return { verdict: 'abort', reason: `Cannot ${verb} flows with no state.` };
    if (from.type !== 'RUNNING') return { verdict: 'keep', reason: `Cannot ${verb} flows that are not currently running.` };
    const key = proposed.details?.pauseKey;
    const fired = facts.policy.pauseKeys ?? [];
    if (key !== undefined && fired.includes(key)) return { verdict: 'keep', reason: `This ${verb} has already fired.` };
    if (suspends && facts.isSubflow) return { verdict: 'abort', reason: `Cannot ${verb} subflows.` };
    if (suspends && !facts.hasDeployment) return { verdict: 'abort', reason: `Cannot ${verb} flows without a deployment.` };
    return key === undefined ? null : { verdict: 'amend', proposed, effects: { policyAfter: { pauseKeys: [...fired, key] } } };
  },
};

/**
 * A paused run goes on, is cancelled or ends; when its time to wait is over it has failed. The mark `resuming` is for the
 * next RUNNING, which then is not counted: a suspended run starts again where it was. (Prefect counts the RUNNING that
 * ends a blocking pause, since it sets the mark after that; its clients compare with that count.)
 */
export const handleResumingPaused: Rule<FlowRunFacts> = {
  name: 'handle-resuming-paused',
  from: ['PAUSED'],
  to: ANY_TYPE,
  apply(from, proposed, facts, now) {
    if (from === null) return null;
    const goesOn = proposed.type === 'RUNNING' || proposed.type === 'SCHEDULED';
    if (!goesOn && proposed.type !== 'CANCELLING' && !isTerminalType(proposed.type)) {
      return { verdict: 'keep', reason: `This run cannot transition to the StateType.${proposed.type} state from the StateType.${from.type} state.` };
    }
    const name = (proposed.name ?? proposed.type).toLowerCase();
    if (from.details.pauseReschedule === true && !facts.hasDeployment) {
      return { verdict: 'keep', reason: `Cannot reschedule a ${name} flow run without a deployment.` };
    }
    const effects = { policyAfter: { resuming: true } };
    const timeout = from.details.pauseTimeout;
    // A pause that blocks keeps its process alive: the request to cancel must reach it even when the time is over.
    if (timeout !== undefined && timeout < now && proposed.type !== 'CANCELLING') {
      return {
        verdict: 'replace',
        proposed: { type: 'FAILED', failure: null, message: `The flow was ${name} and never resumed.` },
        reason: 'The flow run pause has timed out and can no longer resume.',
        effects,
      };
    }
    return { verdict: 'amend', proposed, effects };
  },
};
