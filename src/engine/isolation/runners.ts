/** Runners of bodies in threads and processes of their own; what starts those is loaded with the first body. */

import { isolating } from '../loaded-later.ts';
import type { EnginePorts } from '../ports.ts';
import type { TaskRunner, TaskRunnerSession } from '../task-runner.ts';
import type { IsolateKind } from './host.ts';

export interface IsolatedOptions {
  /** Isolates at once; default: what the machine can compute at once. */
  readonly workers?: number | undefined;
}

/** As `isolatedSession`, once a body runs. */
export function sessionOfIsolates(ports: EnginePorts, kind: IsolateKind, options?: IsolatedOptions): TaskRunnerSession {
  let session: TaskRunnerSession | null = null;
  return {
    run: (work) =>
      isolating(
        ({ isolatedSession }) => (session ??= isolatedSession(ports, kind, options)).run(work) as Promise<unknown>,
      ),
    close: async () => await session?.close(),
  };
}

/**
 * Task bodies run in worker threads: for work that computes. Tasks are defined at the top level of a module, arguments
 * are plain data.
 */
export function threadRunner(options: IsolatedOptions = {}): TaskRunner {
  return {
    name: 'thread',
    concurrency: options.workers ?? null,
    isolation: 'thread',
    open: (ports) => sessionOfIsolates(ports, 'thread', options),
  };
}

/**
 * Task bodies run in child processes: for work that may take the process down, or holds native memory. As
 * `threadRunner` otherwise.
 */
export function processRunner(options: IsolatedOptions = {}): TaskRunner {
  return {
    name: 'process',
    concurrency: options.workers ?? null,
    isolation: 'process',
    open: (ports) => sessionOfIsolates(ports, 'process', options),
  };
}
