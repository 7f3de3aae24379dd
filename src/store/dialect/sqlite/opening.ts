/** How a SQLite database becomes the storage port: `index.ts`, `embedded.ts`. */

import { existsSync } from 'node:fs';

import type { MaybePromise } from '../../../core/maybe-promise.ts';
import type { Storage } from '../../port.ts';
import { listsOn } from '../../logic/lists.ts';
import type { ListsByCondition } from '../../queries/lists-by-condition.ts';
import { TaskShapes } from '../../logic/task-shapes.ts';
import { CommitListeners } from '../../commit-listeners.ts';
import { storageOn, type StorageParts } from '../../storage.ts';
import { IN_MEMORY, openConnection, retryWhileBusy, type Connection } from './connection.ts';
import { resilientStorage, resilientGroups } from './resilient-storage.ts';
import { EventInserter } from './event-batch.ts';
import { CommitGroup, WRITES } from './grouped.ts';
import { LockPatience, SYNCHRONOUS_WAIT_MS } from './lock-patience.ts';
import { ReaderThread } from './reader-thread.ts';
import { ReplaceableDatabase, type Opened } from './replaceable-database.ts';
import { MissingMigrations, refuseOlder } from './schema-version.ts';
import { databaseOn } from './statements.ts';
import { TaskRunWriter } from './task-run-writer.ts';
import { There } from '../../driver.ts';

/**
 * Page cache of a server, which runs long beside other programs; what it does not hold comes from the system's cache,
 * at a microsecond a page.
 */
const SERVER_CACHE_KIB = 4 * 1024;

export interface SqliteStorageOptions {
  /** A file, created with its folder when missing; or `:memory:`. */
  readonly path: string;
  /**
   * For a server: every write is acknowledged when it is on the disk, many writes with one flush. Then all writes
   * return promises. Default: commits are handed to the operating system, and flushed by `flush`.
   */
  readonly groupCommits?: boolean;
  /** Called with messages for the log: the database is away, is back, or is locked by others. */
  readonly onNotice?: (message: string) => void;
  /** Called when another database is at the path, which may lack what was written before. */
  readonly onReplaced?: () => void;
}

export interface SqliteStorage extends Storage {
  /** Closed when it returns. */
  close(): void;
}

/** @internal With its parts that no run needs: at once, or later. */
export interface OpenRequest extends SqliteStorageOptions {
  readonly control: StorageParts['control'];
  /** Absent: loaded for a database that needs it. */
  readonly migrate?: Migrate;
}

type Migrate = (connection: Connection) => void;

/** Blocks the thread while waiting for a lock. */
export function openAtOnce(options: OpenRequest & { readonly migrate: Migrate }): SqliteStorage {
  const commits = new CommitListeners();
  const { migrate } = options;
  return endure({ options, commits, opened: openOnce(options, commits, { migrate }), patience: patienceOf(options) });
}

/** Does not block the event loop while another process locks the database: waits at most 20 s. */
export async function openInTurn(options: OpenRequest): Promise<SqliteStorage> {
  const patience = patienceOf(options);
  const commits = new CommitListeners();
  const opened = await withMigrations(options, (migrate) =>
    patience.run(() => openOnce(options, commits, { openWaitMs: SYNCHRONOUS_WAIT_MS, migrate }), OPEN_WAIT_MS),
  );
  return endure({ options, commits, opened, patience });
}

/** @param open called again with the migrations when it had none and needs them */
async function withMigrations<T>(
  { path, migrate }: OpenRequest,
  open: (migrate: Migrate) => MaybePromise<T>,
): Promise<T> {
  if (migrate !== undefined) return await open(migrate);
  try {
    return await open(existsSync(path) ? refuseOlder : (await import('./new-schema.ts')).makeSchema);
  } catch (error) {
    if (!(error instanceof MissingMigrations)) throw error;
    return await open((await import('./migrate.ts')).migrate);
  }
}

const OPEN_WAIT_MS = 20_000;
/** Interval at which a server checks that its database exists, also when nobody writes. */
const LOOK_EVERY_MS = 500;

interface OpenedStorage extends Opened<Storage> {
  readonly shapes: TaskShapes;
}

