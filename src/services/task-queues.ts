/**
 * Queues deferred task runs for task workers: one queue for each task, runs that were handed back first. In memory: the
 * task runs themselves are in the store, from which the queues are filled again when the server starts.
 */

import type { TaskRun } from '../core/task-run.ts';
import type { Clock, Instant } from '../core/time.ts';

export interface TaskWorker {
  /** The worker's own name. */
  readonly identifier: string;
  readonly taskKeys: readonly string[];
  /** When it was last seen. */
  readonly seenAt: Instant;
}

interface Waiting {
  readonly taskKeys: ReadonlySet<string>;
  readonly resolve: (run: TaskRun) => void;
}

interface Queue {
  readonly scheduled: TaskRun[];
  readonly returned: TaskRun[];
}

/** Milliseconds; a timer for a later scheduled time is renewed. */
const DELAY_MS_MAX = 60_000;

export class TaskQueues {
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #queues = new Map<string, Queue>();
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<Waiting>();
  readonly #workers = new Map<symbol, TaskWorker>();
  /** Ids of runs that are in a queue, so that none is there twice. */
  readonly #queued = new Set<string>();

  constructor(clock: Pick<Clock, 'now' | 'setTimer'>) {
    this.#clock = clock;
  }

  /**
   * Hands a run to a worker that waits for its task, else queues it. A run whose scheduled time has not come is held
   * until then.
   */
  enqueue(run: TaskRun): void {
    const dueAt = run.state.type === 'SCHEDULED' ? run.state.scheduledTime : this.#clock.now();
    if (run.state.name !== 'AwaitingRetry' || dueAt <= this.#clock.now()) return this.#put(run, 'scheduled');
    const delayMs = Math.min((dueAt - this.#clock.now()) / 1000, DELAY_MS_MAX);
    this.#clock.setTimer(delayMs, () => this.enqueue(run), { unref: true });
  }

  /** Queues the run before all others: its worker took it and did not acknowledge it. */
  handBack(run: TaskRun): void {
    this.#put(run, 'returned');
  }

  /** The next run of one of these tasks; `null` when the signal aborts first. */
  next(taskKeys: readonly string[], signal: AbortSignal): Promise<TaskRun | null> {
    for (const kind of ['returned', 'scheduled'] as const) {
      for (const key of taskKeys) {
        const run = this.#queues.get(key)?.[kind].shift();
        if (!run) continue;
        this.#queued.delete(run.id);
        return Promise.resolve(run);
      }
    }
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiting);
        resolve(null);
      };
      const waiting: Waiting = {
        taskKeys: new Set(taskKeys),
        resolve: (run) => {
          signal.removeEventListener('abort', onAbort);
          resolve(run);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
    });
  }

  /** The worker counts as present until `leave` is called. */
  enter(identifier: string, taskKeys: readonly string[]): { readonly leave: () => void; readonly touch: () => void } {
    const key = Symbol(identifier);
    const touch = (): void => void this.#workers.set(key, { identifier, taskKeys, seenAt: this.#clock.now() });
    touch();
    return { touch, leave: () => void this.#workers.delete(key) };
  }

  /** Workers of one of these tasks; of all tasks when none is given. A worker with several sockets is listed once. */
  workers(taskKeys: readonly string[]): readonly TaskWorker[] {
    const found = new Map<string, TaskWorker>();
    for (const worker of this.#workers.values()) {
      if (taskKeys.length > 0 && !taskKeys.some((key) => worker.taskKeys.includes(key))) continue;
      const other = found.get(worker.identifier);
      found.set(worker.identifier, other ? bothOf(other, worker) : worker);
    }
    return [...found.values()];
  }

  #put(run: TaskRun, kind: keyof Queue): void {
    if (this.#queued.has(run.id)) return;
    for (const waiting of this.#waiting) {
      if (!waiting.taskKeys.has(run.taskKey)) continue;
      this.#waiting.delete(waiting);
      return waiting.resolve(run);
    }
    let queue = this.#queues.get(run.taskKey);
    if (!queue) this.#queues.set(run.taskKey, (queue = { scheduled: [], returned: [] }));
    queue[kind].push(run);
    this.#queued.add(run.id);
  }
}

function bothOf(a: TaskWorker, b: TaskWorker): TaskWorker {
  return {
    ...a,
    taskKeys: [...new Set([...a.taskKeys, ...b.taskKeys])],
    seenAt: Math.max(a.seenAt, b.seenAt) as Instant,
  };
}
