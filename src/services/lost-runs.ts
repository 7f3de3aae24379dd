import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs whose process is gone: one small read while every process is alive. */
export const LOST_RUNS_PERIOD_SECONDS = 5;
/** Seconds without contact after which a process is given up. It may still report later how its runs ended. */
const QUIET_SECONDS = 60;

/** Returns how many flow runs were ended; tasks outside flows are ended with their process. */
export async function endLostRuns(useCases: Pick<UseCases, 'reapLostRuns'>): Promise<number> {
  return (await useCases.reapLostRuns({ quietSeconds: QUIET_SECONDS })).length;
}
