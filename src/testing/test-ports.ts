/**
 * The composition for tests: the real rules, use cases and engine over a store in memory (or in a folder), with time,
 * ids, chance and processes in the test's hand. `createTestWorld` and the simulation stand on it.
 */

import { join } from 'node:path';
import { createInProcessClient } from '../client/in-process.ts';
import { Journal } from '../client/journal.ts';
import { JOURNAL_VERSION } from '../client/journal-payload.ts';
import { recoverJournals } from '../client/journal-recovery.ts';
import type { OstinatoClient, ResultStore } from '../client/port.ts';
import type { JournalFolder } from '../core/append-file.ts';
import type { IdSource, ProcessId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import { instantFromMs, type Clock } from '../core/time.ts';
import { provideEngine } from '../engine/all-loaded.ts';
import type { EnginePorts, EngineSettings, RunObserver } from '../engine/ports.ts';
import { supervisorOf } from '../engine/supervisor.ts';
import { createUseCases, type UseCases } from '../orchestrator/use-cases.ts';
import { captureCallSite } from '../platform/call-sites.ts';
import { checksum, hashText } from '../platform/hash.ts';
import { createLargeParts } from '../platform/large-parts.ts';
import { openJournalFolder } from '../platform/journal-folder.ts';
import { livenessOf } from '../platform/process-liveness.ts';
import { seededRandom } from '../platform/random.ts';
import { ResultFiles } from '../platform/result-files.ts';
import { isolateHost } from '../sdk/isolate-host.ts';
import { controlInProcess } from '../server/control-in-process.ts';
import { openSqliteStorage } from '../store/dialect/sqlite/index.ts';
import type { Storage } from '../store/port.ts';
import { Faults, type Fault } from './faults.ts';
import { MemoryJournals } from './memory-journals.ts';
import { MemoryResults } from './memory-results.ts';
import { createSeededIds } from './seeded-ids.ts';
import { clockOfProcess, createRealTestClock, type ClockMode, type TestClock } from './test-clock.ts';
import { watchedIsolates } from './test-isolates.ts';
import { mortalClient, MortalRecorder, type TestProcess } from './test-process.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface TestPortsOptions {
  /** Same seed, same ids, names and draws. Default 1. */
  readonly seed?: number | undefined;
  /** Default `virtual`; or a clock of your own. */
  readonly clock?: ClockMode | TestClock | undefined;
  /** Where a virtual or manual clock starts. Default 2030-01-01T00:00:00Z. */
  readonly startAt?: Date | undefined;
  /**
   * Keeps database, results and journals in this folder, so that they outlive the world and other programs can read
   * them. Default: memory.
   */
  readonly folder?: string | undefined;
  readonly faults?: readonly Fault[] | undefined;
  readonly settings?: Partial<EngineSettings> | undefined;
  /** Watch the runs of every process. */
  readonly observers?: readonly RunObserver[] | undefined;
  /** A disk of your own for the journals: one that is full, or loses power. */
  readonly journals?: JournalFolder | undefined;
  /** Puts something between use cases and store: a store that is full, slow, or counts. */
  readonly wrapStorage?: ((storage: Storage) => Storage) | undefined;
  /** Puts something between a process and the use cases: messages that are late, lost or doubled. */
  readonly wrapClient?: ((client: OstinatoClient, process: ProcessId) => OstinatoClient) | undefined;
}

/** For running a whole suite by another way to the store: stands below what a world's own options put in between. */
export const everyWorld: {
  wrapClient?: (client: OstinatoClient, process: ProcessId, clock: Clock, useCases: UseCases) => OstinatoClient;
} = {};

export interface TestPorts {
  readonly clock: TestClock;
  readonly ids: IdSource;
  readonly random: () => number;
  readonly storage: Storage;
  readonly results: ResultStore;
  readonly faults: Faults;
  /** For looking at the store from outside: works whatever process lives. */
  readonly client: OstinatoClient;
  /** A new process on the same store; earlier ones go on until they crash. */
  startProcess(): TestProcess;
  /** Brings what dead processes had promised into the store, as the next start would. */
  recover(): Promise<void>;
  /** Ends every process in good order where it is idle, by force where not, and closes the store. */
  close(): Promise<void>;
}

const START_AT = new Date('2030-01-01T00:00:00Z');
const HOST = 'test-host';
/** As the product has them, but for what only concerns a machine. */
const SETTINGS: EngineSettings = {
  durability: 'process',
  concurrency: 100,
  cancelGraceSeconds: 10,
  captureConsole: true,
  logLevel: LOG_LEVELS.debug,
  persistResults: true,
};

