/** Log records that wait for the store: bounded, because writing a log must neither wait nor fail. */

import type { IdSource, LogId } from '../core/ids.ts';
import { LOG_LEVELS, type LogRecord } from '../core/log.ts';
import type { Instant } from '../core/time.ts';

/** At about 300 bytes each: a few megabytes. */
const LOGS_MAX = 10_000;
/** Removing from the front moves the rest, so many are removed at once. */
const DROPPED_AT_ONCE = 1_000;

export class LogBuffer {
  #logs: LogRecord[] = [];
  /** The first so many are in the journal, too. */
  #journaled = 0;
  #dropped = 0;
  #lastDropped: LogRecord | undefined;

  get length(): number {
    return this.#logs.length;
  }

  push(log: LogRecord): void {
    this.#logs.push(log);
    if (this.#logs.length <= LOGS_MAX) return;
    this.#lastDropped = this.#logs.splice(0, DROPPED_AT_ONCE)[DROPPED_AT_ONCE - 1];
    this.#dropped += DROPPED_AT_ONCE;
    this.#journaled = Math.max(0, this.#journaled - DROPPED_AT_ONCE);
  }

  /** The logs that are in no journal yet; they count as journaled once `markJournaled` is called. */
  unjournaled(): readonly LogRecord[] {
    return this.#journaled === this.#logs.length ? NONE : this.#logs.slice(this.#journaled);
  }

  markJournaled(): void {
    this.#journaled = this.#logs.length;
  }

  /** The oldest logs; if some were dropped, a notice comes first. */
  take(max: number, ids: IdSource | undefined): readonly LogRecord[] {
    if (this.#logs.length === 0) return NONE;
    const taken = this.#logs.splice(0, max);
    this.#journaled = Math.max(0, this.#journaled - taken.length);
    if (this.#dropped > 0 && ids !== undefined) taken.unshift(this.#notice(ids));
    return taken;
  }

  #notice(ids: IdSource): LogRecord {
    const message = `${this.#dropped} log records before this one were dropped: they came faster than they could be recorded.`;
    const { timestamp, flowRunId, taskRunId } = this.#lastDropped ?? {
      timestamp: 0 as Instant,
      flowRunId: null,
      taskRunId: null,
    };
    this.#dropped = 0;
    return {
      id: ids.next<LogId>(),
      name: 'ostinato.recorder',
      level: LOG_LEVELS.warning,
      message,
      timestamp,
      flowRunId,
      taskRunId,
    };
  }
}

const NONE: readonly LogRecord[] = Object.freeze([]);
