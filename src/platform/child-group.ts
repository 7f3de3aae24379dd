/** A child process in a group of its own: it outlives a signal to us, and is ended with all that it has started. */

import { spawn, type ChildProcess } from 'node:child_process';

import { LineCutter } from './lines.ts';
import { findProcesses } from './process-use.ts';

export interface ChildGroupOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Its standard input: nothing (default), what is written to it once, or again and again (`stream`). */
  readonly input?: 'ignore' | 'pipe' | 'stream';
  /** Hears every line that it writes. */
  readonly onLine: (line: string, stream: OutputStream) => void;
}

export type OutputStream = 'stdout' | 'stderr';

export interface ChildEnd {
  readonly exitCode: number | null;
  /** For instance `SIGKILL`. */
  readonly signal: string | null;
  /** Why it could not be started; `null` when it was. */
  readonly problem: string | null;
}

export interface ChildGroup {
  /** `null`: it could not be started. */
  readonly pid: number | null;
  /** When it has ended itself. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** When its output was read: nobody holds its streams open any more. Never rejects. */
  readonly read: Promise<void>;
  /** Its whole input, where it has one; a part of it where that is a stream. */
  write(text: string): void;
  closeInput(): void;
  /** To all of the group. One that is not there any more is no error. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** One that cannot be started, whatever is wrong with what it is given, says so by its end. */
export function startChildGroup(options: ChildGroupOptions): ChildGroup {
  const { command, args, workingDirectory, environment, input = 'ignore', onLine } = options;
  let child: ChildProcess;
  try {
    child = spawn(command, [...args], {
      cwd: workingDirectory,
      env: environment,
      detached: true,
      stdio: [input === 'ignore' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return unstarted(error instanceof Error ? error.message : String(error));
  }
  for (const name of ['stdout', 'stderr'] as const) {
    const cutter = new LineCutter((line) => onLine(line, name));
    child[name]?.on('data', (bytes: Buffer) => cutter.take(bytes)).once('close', () => cutter.end());
  }
  // One that has ended does not read any more: that is told by its end.
  child.stdin?.on('error', () => {});
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('error', ({ message }) => resolve({ exitCode: null, signal: null, problem: message }));
    // What it has started may hold its streams open; that it has ended itself is what counts.
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, problem: null }));
  });
  const read = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const pid = child.pid ?? null;
  return {
    pid,
    ended,
    read,
    write(text) {
      if (input === 'stream') child.stdin?.write(text);
      else child.stdin?.end(text);
    },
    closeInput: () => void child.stdin?.end(),
    signal(name) {
      if (pid !== null) signalProcess(-pid, name);
    },
  };
}

/** Arguments that hold no text, or are longer than the system takes, are told by an exception. */
function unstarted(problem: string): ChildGroup {
  return {
    pid: null,
    ended: Promise.resolve({ exitCode: null, signal: null, problem }),
    read: Promise.resolve(),
    write: () => {},
    closeInput: () => {},
    signal: () => {},
  };
}

/** Ends, by force, what is left of a group, and what has left it but carries the entry. Answers how many there were. */
export function killMarked(name: string, value: string, group: number | null): number {
  const found = findProcesses(name, value, group);
  for (const pid of found) signalProcess(pid, 'SIGKILL');
  return found.length;
}

export function signalAll(pids: readonly number[], name: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) signalProcess(pid, name);
}

function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is not there any more.
  }
}
