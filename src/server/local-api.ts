/**
 * The API without a socket: the same operations, called in this process. So a command can use the embedded database
 * like a server, with the same answers, masks and refusals.
 */

import { createApi } from '../api/app.ts';
import { apiOperations } from '../api/operations.ts';
import { encodeEvent } from '../contract/encode/event.ts';
import { parseWire, wireText } from '../contract/wire-json.ts';
import type { IdSource } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { createUseCases } from '../orchestrator/use-cases.ts';
import { journalsPath } from '../platform/home.ts';
import { openJournalFolder } from '../platform/journal-folder.ts';
import { withExitReasons } from '../platform/exit-reason.ts';
import { packageVersion } from '../platform/package-version.ts';
import { isSameSignature, newLinkSecret, signLink } from '../platform/signed-links.ts';
import { describeThisProcess, livenessOf } from '../platform/process-liveness.ts';
import { openSqliteStorageInTurn } from '../store/dialect/sqlite/index.ts';
import { blockKeeping } from './blocks.ts';
import { sqlitePath } from './database-url.ts';
import { reachOf } from './reach.ts';
import { journalRecovery } from './recovery.ts';
import { messengersOf, type MessengerOptions } from './messengers.ts';
import { guardedRunInputs } from './run-inputs.ts';

export interface LocalApiOptions extends MessengerOptions {
  readonly databaseUrl: string;
  readonly home: string;
  readonly encryptionKeys: string | null;
  readonly ids: IdSource;
  readonly random: () => number;
  readonly onNotice: (level: number, message: string) => void;
}

export interface LocalApi {
  /** As the global `fetch`, for URLs that begin with `LOCAL_API_URL`. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** The number of the last committed event. */
  newestEventSeq(): Promise<number>;
  /** As the API encodes them, in commit order. */
  readEvents(afterSeq: number, limit: number): Promise<{ readonly events: readonly unknown[]; readonly seq: number }>;
  close(): Promise<void>;
}

export const LOCAL_API_URL = 'http://localhost/api';

export async function openLocalApi(options: LocalApiOptions): Promise<LocalApi> {
  const { clock, ids, random, home, onNotice } = options;
  const storage = await openSqliteStorageInTurn({
    path: sqlitePath(options.databaseUrl),
    onNotice: (message) => onNotice(LOG_LEVELS.warning, message),
  });
  const owner = { ...describeThisProcess(), processId: ids.next() } as Parameters<typeof journalRecovery>[0]['owner'];
  const recovery = journalRecovery({ storage, clock, owner, folder: openJournalFolder(journalsPath(home)), onNotice });
  // Its process starts with the first question.
  const runInputs = guardedRunInputs();
  const useCases = createUseCases({
    storage,
    clock,
    ids,
    random,
    recoverProcess: () => recovery.beforeJudging(),
    blockKeeping: blockKeeping(home, options.encryptionKeys),
    liveness: withExitReasons(journalsPath(home), (process) => livenessOf(process, clock.now())),
    runInputs,
    userTexts: runInputs,
    // For messages that test a channel: orders are acted on by a server alone.
    actions: {
      ...messengersOf(options),
      links: { newSecret: newLinkSecret, sign: signLink, isSame: isSameSignature },
      pages: () => null,
      describe: () => Promise.resolve(null),
    },
  });
  const app = createApi({
    operations: apiOperations({ useCases, clock, ids, version: packageVersion() }),
    gate: { authString: null, reach: reachOf({ host: '127.0.0.1' }), forgeryCheck: undefined },
    onFailure: (error) => onNotice(LOG_LEVELS.warning, error instanceof Error ? error.message : String(error)),
  });
  try {
    await recovery.atStart();
  } catch (error) {
    storage.close();
    throw error;
  }
  return {
    async fetch(url, { method, headers, body }) {
      const answer = await app.inject({
        method: method as 'GET',
        url: url.slice(new URL(url).origin.length),
        headers: headers as Record<string, string>,
        ...(typeof body === 'string' ? { payload: body } : {}),
      });
      return new Response(answer.statusCode === 204 ? null : answer.payload, { status: answer.statusCode });
    },
    newestEventSeq: async () => await storage.newestEventSeq(),
    async readEvents(afterSeq, limit) {
      const events = await storage.readFullEvents({ afterSeq, limit });
      return {
        events: events.map((event) => parseWire(wireText(encodeEvent(event))).exact),
        seq: events.at(-1)?.seq ?? afterSeq,
      };
    },
    async close() {
      await app.close();
      await runInputs.close();
      storage.close();
    },
  };
}
