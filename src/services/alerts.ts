/**
 * Acts on alerts when they are due, and looks for the successes that end them.
 *
 * 1. It looks when something was committed, when the next alert is due, and now and then: for what another server has
 *    left. While no alert is open it hears of no commits, and writes nothing.
 * 2. Alerts whose receivers hang keep a place each.
 */

import type { TakenAlert } from '../store/port/alerts.ts';
import { addSeconds, secondsBetween, sleep, type Clock, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { WokenLook } from './woken-look.ts';

/** Alerts that are acted on at once. */
const PLACES = 8;
const LOOK_SECONDS = 5;
const STOP_MS_MAX = 5_000;

/** Alerts that are over, in the list. */
export const ALERTS_KEPT_SECONDS = 30 * 86_400;
export const ALERTS_PERIOD_SECONDS = 3600;
const FORGOTTEN_AT_ONCE = 500;

export interface AlertServiceParts {
  readonly useCases: Pick<UseCases, 'nextAlertAt' | 'takeAlerts' | 'actOnAlert' | 'lookForRecoveries'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'setTimer'>;
  readonly onFailure: (message: string, error: unknown) => void;
}

export class AlertService {
  readonly #parts: AlertServiceParts;
  readonly #running = new Set<Promise<void>>();
  readonly #look: WokenLook;
  #isAsleep = true;
  #seenSeq: number | null = null;

  constructor(parts: AlertServiceParts) {
    this.#parts = parts;
    this.#look = new WokenLook({
      clock: parts.clock,
      look: () => this.#lookOnce(),
      againSeconds: LOOK_SECONDS,
      onFailure: (error) => parts.onFailure('The service for alerts failed', error),
    });
  }

  /** Something was committed. */
  wake(): void {
    if (!this.#isAsleep) this.#look.wake();
  }

  async stop(): Promise<void> {
    await this.#look.stop();
    const late = new AbortController();
    const waited = sleep(this.#parts.clock as Clock, STOP_MS_MAX, late.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#running), waited]);
    late.abort();
  }

  /** Answers in how many seconds to look again. */
  async #lookOnce(): Promise<number> {
    const { useCases, clock } = this.#parts;
    const next = await useCases.nextAlertAt();
    this.#isAsleep = next === null;
    if (next === null) return LOOK_SECONDS;
    const looked = await useCases.lookForRecoveries(this.#seenSeq);
    this.#seenSeq = looked?.seq ?? null;
    const isBehind = looked?.isBehind === true;
    const limit = PLACES - this.#running.size;
    // The end of an action is a cause to look.
    if (limit === 0) return LOOK_SECONDS;
    const now = clock.now();
    const due = await useCases.nextAlertAt();
    if (due !== null && due > now && !isBehind) return Math.min(LOOK_SECONDS, secondsBetween(now, due));
    if (due === null || due > now) return 0;
    const taken = await useCases.takeAlerts(limit);
    for (const one of taken) this.#begin(one);
    return taken.length === limit || isBehind ? 0 : LOOK_SECONDS;
  }

  #begin(taken: TakenAlert): void {
    const { useCases, onFailure } = this.#parts;
    const running = useCases
      .actOnAlert(taken)
      .catch((error: unknown) => onFailure(`Alert ${taken.alert.id} could not be acted on`, error))
      .finally(() => {
        this.#running.delete(running);
        this.#look.lookWithin(0);
      });
    this.#running.add(running);
  }
}

/** Answers how many alerts are forgotten. */
export async function forgetAlerts(useCases: Pick<UseCases, 'deleteAlertsBefore'>, now: Instant): Promise<number> {
  const before = addSeconds(now, -ALERTS_KEPT_SECONDS);
  for (let forgotten = 0; ;) {
    const count = await useCases.deleteAlertsBefore(before, FORGOTTEN_AT_ONCE);
    forgotten += count;
    if (count < FORGOTTEN_AT_ONCE) return forgotten;
  }
}
