/** The composed HTTP client: for programs that run flows, and for commands that only read. */

import type { JournalFolder } from '../../core/append-file.ts';
import { OstinatoError } from '../../core/errors.ts';
import { LOG_LEVELS } from '../../core/log.ts';
import type { ProcessId } from '../../core/ids.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { Instant } from '../../core/time.ts';
import type { RecordSink } from '../delivery.ts';
import type { Checksum } from '../journal-frames.ts';
import { JOURNAL_VERSION, type JournalHeader, type JournalOwner } from '../journal-payload.ts';
import { recoverJournals } from '../journal-recovery.ts';
import type { OstinatoClient, ResultStore } from '../port.ts';
import { CacheBook, type TextFiles } from './cache-book.ts';
import { greet } from './greet.ts';
import { HeldRuns } from './held-runs.ts';
import { Link } from './link.ts';
import { Outbox } from './outbox.ts';
import { recoverOutboxes, type RecoverOutboxes } from './outbox-recovery.ts';
import type { OutboxEntry, Remote } from './remote.ts';
import { StepMemory } from './steps.ts';
import { createTolerantClient } from './tolerant-client.ts';
import { Transport, Unavailable, type TransportParts } from './transport.ts';

export interface HttpOptions extends TransportParts {
  readonly results: ResultStore;
  readonly cache: TextFiles;
  /** Where entries that the server refuses are kept for people. */
  readonly setAside: TextFiles;
  /** The identity of this process, written into journals and outboxes. */
  readonly owner: JournalOwner;
  /** Folder of the outboxes; `null`: in memory only. */
  readonly outboxes: JournalFolder | null;
  /** Where this home's processes keep finished steps. */
  readonly journals: JournalFolder | null;
  readonly checksum: Checksum;
  readonly isDead: (owner: JournalOwner) => boolean;
  readonly onNotice: (level: number, message: string) => void;
  /** Called when the server is back: whatever waits for it should try now. */
  readonly onBack?: () => void;
  /** Called when the server has another database than before: sends it the records again that it may have lost. */
  readonly onRetell?: (sink: RecordSink) => Promise<void>;
}

export interface HttpClient {
  /** For programs that run flows: goes on while the server is away. */
  readonly client: OstinatoClient;
  /**
   * For commands that only read: every request goes to the server. @throws `server-unavailable`, `access-denied`,
   * `unsupported`
   */
  connect(): Promise<OstinatoClient>;
  readonly steps: StepMemory;
  /** The server that records in this process's journal are for. */
  readonly store: string;
  /**
   * Sends the server what it has not been told yet, if it answers within a short time; returns what remains. Call it
   * before the recorder is closed.
   */
  sync(): Promise<SyncReport>;
  /** Sends the server what processes of this home that are gone could not tell it. @throws `server-unavailable` */
  recover(): Promise<void>;
}

export interface SyncReport {
  readonly isUp: boolean;
  /** Entries and records of earlier processes that were sent since this client was opened. */
  readonly recovered: number;
  /** Entries in this process's outbox. */
  readonly waiting: number;
}

/**
 * Milliseconds of retrying while a run waits for an answer: enough for a server that restarts, short for one that is
 * gone.
 */
const RUN_PATIENCE_MS = 3_000;
const CONNECT_TRIALS_MAX = 10;
/** Seconds that a process waits for an absent server before it ends. */
const LAST_WAIT_SECONDS = 2;

