/**
 * Acts for automations: takes orders from the outbox when they are due, and acts on several at a time.
 *
 * 1. It looks when something was committed, when the next order is due, when an action has ended, and now and then: for
 *    what another server has left. It writes only when an order is due.
 * 2. Actions that wait (for a receiver that does not answer) keep a place each, and of one automation at most a few
 *    are under way: the others' places are free.
 * 3. When it is stopped, what is under way has a moment to end; the rest is taken by the next server, when its lease is
 *    over.
 */

import type { TakenOrder } from '../core/action-receipt.ts';
import type { AutomationId } from '../core/automation.ts';
import { addSeconds, secondsBetween, sleep, type Clock, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { WokenLook } from './woken-look.ts';

/** Actions under way. */
const PLACES = 16;
/** How often it looks without a cause. */
const LOOK_SECONDS = 5;
const STOP_MS_MAX = 5_000;

/** How often what ended long ago is forgotten. */
export const RECEIPTS_PERIOD_SECONDS = 600;
/** As long as events. */
export const RECEIPTS_KEPT_SECONDS = 7 * 86_400;
const FORGOTTEN_AT_ONCE = 500;

export interface ActionServiceParts {
  readonly useCases: Pick<UseCases, 'nextActionOrderAt' | 'takeActionOrders' | 'actOn'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'setTimer'>;
  readonly onFailure: (message: string, error: unknown) => void;
}

export class ActionService {
  readonly #parts: ActionServiceParts;
  readonly #running = new Map<Promise<void>, AutomationId>();
  readonly #look: WokenLook;

  constructor(parts: ActionServiceParts) {
    this.#parts = parts;
    this.#look = new WokenLook({
      clock: parts.clock,
      look: () => this.#takeDue(),
      againSeconds: LOOK_SECONDS,
      onFailure: (error) => parts.onFailure('The service for actions of automations failed', error),
    });
  }

  /** Something was committed. */
  wake(): void {
    this.#look.wake();
  }

  async stop(): Promise<void> {
    await this.#look.stop();
    const { clock } = this.#parts;
    const late = new AbortController();
    const waited = sleep(clock as Clock, STOP_MS_MAX, late.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#running.keys()), waited]);
    late.abort();
  }

  /** Answers in how many seconds to look again. */
  async #takeDue(): Promise<number> {
    const { useCases, clock } = this.#parts;
    const limit = PLACES - this.#running.size;
    if (limit === 0) return LOOK_SECONDS;
    const next = await useCases.nextActionOrderAt();
    const now = clock.now();
    if (next === null) return LOOK_SECONDS;
    if (next > now) return Math.min(LOOK_SECONDS, secondsBetween(now, next));
    const underWay = new Map<AutomationId, number>();
    for (const id of this.#running.values()) underWay.set(id, (underWay.get(id) ?? 0) + 1);
    const taken = await useCases.takeActionOrders({ limit, underWay });
    for (const one of taken) this.#begin(one);
    // What is due and was not taken waits for its automation's own actions: their ends are a cause to look.
    return taken.length === limit ? 0 : LOOK_SECONDS;
  }

  #begin(taken: TakenOrder): void {
    const { useCases, onFailure } = this.#parts;
    const { id, firing, index } = taken.order;
    const running = useCases
      .actOn(taken)
      .then(
        () => undefined,
        (error: unknown) =>
          onFailure(`Action ${index} of automation ${firing.automationId} failed (order ${id})`, error),
      )
      .finally(() => {
        this.#running.delete(running);
        this.#look.lookWithin(0);
      });
    this.#running.set(running, firing.automationId);
  }
}

/** Answers how many receipts are forgotten. */
export async function forgetReceipts(
  useCases: Pick<UseCases, 'deleteActionRecordsBefore'>,
  now: Instant,
): Promise<number> {
  const before = addSeconds(now, -RECEIPTS_KEPT_SECONDS);
  for (let forgotten = 0; ;) {
    const count = await useCases.deleteActionRecordsBefore(before, FORGOTTEN_AT_ONCE);
    forgotten += count;
    if (count < FORGOTTEN_AT_ONCE) return forgotten;
  }
}
