/**
 * The embedded composition: database, use cases and client in this process, no socket.
 *
 * 1. What dead processes had promised (their journals) is in the store before the first answer.
 * 2. It is brought in again before a lost run is judged, so that a finished step is never called Crashed.
 */

import { createInProcessClient } from '../client/in-process.ts';
import { Journal } from '../client/journal.ts';
import { JOURNAL_VERSION, type JournalOwner } from '../client/journal-payload.ts';
import type { RecordSink } from '../client/delivery.ts';
import type { OstinatoClient } from '../client/port.ts';
import { tellingAnew } from '../client/telling-anew.ts';
import type { IdSource, ProcessId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { OrchestratorPorts } from '../orchestrator/ports.ts';
import { runPlane } from '../orchestrator/run-plane.ts';
import { checksum } from '../platform/hash.ts';
import { openJournalFolder } from '../platform/journal-folder.ts';
import { withExitReasons } from '../platform/exit-reason.ts';
import { describeThisProcess, livenessOf } from '../platform/process-liveness.ts';
import { ResultFiles } from '../platform/result-files.ts';
import { openEmbeddedSqlite } from '../store/dialect/sqlite/embedded.ts';
import { controlInProcess } from './control-in-process.ts';
import { sqlitePath } from './database-url.ts';
import { journalRecovery } from './recovery.ts';

export interface EmbeddedOptions {
  /** `sqlite:/path/to/file.db` or `sqlite::memory:`. */
  readonly databaseUrl: string;
  readonly resultsPath: string;
  readonly journalsPath: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => number;
  /** The process's id, written into the journal; default: a new id. */
  readonly processId?: ProcessId;
  /** Called with messages about journals that were recovered, or cannot be read. */
  readonly onNotice: (level: number, message: string) => void;
  /**
   * Another database is in the place of the one before, and the runs were written to it again: sends it other records
   * that it may lack.
   */
  readonly onToldAnew?: (sink: RecordSink) => Promise<void>;
}

export interface Embedded {
  readonly client: OstinatoClient;
  /** The journal of this process. Its files are created with the first finished step. */
  readonly journal: Journal;
  /** Makes what was committed survive a power loss. */
  readonly flushStore: () => void | Promise<void>;
}

export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { clock, ids, random } = options;
  const storage = await openEmbeddedSqlite({
    path: sqlitePath(options.databaseUrl),
    onNotice: (message) => options.onNotice(LOG_LEVELS.warning, message),
    onReplaced: () => void replaced(),
  });
  let replaced = (): unknown => undefined;
  const folder = openJournalFolder(options.journalsPath);
  const owner: JournalOwner = { ...describeThisProcess(), processId: options.processId ?? ids.next<ProcessId>() };
  const recovery = journalRecovery({ storage, folder, owner, clock, onNotice: options.onNotice });
  try {
    await recovery.atStart();
  } catch (error) {
    storage.close();
    throw error;
  }
  const ports = {
    storage,
    clock,
    ids,
    random,
    liveness: withExitReasons(options.journalsPath, (process) => livenessOf(process, clock.now())),
    recoverProcess: () => recovery.beforeJudging(),
  } satisfies OrchestratorPorts;
  const useCases = runPlane(ports);
  const telling = tellingAnew({ useCases, record: (run, states) => useCases.recordFlowRun(run, states) });
  replaced = () =>
    telling
      .tellAnew()
      .then(() => options.onToldAnew?.((records, logs) => useCases.recordTaskRuns(records, logs)))
      .catch((error: unknown) =>
        options.onNotice(
          LOG_LEVELS.warning,
          `The database that is there now was not told all of this process's runs: ${String(error)}`,
        ),
      );
  const client = createInProcessClient(telling.useCases, {
    results: new ResultFiles(options.resultsPath),
    control: controlInProcess(
      async () => (await import('../orchestrator/control-plane.ts')).controlPlane(ports),
      clock,
    ),
    description: `in process, ${storage.description}`,
    close: async () => storage.close(),
  });
  const journal = new Journal({
    folder,
    header: { ...owner, version: JOURNAL_VERSION, store: storage.description },
    clock,
    checksum,
  });
  return { client, journal, flushStore: () => storage.flush() };
}
