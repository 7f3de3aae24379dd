/** The served composition: database, use cases and the HTTP API in one process. */

import type { AddressInfo } from 'node:net';

import { addHeaders } from '../api/answering.ts';
import { createApi } from '../api/app.ts';
import { forgeryCheck } from '../api/csrf.ts';
import { describeApi } from '../api/description.ts';
import type { Operation } from '../api/operation.ts';
import { HookReceiver } from '../api/hooks/receiver.ts';
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
import { withExitReasons } from '../platform/exit-reason.ts';
import { describeThisProcess, livenessOf } from '../platform/process-liveness.ts';
import { actingOf } from './acting.ts';
import { administrationOf } from './administration.ts';
import { blockKeeping } from './blocks.ts';
import { gracefulClose } from './graceful-close.ts';
import { messengersOf, type MessengerOptions } from './messengers.ts';
import { openStorage } from './open-storage.ts';
import { readiness } from './readiness.ts';
import { placeOfPages, startPagesBuild, type PagesBuild } from './pages-build.ts';
import { servePages } from './pages.ts';
import { reachOf } from './reach.ts';
import { journalRecovery } from './recovery.ts';
import { guardedRunInputs } from './run-inputs.ts';
import { tellServerNews } from './server-news.ts';
import { startServices } from './services.ts';
import { openStreams, type Streams } from './streams.ts';

export interface ServeOptions extends MessengerOptions {
  /** `sqlite:/path/to/file.db`, `sqlite::memory:` or `postgresql://user@host/database`. */
  readonly databaseUrl: string;
  /** Folder with the journals of embedded runs, which a dead process may have left. */
  readonly home: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `user:password` that callers must send; `null`: no authentication. */
  readonly authString: string | null;
  /** Whether every write must have a CSRF token. Default `false`. */
  readonly csrfProtection?: boolean;
  /** Further host names of the server, such as that of a proxy in front of it. Default: none. */
  readonly allowedHosts?: readonly string[] | null;
  /**
   * Origins of pages that may use the server besides its own, for instance `https://app.example.com`. Default: none.
   */
  readonly corsAllowedOrigins?: readonly string[] | null;
  /** Encrypts the secrets of blocks: keys in base64, the one in force first. Default: a key file in the home. */
  readonly encryptionKeys?: string | null;
  /** What is forgotten, and when. Default: nothing. */
  /** A run of another client whose heartbeats have stopped for so long is ended; absent or `null`: none is. */
  readonly silentSeconds?: number | null;
  /** Whether the server looks at the triggers of automations. Default `true`. */
  readonly automationTriggers?: boolean;
  readonly retention?: RetentionSettings & { readonly resultsPath: string };
  /** Whether this server does what automations order. Default `true`. */
  readonly automationActions?: boolean;
  /** Whether it writes events of its own start and end. Default `false`. */
  readonly tellsOfItself?: boolean;
  /** Whether the pages are built when a checkout has none, or older ones. Default `false`. */
  readonly buildPages?: boolean;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => number;
  /** Called for failures of the server. */
  readonly onFailure: (message: string, error: unknown) => void;
  /** Called with messages for the log. */
  readonly onNotice: (message: string) => void;
}

export interface Server {
  /** For instance `http://127.0.0.1:4200`. */
  readonly url: string;
  /** For instance `sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly database: string;
  /** Answers requests in progress, for 5 s at most, then closes sockets and database. */
  close(): Promise<void>;
}

const OWN_PATHS = API_PREFIX + OWN_PREFIX;

