/** The client for commands: opened from the settings, closed when the command ends. */
import type { OstinatoClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';
import { journalsPath } from '../platform/home.ts';
import { createIdSource } from '../platform/ids.ts';
import { systemRandom } from '../platform/random.ts';
import type { SettingValues } from '../platform/settings.ts';
import { loadSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface CommandContext {
  readonly client: OstinatoClient;
  readonly clock: Clock;
  readonly terminal: Terminal;
}

export interface ContextOptions {
  /** Mark lost runs before the command reads, so that it shows their real state. Default true. */
  readonly lookAfterLostRuns?: boolean;
}

/** Opens the client, runs the work, and closes it in any case. */
export async function withClient<T>(
  terminal: Terminal,
  work: (context: CommandContext) => Promise<T>,
  { lookAfterLostRuns = true }: ContextOptions = {},
): Promise<T> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  const client =
    values.apiUrl === null
      ? await openStore(terminal, values, clock)
      : await openServer(terminal, values, values.apiUrl, clock);
  try {
    if (lookAfterLostRuns) await reap(client, terminal);
    return await work({ client, clock, terminal });
  } finally {
    await client.close();
  }
}

async function openStore(terminal: Terminal, values: SettingValues, clock: Clock): Promise<OstinatoClient> {
  const { openEmbedded } = await import('../server/embedded.ts');
  const { client } = await openEmbedded({
    databaseUrl: values.databaseUrl,
    resultsPath: values.resultsPath,
    journalsPath: journalsPath(values.home),
    clock,
    ids: createIdSource(),
    random: systemRandom,
    onNotice: warnings(terminal),
  });
  return client;
}

async function openServer(
  terminal: Terminal,
  values: SettingValues,
  apiUrl: string,
  clock: Clock,
): Promise<OstinatoClient> {
  const { openHttpHome } = await import('../sdk/open-http.ts');
  return await openHttpHome({ apiUrl, values, clock, ids: createIdSource(), onNotice: warnings(terminal) }).connect();
}

export function warnings(terminal: Terminal): (level: number, message: string) => void {
  return (level, message) => {
    if (level >= LOG_LEVELS.warning) warn(terminal, message);
  };
}

async function reap(client: OstinatoClient, terminal: Terminal): Promise<void> {
  try {
    await client.reapLostRuns();
  } catch (error) {
    // Reading works where writing does not: a full disk must not keep people from looking at runs.
    if (!OstinatoError.is(error)) throw error;
    warn(terminal, `Runs whose process is gone could not be marked: ${error.message}`);
  }
}

export function warn(terminal: Terminal, message: string): void {
  terminal.err(`${terminal.styleErr('yellow', 'Warning:')} ${message}\n`);
}
