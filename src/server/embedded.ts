/**
 * The embedded composition: database, use cases and client in this process, no socket.
 *
 * 1. What dead processes had promised (their journals) is in the store before the first answer.
 * 2. Recovery happens again before a lost run is judged, so that a finished step is never called Crashed.
 */

import { createInProcessClient } from '../client/in-process.ts';
import type { OstinatoClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { IdSource } from '../core/ids.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { Clock } from '../core/time.ts';
import { createUseCases } from '../orchestrator/use-cases.ts';
import { livenessOf } from '../platform/process-liveness.ts';
import { ResultFiles } from '../platform/result-files.ts';
import { openSqliteStorage } from '../store/dialect/sqlite/index.ts';

export interface EmbeddedOptions {
  /** `sqlite:/path/to/file.db` or `sqlite::memory:`. */
  readonly databaseUrl: string;
  readonly resultsPath: string;
  readonly journalsPath: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => number;
  /** Hears of recovered journals and of ones that cannot be read. */
  readonly onNotice: (level: number, message: string) => void;
}

export interface Embedded {
  readonly client: OstinatoClient;
}

export function openEmbedded(options: EmbeddedOptions): Embedded {
  const storage = openSqliteStorage({ path: sqlitePath(options.databaseUrl) });
  const useCases = createUseCases({
    storage, clock: options.clock, ids: options.ids, random: options.random,
    liveness: (process: ProcessRecord) => livenessOf(process, options.clock.now()),
  });
  const client = createInProcessClient(useCases, {
    results: new ResultFiles(options.resultsPath),
    description: `in process, ${storage.description}`,
    close: async () => { await storage.close(); },
  });
  return { client };
}

/** @throws `unsupported` for a database that this version has no dialect for */
function sqlitePath(url: string): string {
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  throw new OstinatoError('unsupported', `The database ${url.replace(/\/\/[^@/]*@/, '//…@')} is not SQLite, and this version speaks no other.`, { remedy: 'Set OSTINATO_DATABASE_URL to sqlite:/path/to/file.db, or unset it.' });
}
