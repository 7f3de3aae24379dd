/** `ostinato server start`: in this process, or in a background process. */

import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';

import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import { sleep, type Clock } from '../core/time.ts';
import { isLoopbackAddress } from '../core/web/authority.ts';
import { createClock } from '../platform/clock.ts';
import { diskError } from '../platform/disk-errors.ts';
import { isUnderNohup } from '../platform/hangup.ts';
import { createIdSource } from '../platform/ids.ts';
import { makeFolder } from '../platform/make-folder.ts';
import { systemRandom } from '../platform/random.ts';
import type { FileLock } from '../platform/file-lock.ts';
import { takeServerLock } from '../platform/server-lock.ts';
import { parseSetting } from '../platform/settings.ts';
import { findServer, serverLogPath, type ServerRecord } from '../platform/server-record.ts';
import type { StartOptions } from './commands/server.ts';
import { isAnswering } from './server-control.ts';
import { leaveNote } from './server-note.ts';
import { failureTeller } from './server-messages.ts';
import { loadSettings } from './settings.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';

const BACKGROUND_START_SECONDS = 30;
const LOOK_EVERY_MS = 50;
/**
 * Seconds to wait for a server's record, which is written when it listens: some tenths of a second after it took the
 * lock, much later on a busy machine.
 */
const NOTE_WAIT_SECONDS = 30;
const NOTE_SAID_SECONDS = 2;

export async function startServer(terminal: Terminal, options: StartOptions): Promise<void> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  // Parsed like the setting, which it overrides.
  const database =
    options.database === undefined
      ? undefined
      : (parseSetting(
          'databaseUrl',
          options.database,
          terminal.workingDirectory,
          'the option --database',
          'For instance: --database sqlite:runs.db',
        ) as string);
  const running = findServer(values.home, clock.now());
  if (running !== null) throw runsAlready(running);
  refuseStrangers(options, values.serverAuthString);
  if (options.background) await startInBackground(terminal, values.home, clock);
  else await serveHere(terminal, { ...options, ...(database === undefined ? {} : { database }) }, values, clock);
}

function runsAlready(running: ServerRecord | null): OstinatoError {
  const which =
    running === null ? ' (it is just starting)' : ` at ${running.url} (process ${running.pid} on ${running.host})`;
  return new OstinatoError('conflict', `A server of this home runs already${which}.`, {
    remedy: '`ostinato server stop` ends it; another OSTINATO_HOME has a server of its own.',
  });
}

/**
 * Of several starting servers one gets the home; the others wait until they can print its URL. If it ends before it
 * serves, the next one gets the home.
 */
async function takeHome(home: string, clock: Clock, onNotice: (message: string) => void): Promise<FileLock> {
  const startedAt = clock.now();
  for (let isSaid = false; ;) {
    const lock = takeServerLock(home);
    if (lock !== null) return lock;
    const running = findServer(home, clock.now());
    const waitedSeconds = (clock.now() - startedAt) / 1_000_000;
    if (running !== null || waitedSeconds > NOTE_WAIT_SECONDS) throw runsAlready(running);
    if (!isSaid && waitedSeconds > NOTE_SAID_SECONDS) {
      isSaid = true;
      onNotice('Another server of this home is just starting. Waiting for it …');
    }
    await sleep(clock, LOOK_EVERY_MS);
  }
}

/** Refuses to listen for other machines without authentication: everybody would have the rights of this user. */
function refuseStrangers({ host, allowAnonymous }: StartOptions, authString: string | null): void {
  if (isLoopbackAddress(host) || authString !== null || allowAnonymous) return;
  throw new OstinatoError(
    'bad-input',
    `At ${host} everybody who reaches this machine could use the server, and no auth string is set.`,
    { remedy: 'Set OSTINATO_SERVER_AUTH_STRING=user:password, listen at 127.0.0.1, or say --allow-anonymous.' },
  );
}