function openOnce(
  { path, groupCommits = false, control }: OpenRequest,
  commits: CommitListeners,
  {
    openWaitMs,
    isThere,
    migrate,
  }: { readonly openWaitMs?: number; readonly isThere?: boolean; readonly migrate: Migrate },
): OpenedStorage {
  const connection = openConnection(path, {
    checkpointThread: !groupCommits,
    onCommit: () => commits.tell(),
    ...(openWaitMs === undefined ? {} : { openWaitMs }),
    ...(isThere === undefined ? {} : { isThere }),
  });
  try {
    retryWhileBusy(() => migrate(connection), openWaitMs);
    if (groupCommits) connection.db.exec(`PRAGMA cache_size = -${SERVER_CACHE_KIB}`);
    return openedOn(connection, commits, { groupCommits, control });
  } catch (error) {
    connection.close();
    throw error;
  }
}

function patienceOf({ path, onNotice }: OpenRequest): LockPatience {
  return new LockPatience({ path, onLongWait: (message) => onNotice?.(message) });
}

interface Endured {
  readonly options: OpenRequest;
  readonly commits: CommitListeners;
  readonly opened: OpenedStorage;
  readonly patience: LockPatience;
}

function endure({ options, commits, opened, patience }: Endured): SqliteStorage {
  const { path, groupCommits = false, onNotice, onReplaced } = options;
  if (path === IN_MEMORY) return inMemory(opened, groupCommits);
  let { shapes } = opened;
  const replaceable = new ReplaceableDatabase<Storage>(
    {
      path,
      open: async () => {
        const again = await withMigrations(options, (migrate) =>
          openOnce(options, commits, { isThere: true, openWaitMs: SYNCHRONOUS_WAIT_MS, migrate }),
        );
        ({ shapes } = again);
        return again;
      },
      onTrouble: (message) => onNotice?.(message),
      onBack: (message, isAnother) => {
        onNotice?.(message);
        if (isAnother) onReplaced?.();
        commits.tell();
      },
    },
    opened,
  );
  if (!groupCommits) return resilientStorage({ replaceable, patience }) as SqliteStorage;
  const storage = resilientGroups({ replaceable, patience }, () => shapes.forget());
  const beat = setInterval(() => replaceable.tend(), LOOK_EVERY_MS).unref();
  return { ...storage, close: () => (clearInterval(beat), void storage.close()) };
}

/** A database in memory has one connection, and no file. */
function inMemory({ storage, connection, shapes, close }: OpenedStorage, groupCommits: boolean): SqliteStorage {
  if (!groupCommits) return { ...storage, close };
  const group = new CommitGroup(connection, () => shapes.forget());
  const own = Object.fromEntries(
    WRITES.map((name) => {
      const write = storage[name] as (...args: unknown[]) => unknown;
      return [name, (...args: unknown[]) => group.run(() => write(...args))];
    }),
  );
  return { ...storage, ...own, close: () => group.close(close) };
}

function openedOn(
  connection: Connection,
  commits: CommitListeners,
  { groupCommits, control }: Pick<OpenRequest, 'control'> & { readonly groupCommits: boolean },
): OpenedStorage {
  // A database in memory has one connection only.
  const reader = groupCommits && connection.path !== IN_MEMORY ? new ReaderThread(connection.path) : null;
  const shapes = new TaskShapes();
  const close = (): void => (reader?.close(), connection.close());
  const storage = storageOnConnection({ connection, commits, shapes, control, reader, close });
  return { connection, shapes, close, storage };
}

interface ConnectionParts {
  readonly connection: Connection;
  readonly commits: CommitListeners;
  readonly shapes: TaskShapes;
  readonly control: StorageParts['control'];
  readonly reader: ReaderThread | null;
  readonly close: () => void;
}

function storageOnConnection({ connection, commits, shapes, control, reader, close }: ConnectionParts): Storage {
  const database = databaseOn(connection);
  const writer = new TaskRunWriter(connection, shapes);
  let inserter: EventInserter | null = null;
  return storageOn(database, {
    shapes,
    control,
    close,
    writeTaskRuns: (records, logs) => writer.write(records, logs),
    insertEventBatch: (db, events) => new There((inserter ??= new EventInserter(connection)).insert(db, events)),
    lists: listsOn(database, listLoader(connection, reader)),
    flush: () => connection.flush(),
    onCommit: (listener) => commits.add(listener),
  });
}

function listLoader(connection: Connection, reader: ReaderThread | null): () => MaybePromise<ListsByCondition> {
  let loaded: ListsByCondition | null = null;
  return () =>
    loaded ?? import('./list-queries.ts').then(({ sqliteLists }) => (loaded ??= sqliteLists(connection, reader)));
}
