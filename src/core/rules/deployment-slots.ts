/**
 * How many runs of a deployment may be under way: a slot is taken with PENDING, held by a lease, and given back when the run
 * leaves RUNNING, CANCELLING or PENDING. The rules only say what becomes of slots; whoever carries the decision out does it
 * in the same transaction. Source: Prefect 3, `SecureFlowConcurrencySlots` and the rules around it.
 */

import type { ProposedState, State, StateType } from '../state.ts';
import { addSeconds } from '../time.ts';
import type { Verdict } from './decision.ts';
import type { FlowRunFacts } from './facts.ts';
import { ANY_TYPE, anyTypeBut, type FromType, type Rule } from './policy.ts';
import type { SlotEffect } from './slot-facts.ts';

/** Seconds after which a run asks again that found no slot (Prefect's `concurrency_slot_wait_seconds`). */
export const SLOT_WAIT_SECONDS = 30;

const HOLDING: readonly StateType[] = ['PENDING', 'RUNNING', 'CANCELLING'];
const LIMIT_REACHED = 'Deployment concurrency limit reached.';

/** Workers send no lease id along; the run's lease goes from state to state by itself. */
export const preserveLeaseId: Rule<unknown> = {
  name: 'preserve-lease-id',
  from: ANY_TYPE,
  to: ANY_TYPE,
  apply(from, proposed) {
    const leaseId = from?.details.deploymentConcurrencyLeaseId;
    if (leaseId === undefined || proposed.details?.deploymentConcurrencyLeaseId !== undefined) return null;
    return { verdict: 'amend', proposed: withLease(proposed, leaseId) };
  },
};

/** A slot is secured before infrastructure is started. */
export const secureSlot: Rule<FlowRunFacts> = {
  name: 'secure-slot',
  from: ['none', ...anyTypeBut(...HOLDING)] satisfies readonly FromType[],
  to: ['PENDING'],
  apply(_from, proposed, { slots }, now): Verdict | null {
    if (!slots) return null;
    if (slots.limit === 0) {
      return { verdict: 'abort', reason: 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.' };
    }
    if (slots.isFree) {
      return {
        verdict: 'amend',
        proposed: withLease(proposed, slots.nextLeaseId),
        effects: { slots: [{ kind: 'acquire', leaseId: slots.nextLeaseId, ttlSeconds: slots.graceSeconds }] },
      };
    }
    if (slots.whenFull === 'cancel-new') {
      return { verdict: 'replace', proposed: { type: 'CANCELLED', message: LIMIT_REACHED }, reason: LIMIT_REACHED };
    }
    return {
      verdict: 'replace',
      proposed: { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot', scheduledTime: addSeconds(now, SLOT_WAIT_SECONDS) },
      reason: LIMIT_REACHED,
    };
  },
};

/** A lease that ran out while infrastructure was started is taken again when that is possible, else the run ends. */
export const validateSlotAtRunning: Rule<FlowRunFacts> = {
  name: 'validate-slot-at-running',
  from: ['PENDING'],
  to: ['RUNNING'],
  apply(from, proposed, { slots }): Verdict | null {
    const leaseId = from?.details.deploymentConcurrencyLeaseId;
    if (!slots || leaseId === undefined) return null;
    if (!slots.clientRenewsLeases) return { verdict: 'amend', proposed, effects: { slots: [{ kind: 'revoke', leaseId }] } };
    const ttlSeconds = slots.graceSeconds;
    if (slots.isLeaseAlive) return { verdict: 'amend', proposed, effects: { slots: [{ kind: 'renew', leaseId, ttlSeconds }] } };
    if (slots.isFree) {
      const fresh = slots.nextLeaseId;
      return { verdict: 'amend', proposed: withLease(proposed, fresh), effects: { slots: [{ kind: 'acquire', leaseId: fresh, ttlSeconds }] } };
    }
    return {
      verdict: 'replace',
      proposed: { type: 'CANCELLED', message: 'Deployment concurrency slot lost during provisioning - no slots available to continue execution' },
      reason: 'Deployment concurrency limit reached after lease expiry.',
    };
  },
};

/** A run that would be marked late ends at once where new runs end that find no slot. */
export const enforceSlotsOnLate: Rule<FlowRunFacts> = {
  name: 'enforce-slots-on-late',
  from: ['SCHEDULED'],
  to: ['SCHEDULED'],
  apply(_from, proposed, { slots }): Verdict | null {
    if (!slots || proposed.name !== 'Late' || slots.whenFull !== 'cancel-new' || slots.isFree) return null;
    return {
      verdict: 'replace',
      proposed: { type: 'CANCELLED', message: LIMIT_REACHED },
      reason: 'Deployment concurrency limit is full and uses the CANCEL_NEW strategy.',
    };
  },
};

/**
 * What leaving gives back, whatever rule led there. A run that awaits its next attempt in the same process keeps its slot:
 * the process goes on renewing the lease.
 */
export function slotReleasedBy(from: State | null, to: State, isReplacement: boolean): SlotEffect | null {
  if (from === null || !HOLDING.includes(from.type) || HOLDING.includes(to.type)) return null;
  if (isReplacement && to.type === 'SCHEDULED' && to.name === 'AwaitingRetry') return null;
  return { kind: 'release', leaseId: from.details.deploymentConcurrencyLeaseId ?? null };
}

function withLease(proposed: ProposedState, deploymentConcurrencyLeaseId: string): ProposedState {
  return { ...proposed, details: { ...proposed.details, deploymentConcurrencyLeaseId } };
}
