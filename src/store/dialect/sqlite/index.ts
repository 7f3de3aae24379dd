/** The storage port on SQLite (`node:sqlite`). */

import type { Storage } from '../../port.ts';
import { administrationOn } from './administration.ts';
import { changeArtifact, insertArtifact, readArtifact } from './artifacts.ts';
import { claimCacheKey, settleCacheClaim } from './cache.ts';
import { blocksOn } from './block-storage.ts';
import { slotsOn } from './concurrency.ts';
import { IN_MEMORY, openConnection, type Connection } from './connection.ts';
import { eventStorageOn } from './event-storage.ts';
import { readEvents } from './events.ts';
import { changeFlowRun, insertFlowRun } from './flow-run-changes.ts';
import { flowRunInputsOn } from './flow-run-inputs.ts';
import { deleteFlowRun, listCancelledRuns, readFlowRun } from './flow-runs.ts';
import { changeFlow, ensureFlow, readFlow } from './flows.ts';
import { changeTaskRun, deleteTaskRun } from './foreign-task-runs.ts';
import { changeHeldTaskRuns, holdsTaskRuns } from './held-task-runs.ts';
import { CommitGroup, grouped } from './grouped.ts';
import { keepsakesOn } from './keepsakes.ts';
import { listsOn } from './lists.ts';
import { ReaderThread } from './reader-thread.ts';
import { migrate } from './migrate.ts';
import { beat, deleteProcess, listProcesses, writeProcess } from './processes.ts';
import { deleteSavedSearch, writeSavedSearch } from './saved-searches.ts';
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
}

export interface SqliteStorage extends Storage {
  /** Done when it returns. */
  close(): void;
}

/**
 * Opens the database and brings it to the newest schema.
 *
 * Errors: `store-newer`, `store-corrupt`, `store-read-only`, `store-full`, `store-unavailable`.
 */
export function openSqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  const connection = openConnection(options.path, { checkpointThread: options.groupCommits !== true });
  try {
    migrate(connection);
    return storageOn(connection, options.groupCommits === true);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function storageOn(connection: Connection, groupCommits: boolean): SqliteStorage {
  // A database in memory has one connection only.
  const reader = groupCommits && connection.path !== IN_MEMORY ? new ReaderThread(connection.path) : null;
  const shapes = new TaskShapes(connection);
  const writer = new TaskRunWriter(connection, shapes);
  const storage: SqliteStorage = {
    description: `sqlite:${connection.path}`,
    flush: () => connection.flush(),
    close: () => (reader?.close(), connection.close()),

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

    ...eventStorageOn(connection, shapes),

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
    readCachedState: (key, now) => readCachedState(connection, key, now),
    listCancelledRuns: (since, page) => listCancelledRuns(connection, since, page),
    ...listsOn(connection, reader),
    readState: (of, id) => readState(connection, of, id),
    writeSavedSearch: (search) => writeSavedSearch(connection, search),
    deleteSavedSearch: (id) => deleteSavedSearch(connection, id),
  };
  if (!groupCommits) return storage;
  connection.db.exec(`PRAGMA cache_size = -${SERVER_CACHE_KIB}`);
  return grouped(storage, new CommitGroup(connection, () => shapes.forget()));
}
