/** The connection from a worker thread or child process to the program that started it. */

import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import type { ParentChannel } from '../core/isolate.ts';
import { importModule } from './user-modules.ts';

/** Milliseconds that a computing child may outlive a program that was killed. */
const PARENT_LOOK_MS = 500;

export function connectToParent(): ParentChannel {
  return parentPort && !isMainThread ? connectThread(parentPort) : connectProcess(Number(process.argv[2]));
}

const importFile: ParentChannel['importFile'] = async (path) => importModule(path).finished;

function connectThread(port: NonNullable<typeof parentPort>): ParentChannel {
  return {
    importFile,
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    onUncaught: (listener) =>
      void process.once('uncaughtException', (error) => {
        listener(error);
        process.exit(1);
      }),
  };
}

function connectProcess(parentPid: number): ParentChannel {
  // The program handles Ctrl-C, and asks its tasks to stop in its own way.
  process.on('SIGINT', () => {});
  process.once('disconnect', () => killOwnGroup());
  watchParent(parentPid);
  return {
    importFile,
    post: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', listener),
    onUncaught: (listener) =>
      void process.once('uncaughtException', (error) => {
        console.error(error);
        listener(error);
        // Messages are sent in order: when this one is sent, so is what the listener posted.
        process.send?.({ type: 'end' }, () => process.exit(1));
      }),
  };
}

function killOwnGroup(): void {
  if (process.platform === 'win32') process.exit(1);
  process.kill(-process.pid, 'SIGKILL');
}

/** In a thread, because a body that blocks the main thread does not notice the closed channel. */
function watchParent(parentPid: number): void {
  if (process.platform === 'win32') return;
  const code = `setInterval(() => { if (process.ppid !== ${parentPid}) process.kill(-process.pid, 'SIGKILL'); }, ${PARENT_LOOK_MS});`;
  new Worker(code, { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
}
