import type { Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks which workers, pools and queues nobody heard of. */
export const UNREADY_PERIOD_SECONDS = 15;

/** Returns how many were marked. */
export async function markUnready(useCases: Pick<UseCases, 'markUnready'>, now: Instant): Promise<number> {
  return useCases.markUnready(now);
}
