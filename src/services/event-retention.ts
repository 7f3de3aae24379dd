import { addSeconds, type Clock } from '../core/time.ts';
import type { EventStorage } from '../store/port/events.ts';

const KEPT_SECONDS = 7 * 24 * 60 * 60;
/** Deleting holds the write lock: a little at a time, with a breath between. */
const BATCH_ROWS = 500;
const BATCHES_MAX = 200;

/** Removes events that are older than a week. */
export async function forgetOldEvents(
  storage: Pick<EventStorage, 'deleteEventsBefore'>, clock: Pick<Clock, 'now' | 'yieldToEventLoop'>, keptSeconds: number = KEPT_SECONDS,
): Promise<void> {
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const removed = await storage.deleteEventsBefore(addSeconds(clock.now(), -keptSeconds), BATCH_ROWS);
    if (removed < BATCH_ROWS) return;
    await clock.yieldToEventLoop();
  }
}
