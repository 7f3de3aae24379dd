/**
 * Alerts, found by what they are about.
 *
 * 1. **One is open for a cause.** Whoever changes one sees in the same transaction what is open; what it decides by
 *    that, an order's end included, is committed with it or not at all.
 * 2. **Marks are of open alerts**: those of one that is over go with its last change.
 * 3. **The cursor is there while an alert waits for a success**; without one nothing is written, and retention waits
 *    for nobody.
 */

import type { Alert, AlertId, AlertState } from '../../core/alerts/alert.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { ActionOutcome } from './automation-actions.ts';

/** Of the consumer of events that looks for successes. */
export const ALERTS_CURSOR = 'alerts';

/**
 * `cause`: a key of its cause, with its channel. `hit`: a resource that it affects, with its channel. `watch`: a
 * resource whose success ends it.
 */
export interface AlertMark {
  readonly kind: 'cause' | 'hit' | 'watch';
  /** 1 to 1,000 characters. */
  readonly name: string;
}

export interface WatchMark {
  readonly name: string;
  /** When it was marked last. */
  readonly at: Instant;
}

export interface FoundAlert {
  readonly alert: Alert;
  /** Somebody else acts on it until then; `null`: nobody. */
  readonly leasedUntil: Instant | null;
  /** The fence of whoever acts on it. */
  readonly attempt: number;
  /** Of one that was asked for by its id; else empty. */
  readonly watches: readonly WatchMark[];
  /** Whether it has the `hit` mark that was asked for. */
  readonly isHit: boolean;
}

/** By its id; or the one that is open, by the first mark that one has. `hit`: the name of a mark that is looked for. */
export type AlertKey = { readonly id: AlertId } | { readonly marks: readonly AlertMark[]; readonly hit: string | null };

export interface AlertChange<Answer> {
  readonly alert?: Alert;
  /** With an alert: when somebody has to look at it; `null`: it is over. */
  readonly dueAt?: Instant | null;
  /** Default: as it is. */
  readonly leasedUntil?: Instant | null;
  /** Added, or marked anew. */
  readonly marks?: readonly AlertMark[];
  readonly markedAt?: Instant;
  /** `watch` marks that go. */
  readonly unwatched?: readonly string[];
  readonly events?: readonly OutboxEvent[];
  /** Ends the attempt of an order in the same transaction. */
  readonly ends?: { readonly orderId: string; readonly attempt: number; readonly outcome: ActionOutcome };
  readonly answer: Answer;
}

export interface TakenAlert {
  readonly alert: Alert;
  readonly attempt: number;
}

export interface AlertList {
  /** Absent: in any. */
  readonly states?: readonly AlertState[] | undefined;
  /** Before this one in the list. */
  readonly after?: Pick<Alert, 'openedAt' | 'id'> | undefined;
  readonly limit: number;
}

export interface AlertStorage {
  /**
   * Answers `null` where the attempt that it ends is not the caller's any more: then nothing is written. The function
   * may be called again with newer facts.
   */
  changeAlert<Answer>(
    key: AlertKey,
    change: (found: FoundAlert | null) => AlertChange<Answer>,
  ): MaybePromise<{ readonly answer: Answer } | null>;
  readAlert(id: AlertId): MaybePromise<Alert | null>;
  /** The open one that has one of the marks: the first of them counts. */
  findOpenAlert(marks: readonly AlertMark[]): MaybePromise<Alert | null>;
  /** The newest first. */
  listAlerts(list: AlertList): MaybePromise<readonly Alert[]>;
  /** Ids of the open ones that have such a mark. */
  findAlerts(mark: AlertMark, limit: number): MaybePromise<readonly AlertId[]>;
  /** When the first is due; `null`: none is. */
  nextAlertAt(): MaybePromise<Instant | null>;
  /** Those that have been due the longest; whoever takes one has it until `leaseUntil`. */
  takeAlerts(request: {
    readonly now: Instant;
    readonly leaseUntil: Instant;
    readonly limit: number;
  }): MaybePromise<readonly TakenAlert[]>;
  /** Deletes at most so many that were over before then; answers how many. Without any, nothing is written. */
  deleteAlertsBefore(before: Instant, limit: number): MaybePromise<number>;
}
