/**
 * Hands records to a sink that may refuse some of them.
 *
 * An outage (the store is full, locked away, not reachable) is thrown: all of it must be tried again. Anything else is
 * the fault of a record: the batch is halved until the culprits are alone, so that one bad record does not hold up the
 * rest.
 */

import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import type { LogRecord } from '../core/log.ts';
import { isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import type { TaskRunRecord } from '../core/task-run.ts';
import type { JournalBatch } from './journal-reader.ts';

/** Must read the records before its first `await`; may be called again with the same records. */
export type RecordSink = (records: readonly TaskRunRecord[], logs: readonly LogRecord[]) => MaybePromise<void>;

/** Whether trying again later, with the same records, may succeed. */
export function isOutage(error: unknown): boolean {
  if (OstinatoError.is(error)) return error.code.startsWith('store-') || ERROR_CODES[error.code].retryable;
  // Drivers and sockets give their errors a code; programming errors have none.
  return typeof (error as { code?: unknown } | null | undefined)?.code === 'string';
}

/** Called for each record or log that the sink refuses for good. */
export type OnRefused = (error: unknown, refused: JournalBatch) => void;

export function deliver(
  sink: RecordSink,
  records: readonly TaskRunRecord[],
  logs: readonly LogRecord[],
  onRefused: OnRefused,
): MaybePromise<void> {
  try {
    const answer = sink(records, logs);
    if (!isPromise(answer)) return undefined;
    return answer.catch((error: unknown) => afterFailure(sink, records, logs, onRefused, error));
  } catch (error) {
    return afterFailure(sink, records, logs, onRefused, error);
  }
}

function afterFailure(
  sink: RecordSink,
  records: readonly TaskRunRecord[],
  logs: readonly LogRecord[],
  onRefused: OnRefused,
  error: unknown,
): MaybePromise<void> {
  if (isOutage(error)) throw error;
  const total = records.length + logs.length;
  if (total <= 1) return onRefused(error, { records, logs });
  const half = total >> 1;
  const split = Math.min(half, records.length);
  const logSplit = half - split;
  const first = deliver(sink, records.slice(0, split), logs.slice(0, logSplit), onRefused);
  const second = (): MaybePromise<void> => deliver(sink, records.slice(split), logs.slice(logSplit), onRefused);
  return isPromise(first) ? first.then(second) : second();
}