export async function serve(options: ServeOptions): Promise<Server> {
  const { clock, ids, random } = options;
  // Sent to clients: a change tells them that what they wrote may be lost.
  let opening: string = ids.next();
  let streams: Streams | null = null;
  const { storage, path } = await openStorage({
    databaseUrl: options.databaseUrl,
    onNotice: options.onNotice,
    onReplaced: () => {
      opening = ids.next();
      streams?.comeAgain();
    },
  });
  const recovery = journalRecovery({
    storage,
    clock,
    folder: openJournalFolder(journalsPath(options.home)),
    owner: { ...describeThisProcess(), processId: ids.next() },
    onNotice: (_level, message) => options.onNotice(message),
  });
  const taskQueues = new TaskQueues(clock);
  const runInputs = guardedRunInputs();
  const acting = actingOf(messengersOf(options));
  const useCases = createUseCases({
    storage,
    clock,
    ids,
    random,
    recoverProcess: () => recovery.beforeJudging(),
    blockKeeping: blockKeeping(options.home, options.encryptionKeys ?? null),
    liveness: withExitReasons(journalsPath(options.home), livenessSince(clock.now(), clock)),
    runInputs,
    userTexts: runInputs,
    actions: acting.ports,
    onTaskScheduled: (run) => taskQueues.enqueue(run),
  });
  const administration = administrationFor(options, storage);
  const reach = reachOf(options);
  const operations = apiOperations({
    useCases,
    clock,
    ids,
    version: packageVersion(),
    taskWorkers: taskQueues,
    administration,
    ready: readiness({ storage, clock, path }),
  });
  const app = createApi({
    operations: describedOperations(operations),
    gate: {
      authString: options.authString,
      reach,
      forgeryCheck: administration.csrfProtection ? forgeryCheck(useCases) : undefined,
    },
    onFailure: (error, { method, url }) => options.onFailure(`${method} ${url} failed`, error),
    hooks: new HookReceiver({ useCases, clock, ids }),
    answersFirst: true,
  });
  tellWhichStore(app, () => opening);
  const closeGracefully = gracefulClose(app);
  const pages = pagesOf(options);
  servePages(app, pages.folder, pages);
  streams = openStreams(app.server, { ...options, storage, useCases, taskQueues, reach });
  try {
    await app.listen({ host: options.host, port: options.port });
    pages.startBuild();
  } catch (error) {
    await streams.close();
    await app.close();
    await storage.close();
    throw cannotListen(error, options);
  }
  const blockTypes = useCases
    .installBlockTypes()
    .catch((error: unknown) => options.onFailure('The block types of the server were not installed', error));
  const { onFailure, silentSeconds = null, automationActions = true } = options;
  const retention = retentionOf(options, storage, useCases);
  const services = startServices({ ...options, storage, useCases, retention, silentSeconds, ...hears(streams) });
  const { port, address } = app.server.address() as AddressInfo;
  reach.listensAt(address);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}`;
  const news = options.tellsOfItself === true ? tellServerNews({ ...options, useCases }, url) : null;
  if (automationActions) acting.start({ storage, useCases, clock, onFailure, url, operations });
  return {
    url,
    database: storage.description,
    async close() {
      pages.stop();
      await services.stop();
      await acting.stop();
      await blockTypes;
      await streams.close();
      await runInputs.close();
      await closeGracefully();
      await news?.stopped();
      await storage.close();
    },
  };
}

function administrationFor(options: ServeOptions, { description }: Storage) {
  const { host, port, home, authString, csrfProtection = false, corsAllowedOrigins } = options;
  return administrationOf({
    host,
    port,
    home,
    database: description,
    authString,
    csrfProtection,
    corsAllowedOrigins: corsAllowedOrigins ?? [],
  });
}

function hears(streams: Streams) {
  return { onScheduled: () => streams.lookForDue() };
}

/** Adds the header by which our clients notice that another database is there. */
function tellWhichStore(app: ReturnType<typeof createApi>, opening: () => string): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith(OWN_PATHS)) addHeaders(reply, { [STORE_HEADER]: opening() });
    done();
  });
}

function pagesOf({ buildPages = false, onNotice }: ServeOptions) {
  const { folder, root } = placeOfPages();
  let build: PagesBuild | null = null;
  return {
    folder,
    get state() {
      return build?.state ?? 'missing';
    },
    startBuild: () => {
      if (buildPages && root !== null) build = startPagesBuild({ root, onNotice });
    },
    stop: () => build?.stop(),
  };
}

function retentionOf({ retention, clock }: ServeOptions, storage: Storage, useCases: UseCases): Retention | null {
  if (
    retention === undefined ||
    [retention.runsSeconds, retention.logsSeconds, retention.artifactsSeconds, retention.resultsSeconds].every(
      (seconds) => seconds === null,
    )
  )
    return null;
  return new Retention({
    settings: retention,
    storage,
    clock,
    results: new ResultShelf(retention.resultsPath),
    deleteFlowRun: (id) => useCases.deleteFlowRun(id),
    deleteArtifact: (id) => useCases.deleteArtifact(id),
  });
}

function describedOperations(operations: readonly Operation[]): readonly Operation[] {
  return [...operations, describeApi(operations, packageVersion())];
}

/**
 * While the server was away no process could send heartbeats: one that is only known by them has a lease's time from
 * the server's start.
 */
function livenessSince(startedAt: Instant, clock: Clock) {
  return (process: ProcessRecord) =>
    livenessOf({ ...process, heartbeatAt: Math.max(process.heartbeatAt, startedAt) as Instant }, clock.now());
}

function cannotListen(error: unknown, { host, port }: ServeOptions): unknown {
  const errno = error instanceof Error && 'code' in error ? error.code : '';
  if (errno === 'EADDRINUSE') {
    return new OstinatoError('conflict', `Port ${port} of ${host} is in use by another program.`, {
      remedy: 'Choose another --port; 0 takes a free one.',
      cause: error,
    });
  }
  if (errno === 'EACCES' || errno === 'EADDRNOTAVAIL' || errno === 'ENOTFOUND') {
    return new OstinatoError('bad-input', `Nothing can listen at ${host}:${port}: ${(error as Error).message}.`, {
      remedy: 'Choose an address of this machine and a port above 1023.',
      cause: error,
    });
  }
  return error;
}
