import type { FlowRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import type { Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks for pauses whose time is over. */
export const PAUSE_EXPIRY_PERIOD_SECONDS = 5;
const PAGE = 200;

/** Ends paused runs that nobody resumed in time. Returns how many. */
export async function expirePauses(
  useCases: Pick<UseCases, 'list' | 'setFlowRunState'>,
  now: Instant,
): Promise<number> {
  let expired = 0;
  let after: FlowRunId | undefined;
  for (;;) {
    const page = await useCases.list('flow_run', { where: matching({ stateType: ['PAUSED'] }), limit: PAGE, after });
    for (const { id, state } of page) {
      const { pauseTimeout } = state.details;
      if (pauseTimeout === undefined || pauseTimeout >= now) continue;
      const failed = { type: 'FAILED', failure: null, message: 'The flow was paused and never resumed.' } as const;
      const answer = await useCases.setFlowRunState({ id, state: failed, force: true, onlyFrom: state.id });
      if (answer.status === 'accept') expired += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return expired;
  }
}
