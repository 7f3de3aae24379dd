/** A store of task run records that forgets what it did not flush when the power goes, and fails when it is told to. */

import type { StateId, TaskRunId } from '../src/core/ids.ts';
import type { LogRecord } from '../src/core/log.ts';
import type { MaybePromise } from '../src/core/maybe-promise.ts';
import type { State } from '../src/core/state.ts';
import type { TaskRunRecord } from '../src/core/task-run.ts';

interface Row {
  readonly newest: State;
  readonly states: ReadonlySet<StateId>;
}

export class RecordStore {
  rows = new Map<TaskRunId, Row>();
  readonly logs = new Set<string>();
  calls = 0;
  flushes = 0;
  /** Thrown (or rejected with) instead of recording. */
  failure: ((records: readonly TaskRunRecord[]) => unknown) | null = null;
  /** Microtasks until an answer; 0 answers synchronously. */
  turns = 0;
  #flushed = new Map<TaskRunId, Row>();

  /** The contract of `RunClient.recordTaskRuns`: idempotent on states; an older state does not move the run. */
  recordTaskRuns(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): MaybePromise<void> {
    this.calls += 1;
    const failure = this.failure?.(records);
    if (this.turns === 0) {
      if (failure !== undefined && failure !== null) throw failure;
      return this.#commit(records, logs);
    }
    return this.#later(
      records.map(({ run, states }) => ({ run, states: [...states] })),
      logs,
      failure,
    );
  }

  flush(): void {
    this.flushes += 1;
    this.#flushed = new Map(this.rows);
  }

  losePower(): void {
    this.rows = new Map(this.#flushed);
  }

  async #later(records: readonly TaskRunRecord[], logs: readonly LogRecord[], failure: unknown): Promise<void> {
    for (let turn = 0; turn < this.turns; turn += 1) await Promise.resolve();
    if (failure !== undefined && failure !== null) throw failure;
    this.#commit(records, logs);
  }

  #commit(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): void {
    for (const log of logs) this.logs.add(log.id);
    for (const { run, states } of records) {
      const row = this.rows.get(run.id);
      const newest = row === undefined || run.state.timestamp >= row.newest.timestamp ? run.state : row.newest;
      this.rows.set(run.id, { newest, states: new Set([...(row?.states ?? []), ...states.map(({ id }) => id)]) });
    }
  }
}
