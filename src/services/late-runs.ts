import { addSeconds, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs that were not taken at their time, in seconds. */
export const LATE_RUNS_PERIOD_SECONDS = 5;
/** Seconds after its scheduled time at which a run is late. */
export const LATE_AFTER_SECONDS = 15;

/** Returns how many were marked. */
export async function markLateRuns(useCases: Pick<UseCases, 'markLate'>, now: Instant): Promise<number> {
  return useCases.markLate(addSeconds(now, -LATE_AFTER_SECONDS));
}