export function createTestPorts(options: TestPortsOptions = {}): TestPorts {
  provideEngine();
  const seed = options.seed ?? 1;
  const clock = openClock(options);
  const random = seededRandom(seed);
  const ids = createSeededIds(clock, seededRandom(seed + 0x5eed));
  const opened: Storage = openSqliteStorage({
    path: options.folder === undefined ? ':memory:' : join(options.folder, 'ostinato.db'),
  });
  const storage = options.wrapStorage?.(opened) ?? opened;
  const results = options.folder === undefined ? new MemoryResults() : new ResultFiles(join(options.folder, 'results'));
  const faults = new Faults(options.faults ?? []);
  const processes = new Map<ProcessId, TestProcess>();
  const liveness = (record: ProcessRecord): { alive: boolean; evidence: string } => {
    const known = processes.get(record.id);
    if (!known && record.host === HOST)
      return { alive: false, evidence: `Process ${record.pid} belonged to a test's world that is over.` };
    if (!known) return livenessOf(record, clock.now());
    return known.alive
      ? { alive: true, evidence: `Process ${record.pid} answers.` }
      : { alive: false, evidence: `Process ${record.pid} on ${record.host} is gone: the test ended it.` };
  };
  const journals =
    options.journals ??
    (options.folder === undefined ? new MemoryJournals() : openJournalFolder(join(options.folder, 'journals')));
  const recover = async (): Promise<void> => {
    await recoverJournals({
      folder: journals,
      checksum,
      self: { processId: 'recovery', pid: 0, host: HOST, startMark: null },
      store: storage.description,
      isDead: (owner) => processes.get(owner.processId as ProcessId)?.alive !== true,
      replay: (records, logs) => storage.writeTaskRuns(records, logs),
      flushStore: () => storage.flush(),
    });
  };
  const useCases = createUseCases({ storage, clock, ids, random, liveness, recoverProcess: recover });
  const client = createInProcessClient(useCases, {
    results,
    control: controlInProcess(() => useCases, clock),
    description: `test world, ${storage.description}`,
    close: async () => {},
  });
  const parts: ProcessParts = { options, clock, ids, random, faults, client, useCases, journals, storage };
  return {
    clock,
    ids,
    random,
    storage,
    results,
    faults,
    client,
    recover,
    startProcess: () => {
      const process = startProcess(parts, processes.size + 1);
      processes.set(process.id, process);
      return process;
    },
    close: async () => {
      for (const process of processes.values()) await endWell(process);
      clock.stop();
      await storage.close();
    },
  };
}

function openClock({ clock = 'virtual', startAt = START_AT }: TestPortsOptions): TestClock {
  if (typeof clock === 'object') return clock;
  return clock === 'real' ? createRealTestClock() : new VirtualClock(instantFromMs(startAt.getTime()), clock);
}

interface ProcessParts {
  readonly options: TestPortsOptions;
  readonly clock: TestClock;
  readonly ids: IdSource;
  readonly random: () => number;
  readonly faults: Faults;
  readonly client: OstinatoClient;
  readonly useCases: UseCases;
  readonly journals: JournalFolder;
  readonly storage: Storage;
}

function startProcess(parts: ProcessParts, pid: number): TestProcess {
  const { options, ids, random, faults, storage } = parts;
  const id = ids.next<ProcessId>();
  const own = clockOfProcess(parts.clock);
  const isolates = watchedIsolates(isolateHost(), parts.clock);
  const { promise: crashed, resolve: tellCrashed } = Promise.withResolvers<void>();
  const life = {
    ended: false,
    end(): void {
      if (life.ended) return;
      life.ended = true;
      own.end();
      void isolates.endAll().then(tellCrashed);
    },
  };
  const way = everyWorld.wrapClient?.(parts.client, id, own.clock, parts.useCases) ?? parts.client;
  const reached = options.wrapClient?.(way, id) ?? way;
  const client = mortalClient(reached, life);
  const clock: Clock = own.clock;
  const callSites = { capture: captureCallSite };
  const now = clock.now();
  const header = {
    processId: id,
    pid,
    host: HOST,
    startMark: null,
    version: JOURNAL_VERSION,
    store: storage.description,
  };
  const journal = new Journal({ folder: parts.journals, header, clock, checksum });
  const recorder = new MortalRecorder({ client, journal, flushStore: () => storage.flush(), clock, ids }, life, faults);
  const ports: EnginePorts = {
    client,
    recorder,
    clock,
    ids,
    random,
    hash: hashText,
    largeParts: createLargeParts(),
    callSites,
    process: { id, pid, host: HOST, startMark: null, command: 'test', startedAt: now, heartbeatAt: now },
    isolates: isolates.host,
    settings: { ...SETTINGS, ...options.settings },
    observers: (options.observers ?? []).map((observer) => whileAlive(observer, life)),
    injectFault: (task) => (life.ended ? new Promise(() => {}) : faults.injector(clock, life.end)(task)),
  };
  return {
    id,
    ports,
    crashed,
    door: { ids, clock, callSites, open: () => (life.ended ? new Promise(() => {}) : ports) },
    get alive() {
      return !life.ended;
    },
    crash: life.end,
  };
}

function whileAlive(observer: RunObserver, life: { readonly ended: boolean }): RunObserver {
  return {
    flowRunChanged: (...news) => {
      if (!life.ended) observer.flowRunChanged?.(...news);
    },
    taskRunChanged: (...news) => {
      if (!life.ended) observer.taskRunChanged?.(...news);
    },
    mapProgressed: (...news) => {
      if (!life.ended) observer.mapProgressed?.(...news);
    },
    logged: (...news) => {
      if (!life.ended) observer.logged?.(...news);
    },
    noticed: (...news) => {
      if (!life.ended) observer.noticed?.(...news);
    },
  };
}

/** A process with runs in flight cannot be waited for: it ends as by force, and the next world finds its runs lost. */
async function endWell(process: TestProcess): Promise<void> {
  if (!process.alive) return;
  const supervisor = supervisorOf(process.ports);
  if (supervisor.activeCount === 0) {
    await process.ports.recorder.close();
    await supervisor.close();
  }
  process.crash();
  await process.crashed;
}
