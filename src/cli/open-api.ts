/** The API for commands that need more than runs: of the configured server, else of the embedded database. */
import { Transport } from '../client/http/transport.ts';
import { parseWire } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';
import { createIdSource } from '../platform/ids.ts';
import { thisUser } from '../platform/this-user.ts';
import { packageVersion } from '../platform/package-version.ts';
import { systemRandom } from '../platform/random.ts';
import { addressOf } from '../sdk/open-http.ts';
import { warnings } from './open-client.ts';
import { loadSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** The source of live events. */
export type Live =
  | { readonly kind: 'socket'; readonly url: string; readonly secret: string | null }
  | { readonly kind: 'store'; readonly api: StoredEvents };

/** Stored events in commit order, in the API's format. */
export interface StoredEvents {
  newestEventSeq(): Promise<number>;
  readEvents(afterSeq: number, limit: number): Promise<{ readonly events: readonly unknown[]; readonly seq: number }>;
}

export interface ApiContext {
  readonly api: Transport;
  readonly live: Live;
  readonly clock: Clock;
  readonly terminal: Terminal;
}

/** Opens the API, runs the work, and closes it in any case. */
export async function withApi<T>(terminal: Terminal, work: (context: ApiContext) => Promise<T>): Promise<T> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  const ids = createIdSource();
  const common = {
    timeoutSeconds: values.apiTimeoutSeconds,
    version: packageVersion(),
    by: thisUser(),
    clock,
    ids,
    random: systemRandom,
  };
  if (values.apiUrl !== null) {
    const { apiUrl, authString } = addressOf(values.apiUrl);
    const secret = values.apiAuthString ?? authString;
    const api = new Transport({ ...common, apiUrl, authString: secret, apiKey: values.apiKey, fetch });
    return await work({
      api,
      clock,
      terminal,
      live: { kind: 'socket', url: apiUrl.replace(/^http/, 'ws'), secret: secret ?? values.apiKey },
    });
  }
  const { openLocalApi, LOCAL_API_URL } = await import('../server/local-api.ts');
  const local = await openLocalApi({
    databaseUrl: values.databaseUrl,
    home: values.home,
    encryptionKeys: values.serverEncryptionKeys,
    notificationTargets: values.serverNotificationTargets,
    notificationGateways: values.serverNotificationGateways,
    notificationPython: values.serverNotificationPython,
    clock,
    ids,
    random: systemRandom,
    onNotice: warnings(terminal),
  });
  try {
    const api = new Transport({
      ...common,
      apiUrl: LOCAL_API_URL,
      authString: null,
      apiKey: null,
      fetch: (url, init) => local.fetch(url, init),
    });
    return await work({ api, clock, terminal, live: { kind: 'store', api: local } });
  } finally {
    await local.close();
  }
}

/** Parses JSON so that numbers which JavaScript would change are written again as they were. */
export function exactJson(text: string): unknown {
  return parseWire(text).exact;
}

/** The answer to a GET; `null` for 404. */
export async function askOrNull(api: Transport, path: string): Promise<unknown> {
  const { status, text } = await api.send({ method: 'GET', path, expected: [404] });
  return status === 404 ? null : exactJson(text);
}

export async function get(api: Transport, path: string): Promise<unknown> {
  return await api.json({ method: 'GET', path }, exactJson);
}

export async function post(api: Transport, path: string, body: unknown): Promise<unknown> {
  return await api.json({ method: 'POST', path, body: JSON.stringify(body) }, exactJson);
}

/** Checks that the answer is a list of objects. */
export function listOf(answer: unknown, what: string): readonly Record<string, unknown>[] {
  if (Array.isArray(answer)) return answer as Record<string, unknown>[];
  throw new OstinatoError('unsupported', `The server answered something else than ${what}.`, {
    remedy: 'Does OSTINATO_API_URL end with /api?',
  });
}
