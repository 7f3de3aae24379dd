/** `ostinato server start`: in this process, or in one of its own in the background. */

import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';

import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import { sleep, type Clock } from '../core/time.ts';
import { isLoopbackAddress } from '../core/web/authority.ts';
import { createClock } from '../platform/clock.ts';
import { isUnderNohup } from '../platform/hangup.ts';
import { createIdSource } from '../platform/ids.ts';
import { makeFolder } from '../platform/make-folder.ts';
import { systemRandom } from '../platform/random.ts';
import { takeServerLock, type ServerLock } from '../platform/server-lock.ts';
import { findServer, serverLogPath, type ServerRecord } from '../platform/server-record.ts';
import type { StartOptions } from './commands/server.ts';
import { isAnswering } from './server-control.ts';
import { leaveNote } from './server-note.ts';
import { failureTeller } from './server-words.ts';
import { loadSettings } from './settings.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';

const BACKGROUND_START_SECONDS = 30;
const LOOK_EVERY_MS = 50;
/** A server writes its note when it listens, some tenths of a second after it took the home. */
const NOTE_WAIT_MS = 3000;

export async function startServer(terminal: Terminal, options: StartOptions): Promise<void> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  const running = findServer(values.home, clock.now());
  if (running !== null) throw runsAlready(running);
  refuseStrangers(options, values.serverAuthString);
  if (options.background) await startInBackground(terminal, values.home, clock);
  else await serveHere(terminal, options, values, clock);
}

function runsAlready(running: ServerRecord | null): OstinatoError {
  const which = running === null ? ' (it is just starting)' : ` at ${running.url} (process ${running.pid} on ${running.host})`;
  return new OstinatoError('conflict', `A server of this home runs already${which}.`, {
    remedy: '`ostinato server stop` ends it; another OSTINATO_HOME has a server of its own.',
  });
}

/** Of many that start at once one gets the home; the others wait a little, to be able to say where it is. */
async function takeHome(home: string, clock: Clock): Promise<ServerLock> {
  const lock = takeServerLock(home);
  if (lock !== null) return lock;
  let running: ServerRecord | null = null;
  for (let waitedMs = 0; running === null && waitedMs < NOTE_WAIT_MS; waitedMs += LOOK_EVERY_MS) {
    await sleep(clock, LOOK_EVERY_MS);
    running = findServer(home, clock.now());
  }
  throw runsAlready(running);
}

/** A server that others can reach and that asks for nothing gives everybody the rights of this user. */
function refuseStrangers({ host, allowAnonymous }: StartOptions, authString: string | null): void {
  if (isLoopbackAddress(host) || authString !== null || allowAnonymous) return;
  throw new OstinatoError('bad-input', `At ${host} everybody who reaches this machine could use the server, and no auth string is set.`, {
    remedy: 'Set OSTINATO_SERVER_AUTH_STRING=user:password, listen at 127.0.0.1, or say --allow-anonymous.',
  });
}

async function serveHere(terminal: Terminal, options: StartOptions, values: ReturnType<typeof loadSettings>['values'], clock: Clock): Promise<void> {
  workWithoutOutput();
  const lock = await takeHome(values.home, clock);
  const { serve } = await import('../server/serve.ts');
  const server = await serve({
    databaseUrl: options.database === undefined ? values.databaseUrl : absoluteDatabase(options.database, terminal.workingDirectory),
    home: values.home, host: options.host, port: options.port, authString: values.serverAuthString,
    silentSeconds: values.serverSilentRunsSeconds,
    retention: {
      runsSeconds: values.retentionRuns, logsSeconds: values.retentionLogs, artifactsSeconds: values.retentionArtifacts, resultsSeconds: values.retentionResults,
      resultsPath: values.resultsPath,
    },
    csrfProtection: values.serverCsrfProtection, allowedHosts: values.serverAllowedHosts, corsAllowedOrigins: values.serverCorsAllowedOrigins,
    encryptionKeys: values.serverEncryptionKeys, buildPages: values.serverBuildPages,
    clock, ids: createIdSource(), random: systemRandom,
    onNotice: (message) => terminal.err(`${message}\n`),
    onFailure: failureTeller((line) => terminal.err(line), clock),
  });
  const ended = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    // A closed terminal: in good order, too, but for a server that was to outlive it.
    process.on('SIGHUP', () => { if (!isUnderNohup()) resolve(); });
  });
  const takeNoteAway = leaveNote(values.home, { url: server.url, database: server.database, startedAt: clock.now() }, (line) => terminal.err(line));
  terminal.err(welcome(server.url, server.database));
  await ended;
  terminal.err('Stopping: what is under way is answered first.\n');
  await server.close();
  takeNoteAway();
  lock.release();
}

function absoluteDatabase(url: string, workingDirectory: string): string {
  const path = /^sqlite:(?!:memory:)(?:\/\/(?=\/))?([^/].*)$/.exec(url)?.[1];
  return path === undefined ? url : `sqlite:${workingDirectory}/${path}`;
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

/** The same command without `--background`, detached, its words in the log of the home. */
async function startInBackground(terminal: Terminal, home: string, clock: Clock): Promise<void> {
  makeFolder(home);
  const logPath = serverLogPath(home);
  const log = openSync(logPath, 'w', 0o600);
  const words = process.argv.slice(1).filter((word) => word !== '--background');
  const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', log, log], cwd: terminal.workingDirectory, env: terminal.environment });
  let exitCode: number | null = null;
  child.on('exit', (code) => (exitCode = code ?? 1));
  for (let waitedMs = 0; waitedMs < BACKGROUND_START_SECONDS * 1000; waitedMs += LOOK_EVERY_MS) {
    await sleep(clock, LOOK_EVERY_MS);
    const server = findServer(home, clock.now());
    if (server !== null && server.pid === child.pid && (await isAnswering(server.url))) {
      child.unref();
      terminal.out(`Ostinato serves at ${server.url} (process ${server.pid}).\nIts words are in ${logPath}; \`ostinato server stop\` ends it.\n`);
      // Whoever opens the browser now should not wonder.
      const pages = /^The pages are being built.*$/m.exec(lastWords(logPath))?.[0];
      if (pages !== undefined) terminal.out(`${pages}\n`);
      return;
    }
    if (exitCode !== null) throw new OstinatoError(exitCode === CONFLICT ? 'conflict' : 'store-unavailable', `The server ended at once. It said:\n${lastWords(logPath)}`);
  }
  child.kill('SIGTERM');
  throw new OstinatoError('timed-out', `The server did not answer within ${BACKGROUND_START_SECONDS} s. It said:\n${lastWords(logPath)}`);
}

const CONFLICT = ERROR_CODES.conflict.exitCode;
const LAST_WORDS_MAX = 2000;

function lastWords(logPath: string): string {
  return readFileSync(logPath, 'utf8').slice(-LAST_WORDS_MAX).trim() || '(nothing)';
}
