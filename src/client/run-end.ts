/** When somebody who follows a run has seen the end of it: a run that crashed may go on by itself. */

import type { FlowRun } from '../core/flow-run.ts';
import { isTerminal } from '../core/state.ts';
import type { Clock } from '../core/time.ts';
import type { OstinatoClient } from './port.ts';

/** How long a run may stay Crashed that its server continues: it may be busy, or just started. */
const GOES_ON_WAIT_MS_MAX = 60_000;

interface Parts {
  readonly client: Pick<OstinatoClient, 'explainRun'>;
  readonly clock: Clock;
}

/** One for each run that is followed. */
export class RunEnd {
  readonly #parts: Parts;
  /** The state in which it was found crashed, and until when (monotonic) it is waited for; that was asked once. */
  #crash: { readonly stateId: string; readonly untilMs: number } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param run as it was read now. @returns whether nothing more comes of it by itself */
  async isOver({ id, state }: FlowRun): Promise<boolean> {
    if (!isTerminal(state)) return false;
    if (state.type !== 'CRASHED') return true;
    const { client, clock } = this.#parts;
    if (this.#crash?.stateId !== state.id) {
      const goesOn = (await client.explainRun(id))?.goesOn?.how === 'resume';
      this.#crash = { stateId: state.id, untilMs: goesOn ? clock.monotonicMs() + GOES_ON_WAIT_MS_MAX : 0 };
    }
    return clock.monotonicMs() >= this.#crash.untilMs;
  }
}
