/**
 * Runs that schedules make ahead of their time.
 *
 * 1. A slot has one entry, and one run at most: who comes second finds the entry, and makes no run.
 * 2. A schedule's slots and runs, and how far it has come, are one transaction, which begins by looking whether it is
 *    still due: of two servers, one makes them.
 * 3. A schedule that is not due is not looked at, and nothing is written.
 * 4. Slots that passed unseen get their entries first, with why; then the high-water mark is now.
 */

import type { DeploymentId } from '../../core/ids.ts';
import {
  datesAhead,
  RUNS_AHEAD_MAX,
  RUNS_AHEAD_MIN,
  SECONDS_AHEAD_MAX,
  SECONDS_AHEAD_MIN,
} from '../../core/schedules/slots-ahead.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import { cancelFlowRun } from '../cancel-flow-run.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { datesOf, seeToSchedule } from './see-to-schedule.ts';
import { slotAhead } from './slot-runs.ts';

/** Makes the runs of schedules that are due, of so many at most. Answers how many schedules were. */
export async function scheduleAhead(ports: OrchestratorPorts, schedulesMax: number): Promise<number> {
  const due = await ports.storage.listDueSchedules(ports.clock.now(), schedulesMax);
  for (let first = 0; first < due.length; first += SEEN_TO_AT_ONCE) {
    const some = due.slice(first, first + SEEN_TO_AT_ONCE);
    const seenTo = await Promise.all(some.map(({ id, deploymentId }) => seeToSchedule(ports, deploymentId, id)));
    for (const { cancelled } of seenTo) for (const run of cancelled) await cancelFlowRun(ports, run);
  }
  return due.length;
}

/** They share a flush of the disk; more would hold up whoever waits for the thread by more than some milliseconds. */
const SEEN_TO_AT_ONCE = 8;

/** A range of slots, be it in the past. */
export interface SlotRange {
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  readonly secondsMin?: number | undefined;
  readonly runsMin?: number | undefined;
  readonly runsMax?: number | undefined;
}

/** Runs of all active schedules of the deployment for a range of slots; of none twice. No deployment: nothing. */
export async function scheduleRange(ports: OrchestratorPorts, id: DeploymentId, range: SlotRange): Promise<void> {
  const now = ports.clock.now();
  const start = range.start ?? now;
  const limits = {
    runsMin: range.runsMin ?? RUNS_AHEAD_MIN,
    secondsMin: range.secondsMin ?? SECONDS_AHEAD_MIN,
    runsMax: Math.min(range.runsMax ?? RUNS_AHEAD_MAX, RUNS_AT_ONCE_MAX),
    until: range.end ?? addSeconds(start, SECONDS_AHEAD_MAX),
  };
  await ports.storage.changeDeployment<void>({ id }, ({ found }) => ({
    slots:
      found?.schedules
        .filter(({ active }) => active)
        .flatMap((schedule) => {
          const dates = datesOf(schedule);
          return datesAhead(dates.from, start, limits).map((slot) =>
            slotAhead(ports, found, schedule, dates.at(slot), now),
          );
        }) ?? [],
    answer: undefined,
  }));
}

/** One transaction makes no more. */
const RUNS_AT_ONCE_MAX = 1000;