class HttpHome {
  readonly #options: HttpOptions;
  readonly transport: Transport;
  readonly cache: CacheBook;
  readonly outbox: Outbox;
  readonly link: Link<Remote>;
  readonly steps = new StepMemory();
  readonly held: HeldRuns;
  #remote: Remote | null = null;
  process: ProcessRecord | null = null;
  #store: string | null = null;
  /** The database may be older than the one that was told before. */
  #isAnotherStore = false;
  #retelling: Promise<void> | null = null;
  #retold = 0;
  recovered = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
    const { clock, ids, random, checksum } = options;
    this.transport = new Transport({ ...options, onStore: (store) => this.#sawStore(store) });
    this.cache = new CacheBook(options.cache);
    const header: JournalHeader = { ...options.owner, version: JOURNAL_VERSION, store: options.apiUrl };
    this.outbox = new Outbox({
      folder: options.outboxes,
      header,
      checksum,
      tell: (entry) => this.#tell(entry),
      onRefused: (entry, error) => this.#refused(entry, error),
      onProblem: (error) =>
        options.onNotice(LOG_LEVELS.error, `What the server has to hear is kept in memory only: ${messageOf(error)}`),
    });
    this.held = new HeldRuns({ clock, ids, random, outbox: this.outbox, steps: this.steps });
    this.link = new Link<Remote>({
      clock,
      random,
      greet: () => this.#greet(),
      catchUp: (server) => this.#catchUp(server),
      isBehind: () => this.outbox.size > 0,
      onAway: (error) => this.#away(error),
      onBack: () => {
        options.onNotice(
          LOG_LEVELS.info,
          `The server at ${options.apiUrl} answers again; it has been told what it missed.`,
        );
        options.onBack?.();
      },
    });
  }

  async #greet(): Promise<Remote> {
    const patienceMs = this.link.isAway ? 0 : RUN_PATIENCE_MS;
    const found = await greet(this.#options, this.transport, { patienceMs, askMs: RUN_PATIENCE_MS });
    // The ids that were learned from a server of this kind stay valid when the same server comes back.
    if (this.#remote === null || this.#remote.kind !== found.kind) this.#remote = found.connect(this.cache);
    return this.#remote;
  }

  /** The server's database was replaced or restored while the link stayed up. */
  #sawStore(store: string): void {
    const isAnother = this.#store !== null && this.#store !== store;
    this.#store = store;
    if (!isAnother || this.process === null) return;
    this.#isAnotherStore = true;
    const server = this.#remote;
    if (server !== null && this.link.isUp) void this.retell(server).catch(() => undefined);
  }

  /** Grows each time a server with another database was told our runs; `null` while one has yet to be told. */
  get retold(): number | null {
    return this.#isAnotherStore || this.#retelling !== null ? null : this.#retold;
  }

  /** Concurrent calls share one attempt. @throws `Unavailable`: then it is repeated when the link is up again */
  retell(server: Remote): Promise<void> {
    return (this.#retelling ??= this.#retell(server).finally(() => {
      this.#retelling = null;
    }));
  }

  async #retell(server: Remote): Promise<void> {
    this.#isAnotherStore = false;
    try {
      await this.#reclaim(server);
      await this.#options.onRetell?.((records, logs) => server.recordTaskRuns(records, logs));
      this.#retold += 1;
    } catch (error) {
      this.#isAnotherStore = true;
      throw error;
    }
  }

  async #reclaim(server: Remote): Promise<void> {
    // A snapshot: a run that ends meanwhile is told by its end.
    const held = this.held.all();
    if (this.process !== null)
      await server.registerProcess({ ...this.process, heartbeatAt: this.#options.clock.now() });
    await server.reclaim?.(held);
  }

  async #catchUp(server: Remote): Promise<void> {
    if (this.#isAnotherStore) await this.retell(server);
    else await this.#reclaim(server);
    await this.#recoverOutboxes(server);
    await this.outbox.drain();
    await this.#recoverJournals(server);
  }

  async recover(): Promise<void> {
    const server = await this.link.server();
    if (server === null) throw this.link.reason;
    await this.#recoverOutboxes(server);
    await this.#recoverJournals(server);
  }

  async #recoverOutboxes(server: Remote): Promise<void> {
    const { outboxes, checksum, owner, apiUrl, isDead, onNotice } = this.#options;
    if (outboxes === null) return;
    const told = await this.#recoveredOf({
      folder: outboxes,
      checksum,
      self: owner,
      store: apiUrl,
      isDead,
      tell: (entry) => this.#tell(entry),
      onRefused: (entry, error) => this.#refused(entry, error),
      onFound: ({ processId, pid, host, startMark }) =>
        introduce(server, {
          pid,
          host,
          startMark,
          id: processId as ProcessId,
          command: '',
          startedAt: LONG_AGO,
          heartbeatAt: this.#options.clock.now(),
        }),
      onUnfinished: async (run) => await server.endLost?.(run, 'Its process is gone, and had not told how it went on.'),
    });
    this.recovered += told;
    if (told > 0)
      onNotice(
        LOG_LEVELS.info,
        `${told} changes of earlier processes, which the server had missed, are recorded there now.`,
      );
  }

  /** Files that cannot be read are reported, and do not stop the recovery. */
  async #recoveredOf(request: RecoverOutboxes): Promise<number> {
    try {
      return await recoverOutboxes(request);
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      this.#options.onNotice(
        LOG_LEVELS.error,
        `What earlier processes had to tell the server cannot be read: ${messageOf(error)}`,
      );
      return 0;
    }
  }

  async #recoverJournals(server: Remote): Promise<void> {
    const { journals, checksum, owner, apiUrl, isDead, onNotice } = this.#options;
    if (journals === null) return;
    const report = await recoverJournals({
      folder: journals,
      checksum,
      self: owner,
      store: apiUrl,
      isDead,
      replay: (records, logs) => (server.retellTaskRuns ?? server.recordTaskRuns)(records, logs),
      flushStore: () => undefined,
    });
    for (const { outcome, message, records, error } of report) {
      // The server went away during this entry: this one and the rest are sent the next time.
      if (error instanceof Unavailable) throw error;
      this.recovered += records;
      if (outcome !== 'recovered' || records > 0)
        onNotice(outcome === 'recovered' ? LOG_LEVELS.info : LOG_LEVELS.error, message);
    }
  }

  async #tell(entry: OutboxEntry): Promise<void> {
    await this.#remote?.replay(entry);
  }

  #refused(entry: OutboxEntry, error: unknown): void {
    const { setAside, ids, onNotice } = this.#options;
    const name = ids.next();
    void (async () => setAside.write(name, JSON.stringify(entry)))().catch((reason: unknown) =>
      onNotice(LOG_LEVELS.error, `It could not be kept: ${messageOf(reason)}`),
    );
    onNotice(
      LOG_LEVELS.error,
      `The server will not take a change (${describe(entry)}); it is set aside as ${name}: ${messageOf(error)}`,
    );
  }

  #away(error: Unavailable): void {
    // Commands that only read report the error themselves.
    if (this.process === null) return;
    this.#options.onNotice(LOG_LEVELS.warning, `${error.message} Runs go on without it; it is told when it is back.`);
  }

  async sync(): Promise<SyncReport> {
    if (this.link.isAway || this.outbox.size > 0) {
      const isUp = await this.link.lookNow();
      if (!isUp) await this.link.whenUp(LAST_WAIT_SECONDS);
    }
    return { isUp: !this.link.isAway, recovered: this.recovered, waiting: this.outbox.size };
  }

  async connect(): Promise<OstinatoClient> {
    let server = await this.link.server();
    // Something answers there, but the connection is unreliable.
    for (let trial = 1; server === null && this.link.reason.isAmbiguous && trial < CONNECT_TRIALS_MAX; trial += 1) {
      await this.link.lookNow();
      server = await this.link.server();
    }
    if (server === null) throw this.link.reason;
    return { ...server, results: this.#options.results, close: () => this.close() };
  }

  async close(): Promise<void> {
    this.link.close();
    if (this.outbox.size > 0) {
      this.#options.onNotice(
        LOG_LEVELS.warning,
        `${this.outbox.size} changes that the server has not heard of are kept in ${this.outbox.description}; the next program of this home that reaches it records them, or \`ostinato sync\`.`,
      );
    }
    this.outbox.close();
  }
}

