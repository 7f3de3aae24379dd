/** One schedule is looked at: its runs are made ahead, and its slots that are due are decided. One transaction. */

import type { DeploymentSchedule } from '../../core/deployment.ts';
import type { DeploymentId, DeploymentScheduleId, FlowRunId } from '../../core/ids.ts';
import { slotDates, type SlotDate, type SlotSource } from '../../core/schedules/slot-dates.ts';
import { slotsAhead, type DatesFrom } from '../../core/schedules/slots-ahead.ts';
import type { Instant } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { missedSlots, NONE_MISSED, settleSlots, standsAlone, type Settled } from './settle-slots.ts';
import { slotEvents } from './slot-events.ts';
import { slotAhead } from './slot-runs.ts';

/**
 * Sees to one schedule: makes its runs ahead where that is due, and decides, where it has a policy, what becomes of its
 * slots that are due. Answers what was decided of those that have not ended, and
 * which runs are to be cancelled.
 *
 * @param by slots that are due by then; default now
 */
export async function seeToSchedule(
  ports: OrchestratorPorts,
  id: DeploymentId,
  scheduleId: DeploymentScheduleId,
  by?: Instant,
): Promise<Settled> {
  const now = ports.clock.now();
  const until = Math.max(now, by ?? now) as Instant;
  return await ports.storage.changeDeployment<Settled>(
    { id },
    ({ found, openSlots }) => {
      const schedule = found?.schedules.find((one) => one.id === scheduleId);
      if (!found || schedule === undefined) return { answer: NOTHING };
      const isDue = schedule.dueAt !== null && schedule.dueAt <= now;
      if (!isDue && schedule.policy === null) return { answer: NOTHING };
      const missed = isDue ? missedSlots(schedule, now) : NONE_MISSED;
      const settled = settleSlots(ports, found, schedule, { missed, openSlots, now });
      const told = {
        changedSlots: settled.changedSlots,
        events: slotEvents(ports.ids, found, settled, missed),
        answer: settled,
      };
      if (!isDue) return { ...told, slots: settled.slots };
      const dates = datesOf(schedule);
      const { slots, scheduledThrough, dueAt } = slotsAhead(dates.from, schedule.scheduledThrough, now);
      return {
        schedules: [
          {
            ...schedule,
            scheduledThrough,
            dueAt: schedule.policy === null ? dueAt : soonest(dueAt, settled.nextAt, nextDate(schedule, now)),
            settledThrough: now,
            heldSince: null,
          },
        ],
        ...told,
        slots: [...settled.slots, ...slots.map((slot) => slotAhead(ports, found, schedule, dates.at(slot), now))],
      };
    },
    { scheduleId, until },
  );
}

/**
 * Whether a run that is not due yet becomes its slot's whatever happens until its time: nothing else of its schedule is
 * under way, or due before. Decides nothing.
 */
export async function isSlotSure(
  ports: Pick<OrchestratorPorts, 'storage' | 'clock'>,
  id: DeploymentId,
  scheduleId: DeploymentScheduleId,
  { runId, until }: { readonly runId: FlowRunId; readonly until: Instant },
): Promise<boolean> {
  const now = ports.clock.now();
  return await ports.storage.changeDeployment<boolean>(
    { id },
    ({ found, openSlots }) => {
      const schedule = found?.schedules.find((one) => one.id === scheduleId);
      if (schedule === undefined) return { answer: false };
      const { policy, dueAt } = schedule;
      const isSeenTo = dueAt === null || dueAt > now;
      return { answer: policy === null || (isSeenTo && standsAlone(openSlots, runId, policy)) };
    },
    { scheduleId, until },
  );
}

const NOTHING: Settled = { changedSlots: [], slots: [], decided: new Map(), cancelled: [], nextAt: null };

function soonest(...times: readonly (Instant | null)[]): Instant | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : (Math.min(...known) as Instant);
}

function nextDate(schedule: DeploymentSchedule, now: Instant): Instant | null {
  return slotDates(schedule, now, 1)[0]?.instant ?? null;
}

interface Dates {
  readonly from: DatesFrom;
  /** One that `from` has answered. */
  at(instant: Instant): SlotDate;
}

export function datesOf(schedule: SlotSource): Dates {
  const known = new Map<Instant, SlotDate>();
  return {
    from: (from, limit, until) =>
      slotDates(schedule, (from - 1) as Instant, limit, until).map((date) => {
        known.set(date.instant, date);
        return date.instant;
      }),
    at: (instant) => known.get(instant) as SlotDate,
  };
}
