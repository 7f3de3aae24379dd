import { secondsBetween, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for leases that nobody renewed. */
export const EXPIRED_LEASES_PERIOD_SECONDS = 15;
/** Seconds after the server's start in which no lease is ended: holders could not renew while it was away. */
const GRACE_SECONDS = 60;

/** Releases the slots of expired leases. */
export class ExpiredLeases {
  readonly #useCases: Pick<UseCases, 'releaseExpiredLeases'>;
  readonly #startedAt: Instant;

  constructor(useCases: Pick<UseCases, 'releaseExpiredLeases'>, startedAt: Instant) {
    this.#useCases = useCases;
    this.#startedAt = startedAt;
  }

  /** Returns how many leases ended. */
  async tick(now: Instant): Promise<number> {
    if (secondsBetween(this.#startedAt, now) < GRACE_SECONDS) return 0;
    let ended = 0;
    for (;;) {
      const some = await this.#useCases.releaseExpiredLeases(now);
      ended += some;
      if (some === 0) return ended;
    }
  }
}