/**
 * A server that was away does not know the process. Its row lets the server find out later that the process is gone,
 * after the process's runs have been told.
 */
async function introduce(server: Remote, process: ProcessRecord): Promise<void> {
  await server.registerProcess(process);
}

const LONG_AGO = 0 as Instant;

export function openHttpClient(options: HttpOptions): HttpClient {
  const home = new HttpHome(options);
  const { link, held, outbox, cache, steps } = home;
  const { clock, ids, results, apiUrl } = options;
  const client = createTolerantClient({
    link,
    held,
    outbox,
    cache,
    steps,
    results,
    clock,
    ids,
    apiUrl,
    retold: () => home.retold,
    retell: (server) => home.retell(server),
    onRegistered: (process) => {
      home.process = process;
    },
    close: () => home.close(),
  });
  return {
    client,
    steps,
    store: apiUrl,
    connect: () => home.connect(),
    sync: () => home.sync(),
    recover: () => home.recover(),
  };
}

function describe(entry: OutboxEntry): string {
  switch (entry.kind) {
    case 'created':
      return `flow run ${entry.run.name} was made`;
    case 'moved':
      return `flow run ${entry.run.name} became ${entry.run.state.name}`;
    case 'updated':
      return `flow run ${entry.id} was changed`;
    case 'control':
      return entry.what;
    case 'cache-settled':
      return 'a cached result';
  }
}

function messageOf(error: unknown): string {
  return OstinatoError.is(error) ? `${error.message} ${error.remedy}`.trim() : String(error);
}
