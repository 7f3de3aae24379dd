import { isTerminalType } from '../state.ts';
import type { FlowRule } from './facts.ts';
import { ANY_TYPE, type FromType } from './policy.ts';

const FROM_ANY: readonly FromType[] = ['none', ...ANY_TYPE];

/**
 * Only a running run pauses, and each pause in its code (`pauseKey`) takes effect once, also when the code runs again;
 * pauses without a key are all different.
 */
export const handlePausing: FlowRule<'policy' | 'isSubflow' | 'hasDeployment'> = {
  name: 'handle-pausing',
  from: FROM_ANY,
  to: ['PAUSED'],
  reads: { policy: true, isSubflow: true, hasDeployment: true },
  apply(from, proposed, facts, _now, stateId) {
    const suspends = proposed.details?.pauseReschedule === true;
    const verb = proposed.name === 'Suspended' ? 'suspend' : 'pause';
    if (from === null) return { verdict: 'abort', reason: `Cannot ${verb} flows with no state.` };
    if (from.type !== 'RUNNING')
      return { verdict: 'keep', reason: `Cannot ${verb} flows that are not currently running.` };
    const key = proposed.details?.pauseKey ?? stateId;
    const fired = facts.policy.pauseKeys ?? [];
    if (fired.includes(key)) return { verdict: 'keep', reason: `This ${verb} has already fired.` };
    if (suspends && facts.isSubflow) return { verdict: 'abort', reason: `Cannot ${verb} subflows.` };
    if (suspends && !facts.hasDeployment)
      return { verdict: 'abort', reason: `Cannot ${verb} flows without a deployment.` };
    // The pause is new in this attempt: inputs under its keys belonged to an earlier attempt.
    const forgottenInputs = Object.values(proposed.details?.runInputKeyset ?? {});
    return {
      verdict: 'amend',
      proposed,
      effects: {
        policyAfter: { pauseKeys: [...fired, key] },
        ...(forgottenInputs.length > 0 ? { forgottenInputs } : {}),
      },
    };
  },
};

/**
 * A paused run goes on, is cancelled or ends; when its time to wait is over it has failed. The mark `resuming` is for
 * the next RUNNING, which then is not counted: a suspended run starts again where it was. (Prefect counts the RUNNING
 * that ends a blocking pause, since it sets the mark after that; its clients compare with that count.)
 *
 * A pause that blocks goes on in its process. When its run is scheduled instead, the process is gone: another one
 * starts from the beginning, where every pause fires again.
 */
export const handleResumingPaused: FlowRule<'hasDeployment'> = {
  name: 'handle-resuming-paused',
  from: ['PAUSED'],
  to: ANY_TYPE,
  reads: { hasDeployment: true },
  apply(from, proposed, facts, now) {
    if (from === null) return null;
    const goesOn = proposed.type === 'RUNNING' || proposed.type === 'SCHEDULED';
    const effects = { policyAfter: { resuming: true } };
    if (!goesOn && proposed.type !== 'CANCELLING' && !isTerminalType(proposed.type)) {
      return {
        verdict: 'keep',
        effects,
        reason: `This run cannot transition to the StateType.${proposed.type} state from the StateType.${from.type} state.`,
      };
    }
    const name = (proposed.name ?? proposed.type).toLowerCase();
    if (from.details.pauseReschedule === true && !facts.hasDeployment) {
      return { verdict: 'keep', effects, reason: `Cannot reschedule a ${name} flow run without a deployment.` };
    }
    const timeout = from.details.pauseTimeout;
    // A blocking pause keeps its process alive: the request to cancel must reach the process even after the timeout.
    if (timeout !== undefined && timeout < now && proposed.type !== 'CANCELLING') {
      return {
        verdict: 'replace',
        proposed: { type: 'FAILED', failure: null, message: `The flow was ${name} and never resumed.` },
        reason: 'The flow run pause has timed out and can no longer resume.',
        effects,
      };
    }
    const startsAnew = proposed.type === 'SCHEDULED' && from.details.pauseReschedule !== true;
    return {
      verdict: 'amend',
      proposed,
      effects: startsAnew ? { policyAfter: { resuming: false, pauseKeys: [], retryType: 'reschedule' } } : effects,
    };
  },
};
