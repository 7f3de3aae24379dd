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
    const verb = suspends ? 'suspend' : 'pause';
    if (from?.type !== 'RUNNING') return { verdict: 'keep', reason: `Cannot ${verb} a flow run that is not running.` };
    const key = proposed.details?.pauseKey;
    const fired = facts.policy.pauseKeys ?? [];
    if (key !== undefined && fired.includes(key)) return { verdict: 'keep', reason: `This ${verb} has already fired.` };
    if (suspends && facts.isSubflow) return { verdict: 'abort', reason: 'Cannot suspend a subflow.' };
    if (suspends && !facts.hasDeployment) return { verdict: 'abort', reason: 'Cannot suspend a flow run without a deployment.' };
    return key === undefined ? null : { verdict: 'amend', proposed, effects: { policy: { pauseKeys: [...fired, key] } } };
  },
};

/** A paused run goes on, is cancelled or ends; when its time to wait is over it has failed. */
export const handleResumingPaused: Rule<FlowRunFacts> = {
  name: 'handle-resuming-paused',
  from: ['PAUSED'],
  to: ANY_TYPE,
  apply(from, proposed, facts, now) {
    if (from === null) return null;
    if (isTerminalType(proposed.type) || proposed.type === 'CANCELLING') return null;
    if (proposed.type !== 'RUNNING' && proposed.type !== 'SCHEDULED') {
      return { verdict: 'keep', reason: `This run cannot transition to the ${proposed.type} state from the ${from.type} state.` };
    }
    if (from.details.pauseReschedule === true && !facts.hasDeployment) {
      return { verdict: 'keep', reason: 'Cannot reschedule a paused flow run without a deployment.' };
    }
    const timeout = from.details.pauseTimeout;
    if (timeout !== undefined && timeout < now) {
      const message = `The flow was ${from.name.toLowerCase()} and never resumed.`;
      return { verdict: 'replace', proposed: { type: 'FAILED', failure: null, message }, reason: message };
    }
    return { verdict: 'amend', proposed, effects: { policy: { resuming: true } } };
  },
};
