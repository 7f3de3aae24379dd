/** The served composition: database, use cases and the HTTP API in one process. */

import type { AddressInfo } from 'node:net';

import { tell } from '../api/answering.ts';
import { createApi } from '../api/app.ts';
import { forgeryCheck } from '../api/csrf.ts';
import { describeApi } from '../api/description.ts';
import type { Operation } from '../api/operation.ts';
import { API_PREFIX } from '../api/operation.ts';
import { apiOperations } from '../api/operations.ts';
import { OWN_PREFIX, STORE_HEADER } from '../contract/own/routes.ts';
import { OstinatoError } from '../core/errors.ts';
import type { IdSource } from '../core/ids.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { Clock, Instant } from '../core/time.ts';
import type { Storage } from '../store/port.ts';
import { Retention, type RetentionSettings } from '../services/retention.ts';
import { ResultShelf } from '../platform/result-shelf.ts';
import { createUseCases, type UseCases } from '../orchestrator/use-cases.ts';
import { TaskQueues } from '../services/task-queues.ts';
import { journalsPath } from '../platform/home.ts';
import { openJournalFolder } from '../platform/journal-folder.ts';
import { packageVersion } from '../platform/package-version.ts';
import { withLastWords } from '../platform/last-words.ts';
import { describeThisProcess, livenessOf } from '../platform/process-liveness.ts';
import { openSqliteStorageInTurn } from '../store/dialect/sqlite/index.ts';
import { administrationOf } from './administration.ts';
import { blockKeeping } from './blocks.ts';
import { sqlitePath } from './database-url.ts';
import { farewellOf } from './farewell.ts';
import { readiness } from './readiness.ts';
import { placeOfPages, startPagesBuild, type PagesBuild } from './pages-build.ts';
import { servePages } from './pages.ts';
import { reachOf } from './reach.ts';
import { journalRecovery } from './recovery.ts';
import { guardedRunInputs } from './run-inputs.ts';
import { startServices } from './services.ts';
import { openStreams } from './streams.ts';

export interface ServeOptions {
  /** `sqlite:/path/to/file.db` or `sqlite::memory:`. */
  readonly databaseUrl: string;
  /** Where the journals of embedded runs are, which a process that died has left. */
  readonly home: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `user:password` that callers must show; `null`: everybody may. */
  readonly authString: string | null;
  /** Whether every write must show a token that its client has asked for. Default `false`. */
  readonly csrfProtection?: boolean;
  /** Further names of the server, such as that of a proxy in front of it. Default: none. */
  readonly allowedHosts?: readonly string[] | null;
  /** Of pages that may use the server beside its own, for instance `https://app.example.com`. Default: none. */
  readonly corsAllowedOrigins?: readonly string[] | null;
  /** Encrypts the secrets of blocks: keys in base64, the one in force first. Default: a key file in the home. */
  readonly encryptionKeys?: string | null;
  /** What is forgotten, and when. Default: nothing. */
  /** A run of another client whose heartbeats have stopped for so long is ended; absent or `null`: none is. */
  readonly silentSeconds?: number | null;
  readonly retention?: RetentionSettings & { readonly resultsPath: string };
  /** Whether the pages are built when this is a checkout that has none, or older ones. Default `false`. */
  readonly buildPages?: boolean;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => number;
  /** Hears of failures that are the server's own. */
  readonly onFailure: (message: string, error: unknown) => void;
  /** Hears what is worth a line in the log. */
  readonly onNotice: (message: string) => void;
}

export interface Server {
  /** For instance `http://127.0.0.1:4200`. */
  readonly url: string;
  /** For instance `sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly database: string;
  /** Answers what is under way, for 5 s at most, then closes sockets and database. */
  close(): Promise<void>;
}

const OWN_PATHS = API_PREFIX + OWN_PREFIX;