async function serveHere(
  terminal: Terminal,
  options: StartOptions,
  values: ReturnType<typeof loadSettings>['values'],
  clock: Clock,
): Promise<void> {
  workWithoutOutput();
  const lock = await takeHome(values.home, clock, (message) => terminal.err(`${message}\n`));
  const { serve } = await import('../server/serve.ts');
  const server = await serve({
    databaseUrl: options.database ?? values.databaseUrl,
    home: values.home,
    host: options.host,
    port: options.port,
    authString: values.serverAuthString,
    silentSeconds: values.serverSilentRunsSeconds,
    automationTriggers: values.serverAutomationTriggers,
    retention: {
      runsSeconds: values.retentionRuns,
      logsSeconds: values.retentionLogs,
      artifactsSeconds: values.retentionArtifacts,
      resultsSeconds: values.retentionResults,
      resultsPath: values.resultsPath,
    },
    csrfProtection: values.serverCsrfProtection,
    allowedHosts: values.serverAllowedHosts,
    corsAllowedOrigins: values.serverCorsAllowedOrigins,
    encryptionKeys: values.serverEncryptionKeys,
    automationActions: values.serverAutomationActions,
    notificationTargets: values.serverNotificationTargets,
    notificationGateways: values.serverNotificationGateways,
    notificationPython: values.serverNotificationPython,
    buildPages: values.serverBuildPages,
    tellsOfItself: true,
    clock,
    ids: createIdSource(),
    random: systemRandom,
    onNotice: (message) => terminal.err(`${message}\n`),
    onFailure: failureTeller((line) => terminal.err(line), clock),
  });
  const ended = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    // A closed terminal stops the server gracefully, unless it was started to outlive its terminal.
    process.on('SIGHUP', () => {
      if (!isUnderNohup()) resolve();
    });
  });
  const takeNoteAway = leaveNote(
    values.home,
    { url: server.url, database: server.database, startedAt: clock.now() },
    (line) => terminal.err(line),
  );
  terminal.err(welcome(server.url, server.database));
  await ended;
  terminal.err('Stopping: what is under way is answered first.\n');
  await server.close();
  takeNoteAway();
  lock.release();
}

function welcome(url: string, database: string): string {
  return [
    `Ostinato serves at ${url}`,
    '',
    `  pages      ${url}`,
    `  API        ${url}/api   (description: ${url}/docs)`,
    `  database   ${database}`,
    '',
    'Point flows at it:',
    `  TypeScript   export OSTINATO_API_URL=${url}/api`,
    `  Python       export PREFECT_API_URL=${url}/api`,
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function openLog(home: string, logPath: string): number {
  try {
    makeFolder(home);
    return openSync(logPath, 'w', 0o600);
  } catch (error) {
    throw diskError(error, "open the server's log", logPath);
  }
}

/** Starts the same command without `--background`, detached, with its output in the home's log. */
async function startInBackground(terminal: Terminal, home: string, clock: Clock): Promise<void> {
  const logPath = serverLogPath(home);
  const log = openLog(home, logPath);
  const words = process.argv.slice(1).filter((word) => word !== '--background');
  const child = spawn(process.execPath, words, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: terminal.workingDirectory,
    env: terminal.environment,
  });
  let exitCode: number | null = null;
  child.on('exit', (code) => (exitCode = code ?? 1));
  for (let waitedMs = 0; waitedMs < BACKGROUND_START_SECONDS * 1000; waitedMs += LOOK_EVERY_MS) {
    await sleep(clock, LOOK_EVERY_MS);
    const server = findServer(home, clock.now());
    if (server !== null && server.pid === child.pid && (await isAnswering(server.url))) {
      child.unref();
      terminal.out(
        `Ostinato serves at ${server.url} (process ${server.pid}).\nIts words are in ${logPath}; \`ostinato server stop\` ends it.\n`,
      );
      // Tells people who open the browser now why the pages are not there yet.
      const pages = /^The pages are being built.*$/m.exec(exitReason(logPath))?.[0];
      if (pages !== undefined) terminal.out(`${pages}\n`);
      return;
    }
    if (exitCode !== null)
      throw new OstinatoError(
        exitCode === CONFLICT ? 'conflict' : 'store-unavailable',
        `The server ended at once. It said:\n${exitReason(logPath)}`,
        { remedy: `All that it said is in ${logPath}.` },
      );
  }
  child.kill('SIGTERM');
  throw new OstinatoError(
    'timed-out',
    `The server did not answer within ${BACKGROUND_START_SECONDS} s. It said:\n${exitReason(logPath)}`,
    { remedy: `All that it said is in ${logPath}. Without --background it says so at once.` },
  );
}

const CONFLICT = ERROR_CODES.conflict.exitCode;
const EXIT_REASON_CHARACTERS_MAX = 2000;

function exitReason(logPath: string): string {
  return readFileSync(logPath, 'utf8').slice(-EXIT_REASON_CHARACTERS_MAX).trim() || '(nothing)';
}
