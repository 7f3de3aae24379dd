/**
 * The API-client port: everything the engine, the SDK and the command line ask of an orchestrator.
 *
 * Two planes. The run plane (runs, states, logs, results) has two bodies: in process (`server/embedded.ts` hands the
 * use cases over, no socket) and HTTP, which goes on without its server. Its methods on the hot path may answer
 * synchronously (`MaybePromise`), so that a step that needs no waiting costs no turn of the event loop. The control
 * plane (`control`) has one body, made from the routes' contracts.
 */

import type { CacheClaim, CacheEntry } from '../core/cache-record.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { CreateFlowRun, ResumeFlowRun, SetFlowRunState, UpdateFlowRun } from '../core/flow-run-request.ts';
import type { TagSlots, TakeTagSlots } from '../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId, FlowRunId, ProcessId, TaskRunId } from '../core/ids.ts';
import type { KeyPage, ListedNoun } from '../core/list-query.ts';
import type { LogRecord } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { Condition, EntityByNoun } from '../core/query.ts';
import type { State, StateCounts } from '../core/state.ts';
import type { RecordedStep, TaskRun, TaskRunRecord } from '../core/task-run.ts';
import type { Transition } from '../core/transition.ts';
import type { Explanation } from '../core/why.ts';
import type { ControlClient } from './control/client.ts';

export type { MaybePromise } from '../core/maybe-promise.ts';
export type { CreateFlowRun, ResumeFlowRun, SetFlowRunState, UpdateFlowRun } from '../core/flow-run-request.ts';

export interface ClaimCacheKey {
  readonly key: string;
  readonly taskKey: string;
  readonly taskRunId: TaskRunId;
  readonly processId: ProcessId;
  /** Compute again even if a cached result exists. */
  readonly refresh: boolean;
}

export interface RunClient {
  createFlowRun(request: CreateFlowRun): MaybePromise<FlowRun>;
  setFlowRunState(request: SetFlowRunState): MaybePromise<Transition<FlowRun>>;
  /** Opens a new attempt of a run that is terminal (or whose process is gone) and gives this process the lease. */
  resumeFlowRun(request: ResumeFlowRun): MaybePromise<Transition<FlowRun>>;
  updateFlowRun(id: FlowRunId, change: UpdateFlowRun): MaybePromise<void>;
  /** Asks the run's process to stop it (Cancelling); a run that nothing runs any more is Cancelled at once. */
  cancelFlowRun(id: FlowRunId): MaybePromise<Transition<FlowRun>>;
  readFlowRun(id: FlowRunId): MaybePromise<FlowRun | null>;
  deleteFlowRun(id: FlowRunId): MaybePromise<boolean>;
  listFlowRunStates(id: FlowRunId): MaybePromise<readonly State[]>;

  /**
   * Idempotent by state id. A record whose newest state is older than the stored one, or of an earlier attempt, adds
   * its states but does not change the run's current state.
   */
  recordTaskRuns(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): MaybePromise<void>;
  readTaskRun(id: TaskRunId): MaybePromise<TaskRun | null>;
  listTaskRunStates(id: TaskRunId): MaybePromise<readonly State[]>;
  /** Every step of the flow run, oldest first, in pages of at most `limit`. */
  listRecordedSteps(
    id: FlowRunId,
    page: { readonly after?: TaskRunId | undefined; readonly limit: number },
  ): MaybePromise<readonly RecordedStep[]>;

  /**
   * A page of flows, runs or logs. Default: the first 50. `bad-input` for what the noun cannot be asked by;
   * `unsupported` for what Prefect's server cannot be asked.
   */
  list<N extends ListedNoun>(noun: N, page?: KeyPage<N>): MaybePromise<readonly EntityByNoun[N][]>;
  /** How many there are, by the type of their state. @param where default: everything */
  countByState(noun: 'flow_run' | 'task_run', where?: Condition): MaybePromise<StateCounts>;

  /** Explains the state of a flow run or task run from recorded facts; `null` when there is no such run. */
  explainRun(id: FlowRunId | TaskRunId): MaybePromise<Explanation | null>;

  claimCacheKey(request: ClaimCacheKey): MaybePromise<CacheClaim>;
  /** Stores the result, or (with `entry: null`) releases the claim without one and deletes what this run had stored. */
  settleCacheClaim(claim: {
    readonly key: string;
    readonly taskRunId: TaskRunId;
    readonly processId: ProcessId;
    readonly entry: CacheEntry | null;
  }): MaybePromise<void>;

  /** Before a task run with tags begins: a slot of every limit on them, or none. */
  takeTagSlots(request: TakeTagSlots): MaybePromise<TagSlots>;
  /** Returns the leases that no longer exist. */
  renewTagSlots(leaseIds: readonly ConcurrencyLeaseId[]): MaybePromise<readonly ConcurrencyLeaseId[]>;
  /** Ends a lease and releases its slots. Returns whether it existed. */
  releaseLease(id: ConcurrencyLeaseId): MaybePromise<boolean>;

  registerProcess(process: ProcessRecord): MaybePromise<void>;
  /**
   * One heartbeat for all leases of the process. Returns whether the process is (still) registered, and which of its
   * runs were asked to cancel.
   */
  beat(
    processId: ProcessId,
  ): MaybePromise<{ readonly isRegistered: boolean; readonly cancelling: readonly FlowRunId[] }>;
  endProcess(processId: ProcessId): MaybePromise<void>;
  /** Marks Crashed, with evidence, every active run whose process is gone. Returns those runs. */
  reapLostRuns(): MaybePromise<readonly FlowRun[]>;
}

/**
 * Where encoded values above `INLINE_VALUE_BYTES_MAX` go: content-addressed, so writing the same value twice is one
 * file.
 */
export interface ResultStore {
  /**
   * Returns the key to read it by. `sync`: flushed to disk first. `name`: stored under this path, replacing an earlier
   * result; checked with `core/result-name.ts`.
   */
  write(
    hash: string,
    text: string,
    options: { readonly sync: boolean; readonly name?: string | undefined },
  ): MaybePromise<string>;
  /** `null` when there is no such key. */
  read(key: string): MaybePromise<string | null>;
}

export interface OstinatoClient extends RunClient {
  readonly control: ControlClient;
  /** Transport and target: shown by `ostinato version` and in errors. */
  readonly description: string;
  readonly results: ResultStore;
  close(): Promise<void>;
}
