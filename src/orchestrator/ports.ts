/** What the use cases are given: everything that is not a rule comes from outside. */

import type { IdSource, ProcessId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { Clock } from '../core/time.ts';
import type { Storage } from '../store/port.ts';

export interface Liveness {
  readonly alive: boolean;
  /** How that is known, as a sentence: host, pid, last heartbeat, and what the operating system says. */
  readonly evidence: string;
}

export interface OrchestratorPorts {
  readonly storage: Storage;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  /** Draws 0 ≤ x < 1. */
  readonly random: () => number;
  /** Looks at the process where that can be done, else at its heartbeat. */
  readonly liveness: (process: ProcessRecord) => Liveness;
  /**
   * Brings what a dead process had promised but not yet stored (its journal) into the store. Called before anything is
   * said about its runs: a finished step must not be marked Crashed.
   */
  readonly recoverProcess?: ((id: ProcessId) => MaybePromise<void>) | undefined;
}
