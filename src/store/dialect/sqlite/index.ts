/** The storage port on SQLite (`node:sqlite`). */

import type { Storage } from '../../port.ts';
import { administrationOn } from './administration.ts';
import { changeArtifact, insertArtifact, readArtifact } from './artifacts.ts';
import { claimCacheKey, settleCacheClaim } from './cache.ts';
import { blocksOn } from './block-storage.ts';
import { slotsOn } from './concurrency.ts';
import { IN_MEMORY, openConnection, retryWhileBusy, type Connection } from './connection.ts';
import { enduring, enduringGroups } from './enduring-storage.ts';
import { eventStorageOn } from './event-storage.ts';
import { readEvents } from './events.ts';
import { changeFlowRun, insertFlowRun } from './flow-run-changes.ts';
import { flowRunInputsOn } from './flow-run-inputs.ts';
import { deleteFlowRun, listCancelledRuns, readFlowRun } from './flow-runs.ts';
import { changeFlow, ensureFlow, readFlow } from './flows.ts';
import { changeTaskRun, deleteTaskRun } from './foreign-task-runs.ts';
import { changeHeldTaskRuns, holdsTaskRuns } from './held-task-runs.ts';
import { CommitGroup, WRITES } from './grouped.ts';
import { keepsakesOn } from './keepsakes.ts';
import { listsOn } from './lists.ts';
import { ReaderThread } from './reader-thread.ts';
import { LockPatience, SYNCHRONOUS_WAIT_MS } from './lock-patience.ts';
import { migrate } from './migrate.ts';
import { beat, deleteProcess, listProcesses, writeProcess } from './processes.ts';
import { retentionOn } from './retention.ts';
import { deleteSavedSearch, writeSavedSearch } from './saved-searches.ts';
import { Standing, type Opened } from './standing.ts';
import { readState } from './state-by-id.ts';
import { listStates } from './states.ts';
import { readCachedState } from './task-results.ts';
import { listRecordedSteps, readTaskRun, TaskRunWriter } from './task-runs.ts';
import { TaskShapes } from './task-shapes.ts';
import { changeVariable, readVariable } from './variables.ts';

/** A server lives long beside others; what its cache does not hold comes from the system's, for a microsecond a page. */
const SERVER_CACHE_KIB = 4 * 1024;

export interface SqliteStorageOptions {
  /** A file, made with its folder when it is not there; or `:memory:`. */
  readonly path: string;
  /**
   * For a server: every write is answered when it is flushed to the disk, many writes to a flush. Then all writes answer by
   * promise. Default: what is committed is handed to the operating system, and flushed by `flush`.
   */
  readonly groupCommits?: boolean;
  /** Hears what is worth a line in a log: of a database that is away, that is back, or that others hold locked. */
  readonly onNotice?: (message: string) => void;
  /** Another database is at the path now, which may know less than the one before. */
  readonly onReplaced?: () => void;
}

export interface SqliteStorage extends Storage {
  /** Done when it returns. */
  close(): void;
}

/**
 * Opens the database and brings it to the newest schema. Waits for a lock with the thread stopped; `openSqliteStorageInTurn` does not.
 *
 * Errors: `store-newer`, `store-corrupt`, `store-read-only`, `store-full`, `store-unavailable`.
 */
export function openSqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  return endure(options, openOnce(options, {}));
}

/** As `openSqliteStorage`, with an event loop that goes on while another process holds the database locked: for at most 20 s. */
export async function openSqliteStorageInTurn(options: SqliteStorageOptions): Promise<SqliteStorage> {
  const patience = patienceOf(options);
  const opened = await patience.run(() => openOnce(options, { openWaitMs: SYNCHRONOUS_WAIT_MS }), OPEN_WAIT_MS);
  return endure(options, opened, patience);
}

const OPEN_WAIT_MS = 20_000;
/** A server notices within half a second that its database is gone, also when nobody writes. */
const LOOK_EVERY_MS = 500;

interface OpenedStorage extends Opened<Storage> {
  readonly shapes: TaskShapes;
}

