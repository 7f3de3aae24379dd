/**
 * The storage port: what the orchestrator asks of a database, in the words of the domain.
 *
 * What every store promises its callers:
 *
 * 1. **One transaction.** A method that writes sees the database alone: facts that it read are still so when it
 *    commits, else nothing of it is left, and it is made again. It answers when it is committed, and all of it is
 *    visible to everybody from then on.
 * 2. **A function from facts to changes is called inside.** It is synchronous and does nothing but answer: no `await`
 *    can interleave with an open transaction, and the rules stay out of SQL. Where `mayCallAgain` it may be called
 *    again, with newer facts: what it draws (ids, random numbers) comes from `orchestrator/retry-safe.ts` then. What it
 *    throws comes out, and nothing is left.
 * 3. **A method that reads** takes no locks. Each of its statements sees what was committed when it began.
 * 4. **Numbers (`seq`) of events and logs are in the order of commits**, each table's for itself: who goes on behind
 *    the last one that he saw misses nothing, however commits interleave. The rows of a transaction are visible at once
 *    and stand together, in the order in which it wrote them. Numbers may be missing (what was rolled back, what
 *    retention removed); a missing one is never filled later, and none is given twice. They say nothing of the order in
 *    which things occurred, and nothing of another database, such as a restored backup.
 * 5. **A consumer that must not lose an event has a cursor** (`CursorStorage`), which retention waits for.
 *
 * 6. **Isolation** is serialisable for methods that write, read committed, statement by statement, for methods that
 *    read. SQLite locks the whole database at the beginning of a write; PostgreSQL locks nothing but the numbers, and
 *    makes again what met another's write. Nobody waits for a lock without an end.
 * 7. **Failures have codes.** Every method may fail with
 *    - `store-unavailable`, `store-full`, `store-read-only`, `store-corrupt`: nothing was done;
 *    - `bad-input`: a value that the database cannot keep, a page or filter that is too large: nothing was done;
 *    - `store-unconfirmed`, a method that writes alone, on PostgreSQL: the connection was lost with the commit, and the
 *      server cannot be asked what became of it. **All of it was done, or nothing.** Asked again by the same ids, these
 *      change nothing the second time: `ensureFlow`, `insertFlowRun`, `writeTaskRuns`, `recordEvents`,
 *      `writeProcess`, `beat`, `claimCacheKey`, `settleCacheClaim`, and everything that deletes. A change by a function
 *      is as safe to ask again as the function makes it: use cases know a state by its transition id
 *      (`State.details`), a run by its id or idempotency key, a continued run by its transition and process. Of the
 *      rest (`insertArtifact`, a limit that is taken) the caller looks first.
 *    What else a method may fail with stands at the method; a function's own errors pass through.
 *
 * SQLite answers synchronously (or by promise, where commits are shared), PostgreSQL by promise.
 */

