/**
 * Worker threads and child processes.
 *
 * 1. A child process is the leader of a process group of its own, where the system has them: ending it ends what it
 *    started.
 * 2. No child outlives the program: it ends when its channel closes, and a watching thread in it notices a program that
 *    was killed even while the child computes without a pause.
 */

import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import type { Isolate, IsolateHost } from '../core/isolate.ts';

/**
 * How a child process differs from the program: Node flags, and whether its output (V8's last words, too) is dropped.
 */
export interface ChildOptions {
  readonly flags?: readonly string[];
  readonly isSilent?: boolean;
}

/** @param entry the module that runs inside: it connects with `parent-channel.ts` */
export function createIsolateHost(entry: URL, child: ChildOptions = {}): IsolateHost {
  return {
    parallelism: availableParallelism(),
    spawn: (kind) => (kind === 'thread' ? startThread(entry) : startProcess(entry, child)),
  };
}

// Node's modules for threads and processes take 4 ms to load, which most programs never need.
function startThread(entry: URL): Isolate {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const worker = new Worker(entry, { env: isolateEnvironment() });
  let failure: string | undefined;
  worker.on('error', (error: Error & { code?: string }) => {
    failure = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : `${error.name}: ${error.message}`;
  });
  return {
    pid: null,
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onExit: (listener) => void worker.once('exit', (code) => listener(failure ?? `exit code ${code}`)),
    terminate: async () => void (await worker.terminate()),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

function startProcess(entry: URL, { flags = [], isSilent = false }: ChildOptions): Isolate {
  const { fork } = process.getBuiltinModule('node:child_process');
  const child = fork(fileURLToPath(entry), [String(process.pid)], {
    serialization: 'advanced',
    detached: process.platform !== 'win32',
    stdio: isSilent ? ['ignore', 'ignore', 'ignore', 'ipc'] : ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...isolateFlags(), ...flags],
    env: isolateEnvironment(),
  });
  endWithProgram(child);
  let endedWhy: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    // An error after the start is a failed message: the exit follows.
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
  });
  void exited.then((why) => {
    endedWhy = why;
  });
  return {
    pid: child.pid ?? null,
    post: (message) => {
      if (endedWhy === undefined && child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void exited.then(listener),
    terminate: async () => {
      if (endedWhy === undefined) {
        killTree(child);
        // Who waits for the end of a child that keeps nothing alive would end before it: Node exits with code 13 then.
        child.ref();
      }
      await exited;
    },
    ref: () => {
      child.ref();
      child.channel?.ref();
    },
    unref: () => {
      child.unref();
      child.channel?.unref();
    },
  };
}

function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

const alive = new Set<ChildProcess>();

/** `process.exit()` leaves no time for channels to close, so children are ended on exit. */
function endWithProgram(child: ChildProcess): void {
  if (alive.size === 0) process.on('exit', killAll);
  alive.add(child);
  child.once('exit', () => {
    alive.delete(child);
    if (alive.size === 0) process.off('exit', killAll);
  });
}

function killAll(): void {
  for (const child of alive) killTree(child);
}

/** The program's flags without those that a child must not repeat: debug ports, and test runner flags. */
function isolateFlags(): string[] {
  return process.execArgv.filter((flag) => !/^--(inspect|test|watch|experimental-test|cpu-prof|heap-prof)/.test(flag));
}

function isolateEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  return rest;
}
