/**
 * Task runners: where the bodies of a flow run's tasks run, and how many at once.
 *
 * One interface for the event loop, worker threads, child processes, and any cluster that can take a function and
 * answer its result. The engine keeps everything else (states, retries, caching, results) on its side.
 */

import type { TaskDefinition } from './definitions.ts';
import type { EnginePorts } from './ports.ts';
import type { TaskShare } from './task-share.ts';
import type { OnYield } from './stream.ts';
import type { Cancellation } from './cancellation.ts';
import type { Isolation, TaskRun } from '../core/task-run.ts';

export interface TaskWork {
  readonly definition: TaskDefinition;
  readonly args: readonly unknown[];
  readonly run: TaskRun;
  readonly cancellation: Cancellation;
  /** Runs the body here, in this thread, inside its run context. */
  readonly inline: () => unknown;
  /** A log line from a body that runs elsewhere; `printed`: it came from `console.*`, which has shown it already. */
  readonly log: (level: number, message: string, printed?: boolean) => void;
  /** What the task keeps in the transaction around it; `null` outside any. */
  readonly share?: TaskShare | null;
  /** What a generator that runs elsewhere yields. */
  readonly onYield: OnYield | null;
  /**
   * To be called by a runner with isolation when the body begins: the time before (queue, start, import) does not
   * count.
   */
  readonly started: () => void;
}

export interface TaskRunnerSession {
  /** Returns the body's result or throws its failure. Called once an attempt. */
  run(work: TaskWork): unknown;
  /** Nothing is in flight any more: releases threads, processes and connections. */
  close(): Promise<void>;
}

export interface TaskRunner {
  readonly name: string;
  /** Bodies in flight at once; `null`: the setting `OSTINATO_RUNNER_CONCURRENCY`. */
  readonly concurrency: number | null;
  /** How a body that ignores its signal can be stopped. */
  readonly isolation: Isolation;
  open(ports: EnginePorts): TaskRunnerSession;
}

/**
 * Bodies run on this event loop, at most `concurrency` at once: right for work that waits (HTTP, databases). The
 * default.
 */
export function asyncRunner(options: { readonly concurrency?: number } = {}): TaskRunner {
  return {
    name: 'async',
    concurrency: options.concurrency ?? null,
    isolation: 'signal',
    open: () => ({ run: (work) => work.inline(), close: async () => {} }),
  };
}
