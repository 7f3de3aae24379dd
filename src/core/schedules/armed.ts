/** A schedule that is enabled has its next slots armed: when it is looked at next is known, and so are its runs. */

import type { DeploymentSchedule } from '../deployment.ts';
import type { Instant } from '../time.ts';

/** What is known of an enabled schedule, and what is computed of it. */
export interface ArmedFacts {
  readonly schedule: Pick<DeploymentSchedule, 'dueAt'>;
  /** Whether a slot that is not past has its entry. */
  readonly hasSlotAhead: boolean;
  /** Whether its dates come to a slot that should have its entry now. */
  readonly hasDateAhead: boolean;
  /** Whether it names any date from now on. */
  readonly hasDate: boolean;
}

/** What is wrong, as a sentence. `null`: nothing is. */
export function armedFault({ schedule, hasSlotAhead, hasDateAhead, hasDate }: ArmedFacts, now: Instant): string | null {
  if (schedule.dueAt === null) return hasDate ? 'It was enabled, and nobody would have looked at it again.' : null;
  if (schedule.dueAt <= now) return null;
  return hasDateAhead && !hasSlotAhead ? 'It was enabled, and its next slot was not there.' : null;
}
