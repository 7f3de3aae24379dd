/** Ends cancellations that nobody confirms, and cancels what is left below cancelled runs. */

import type { FlowRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { CANCELLING_SECONDS_MAX } from '../core/rules/cancelling.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

export const CANCELLATION_PERIOD_SECONDS = 20;
/**
 * Seconds after the end of a cancelled run in which open runs below it are searched: reports of clients may come late.
 */
const LOOK_BACK_SECONDS = 24 * 3600;
/** Seconds; most reports come at once, so the whole day is searched only now and then. */
const LATELY_SECONDS = 120;
const WHOLE_DAY_EVERY = 45;
const PAGE = 200;

type Cases = Pick<UseCases, 'list' | 'setFlowRunState' | 'listCancelledRuns' | 'cancelBelow'>;

/** Cancels runs that were asked to stop and whose client never confirmed; runs of a living process are left to it. */
export async function endCancelling(useCases: Cases, now: Instant): Promise<number> {
  const before = addSeconds(now, -CANCELLING_SECONDS_MAX);
  let ended = 0;
  let after: FlowRunId | undefined;
  for (;;) {
    const page = await useCases.list('flow_run', {
      where: matching({ stateType: ['CANCELLING'] }),
      limit: PAGE,
      after,
    });
    for (const { id, state, lease } of page) {
      if (lease !== null || state.timestamp > before) continue;
      const cancelled = {
        type: 'CANCELLED',
        message: 'Flow run cancellation timed out; marked this flow run as Cancelled.',
      } as const;
      const answer = await useCases.setFlowRunState({ id, state: cancelled, onlyFrom: state.id });
      if (answer.status === 'accept') ended += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return ended;
  }
}

/** Cancels open runs below cancelled runs. */
export class CancelledRuns {
  readonly #useCases: Cases;
  #ticks = 0;

  constructor(useCases: Cases) {
    this.#useCases = useCases;
  }

  /** Returns how many runs were cancelled. */
  async tick(now: Instant): Promise<number> {
    const isWholeDay = this.#ticks % WHOLE_DAY_EVERY === 0;
    this.#ticks += 1;
    const since = addSeconds(now, -(isWholeDay ? LOOK_BACK_SECONDS : LATELY_SECONDS));
    let cancelled = 0;
    let after: FlowRunId | undefined;
    for (;;) {
      const page = await this.#useCases.listCancelledRuns(since, { after, limit: PAGE });
      for (const { id, runner } of page) if (runner !== 'ostinato') cancelled += await this.#useCases.cancelBelow(id);
      after = page.at(-1)?.id;
      if (page.length < PAGE) return cancelled;
    }
  }
}
