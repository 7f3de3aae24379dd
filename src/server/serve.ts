/** The served composition: database, use cases and the HTTP API in one process. */

import type { AddressInfo } from 'node:net';

import { createApi } from '../api/app.ts';
import { apiOperations } from '../api/operations.ts';
import type { IdSource } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import { createUseCases } from '../orchestrator/use-cases.ts';
import { livenessOf } from '../platform/process-liveness.ts';
import { openSqliteStorage } from '../store/dialect/sqlite/index.ts';
import { sqlitePath } from './database-url.ts';

export interface ServeOptions {
  /** `sqlite:/path/to/file.db` or `sqlite::memory:`. */
  readonly databaseUrl: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `user:password` that callers must show; `null`: everybody may. */
  readonly authString: string | null;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => number;
  /** Hears of failures that are the server's own. */
  readonly onFailure: (message: string, error: unknown) => void;
}

export interface Server {
  /** For instance `http://127.0.0.1:4200`. */
  readonly url: string;
  /** Answers what is under way, then closes sockets and database. */
  close(): Promise<void>;
}

export async function serve(options: ServeOptions): Promise<Server> {
  const { clock, ids, random } = options;
  const storage = openSqliteStorage({ path: sqlitePath(options.databaseUrl), groupCommits: true });
  const useCases = createUseCases({ storage, clock, ids, random, liveness: (process) => livenessOf(process, clock.now()) });
  const app = createApi({
    operations: apiOperations({ useCases, clock, ids }),
    guards: { authString: options.authString },
    onFailure: (error, { method, url }) => options.onFailure(`${method} ${url} failed`, error),
  });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    storage.close();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    async close() {
      await app.close();
      storage.close();
    },
  };
}
