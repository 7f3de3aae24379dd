/** Looks whether schedules that are enabled have their next slot, mends those that have not, and tells of it. */

import type { DeploymentId, DeploymentScheduleId } from '../../core/ids.ts';
import { armedFault } from '../../core/schedules/armed.ts';
import { slotDates } from '../../core/schedules/slot-dates.ts';
import { SECONDS_AHEAD_MAX } from '../../core/schedules/slots-ahead.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import { changeEvent } from '../events.ts';
import type { OrchestratorPorts } from '../ports.ts';

/** One takes a microsecond: of 100,000 at once, others would wait for 50 ms. */
const SCHEDULES_A_TURN = 2000;
/** So many slots have their entries until the schedule is looked at again; one that is left out has no open one. */
const SLOTS_AHEAD_MIN = 2;
const END_OF_TIME = Number.MAX_SAFE_INTEGER as Instant;

export interface Healed {
  /** So many were mended: they are due now. */
  readonly mended: number;
  /** Where to go on; `null`: all were looked at. */
  readonly through: DeploymentScheduleId | null;
}

/** Looks at some of the schedules. @param after the last one that was looked at; `null`: begins */
export async function healSchedules(ports: OrchestratorPorts, after: DeploymentScheduleId | null): Promise<Healed> {
  const { doubtful, through } = await ports.storage.listDoubtfulSchedules(ports.clock.now(), after, SCHEDULES_A_TURN);
  let mended = 0;
  for (const { id, deploymentId } of doubtful) if (await healOne(ports, deploymentId, id)) mended += 1;
  return { mended, through };
}

async function healOne(
  { storage, clock, ids }: OrchestratorPorts,
  id: DeploymentId,
  scheduleId: DeploymentScheduleId,
): Promise<boolean> {
  const now = clock.now();
  return await storage.changeDeployment<boolean>(
    { id },
    ({ found, openSlots }) => {
      const schedule = found?.schedules.find((one) => one.id === scheduleId);
      if (!found || found.deployment.paused || schedule?.active !== true) return { answer: false };
      const next = slotDates(schedule, now, SLOTS_AHEAD_MIN);
      const fault = armedFault(
        {
          schedule,
          hasSlotAhead: openSlots.some(({ slot }) => slot.dueAt >= now),
          hasDateAhead: next.some(
            ({ exclusion, instant }) => exclusion === null && instant <= addSeconds(now, SECONDS_AHEAD_MAX),
          ),
          hasDate: next.length > 0,
        },
        now,
      );
      if (fault === null) return { answer: false };
      const payload = { deployment_id: id, reason: fault };
      const event = changeEvent(ids, 'deployment-schedule', scheduleId, 'updated', now, payload);
      return {
        schedules: [{ ...schedule, dueAt: now, scheduledThrough: null }],
        events: [{ ...event, name: 'ostinato.deployment-schedule.rearmed' }],
        answer: true,
      };
    },
    { scheduleId, until: END_OF_TIME },
  );
}
