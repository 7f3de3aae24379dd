import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for runs that are to go on after the loss of their process. */
export const CRASHED_RUNS_PERIOD_SECONDS = 5;

export class CrashedRuns {
  readonly #useCases: Pick<UseCases, 'continueCrashed'>;
  /** States that were looked at: bounded by the runs that crash within an hour. */
  readonly #seen = new Set<string>();

  constructor(useCases: Pick<UseCases, 'continueCrashed'>) {
    this.#useCases = useCases;
  }

  /** Returns how many runs go on or were begun anew. */
  async tick(): Promise<number> {
    return await this.#useCases.continueCrashed(this.#seen);
  }
}
