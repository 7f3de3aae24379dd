/** What became of the slots of a deployment's schedules. */

import type { DeploymentSchedule } from '../../core/deployment.ts';
import type { DeploymentId } from '../../core/ids.ts';
import { cadenceOf, shownSlot, type Cadence, type ShownSlot } from '../../core/schedules/slot.ts';
import type { SlotPage } from '../../store/port/deployments.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { deploymentMissing } from './schedules.ts';

export interface SlotHistory {
  /** Those that are due last come first. */
  readonly slots: readonly ShownSlot[];
  /** Those that there are now, each with what the slots say of it. */
  readonly schedules: readonly { readonly schedule: DeploymentSchedule; readonly cadence: Cadence | null }[];
}

/** From so many slots is told how often schedules do what they say. */
const LOOKED_AT_MIN = 1000;

/** `not-found`. */
export async function listSlots(
  { storage, clock }: OrchestratorPorts,
  id: DeploymentId,
  page: SlotPage,
): Promise<SlotHistory> {
  const found = await storage.readDeployment({ id });
  if (found === null) throw deploymentMissing('.');
  const now = clock.now();
  const limit = Math.max(page.limit, LOOKED_AT_MIN);
  const records = await storage.listSlots(id, { ...page, limit });
  const slots = records.map(({ slot, run }) => shownSlot(slot, run, now));
  return {
    slots: slots.slice(0, page.limit),
    schedules: found.schedules.map((schedule) => ({
      schedule,
      cadence: cadenceOf(
        slots.filter(
          ({ scheduleId, dueAt, through }) => scheduleId === schedule.id && dueAt <= now && through === null,
        ),
      ),
    })),
  };
}
