/**
 * The storage port: what the orchestrator asks of a database, in the words of the domain.
 *
 * Every method is one transaction. Methods that decide take a **pure, synchronous function** from facts to changes, which
 * the dialect calls inside the transaction (and may call again when the database asks for a retry): the rules stay out of
 * SQL, and no `await` can interleave with an open transaction. SQLite answers synchronously, PostgreSQL by promise.
 */

import type { Artifact } from '../core/artifact.ts';
import type { CacheClaim, CacheEntry } from '../core/cache-record.ts';
import type { OutboxEvent, StoredEvent } from '../core/event.ts';
import type { ArtifactFilter, FlowRunFilter, LogFilter, Page, TaskRunFilter } from '../core/filter.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { FlowRunInput } from '../core/flow-run-input.ts';
import type { ArtifactId, FlowId, FlowRunId, ProcessId, TaskRunId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { State, StateType } from '../core/state.ts';
import type { RecordedStep, TaskRun, TaskRunRecord } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { Variable } from '../core/variable.ts';
import type { EventStorage } from './port/events.ts';
import type { AdministrationStorage } from './port/administration.ts';
import type { BlockStorage } from './port/blocks.ts';
import type { ConcurrencyStorage } from './port/concurrency.ts';
import type { FlowRunInputStorage } from './port/flow-run-inputs.ts';
import type { KeepsakeStorage } from './port/keepsakes.ts';
import type { QueryStorage } from './port/query.ts';
import type { RetentionStorage } from './port/retention.ts';
import type { CancelledRunStorage, TaskResultStorage } from './port/task-results.ts';

export type Stored<T> = T | Promise<T>;

/** What is committed together when a flow run moves: the row as it is now, the states it entered, their events. */
export interface FlowRunChange<Answer> {
  readonly run?: FlowRun;
  readonly states?: readonly State[];
  readonly events?: readonly OutboxEvent[];
  readonly placeholder?: PlaceholderMove | undefined;
  /** What is given to the run with this change. */
  readonly inputs?: readonly FlowRunInput[];
  readonly answer: Answer;
}

/** Moves the task run that stands for a flow run in its parent, and tells of it. */
export interface PlaceholderMove {
  readonly id: TaskRunId;
  readonly move: (run: TaskRun | null) => { readonly run: TaskRun | null; readonly events: readonly OutboxEvent[] };
}

/** As `FlowRunChange`, for a task run that other clients move over the API. */
export interface TaskRunChange<Answer> {
  readonly run?: TaskRun;
  readonly states?: readonly State[];
  readonly events?: readonly OutboxEvent[];
  /** Keeps the run's new state under this key, for `readCachedState`. */
  readonly cached?: { readonly key: string; readonly expiresAt: Instant | null };
  readonly answer: Answer;
}

export interface RunStorage {
  /** Finds the flow by name, or inserts what `make` returns, with its event. */
  ensureFlow(name: string, make: () => Flow, event?: (flow: Flow) => OutboxEvent): Stored<Flow>;
  readFlow(id: FlowId): Stored<Flow | null>;
  /** `null` deletes the flow with all its runs. */
  changeFlow<Answer>(id: FlowId, change: (flow: Flow | null) => { readonly flow?: Flow | null; readonly event?: OutboxEvent; readonly answer: Answer }): Stored<Answer>;
  /** Inserts unless the id, or the flow's idempotency key, is taken: then answers the run that is there. */
  insertFlowRun(run: FlowRun, events: readonly OutboxEvent[], placeholder?: PlaceholderMove): Stored<{ readonly run: FlowRun; readonly created: boolean }>;
  /** The function is handed the run with its flow. */
  changeFlowRun<Answer>(id: FlowRunId, change: (run: FlowRun | null, flow: Flow | null) => FlowRunChange<Answer>): Stored<Answer>;
  readFlowRun(id: FlowRunId): Stored<FlowRun | null>;
  /** With its task runs, states, logs and artifacts, and with its subflow runs. */
  deleteFlowRun(id: FlowRunId, event: OutboxEvent): Stored<boolean>;
  listFlowRuns(filter: FlowRunFilter, page: Page<FlowRunId>): Stored<readonly FlowRun[]>;
  countFlowRuns(filter: FlowRunFilter): Stored<number>;
  listFlows(page: Page<string>): Stored<readonly (Flow & { readonly runCount: number; readonly lastRun: FlowRun | null })[]>;
  listFlowRunStates(id: FlowRunId): Stored<readonly State[]>;

  /**
   * One batch: upserts runs whose newest state is not older than the stored one (nor of an earlier attempt of their flow
   * run), inserts unknown states, one event a new state, and the logs. Safe to repeat (a journal is replayed after a crash).
   */
  writeTaskRuns(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): Stored<void>;
  /**
   * Finds the task run by id, else by its natural key, and hands it over with the flow run that it belongs to. The row that
   * is written keeps the id of the one that was found.
   */
  changeTaskRun<Answer>(
    key: { readonly id: TaskRunId; readonly naturalKey: string | null; readonly flowRunId: FlowRunId | null },
    change: (run: TaskRun | null, flowRun: FlowRun | null) => TaskRunChange<Answer>,
  ): Stored<Answer>;
  readTaskRun(id: TaskRunId): Stored<TaskRun | null>;
  /** With its states, logs and artifacts. */
  deleteTaskRun(id: TaskRunId, event: OutboxEvent): Stored<boolean>;
  listTaskRuns(filter: TaskRunFilter, page: Page<TaskRunId> & { readonly order?: 'newest' | 'oldest' }): Stored<readonly TaskRun[]>;
  countTaskRuns(filter: TaskRunFilter): Stored<Readonly<Partial<Record<StateType, number>>>>;
  listTaskRunStates(id: TaskRunId): Stored<readonly State[]>;
  listRecordedSteps(id: FlowRunId, page: { readonly after?: TaskRunId | undefined; readonly limit: number }): Stored<readonly RecordedStep[]>;
  /** Oldest first. @param page `last`: only so many, from the end, in place of `limit` */
  readLogs(filter: LogFilter, page: { readonly afterSeq?: number; readonly limit?: number; readonly last?: number }): Stored<readonly (LogRecord & { readonly seq: number })[]>;
  readEvents(page: { readonly afterSeq: number; readonly limit: number }): Stored<readonly StoredEvent[]>;
}

export interface CacheStorage {
  /**
   * Atomically: an entry that is not expired at `now` → hit (unless `refresh`); a claim of another process that is still
   * alive by `isAlive` → busy; else the claim is the caller's.
   */
  claimCacheKey(request: {
    readonly key: string; readonly taskKey: string; readonly taskRunId: TaskRunId; readonly processId: ProcessId;
    readonly refresh: boolean; readonly now: Instant; readonly isAlive: (holder: ProcessRecord | null) => boolean;
  }): Stored<CacheClaim>;
  /** Keeps the result, or forgets the one that this run had kept, and ends the claim of this process; one that another has taken over stays. */
  settleCacheClaim(claim: { readonly key: string; readonly taskRunId: TaskRunId; readonly processId: ProcessId; readonly entry: CacheEntry | null }): Stored<void>;
}

export interface ProcessStorage {
  writeProcess(process: ProcessRecord): Stored<void>;
  /** Touches the heartbeat; answers whether the process has a row, and which of its flow runs are CANCELLING. */
  beat(id: ProcessId, now: Instant): Stored<{ readonly isRegistered: boolean; readonly cancelling: readonly FlowRunId[] }>;
  deleteProcess(id: ProcessId): Stored<void>;
  /** Whether the process has task runs outside any flow that have not ended. */
  holdsTaskRuns(id: ProcessId): Stored<boolean>;
  /** Hands over at most `limit` such runs, oldest first, and writes what becomes of them, with an event a state. Answers how many were changed. */
  changeHeldTaskRuns(id: ProcessId, limit: number, change: (run: TaskRun) => TaskRunRecord | null): Stored<number>;
  listProcesses(): Stored<readonly ProcessRecord[]>;
}

export interface ArtifactStorage {
  insertArtifact(artifact: Artifact, event: OutboxEvent): Stored<void>;
  changeArtifact(id: ArtifactId, change: (artifact: Artifact) => { readonly artifact: Artifact; readonly event: OutboxEvent }): Stored<Artifact | null>;
  readArtifact(id: ArtifactId): Stored<Artifact | null>;
  listArtifacts(filter: ArtifactFilter, page: Page<ArtifactId>): Stored<readonly Artifact[]>;
}

export interface VariableStorage {
  readVariable(name: string): Stored<Variable | null>;
  changeVariable<Answer>(name: string, change: (variable: Variable | null) => { readonly variable?: Variable | null; readonly event?: OutboxEvent; readonly answer: Answer }): Stored<Answer>;
  listVariables(page: Page<string>): Stored<readonly Variable[]>;
}

export interface Storage extends AdministrationStorage, BlockStorage, ConcurrencyStorage, KeepsakeStorage, RunStorage, CacheStorage, ProcessStorage, ArtifactStorage, VariableStorage, QueryStorage, EventStorage, RetentionStorage, FlowRunInputStorage, TaskResultStorage, CancelledRunStorage {
  /** For instance `sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly description: string;
  /** Flushes what was committed to the disk (power loss). */
  flush(): Stored<void>;
  close(): Stored<void>;
}
