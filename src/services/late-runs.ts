import { addSeconds, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs that nobody took at their time. */
export const LATE_RUNS_PERIOD_SECONDS = 5;
/** A run is late when it was due so long ago. */
export const LATE_AFTER_SECONDS = 15;

/** Answers how many were marked. */
export async function markLateRuns(useCases: Pick<UseCases, 'markLate'>, now: Instant): Promise<number> {
  return useCases.markLate(addSeconds(now, -LATE_AFTER_SECONDS));
}
