/** A Prefect server on the loopback, on a database of its own, for as long as the benchmark runs. */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { cleanEnvironment } from '../program.ts';
import type { PrefectEnvironment } from './environment.ts';

/** The first start makes its database, which took 20 s where these figures were set up. */
const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 15_000;

export interface PrefectServer {
  readonly apiUrl: string;
  /** The command's; the server proper may be a child of it. */
  readonly pid: number;
  /** From the start of the process until it answered that it is well. */
  readonly startMicroseconds: number;
  /** It stands still until `resume`, and takes no processor time from what is measured meanwhile. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export async function startPrefectServer(
  { prefect }: PrefectEnvironment,
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<PrefectServer> {
  const port = await findFreePort();
  const logPath = join(folder, 'prefect-server.log');
  const log = openSync(logPath, 'w');
  const startedAt = performance.now();
  // A group of its own: the command starts the server proper as a further process, and both must end.
  const child = spawn(prefect, ['server', 'start', '--host', '127.0.0.1', '--port', String(port)], {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const { pid } = child;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch {
      /* All of the group has ended. */
    }
  };
  const killNow = (): void => signal('SIGKILL');
  process.once('exit', killNow);
  const resume = (): void => signal('SIGCONT');
  const stop = async (): Promise<void> => {
    resume();
    signal('SIGTERM');
    await Promise.race([exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    killNow();
    process.off('exit', killNow);
  };
  const apiUrl = `http://127.0.0.1:${port}/api`;
  try {
    await waitUntilHealthy(apiUrl, () => child.exitCode !== null || pid === undefined);
  } catch (cause) {
    await stop();
    throw new Error(`Prefect's server did not start:\n${readFileSync(logPath, 'utf8').trim().slice(-4000)}`, { cause });
  }
  return {
    apiUrl,
    pause: () => signal('SIGSTOP'),
    resume,
    stop,
    pid: pid as number,
    startMicroseconds: (performance.now() - startedAt) * 1000,
  };
}

async function waitUntilHealthy(apiUrl: string, hasEnded: () => boolean): Promise<void> {
  for (
    const deadline = performance.now() + START_TIMEOUT_MS;
    performance.now() < deadline && !hasEnded();
    await delay(20)
  ) {
    const response = await fetch(`${apiUrl}/health`).catch(() => null);
    if (response?.ok === true) return;
  }
  throw new Error(`${apiUrl}/health did not answer`);
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
