import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs whose process is gone: one small read while every process is alive. */
export const LOST_RUNS_PERIOD_SECONDS = 5;

/** Answers how many flow runs were ended; tasks outside flows are ended with their process. */
export async function endLostRuns(useCases: Pick<UseCases, 'reapLostRuns'>): Promise<number> {
  return (await useCases.reapLostRuns()).length;
}