function openOnce({ path, groupCommits = false }: SqliteStorageOptions, { openWaitMs, isThere }: { readonly openWaitMs?: number; readonly isThere?: boolean }): OpenedStorage {
  const connection = openConnection(path, { checkpointThread: !groupCommits, ...(openWaitMs === undefined ? {} : { openWaitMs }), ...(isThere === undefined ? {} : { isThere }) });
  try {
    retryWhileBusy(() => migrate(connection), openWaitMs);
    if (groupCommits) connection.db.exec(`PRAGMA cache_size = -${SERVER_CACHE_KIB}`);
    return openedOn(connection, groupCommits);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function patienceOf({ path, onNotice }: SqliteStorageOptions): LockPatience {
  return new LockPatience({ path, onLongWait: (message) => onNotice?.(message) });
}

function endure(options: SqliteStorageOptions, opened: OpenedStorage, patience = patienceOf(options)): SqliteStorage {
  const { path, groupCommits = false, onNotice, onReplaced } = options;
  if (path === IN_MEMORY) return inMemory(opened, groupCommits);
  let { shapes } = opened;
  const standing = new Standing<Storage>({
    path,
    open: () => {
      const again = openOnce(options, { isThere: true, openWaitMs: SYNCHRONOUS_WAIT_MS });
      ({ shapes } = again);
      return again;
    },
    onTrouble: (message) => onNotice?.(message),
    onBack: (message, isAnother) => {
      onNotice?.(message);
      if (isAnother) onReplaced?.();
    },
  }, opened);
  if (!groupCommits) return enduring({ standing, patience }) as SqliteStorage;
  const storage = enduringGroups({ standing, patience }, () => shapes.forget());
  const beat = setInterval(() => standing.tend(), LOOK_EVERY_MS).unref();
  return { ...storage, close: () => (clearInterval(beat), void storage.close()) };
}

/** A database in memory has one connection, and no file. */
function inMemory({ storage, connection, shapes, close }: OpenedStorage, groupCommits: boolean): SqliteStorage {
  if (!groupCommits) return { ...storage, close };
  const group = new CommitGroup(connection, () => shapes.forget());
  const own = Object.fromEntries(WRITES.map((name) => {
    const write = storage[name] as (...args: unknown[]) => unknown;
    return [name, (...args: unknown[]) => group.run(() => write(...args))];
  }));
  return { ...storage, ...own, close: () => group.close(close) };
}

function openedOn(connection: Connection, groupCommits: boolean): OpenedStorage {
  // A database in memory has one connection only.
  const reader = groupCommits && connection.path !== IN_MEMORY ? new ReaderThread(connection.path) : null;
  const shapes = new TaskShapes(connection);
  const close = (): void => (reader?.close(), connection.close());
  return { connection, shapes, close, storage: storageOn(connection, shapes, reader, close) };
}

function storageOn(connection: Connection, shapes: TaskShapes, reader: ReaderThread | null, close: () => void): Storage {
  const writer = new TaskRunWriter(connection, shapes);
  return {
    description: `sqlite:${connection.path}`,
    flush: () => connection.flush(),
    close,

    ensureFlow: (name, make, event) => ensureFlow(connection, name, make, event),
    readFlow: (id) => readFlow(connection, id),
    changeFlow: (id, change) => changeFlow(connection, id, change),
    insertFlowRun: (run, events, placeholder) => insertFlowRun(connection, shapes, run, events, placeholder),
    changeFlowRun: (id, change) => changeFlowRun(connection, shapes, id, change),
    readFlowRun: (id) => readFlowRun(connection, id),
    deleteFlowRun: (id, event) => deleteFlowRun(connection, id, event),
    listFlowRunStates: (id) => listStates(connection, 'flow_run_state', id),

    writeTaskRuns: (records, logs) => writer.write(records, logs),
    changeTaskRun: (key, change) => changeTaskRun(connection, shapes, key, change),
    readTaskRun: (id) => readTaskRun(connection, id),
    deleteTaskRun: (id, event) => deleteTaskRun(connection, id, event),
    listTaskRunStates: (id) => listStates(connection, 'task_run_state', id),
    listRecordedSteps: (id, page) => listRecordedSteps(connection, id, page),
    readEvents: (page) => readEvents(connection, page),

    ...eventStorageOn(connection, shapes, reader),

    claimCacheKey: (request) => claimCacheKey(connection, request),
    settleCacheClaim: (claim) => settleCacheClaim(connection, claim),

    writeProcess: (process) => writeProcess(connection, process),
    beat: (id, now) => beat(connection, id, now),
    deleteProcess: (id) => deleteProcess(connection, id),
    holdsTaskRuns: (id) => holdsTaskRuns(connection, id),
    changeHeldTaskRuns: (id, limit, change) => changeHeldTaskRuns(connection, id, limit, change),
    listProcesses: () => listProcesses(connection),

    insertArtifact: (artifact, event) => insertArtifact(connection, artifact, event),
    changeArtifact: (id, change) => changeArtifact(connection, id, change),
    readArtifact: (id) => readArtifact(connection, id),

    readVariable: (name) => readVariable(connection, { name }),
    changeVariable: (name, change) => changeVariable(connection, { name }, change),
    ...administrationOn(connection),
    ...keepsakesOn(connection),
    ...blocksOn(connection),
    ...slotsOn(connection),
    ...flowRunInputsOn(connection),
    ...retentionOn(connection),
    readCachedState: (key, now) => readCachedState(connection, key, now),
    listCancelledRuns: (since, page) => listCancelledRuns(connection, since, page),
    ...listsOn(connection, reader),
    readState: (of, id) => readState(connection, of, id),
    writeSavedSearch: (search) => writeSavedSearch(connection, search),
    deleteSavedSearch: (id) => deleteSavedSearch(connection, id),
  };
}
