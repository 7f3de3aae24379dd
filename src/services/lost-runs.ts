import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs whose process is gone: one small read while every process is alive. */
export const LOST_RUNS_PERIOD_SECONDS = 5;
/** A process that cannot reach the server for so long is given up. It may still tell later how its runs ended. */
const QUIET_SECONDS = 60;

/** Answers how many flow runs were ended; tasks outside flows are ended with their process. */
export async function endLostRuns(useCases: Pick<UseCases, 'reapLostRuns'>): Promise<number> {
  return (await useCases.reapLostRuns({ quietSeconds: QUIET_SECONDS })).length;
}
