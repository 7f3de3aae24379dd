import type { DeploymentScheduleId } from '../core/ids.ts';
import { addSeconds, type Clock, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for schedules whose runs have to be made ahead. */
export const SCHEDULER_PERIOD_SECONDS = 5;
/** How often it looks whether every schedule that is enabled has its next slot. */
export const HEALING_PERIOD_SECONDS = 300;
/** How often it looks for deployments whose runs nobody asks for any more. */
export const READINESS_PERIOD_SECONDS = 15;
/** A deployment is ready for so long after somebody asked for its runs. */
export const READY_AFTER_POLL_SECONDS = 60;

/** As many at a time: others are served in between. */
const SCHEDULES_A_TURN = 200;

/** Answers how many schedules were due. */
export async function tickScheduler(useCases: Pick<UseCases, 'scheduleAhead'>): Promise<number> {
  let all = 0;
  for (;;) {
    const due = await useCases.scheduleAhead(SCHEDULES_A_TURN);
    all += due;
    if (due < SCHEDULES_A_TURN) return all;
  }
}

/** Answers how many schedules had to be mended. */
export async function healSchedules(
  useCases: Pick<UseCases, 'healSchedules'>,
  clock: Pick<Clock, 'yieldToEventLoop'>,
): Promise<number> {
  let all = 0;
  let after: DeploymentScheduleId | null = null;
  for (;;) {
    const { mended, through } = await useCases.healSchedules(after);
    all += mended;
    if (through === null) return all;
    after = through;
    // Others are served in between.
    await clock.yieldToEventLoop();
  }
}

/** Answers how many deployments are not ready any more. */
export async function endReadiness(useCases: Pick<UseCases, 'endReadiness'>, now: Instant): Promise<number> {
  return await useCases.endReadiness(addSeconds(now, -READY_AFTER_POLL_SECONDS));
}
