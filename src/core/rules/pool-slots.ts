/**
 * How many runs of a work pool, and of a queue, may be under way. Prefect looks at it when a worker asks, so that two
 * workers that ask at once start too many; here the slot is taken with PENDING.
 */

import type { Verdict } from './decision.ts';
import type { FlowRule } from './facts.ts';
import { anyTypeBut, type FromType } from './policy.ts';
import type { PoolSlotFacts } from './slot-facts.ts';

/** Seconds after which a run that lost its slot while it was started asks again. */
export const LOST_SLOT_WAIT_SECONDS = 10;

/** A run that finds no slot stays as it is, and due: it is given to a worker as soon as there is one. */
export const securePoolSlot: FlowRule<'poolSlot'> = {
  name: 'secure-pool-slot',
  from: ['none', ...anyTypeBut('PENDING', 'RUNNING', 'CANCELLING')] satisfies readonly FromType[],
  to: ['PENDING'],
  reads: { poolSlot: true },
  apply(_from, proposed, { poolSlot }): Verdict | null {
    if (poolSlot === null || poolSlot.isHeld) return null;
    if (poolSlot.full !== null) return { verdict: 'abort', reason: allTaken(poolSlot.full) };
    return { verdict: 'amend', proposed, effects: { poolSlot: 'take' } };
  },
};

/** A slot that is gone is taken again, when one is free; until then the run waits where it is. */
export const validatePoolSlotAtRunning: FlowRule<'poolSlot'> = {
  name: 'validate-pool-slot-at-running',
  from: ['none', ...anyTypeBut('RUNNING', 'CANCELLING')] satisfies readonly FromType[],
  to: ['RUNNING'],
  reads: { poolSlot: true },
  apply(_from, proposed, { poolSlot }): Verdict | null {
    if (poolSlot === null || poolSlot.isHeld) return null;
    if (poolSlot.full !== null)
      return { verdict: 'wait', delaySeconds: LOST_SLOT_WAIT_SECONDS, reason: allTaken(poolSlot.full) };
    return { verdict: 'amend', proposed, effects: { poolSlot: 'take' } };
  },
};

function allTaken({ what, name, slots }: NonNullable<PoolSlotFacts['full']>): string {
  return `All slots (${slots}) of the ${what} "${name}" are taken.`;
}
