import type { UseCases } from '../orchestrator/use-cases.ts';

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
