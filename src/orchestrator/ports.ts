/** What the use cases are given: everything that is not a rule comes from outside. */

import type { IdSource, ProcessId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Clock } from '../core/time.ts';
import type { Storage } from '../store/port.ts';
import type { BlockKeeping } from './blocks/ports.ts';

export interface Liveness {
  readonly alive: boolean;
  /** How that is known, as a sentence: host, pid, last heartbeat, and what the operating system says. */
  readonly evidence: string;
}

export interface OrchestratorPorts {
  readonly storage: Storage;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  /** Encrypts what is secret in blocks; absent where nobody keeps blocks (an embedded store). */
  readonly blockKeeping?: BlockKeeping | undefined;
  /** Draws 0 ≤ x < 1. */
  readonly random: () => number;
  /** Looks at the process where that can be done, else at its heartbeat. */
  readonly liveness: (process: ProcessRecord) => Liveness;
  /**
   * Brings what a dead process had promised but not yet stored (its journal) into the store. Called before anything is
   * said about its runs: a finished step must not be marked Crashed.
   */
  readonly recoverProcess?: ((id: ProcessId) => MaybePromise<void>) | undefined;
  /** Hears of a deferred task run once it waits to be run: somebody hands it to a task worker. */
  readonly onTaskScheduled?: ((run: TaskRun) => void) | undefined;
  /** Settles the input of a paused run; absent where nobody gives any (an embedded store). */
  readonly runInputs?: RunInputs | undefined;
}

/** All of it is somebody else's: it is read where it can do no harm. */
export interface RunInputJob {
  /** JSON with exact numbers; values in it may say how they come about. */
  readonly input: string;
  /** By name, as far as the input may ask for them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** JSON; `null`: the run left none behind. */
  readonly schema: string | null;
}

/** The input as the JSON that is kept, or why it does not fit: a sentence. */
export type SettledInput = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

export interface RunInputs {
  /** @throws `server-unavailable` when there are too many to settle */
  settle(job: RunInputJob): MaybePromise<SettledInput>;
}
