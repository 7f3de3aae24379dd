import { addSeconds, type Clock } from '../core/time.ts';
import type { EventStorage } from '../store/port/events.ts';

const KEPT_SECONDS = 7 * 24 * 60 * 60;
/** Seconds that older events are kept for consumers that have not passed them. */
const HELD_SECONDS_MAX = 7 * 24 * 60 * 60;
/** Rows in one step, as deleting holds the write lock; there is a pause between steps. */
const BATCH_ROWS = 500;
const BATCHES_MAX = 200;

/** Removes events that are older than a week; those that a consumer has not passed, after another week. */
export async function forgetOldEvents(
  storage: Pick<EventStorage, 'deleteEventsBefore'>,
  clock: Pick<Clock, 'now' | 'yieldToEventLoop'>,
  keptSeconds: number = KEPT_SECONDS,
): Promise<void> {
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const now = clock.now();
    const removed = await storage.deleteEventsBefore(addSeconds(now, -keptSeconds), BATCH_ROWS, {
      now,
      givenUpBefore: addSeconds(now, -HELD_SECONDS_MAX),
    });
    if (removed < BATCH_ROWS) return;
    await clock.yieldToEventLoop();
  }
}
