/** `ostinato server stop` and `status`: for the server that has its record in this home. */

import { OstinatoError } from '../core/errors.ts';
import { secondsBetween, sleep, formatInstant } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';
import { findServer, isWithinReach, type ServerRecord } from '../platform/server-record.ts';
import { printResult, type OutputFormat } from './output.ts';
import { loadSettings } from './settings.ts';
import { renderFacts } from './table.ts';
import type { Terminal } from './terminal.ts';

const LOOK_EVERY_MS = 50;
/** Milliseconds; a server that takes longer is not healthy. */
const ANSWER_MS_MAX = 5000;

/** Whether the API reports that it is healthy. */
export async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return response.ok;
  } catch {
    return false;
  }
}

export async function stopServer(terminal: Terminal, timeoutSeconds: number): Promise<void> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  const server = findServer(values.home, clock.now());
  if (server === null) throw noServer();
  if (!isWithinReach(server, clock.now())) throw outOfReach(server);
  process.kill(server.pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < timeoutSeconds * 1000; waitedMs += LOOK_EVERY_MS) {
    await sleep(clock, LOOK_EVERY_MS);
    if (findServer(values.home, clock.now()) === null) {
      terminal.out(`The server at ${server.url} (process ${server.pid}) has ended.\n`);
      return;
    }
  }
  throw new OstinatoError('timed-out', `The server (process ${server.pid}) has not ended within ${timeoutSeconds} s.`, {
    remedy: `Give it more --timeout, or end it by force: kill -9 ${server.pid}. Nothing that it acknowledged is lost.`,
  });
}

export interface StatusOptions {
  readonly output: OutputFormat;
  readonly wait?: boolean;
  readonly timeout: number;
}

export async function showServerStatus(
  terminal: Terminal,
  { output, wait = false, timeout }: StatusOptions,
): Promise<void> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  const begun = clock.now();
  for (;;) {
    const server = findServer(values.home, clock.now());
    const isWell = server !== null && (await isAnswering(server.url));
    if (isWell || !wait || secondsBetween(begun, clock.now()) >= timeout) {
      report(terminal, output, server, isWell, server === null ? 0 : secondsBetween(server.startedAt, clock.now()));
      if (!isWell) process.exitCode = 1;
      return;
    }
    await sleep(clock, LOOK_EVERY_MS);
  }
}

function report(
  terminal: Terminal,
  output: OutputFormat,
  server: ServerRecord | null,
  isWell: boolean,
  upSeconds: number,
): void {
  const status = server === null ? 'not running' : isWell ? 'answering' : 'not answering';
  const json = {
    status,
    url: server?.url ?? null,
    pid: server?.pid ?? null,
    database: server?.database ?? null,
    started: server && formatInstant(server.startedAt),
    up_seconds: server && Math.round(upSeconds),
  };
  printResult(terminal, output, json, () =>
    server === null
      ? 'No server runs in this home. Start one: ostinato server start'
      : renderFacts(
          [
            ['status', status],
            ['url', server.url],
            ['process', String(server.pid)],
            ['database', server.database],
            ['up', `${Math.round(upSeconds)} s`],
          ],
          terminal,
        ),
  );
}

function outOfReach({ host, pid, url }: ServerRecord): OstinatoError {
  return new OstinatoError(
    'unsupported',
    `The server at ${url} is process ${pid} of ${host}, in another container or on another machine that shares this home.`,
    { remedy: 'End it there.' },
  );
}

function noServer(): OstinatoError {
  return new OstinatoError('not-found', 'No server runs in this home.', {
    remedy: 'Start one: ostinato server start. A server of another home is found with that OSTINATO_HOME.',
  });
}
