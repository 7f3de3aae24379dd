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
  /** Checks a value against a JSON schema; absent where nobody asks for it (an embedded store). */
  readonly jsonSchemas?: JsonSchemas | undefined;
  /** Renders a template that somebody gave as an input; absent where nobody gives any. @throws Error with the reason when it is wrong */
  readonly renderTemplate?: ((template: string) => string) | undefined;
}

/** What is wrong with a value, and where. */
export interface SchemaProblem {
  /** For instance `address.streets[1]`; empty for the value itself. */
  readonly at: string;
  /** In the words of Python's `jsonschema`, which Prefect's clients show. */
  readonly reason: string;
}

export interface JsonSchemas {
  /** `null`: the value fits. `bad-input` when the schema is none. */
  check(schema: unknown, value: unknown): SchemaProblem | null;
}
