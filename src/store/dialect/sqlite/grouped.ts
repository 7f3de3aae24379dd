/**
 * Group commit, for a server with many callers: writes that arrive in one turn of the event loop share a transaction and
 * one flush to the disk, and each caller is answered when that is done. Measured: a flushed commit takes 0.6 ms, a write 30 µs.
 *
 * A write that throws takes back its own rows only (its savepoint). When the transaction itself fails, all its callers hear it.
 */

import type { Storage } from '../../port.ts';
import type { Connection } from './connection.ts';

/** Writes to a transaction: its lock is held for some milliseconds at most. */
const GROUP_MAX = 128;

/** The methods of the port that write. */
const WRITES = [
  'ensureFlow', 'changeFlow', 'insertFlowRun', 'changeFlowRun', 'deleteFlowRun', 'writeTaskRuns', 'changeTaskRun', 'deleteTaskRun',
  'claimCacheKey', 'settleCacheClaim', 'writeProcess', 'beat', 'deleteProcess', 'changeHeldTaskRuns', 'insertArtifact', 'changeArtifact', 'changeVariable', 'writeSavedSearch', 'deleteSavedSearch',
  'changeSlots', 'moveArtifact', 'moveVariable', 'changeBlockType', 'insertBlockSchema', 'deleteBlockSchema', 'changeBlockDocument',
  'writeConfiguration', 'writeCsrfToken',
  'recordEvents', 'deleteEventsBefore', 'writeLogs',
  'insertFlowRunInput', 'deleteFlowRunInput',
] as const satisfies readonly (keyof Storage)[];

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly error: unknown };

export class CommitGroup {
  readonly #connection: Connection;
  readonly #onFailure: () => void;
  #waiting: Waiting[] = [];
  #isPlanned = false;

  /** @param onFailure hears that a whole transaction was rolled back: what was remembered of it is void */
  constructor(connection: Connection, onFailure: () => void) {
    this.#connection = connection;
    this.#onFailure = onFailure;
  }

  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (answer: unknown) => void, reject });
      if (this.#isPlanned) return;
      this.#isPlanned = true;
      setImmediate(() => this.#commit());
    });
  }

  /** Commits what waits. */
  drain(): void {
    while (this.#waiting.length > 0) this.#commit();
  }

  #commit(): void {
    this.#isPlanned = false;
    const group = this.#waiting.slice(0, GROUP_MAX);
    this.#waiting = this.#waiting.slice(GROUP_MAX);
    if (this.#waiting.length > 0) {
      this.#isPlanned = true;
      setImmediate(() => this.#commit());
    }
    if (group.length === 0) return;
    const outcomes: Outcome[] = [];
    try {
      this.#connection.group(group.map(({ work }) => () => void outcomes.push(outcomeOf(work))));
    } catch (error) {
      this.#onFailure();
      for (const { reject } of group) reject(error);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index] as Outcome;
      if (outcome.ok) resolve(outcome.answer);
      else reject(outcome.error);
    });
  }
}

function outcomeOf(work: () => unknown): Outcome {
  try {
    return { ok: true, answer: work() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** The same storage, whose writes are answered when their group is on the disk. */
export function grouped<S extends Storage>(storage: S, group: CommitGroup): S {
  const own: Record<string, unknown> = {};
  for (const name of WRITES) {
    const write = storage[name] as (...args: unknown[]) => unknown;
    own[name] = (...args: unknown[]) => group.run(() => write(...args));
  }
  return { ...storage, ...own, close: () => (group.drain(), storage.close()) };
}