export async function serve(options: ServeOptions): Promise<Server> {
  const { clock, ids, random } = options;
  const path = sqlitePath(options.databaseUrl);
  // Clients see by it that what they told may be lost.
  let opening: string = ids.next();
  const storage = await openSqliteStorageInTurn({ path, groupCommits: true, onNotice: options.onNotice, onReplaced: () => { opening = ids.next(); } });
  const recoverProcess = journalRecovery({
    storage, clock, folder: openJournalFolder(journalsPath(options.home)), owner: { ...describeThisProcess(), processId: ids.next() },
    onNotice: (_level, message) => options.onNotice(message),
  });
  const taskQueues = new TaskQueues(clock);
  const runInputs = guardedRunInputs();
  const useCases = createUseCases({
    storage, clock, ids, random, recoverProcess, blockKeeping: blockKeeping(options.home, options.encryptionKeys ?? null),
    liveness: withLastWords(journalsPath(options.home), livenessSince(clock.now(), clock)), runInputs, onTaskScheduled: (run) => taskQueues.enqueue(run),
  });
  const administration = administrationOf({
    url: `http://${options.host}:${options.port}`, home: options.home, database: storage.description, authString: options.authString, csrfProtection: options.csrfProtection ?? false,
    corsAllowedOrigins: options.corsAllowedOrigins ?? [],
  });
  const reach = reachOf(options);
  const app = createApi({
    operations: describedOperations(apiOperations({ useCases, clock, ids, version: packageVersion(), taskWorkers: taskQueues, administration, ready: readiness({ storage, clock, path: path === ':memory:' ? null : path }) })),
    gate: { authString: options.authString, reach, forgeryCheck: administration.csrfProtection ? forgeryCheck(useCases) : undefined },
    onFailure: (error, { method, url }) => options.onFailure(`${method} ${url} failed`, error), answersFirst: true,
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith(OWN_PATHS)) tell(reply, { [STORE_HEADER]: opening });
    done();
  });
  const sayFarewell = farewellOf(app);
  const pages = pagesOf(options);
  servePages(app, pages.folder, pages);
  const streams = openStreams(app.server, { ...options, storage, useCases, taskQueues, reach });
  try {
    await app.listen({ host: options.host, port: options.port });
    pages.startBuild();
  } catch (error) {
    await streams.close();
    await app.close();
    storage.close();
    throw cannotListen(error, options);
  }
  const blockTypes = useCases.installBlockTypes().catch((error: unknown) => options.onFailure('The block types of the server were not installed', error));
  const services = startServices({ useCases, clock, onFailure: options.onFailure, retention: retentionOf(options, storage, useCases), silentSeconds: options.silentSeconds ?? null });
  const { port, address } = app.server.address() as AddressInfo;
  reach.listensAt(address);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    database: storage.description,
    async close() {
      pages.stop();
      await services.stop();
      await blockTypes;
      await streams.close();
      await runInputs.close();
      await sayFarewell();
      storage.close();
    },
  };
}

function pagesOf({ buildPages = false, onNotice }: ServeOptions) {
  const { folder, root } = placeOfPages();
  let build: PagesBuild | null = null;
  return {
    folder,
    get state() { return build?.state ?? 'missing'; },
    startBuild: () => { if (buildPages && root !== null) build = startPagesBuild({ root, onNotice }); },
    stop: () => build?.stop(),
  };
}

function retentionOf({ retention, clock }: ServeOptions, storage: Storage, useCases: UseCases): Retention | null {
  if (retention === undefined || [retention.runsSeconds, retention.logsSeconds, retention.artifactsSeconds, retention.resultsSeconds].every((seconds) => seconds === null)) return null;
  return new Retention({
    settings: retention, storage, clock, results: new ResultShelf(retention.resultsPath),
    deleteFlowRun: (id) => useCases.deleteFlowRun(id), deleteArtifact: (id) => useCases.deleteArtifact(id),
  });
}

function describedOperations(operations: readonly Operation[]): readonly Operation[] {
  return [...operations, describeApi(operations, packageVersion())];
}

/** While the server was away nobody could beat: a process that only its beats tell of has a lease's time, from now on, to be heard again. */
function livenessSince(startedAt: Instant, clock: Clock) {
  return (process: ProcessRecord) => livenessOf({ ...process, heartbeatAt: Math.max(process.heartbeatAt, startedAt) as Instant }, clock.now());
}

function cannotListen(error: unknown, { host, port }: ServeOptions): unknown {
  const errno = error instanceof Error && 'code' in error ? error.code : '';
  if (errno === 'EADDRINUSE') {
    return new OstinatoError('conflict', `Port ${port} of ${host} is in use by another program.`, { remedy: 'Choose another --port; 0 takes a free one.', cause: error });
  }
  if (errno === 'EACCES' || errno === 'EADDRNOTAVAIL' || errno === 'ENOTFOUND') {
    return new OstinatoError('bad-input', `Nothing can listen at ${host}:${port}: ${(error as Error).message}.`, { remedy: 'Choose an address of this machine and a port above 1023.', cause: error });
  }
  return error;
}