import type { MaybePromise } from '../core/maybe-promise.ts';
import type { CacheClaim, CacheEntry } from '../core/cache-record.ts';
import type { OutboxEvent, StoredEvent } from '../core/event.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { FlowRunInput } from '../core/flow-run-input.ts';
import type { FlowId, FlowRunId, ProcessId, StateId, TaskRunId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { SavedSearch } from '../core/saved-search.ts';
import type { State } from '../core/state.ts';
import type { RecordedStep, TaskRun, TaskRunRecord } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { Variable, VariableKey } from '../core/variable.ts';
import type { EventStorage } from './port/events.ts';
import type { AdministrationStorage } from './port/administration.ts';
import type { AlertStorage } from './port/alerts.ts';
import type { AutomationActionStorage } from './port/automation-actions.ts';
import type { AutomationStepStorage } from './port/automation-steps.ts';
import type { AutomationStorage } from './port/automations.ts';
import type { WebhookStorage } from './port/webhooks.ts';
import type { BackfillStorage } from './port/backfills.ts';
import type { BlockStorage } from './port/blocks.ts';
import type { ConcurrencyStorage, SlotWrites } from './port/concurrency.ts';
import type { CursorStorage } from './port/cursors.ts';
import type { ContextFor, FlowRunNeeds, NeedsOf } from './port/flow-run-context.ts';
import type { DeploymentVersionStorage } from './port/deployment-versions.ts';
import type { DeploymentStorage } from './port/deployments.ts';
import type { ArtifactStorage } from './port/artifacts.ts';
import type { QueryStorage } from './port/query.ts';
import type { RetentionStorage } from './port/retention.ts';
import type { CancelledRunStorage } from './port/cancelled-runs.ts';
import type { TaskContextFor, TaskNeedsOf, TaskRunNeeds } from './port/task-run-context.ts';
import type { WorkPoolStorage } from './port/work-pools.ts';

export type { ContextFor, FlowRunNeeds } from './port/flow-run-context.ts';
export type { TaskContextFor, TaskRunNeeds } from './port/task-run-context.ts';

/** What is committed together when a flow run moves: the row as it is now, the states it entered, their events. */
export interface FlowRunChange<Answer> {
  readonly run?: FlowRun;
  readonly states?: readonly State[];
  /** The state that the run is in, of which more is known now: the same id, type and time. */
  readonly reworded?: State | undefined;
  readonly events?: readonly OutboxEvent[];
  readonly placeholder?: PlaceholderMove | undefined;
  readonly slots?: SlotWrites | undefined;
  /** Inputs that the run gets with this change. */
  readonly inputs?: readonly FlowRunInput[];
  /** Keys of inputs that are removed. */
  readonly forgottenInputs?: readonly string[];
  /** Its row is written with the lease that names it. */
  readonly process?: ProcessRecord | undefined;
  readonly answer: Answer;
}

/** Changes the placeholder task run of a flow run in its parent, with its event. */
export interface PlaceholderMove {
  readonly id: TaskRunId;
  readonly move: (run: TaskRun | null) => { readonly run: TaskRun | null; readonly events: readonly OutboxEvent[] };
}

/** As `FlowRunChange`, for a task run that other clients move over the API. */
export interface TaskRunChange<Answer> {
  readonly run?: TaskRun;
  readonly states?: readonly State[];
  readonly events?: readonly OutboxEvent[];
  /** Stores the run's new state under this key, to be found as `TaskRunContext.cached`. */
  readonly cached?: { readonly key: string; readonly expiresAt: Instant | null };
  readonly slots?: SlotWrites | undefined;
  readonly answer: Answer;
}

export interface RunStorage {
  /** Finds the flow by name, or inserts what `make` returns, with its event. */
  ensureFlow(name: string, make: () => Flow, event?: (flow: Flow) => OutboxEvent): MaybePromise<Flow>;
  readFlow(id: FlowId): MaybePromise<Flow | null>;
  /** `null` deletes the flow with all its runs. */
  changeFlow<Answer>(
    id: FlowId,
    change: (flow: Flow | null) => {
      readonly flow?: Flow | null;
      readonly event?: OutboxEvent;
      readonly answer: Answer;
    },
  ): MaybePromise<Answer>;
  /** Inserts the run unless its id, or the flow's idempotency key, is taken: then returns the existing run. */
  insertFlowRun(
    run: FlowRun,
    events: readonly OutboxEvent[],
    placeholder?: PlaceholderMove,
  ): MaybePromise<{ readonly run: FlowRun; readonly created: boolean }>;
  /**
   * The function is handed the run, and what was named of its surroundings: read and written in one transaction. Of a
   * run that is not there, everything is `null`.
   */
  changeFlowRun<Answer, Needs extends FlowRunNeeds = FlowRunNeeds>(
    id: FlowRunId,
    needs: NeedsOf<Needs>,
    change: (run: FlowRun | null, context: ContextFor<Needs>) => FlowRunChange<Answer>,
  ): MaybePromise<Answer>;
  readFlowRun(id: FlowRunId): MaybePromise<FlowRun | null>;
  /**
   * Also deletes its task runs, states, logs and artifacts, and its subflow runs; slots that they hold are given back.
   * @param onlyFrom only while the run is in this state
   */
  deleteFlowRun(id: FlowRunId, event: OutboxEvent, onlyFrom?: StateId): MaybePromise<boolean>;
  listFlowRunStates(id: FlowRunId): MaybePromise<readonly State[]>;

  /**
   * One batch: upserts runs whose newest state is not older than the stored one (nor of an earlier attempt of their
   * flow run), inserts unknown states, one event a new state, and the logs. Safe to repeat (a journal is replayed after
   * a crash).
   */
  writeTaskRuns(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): MaybePromise<void>;
  /**
   * Finds the task run by id, else by its natural key, and hands it over with what was named of its surroundings: read
   * and written in one transaction. The row that is written keeps the id of the one that was found.
   */
  changeTaskRun<Answer, Needs extends TaskRunNeeds = TaskRunNeeds>(
    key: { readonly id: TaskRunId; readonly naturalKey: string | null; readonly flowRunId: FlowRunId | null },
    needs: TaskNeedsOf<Needs>,
    change: (run: TaskRun | null, context: TaskContextFor<Needs>) => TaskRunChange<Answer>,
  ): MaybePromise<Answer>;
  readTaskRun(id: TaskRunId): MaybePromise<TaskRun | null>;
  /** Also deletes its states, logs and artifacts, and gives back its slots. */
  deleteTaskRun(id: TaskRunId, event: OutboxEvent): MaybePromise<boolean>;
  listTaskRunStates(id: TaskRunId): MaybePromise<readonly State[]>;
  listRecordedSteps(
    id: FlowRunId,
    page: { readonly after?: TaskRunId | undefined; readonly limit: number },
  ): MaybePromise<readonly RecordedStep[]>;
  readEvents(page: { readonly afterSeq: number; readonly limit: number }): MaybePromise<readonly StoredEvent[]>;
}

export interface FlowRunInputStorage {
  insertFlowRunInput(input: FlowRunInput): MaybePromise<'inserted' | 'key-taken' | 'no-flow-run'>;
  readFlowRunInput(flowRunId: FlowRunId, key: string): MaybePromise<FlowRunInput | null>;
  /** Returns whether it existed. */
  deleteFlowRunInput(flowRunId: FlowRunId, key: string): MaybePromise<boolean>;
}

export interface CacheStorage {
  /**
   * Atomically: an entry that is not expired at `now` → hit (unless `refresh`); a claim of another process that is
   * still alive by `isAlive` → busy; else the claim is the caller's.
   */
  claimCacheKey(request: {
    readonly key: string;
    readonly taskKey: string;
    readonly taskRunId: TaskRunId;
    readonly processId: ProcessId;
    readonly refresh: boolean;
    readonly now: Instant;
    readonly isAlive: (holder: ProcessRecord | null) => boolean;
  }): MaybePromise<CacheClaim>;
  /**
   * Stores the result, or deletes the one that this run had stored, and ends the claim of this process; a claim that
   * another process has taken over stays.
   */
  settleCacheClaim(claim: {
    readonly key: string;
    readonly taskRunId: TaskRunId;
    readonly processId: ProcessId;
    readonly entry: CacheEntry | null;
  }): MaybePromise<void>;
}

export interface ProcessStorage {
  writeProcess(process: ProcessRecord): MaybePromise<void>;
  /** Touches the heartbeat; returns whether the process has a row, and which of its flow runs are CANCELLING. */
  beat(
    id: ProcessId,
    now: Instant,
  ): MaybePromise<{ readonly isRegistered: boolean; readonly cancelling: readonly FlowRunId[] }>;
  deleteProcess(id: ProcessId): MaybePromise<void>;
  /** Whether the process has task runs outside any flow that have not ended. */
  holdsTaskRuns(id: ProcessId): MaybePromise<boolean>;
  /**
   * Passes at most `limit` such runs to the function, oldest first, and writes its changes, with an event a state. The
   * slots of those that end are given back.
   * Returns the number of changed runs.
   */
  changeHeldTaskRuns(
    id: ProcessId,
    limit: number,
    change: (run: TaskRun) => TaskRunRecord | null,
  ): MaybePromise<number>;
  listProcesses(): MaybePromise<readonly ProcessRecord[]>;
}

/** What is committed together when a variable changes. */
export interface VariableChange<Answer> {
  /** `null` deletes it; left out, it stays as it is. It may have another name. */
  readonly variable?: Variable | null;
  readonly event?: OutboxEvent;
  readonly answer: Answer;
}

export interface VariableStorage {
  readVariable(key: VariableKey): MaybePromise<Variable | null>;
  /** `conflict` when the name that it is given is another's. */
  changeVariable<Answer>(
    key: VariableKey,
    change: (variable: Variable | null) => VariableChange<Answer>,
  ): MaybePromise<Answer>;
}

export interface SavedSearchStorage {
  /** Takes the place of the one with its name, whose id and creation it keeps. */
  writeSavedSearch(search: SavedSearch): MaybePromise<SavedSearch>;
  /** Whether it was there. */
  deleteSavedSearch(id: string): MaybePromise<boolean>;
}

export interface Storage
  extends
    AdministrationStorage,
    BlockStorage,
    ConcurrencyStorage,
    CursorStorage,
    DeploymentStorage,
    DeploymentVersionStorage,
    AutomationStorage,
    WebhookStorage,
    AutomationActionStorage,
    AlertStorage,
    AutomationStepStorage,
    BackfillStorage,
    RunStorage,
    CacheStorage,
    ProcessStorage,
    ArtifactStorage,
    VariableStorage,
    WorkPoolStorage,
    SavedSearchStorage,
    QueryStorage,
    EventStorage,
    RetentionStorage,
    FlowRunInputStorage,
    CancelledRunStorage {
  /** For instance `sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly description: string;
  /** Whether functions that change facts may be called more than once for one change. */
  readonly mayCallAgain: boolean;
  /** Flushes what was committed to the disk (power loss). */
  flush(): MaybePromise<void>;
  /**
   * Calls back when events or logs may have been committed: of this storage at once, before the writer is answered; of
   * other processes where the database tells of them (PostgreSQL does, SQLite does not). A call may stand for many
   * commits, or for none. What others commit while the database cannot be reached is told when it is back; whoever
   * cannot wait for that looks by himself now and then.
   * @param listener is called inside the write: it notes the call, and does its work in a later turn
   * @returns ends it
   */
  onCommit(listener: () => void): () => void;
  close(): MaybePromise<void>;
}
