import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs whose process is gone: one small read while every process is alive. */
export const LOST_RUNS_PERIOD_SECONDS = 5;
/** Seconds without contact after which a process is given up. It may still report later how its runs ended. */
const QUIET_SECONDS = 60;

/** Of so many looks one reads all runs that are under way, also while every process lives. */
const LOOKS_A_THOROUGH_ONE = 12;

export class LostRuns {
  readonly #useCases: Pick<UseCases, 'reapLostRuns'>;
  #looks = 0;

  constructor(useCases: Pick<UseCases, 'reapLostRuns'>) {
    this.#useCases = useCases;
  }

  /** Returns how many flow runs were ended; tasks outside flows are ended with their process. */
  async tick(): Promise<number> {
    this.#looks += 1;
    const isThorough = this.#looks % LOOKS_A_THOROUGH_ONE === 0;
    return (await this.#useCases.reapLostRuns({ quietSeconds: QUIET_SECONDS, isThorough })).length;
  }
}
