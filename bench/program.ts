/** Runs programs to measure: synchronously, so that nothing of this process runs beside them. */

import { spawnSync } from 'node:child_process';

/** The slowest thing that is waited for, a server's first start on a busy machine, takes a tenth of it. */
const TIMEOUT_MS = 15 * 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to a clean environment, see `cleanEnvironment`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Ended {
  /** From before the process was made until it had ended. */
  readonly microseconds: number;
  readonly stdout: string;
}

/** @throws Error when it fails, with the end of what it said */
export function runProgram({ command, args, env = {}, cwd }: Program): Ended {
  const startedAt = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    env: { ...cleanEnvironment(), ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const microseconds = (performance.now() - startedAt) * 1000;
  if (error || status !== 0) {
    throw new Error(
      `${[command, ...args].join(' ')} ended with ${error?.message ?? signal ?? status}:\n${(stderr + stdout).trim().slice(-4000)}`,
      { cause: error },
    );
  }
  return { microseconds, stdout };
}

/** What a program says about itself: JSON in its last line. */
export function reportOf<T>({ stdout }: Ended): T {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw new Error(`a benchmark program ended without a report; its last line was: ${line}`, { cause });
  }
}

/** Nothing that the person who starts the benchmark has set may speed up, slow down or connect what is measured. */
export function cleanEnvironment(): Record<string, string> {
  const unwanted = /^(OSTINATO_|PREFECT_|NODE_|PYTHON|npm_|VIRTUAL_ENV$|FORCE_COLOR$)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !unwanted.test(entry[0]),
    ),
  );
}
