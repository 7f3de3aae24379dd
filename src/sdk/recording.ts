/**
 * Where the runs of this process are recorded: in the embedded store, or by a server.
 *
 * Each composition is loaded when it is wanted: a program without a server loads no HTTP client, one with a server no
 * database.
 */

import { Journal } from '../client/journal.ts';
import { JOURNAL_VERSION } from '../client/journal-payload.ts';
import type { OstinatoClient } from '../client/port.ts';
import { Recorder } from '../client/recorder.ts';
import type { OstinatoError } from '../core/errors.ts';
import type { IdSource, ProcessId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { checksum } from '../platform/hash.ts';
import { journalsPath } from '../platform/home.ts';
import { openJournalFolder } from '../platform/journal-folder.ts';
import { describeThisProcess } from '../platform/process-liveness.ts';
import { systemRandom } from '../platform/random.ts';
import type { SettingValues } from '../platform/settings.ts';

export interface RecordingRequest {
  readonly values: SettingValues;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly processId: ProcessId;
  readonly onNotice: (level: number, message: string) => void;
  readonly onProblem: (error: OstinatoError) => void;
  readonly onRecovered: () => void;
}

export interface Recording {
  readonly client: OstinatoClient;
  readonly recorder: Recorder;
  /** Called before the recorder is closed: a last try to send a server that was away what it missed. */
  readonly catchUp: () => Promise<void>;
}

export async function recordEmbedded({
  values,
  clock,
  ids,
  processId,
  onNotice,
  onProblem,
  onRecovered,
}: RecordingRequest): Promise<Recording> {
  const { openEmbedded } = await import('../server/embedded.ts');
  const late: { recorder?: Recorder } = {};
  const { client, journal, flushStore } = await openEmbedded({
    databaseUrl: values.databaseUrl,
    resultsPath: values.resultsPath,
    journalsPath: journalsPath(values.home),
    clock,
    ids,
    random: systemRandom,
    processId,
    onNotice,
    onToldAnew: async (sink) => await late.recorder?.retell(sink),
  });
  const recorder = (late.recorder = new Recorder({ client, journal, flushStore, clock, ids, onProblem, onRecovered }));
  return { client, recorder, catchUp: async () => {} };
}

export async function recordOverHttp(
  { values, clock, ids, processId, onNotice, onProblem }: RecordingRequest,
  apiUrl: string,
): Promise<Recording> {
  const { openHttpHome } = await import('./open-http.ts');
  const { RememberingRecorder } = await import('../client/http/steps.ts');
  const late: { recorder?: Recorder } = {};
  const { client, steps, store, sync } = openHttpHome({
    apiUrl,
    values,
    clock,
    ids,
    processId,
    onNotice,
    onBack: () => void late.recorder?.flush(),
    onRetell: async (sink) => await late.recorder?.retell(sink),
  });
  const header = { ...describeThisProcess(), processId, version: JOURNAL_VERSION, store };
  const journal = new Journal({ folder: openJournalFolder(journalsPath(values.home)), header, clock, checksum });
  // The link reports that the server is away, and that it is back; the recorder reports refused records.
  const recorder = (late.recorder = new RememberingRecorder(
    {
      client,
      journal,
      clock,
      ids,
      keepsFinished: true,
      onProblem: (error) => {
        if (error.code === 'store-unavailable') onNotice(LOG_LEVELS.warning, error.message);
        else if (error.code !== 'server-unavailable') onProblem(error);
      },
    },
    steps,
  ));
  return { client, recorder, catchUp: async () => void (await sync()) };
}
