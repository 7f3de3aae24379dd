/** Runs of other clients whose heartbeats have stopped. Each is checked when it could be silent, not sooner. */

import type { FlowRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

export const SILENT_RUNS_PERIOD_SECONDS = 10;
const PAGE = 200;

const UNDER_WAY = matching({ stateType: ['RUNNING', 'CANCELLING'] });

export class SilentRuns {
  readonly #useCases: Pick<UseCases, 'list' | 'endSilentRun'>;
  readonly #silentSeconds: number;
  /** When to check a run again. */
  #due = new Map<FlowRunId, Instant>();

  constructor(useCases: Pick<UseCases, 'list' | 'endSilentRun'>, silentSeconds: number) {
    this.#useCases = useCases;
    this.#silentSeconds = silentSeconds;
  }

  /** Returns how many were ended. */
  async tick(now: Instant): Promise<number> {
    const due = new Map<FlowRunId, Instant>();
    let ended = 0;
    let after: FlowRunId | undefined;
    for (;;) {
      const page = await this.#useCases.list('flow_run', { where: UNDER_WAY, limit: PAGE, after });
      for (const { id, lease, state } of page) {
        if (lease !== null) continue;
        const next = this.#due.get(id) ?? addSeconds(state.timestamp, this.#silentSeconds);
        if (next > now) {
          due.set(id, next);
          continue;
        }
        const silence = await this.#useCases.endSilentRun(id, this.#silentSeconds);
        if (silence.kind === 'ended') ended += 1;
        else due.set(id, silence.kind === 'heard' ? silence.silentAt : addSeconds(now, this.#silentSeconds));
      }
      after = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    this.#due = due;
    return ended;
  }
}
