/**
 * Durable cursors: how far a consumer of the events, known by its name, has come.
 *
 * 1. **Once or more, never zero times.** A consumer is handed each event in the order of commits. Its cursor moves in
 *    the transaction that writes what it makes of them: what is in the store, it has made of each event exactly once.
 *    What it does outside of the store before that, it may do again.
 * 2. **One name, one place.** Of consumers with one name that step at the same time, one commits; the others make
 *    nothing of these events and go on behind them.
 * 3. **After a restart** it goes on where the last committed step ended, in whichever process.
 * 4. **Retention waits for it**, for a bounded time. Then the events go, and the next step is told: `missedThrough`.
 */

import type { OutboxEvent } from '../../core/event.ts';
import type { Instant } from '../../core/time.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { SequencedEvent } from './events.ts';

export interface EventCursor {
  /** 1 to 200 characters. */
  readonly name: string;
  /** The number of the last event that it has passed; 0: none. */
  readonly seq: number;
  /** When it was made, or moved last. */
  readonly movedAt: Instant;
  /** See `CursorBatch`. */
  readonly missedThrough: number | null;
}

export interface CursorBatch {
  /** Events after the cursor, in commit order; at least one. */
  readonly events: readonly SequencedEvent[];
  /**
   * Events up to this number were removed before this consumer had passed them, because it did not move for too long;
   * `null`: none. Reported until a step is committed.
   */
  readonly missedThrough: number | null;
}

/** The outcome of a consumer's step. */
export interface CursorStep<Answer> {
  /** The number of the last event in the batch that is done. Default: the last one. */
  readonly through?: number;
  /** Events that the step emits, in the same transaction. They are in the feed, too, after the batch. */
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface CursorStorage {
  /**
   * Finds the cursor, or creates it.
   * @param from where a new one begins: before all events that are kept (`oldest`), or after all that are committed
   * (`newest`)
   */
  ensureCursor(name: string, from: 'oldest' | 'newest', now: Instant): MaybePromise<EventCursor>;
  /** By name. */
  listCursors(): MaybePromise<readonly EventCursor[]>;
  /** Returns whether it existed. From then on nothing is kept for it. */
  deleteCursor(name: string): MaybePromise<boolean>;
  /**
   * One step of a consumer: passes at most `limit` (1 to 10,000) events to the function, then writes its outcome and
   * moves the cursor. Returns `null`, without a call, when there are no events after the cursor.
   *
   * Errors: `not-found` when there is no such cursor.
   */
  advanceCursor<Answer>(
    name: string,
    page: { readonly limit: number; readonly now: Instant },
    take: (batch: CursorBatch) => CursorStep<Answer>,
  ): MaybePromise<{ readonly answer: Answer } | null>;
}
