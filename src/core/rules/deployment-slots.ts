/**
 * How many runs of a deployment may be under way: a slot is taken with PENDING, held by a lease, and given back when
 * the run leaves RUNNING, CANCELLING or PENDING. The rules only say what becomes of slots; whoever carries the decision
 * out does it in the same transaction. Source: Prefect 3, `SecureFlowConcurrencySlots` and the rules around it.
 */

import { isTerminal, type ProposedState, type State, type StateType } from '../state.ts';
import { addSeconds } from '../time.ts';
import type { Verdict } from './decision.ts';
import type { FlowRule } from './facts.ts';
import { ANY_TYPE, anyTypeBut, type FromType, type Rule } from './policy.ts';

/** Seconds after which a run that found no slot asks again (Prefect's `concurrency_slot_wait_seconds`). */
export const SLOT_WAIT_SECONDS = 30;
/** Where the runs of one key share the slots: few wait for the same one. */
export const KEYED_WAIT_SECONDS = 5;
/** While the oldest run is being cancelled: soon its slot is free. */
export const CANCELLED_WAIT_SECONDS = 2;

const HOLDING: readonly StateType[] = ['PENDING', 'RUNNING', 'CANCELLING'];
const OLDEST_GIVES_WAY = 'The oldest run that holds a slot is cancelled for it.';
const LIMIT_REACHED = 'Deployment concurrency limit reached.';

/** Workers do not send the lease id; it is copied from state to state. */
export const preserveLeaseId: Rule<unknown> = {
  name: 'preserve-lease-id',
  from: ANY_TYPE,
  to: ANY_TYPE,
  reads: {},
  apply(from, proposed) {
    const leaseId = from?.details.deploymentConcurrencyLeaseId;
    if (leaseId === undefined || proposed.details?.deploymentConcurrencyLeaseId !== undefined) return null;
    return { verdict: 'amend', proposed: withLease(proposed, leaseId) };
  },
};

/** A slot is taken before infrastructure is started. */
export const secureSlot: FlowRule<'slots'> = {
  name: 'secure-slot',
  from: ['none', ...anyTypeBut(...HOLDING)] satisfies readonly FromType[],
  to: ['PENDING'],
  reads: { slots: true },
  apply(_from, proposed, { slots }, now): Verdict | null {
    if (!slots) return null;
    if (slots.limit === 0) {
      return {
        verdict: 'abort',
        reason: 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.',
      };
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
      proposed: {
        type: 'SCHEDULED',
        name: 'AwaitingConcurrencySlot',
        scheduledTime: addSeconds(now, slots.waitSeconds),
        ...(slots.whenFull === 'cancel-old' ? { message: OLDEST_GIVES_WAY } : {}),
      },
      reason: LIMIT_REACHED,
    };
  },
};

/** A lease that expired while infrastructure was started is taken again if possible, else the run ends. */
export const validateSlotAtRunning: FlowRule<'slots'> = {
  name: 'validate-slot-at-running',
  from: ['PENDING'],
  to: ['RUNNING'],
  reads: { slots: true },
  apply(from, proposed, { slots }): Verdict | null {
    const leaseId = from?.details.deploymentConcurrencyLeaseId;
    // A lease id in the proposal is not accepted from the caller.
    if (leaseId === undefined && proposed.details?.deploymentConcurrencyLeaseId !== undefined)
      return { verdict: 'amend', proposed: withoutLease(proposed) };
    if (!slots || leaseId === undefined) return null;
    if (!slots.clientRenewsLeases)
      return { verdict: 'amend', proposed, effects: { slots: [{ kind: 'revoke', leaseId }] } };
    const ttlSeconds = slots.graceSeconds;
    if (slots.isLeaseAlive)
      return { verdict: 'amend', proposed, effects: { slots: [{ kind: 'renew', leaseId, ttlSeconds }] } };
    if (slots.isFree) {
      const fresh = slots.nextLeaseId;
      return {
        verdict: 'amend',
        proposed: withLease(proposed, fresh),
        effects: { slots: [{ kind: 'acquire', leaseId: fresh, ttlSeconds }] },
      };
    }
    return {
      verdict: 'replace',
      proposed: {
        type: 'CANCELLED',
        message: 'Deployment concurrency slot lost during provisioning - no slots available to continue execution',
      },
      reason: 'Deployment concurrency limit reached after lease expiry.',
    };
  },
};

/** A run that would be marked late ends at once, if runs that find no slot are cancelled. */
export const enforceSlotsOnLate: FlowRule<'slots'> = {
  name: 'enforce-slots-on-late',
  from: ['SCHEDULED'],
  to: ['SCHEDULED'],
  reads: { slots: true },
  apply(_from, proposed, { slots }): Verdict | null {
    if (!slots || proposed.name !== 'Late' || slots.whenFull !== 'cancel-new' || slots.isFree) return null;
    return {
      verdict: 'replace',
      proposed: { type: 'CANCELLED', message: LIMIT_REACHED },
      reason: 'Deployment concurrency limit is full and uses the CANCEL_NEW strategy.',
    };
  },
};

/** Whether a run in this state may hold a slot. */
export function mayHoldSlot({ type, details }: State): boolean {
  return HOLDING.includes(type) || details.deploymentConcurrencyLeaseId !== undefined;
}

/**
 * Whether the run releases its slots with this transition, whichever rule caused it. A run that awaits its next attempt
 * in the same process keeps its slot: the process renews the lease.
 *
 * @param isReplacement the written state is not the proposed one
 */
export function leavesSlot(from: State, to: State, isReplacement: boolean): boolean {
  if (isTerminal(to)) return true;
  if (!HOLDING.includes(from.type) || HOLDING.includes(to.type)) return false;
  return !(isReplacement && to.type === 'SCHEDULED' && to.name === 'AwaitingRetry');
}

function withLease(proposed: ProposedState, deploymentConcurrencyLeaseId: string): ProposedState {
  return { ...proposed, details: { ...proposed.details, deploymentConcurrencyLeaseId } };
}

function withoutLease(proposed: ProposedState): ProposedState {
  const { deploymentConcurrencyLeaseId: _, ...details } = proposed.details ?? {};
  return { ...proposed, details };
}
