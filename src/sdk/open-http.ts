/** The client over HTTP with this machine's clock, disk and network. */

import { openHttpClient, type HttpClient, type HttpOptions } from '../client/http/open.ts';
import type { IdSource, ProcessId } from '../core/ids.ts';
import type { Clock, Instant } from '../core/time.ts';
import { checksum } from '../platform/hash.ts';
import { cachePath, journalsPath, outboxesPath, setAsidePath } from '../platform/home.ts';
import { openJournalFolder } from '../platform/journal-folder.ts';
import { thisUser } from '../platform/this-user.ts';
import { packageVersion } from '../platform/package-version.ts';
import { describeThisProcess, livenessOf } from '../platform/process-liveness.ts';
import { systemRandom } from '../platform/random.ts';
import { ResultFiles } from '../platform/result-files.ts';
import type { SettingValues } from '../platform/settings.ts';
import { TextFolder } from '../platform/text-files.ts';

export interface HttpHomeOptions {
  readonly apiUrl: string;
  readonly values: Pick<SettingValues, 'home' | 'resultsPath' | 'apiAuthString' | 'apiKey' | 'apiTimeoutSeconds'>;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** The process's id in the files that it leaves behind; default: a new id. */
  readonly processId?: ProcessId;
  readonly onNotice: (level: number, message: string) => void;
  readonly onBack?: () => void;
  readonly onRetell?: HttpOptions['onRetell'];
}

export function openHttpHome({
  apiUrl: given,
  values,
  clock,
  ids,
  processId,
  onNotice,
  onBack,
  onRetell,
}: HttpHomeOptions): HttpClient {
  const mark = describeThisProcess();
  const { apiUrl, authString } = addressOf(given);
  return openHttpClient({
    apiUrl,
    authString: values.apiAuthString ?? authString,
    apiKey: values.apiKey,
    timeoutSeconds: values.apiTimeoutSeconds,
    version: packageVersion(),
    by: thisUser(),
    clock,
    ids,
    random: systemRandom,
    fetch,
    checksum,
    results: new ResultFiles(values.resultsPath),
    cache: new TextFolder(cachePath(values.home)),
    setAside: new TextFolder(setAsidePath(values.home)),
    owner: { ...mark, processId: processId ?? ids.next<ProcessId>() },
    outboxes: openJournalFolder(outboxesPath(values.home)),
    journals: openJournalFolder(journalsPath(values.home)),
    // Whether the owner of a file is dead. Owners on another host of a shared home are left to that host.
    isDead: (owner) =>
      owner.host === mark.host && !livenessOf({ ...owner, heartbeatAt: 0 as Instant }, clock.now()).alive,
    onNotice,
    ...(onBack ? { onBack } : {}),
    ...(onRetell ? { onRetell } : {}),
  });
}

/** Separates the user name and password from an address: they are sent as credentials, and never shown. */
export function addressOf(given: string): { readonly apiUrl: string; readonly authString: string | null } {
  const url = new URL(given);
  if (url.username === '') return { apiUrl: given, authString: null };
  const authString = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { apiUrl: url.href.replace(/\/+$/, ''), authString };
}
