/** Our server on the loopback, on a database of its own. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cleanEnvironment } from './program.ts';

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'ostinato.js');
const START_TIMEOUT_MS = 30_000;

export interface RunningServer {
  readonly apiUrl: string;
  readonly pid: number;
  /** From the start of the process until it answered that it is well. */
  readonly startMicroseconds: number;
  stop(): Promise<void>;
}

/**
 * @param userHome a user's home folder; default: that of whoever starts the benchmark, where a server may have been
 * started before
 * @param launcher default: this checkout's
 */
export async function startOurServer(home: string, userHome?: string, launcher = LAUNCHER): Promise<RunningServer> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [launcher, 'server', 'start', '--port', '0'], {
    env: {
      ...cleanEnvironment(),
      ...(userHome === undefined ? {} : { HOME: userHome, XDG_CACHE_HOME: '' }),
      OSTINATO_HOME: home,
      OSTINATO_SERVER_BUILD_PAGES: 'false',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`our server did not start:\n${said}`)), START_TIMEOUT_MS);
    child.once('exit', () => reject(new Error(`our server ended:\n${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /serves at (\S+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
  const apiUrl = `${url}/api`;
  await waitUntilWell(apiUrl);
  return {
    apiUrl,
    pid: child.pid as number,
    startMicroseconds: (performance.now() - startedAt) * 1000,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export async function waitUntilWell(apiUrl: string, timeoutMs = START_TIMEOUT_MS): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const isWell = await fetch(`${apiUrl}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (isWell) return;
    if (performance.now() > endsAt) throw new Error(`${apiUrl} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resident memory of a process. Linux only. */
export function ownResidentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

/** Resident memory of a process and of the processes that it started. Linux only. */
export function residentBytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((child) => child !== '');
  return ownResidentBytes(pid) + children.reduce((sum, child) => sum + residentBytes(Number(child)), 0);
}
