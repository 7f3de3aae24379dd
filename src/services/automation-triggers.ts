/**
 * Looks at the triggers of automations: takes steps, which turn events and the passing of time into firings.
 *
 * 1. It looks when something was committed, when a window ends, and now and then: for what other processes commit. It
 *    writes only when there is something to make, and looks seldom while no automation is enabled.
 * 2. Steps are never under way twice; what comes meanwhile is one more.
 * 3. When it is stopped, the step that is under way ends first.
 */

import type { HashText } from '../core/automations/derived-id.ts';
import { secondsBetween, type Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { WokenLook } from './woken-look.ts';

/** How often it looks without a cause. */
const LOOK_SECONDS = 1;

export interface TriggerServiceParts {
  readonly useCases: Pick<UseCases, 'stepAutomations'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'setTimer'>;
  readonly hash: HashText;
  readonly onFailure: (message: string, error: unknown) => void;
  readonly onNotice: (message: string) => void;
}

export class TriggerService {
  readonly #parts: TriggerServiceParts;
  readonly #look: WokenLook;
  #isAsleep = false;

  constructor(parts: TriggerServiceParts) {
    this.#parts = parts;
    this.#look = new WokenLook({
      clock: parts.clock,
      look: () => this.#step(),
      againSeconds: LOOK_SECONDS,
      onFailure: (error) => parts.onFailure('The service for triggers of automations failed', error),
    });
  }

  /** Something was committed. */
  wake(): void {
    if (!this.#isAsleep) this.#look.wake();
  }

  async stop(): Promise<void> {
    await this.#look.stop();
  }

  /** Answers in how many seconds to look again. */
  async #step(): Promise<number> {
    const { useCases, clock, hash, onNotice } = this.#parts;
    const stepped = await useCases.stepAutomations(hash);
    this.#isAsleep = stepped === null;
    if (stepped === null) return LOOK_SECONDS;
    const { answer, isBehind, nextAt, missedThrough } = stepped;
    if (missedThrough !== null)
      onNotice(`Automations did not see events up to number ${missedThrough}: they were removed before.`);
    for (const { name, id } of answer?.stopped ?? [])
      onNotice(`Automation '${name}' (${id}) set itself off again and again, and was disabled.`);
    if (isBehind) return 0;
    return nextAt === null ? LOOK_SECONDS : Math.max(0, Math.min(LOOK_SECONDS, secondsBetween(clock.now(), nextAt)));
  }
}
