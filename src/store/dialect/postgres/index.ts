/** The storage port on PostgreSQL (`pg`; tested on 15). */

import type { MaybePromise } from '../../../core/maybe-promise.ts';
import { Pool } from 'pg';
import { OstinatoError } from '../../../core/errors.ts';
import { listsOn } from '../../logic/lists.ts';
import type { ListsByCondition } from '../../queries/lists-by-condition.ts';
import { taskRunBatchesOn } from '../../logic/task-run-batch.ts';
import { TaskShapes } from '../../logic/task-shapes.ts';
import type { Storage } from '../../port.ts';
import { controlStorageOn } from '../../control-storage.ts';
import { storageOn } from '../../storage.ts';
import { CommitNews } from './commit-news.ts';
import { postgresFailure } from './failure.ts';
import { migrate, SCHEMA } from './migrate.ts';
import { databaseOn } from './transactions.ts';

export interface PostgresStorageOptions {
  /** For instance `postgresql://me:secret@host:5432/flows`. */
  readonly url: string;
  /** Called with messages for the log, for instance about lost connections. */
  readonly onNotice?: (message: string) => void;
}

/** Each write holds a connection until it commits; PostgreSQL allows 100 in all by default. */
const CONNECTIONS_MAX = 10;
const CONNECT_MS_MAX = 10_000;

/**
 * Opens the database and brings it to the newest schema. Its tables are in a schema of their own, `ostinato`.
 *
 * Errors: `store-newer`, `store-unavailable`, `store-read-only`, `bad-input` for an address that is none.
 */
export async function openPostgresStorage({ url, onNotice }: PostgresStorageOptions): Promise<Storage> {
  const description = describe(url);
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    application_name: 'ostinato',
    options: `-c search_path=${SCHEMA}`,
  });
  // Errors of idle connections; a connection in use reports errors by its statement.
  pool.on('error', (error) =>
    onNotice?.(`A connection to ${description} was lost: ${error.message}. Another takes its place.`),
  );
  try {
    await migrate(pool, description);
  } catch (error) {
    await pool.end();
    throw postgresFailure(error, description);
  }
  const news = new CommitNews({ url, description, onNotice: (message) => onNotice?.(message) });
  return storageOf(pool, description, news);
}

function storageOf(pool: Pool, description: string, news: CommitNews): Storage {
  const database = databaseOn(pool, description, { name: news.name, onCommit: () => news.tell() });
  const shapes = new TaskShapes();
  let ending: Promise<void> | null = null;
  return storageOn(database, {
    shapes,
    control: controlStorageOn,
    writeTaskRuns: taskRunBatchesOn(database, shapes),
    lists: listsOn(database, listLoader(database)),
    // PostgreSQL flushes with the commit.
    flush: () => undefined,
    onCommit: (listener) => news.add(listener),
    close: () => (ending ??= Promise.all([news.close(), pool.end()]).then(() => undefined)),
  });
}

function listLoader(database: ReturnType<typeof databaseOn>): () => MaybePromise<ListsByCondition> {
  let loaded: ListsByCondition | null = null;
  return () => loaded ?? import('./list-queries.ts').then(({ postgresLists }) => (loaded ??= postgresLists(database)));
}

/** The address without the password. @throws `bad-input` */
function describe(url: string): string {
  try {
    const { host, pathname, searchParams } = new URL(url);
    // Percent-encoded parts must be decodable, as the driver decodes them.
    decodeURIComponent(url);
    return `postgresql://${host === '' ? (searchParams.get('host') ?? '') : host}${pathname}`;
  } catch {
    throw new OstinatoError('bad-input', 'The address of the database is no URL.', {
      remedy: 'For instance postgresql://user:password@host:5432/database.',
    });
  }
}
