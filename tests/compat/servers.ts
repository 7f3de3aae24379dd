/** The two servers that the clients are driven against: ours, and Prefect's own to record what it says. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { REFERENCE } from './clients.ts';
import { findFreePort, start, type Program } from './processes.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
/** Prefect's first start makes a database, which took 20 s on two busy cores. */
const START_TIMEOUT_MS = 120_000;

export interface Server {
  /** Ends in `/api`. */
  readonly apiUrl: string;
  readonly said: () => string;
  stop(): Promise<void>;
}

/**
 * @param settings further variables of the server's environment
 * @param database its address; default: a file in the folder
 */
export async function startOstinato(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  database = `sqlite:${join(folder, 'server.db')}`,
): Promise<Server> {
  const port = await findFreePort();
  return startServer(port, {
    command: process.execPath,
    words: [LAUNCHER, 'server', 'start', '--host', '127.0.0.1', '--port', String(port), '--database', database],
    folder,
    environment: {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: folder,
      OSTINATO_HOME: join(folder, 'ostinato'),
      OSTINATO_SERVER_BUILD_PAGES: 'false',
      ...settings,
    },
  });
}

/** Whatever happens, the server is stopped. */
export async function withServer<T>(starting: Promise<Server>, use: (server: Server) => Promise<T>): Promise<T> {
  const server = await starting;
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** Settings that make it tell sooner what it has recorded, and let logs be followed. */
const PREFECT_SERVER_SETTINGS = {
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL: '0.5',
  PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED: 'true',
  PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED: 'true',
  DO_NOT_TRACK: '1',
};

/** @param template a database that an earlier start made, or where to keep the one that this start makes */
export async function startPrefect(folder: string, template: string): Promise<Server> {
  const port = await findFreePort();
  const home = join(folder, 'prefect-server');
  mkdirSync(home, { recursive: true });
  if (existsSync(template)) copyFileSync(template, join(home, 'prefect.db'));
  const server = await startServer(port, {
    command: REFERENCE.python,
    words: ['-m', 'prefect', 'server', 'start', '--host', '127.0.0.1', '--port', String(port)],
    folder,
    environment: { PATH: process.env['PATH'] ?? '', HOME: folder, PREFECT_HOME: home, ...PREFECT_SERVER_SETTINGS },
  });
  if (existsSync(template)) return server;
  // A whole copy needs the server at rest.
  await server.stop();
  copyFileSync(join(home, 'prefect.db'), template);
  return startPrefect(folder, template);
}

async function startServer(port: number, program: Program): Promise<Server> {
  const apiUrl = `http://127.0.0.1:${port}/api`;
  const running = start(program);
  for (
    const deadline = performance.now() + START_TIMEOUT_MS;
    performance.now() < deadline && !running.hasEnded();
    await delay(100)
  ) {
    const response = await fetch(`${apiUrl}/health`).catch(() => null);
    if (response?.ok === true) return { apiUrl, said: running.said, stop: async () => void (await running.stop()) };
  }
  await running.stop();
  throw new Error(
    `The server did not come up: ${[program.command, ...program.words].join(' ')}\n${running.said().slice(-4000)}`,
  );
}

/** What the client's command line needs to work with a server, in a home of its own. @param python of the client */
export function clientEnvironment(python: string, folder: string, apiUrl: string): Readonly<Record<string, string>> {
  return {
    PATH: `${dirname(python)}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    NO_COLOR: '1',
    PREFECT_API_URL: apiUrl,
    PREFECT_HOME: join(folder, 'prefect-home'),
    PREFECT_CLI_PROMPT: 'false',
    PREFECT_WORKER_QUERY_SECONDS: '1',
    DO_NOT_TRACK: '1',
  };
}

/** What a server answers, also when it refuses: what is asked for may not be there yet. */
export async function answerOf<T>(apiUrl: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}
