import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for tasks outside flows whose process is gone: one small read while every process is alive. */
export const LOST_RUNS_PERIOD_SECONDS = 5;

/** Flow runs are judged when somebody asks for them: see `reapLostTasks`. */
export async function endLostRuns(useCases: Pick<UseCases, 'reapLostTasks'>): Promise<number> {
  await useCases.reapLostTasks();
  return 0;
}
