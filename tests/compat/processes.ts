/** Programs that run beside a test: their own folder and environment, what they say kept, an end by process id. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The end of what a program says tells why it failed. */
const OUTPUT_CHARACTERS_MAX = 200_000;
const STOP_TIMEOUT_MS = 15_000;

export interface Program {
  readonly command: string;
  readonly words: readonly string[];
  readonly folder: string;
  /** All of it: nothing of this process's environment comes along. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Ended {
  /** `null` when a signal ended it, also ours after the time was over. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  readonly hasEnded: () => boolean;
  readonly said: () => string;
  /** Asks it and all that it started to end, and after a while ends them. */
  stop(): Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** In a process group of its own, so that what the program starts ends with it. */
export function start({ command, words, folder, environment }: Program): Running {
  const child = spawn(command, words, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr, over] = ['', '', false];
  child.stdout
    .setEncoding('utf8')
    .on('data', (text: string) => (stdout = (stdout + text).slice(-OUTPUT_CHARACTERS_MAX)));
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-OUTPUT_CHARACTERS_MAX)));
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The whole group has ended.
    }
  };
  const killNow = (): void => kill('SIGKILL');
  process.once('exit', killNow);
  const ended = new Promise<Ended>((resolve) => {
    const end = (exitCode: number | null): void => {
      over = true;
      killNow();
      process.off('exit', killNow);
      resolve({ exitCode, stdout, stderr });
    };
    child.once('error', (error) => {
      stderr += String(error);
      end(null);
    });
    child.once('exit', killNow.bind(null));
    child.once('close', (code) => end(code));
  });
  const stop = async (): Promise<Ended> => {
    kill('SIGTERM');
    await Promise.race([ended, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    killNow();
    return ended;
  };
  return { ended, hasEnded: () => over, said: () => stdout + stderr, stop, kill };
}

export async function run(program: Program, timeoutMs: number): Promise<Ended> {
  const running = start(program);
  const timer = setTimeout(() => running.kill('SIGKILL'), timeoutMs);
  try {
    return await running.ended;
  } finally {
    clearTimeout(timer);
  }
}

export function findFreePort(): Promise<number> {
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
