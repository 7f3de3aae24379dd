/**
 * Pools of isolates that run task bodies.
 *
 * 1. At most `workers` isolates live at once, each runs one body at a time; further bodies wait in order of their
 *    coming. An isolate whose body only waits for slots that others hold is not counted: one of the others may wait for
 *    a place here.
 * 2. A body that waits leaves the queue when it is asked to stop.
 * 3. Isolates at rest never keep the program alive, and are ended when nobody needed them for a while.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { Timer } from '../../core/time.ts';
import type { Cancellation } from '../cancellation.ts';
import type { FlowScope } from '../flow-scope.ts';
import type { EnginePorts } from '../ports.ts';
import { currentFrame } from '../run-context.ts';
import type { TaskRunnerSession, TaskWork } from '../task-runner.ts';
import type { IsolateKind } from './host.ts';
import { IsolateHandle } from './isolate-handle.ts';
import type { IsolatedOptions } from './runners.ts';
import { checkSendable } from './sending.ts';

/** Starting an isolate costs tens of milliseconds, keeping one costs tens of megabytes. */
const REST_SECONDS_MAX = 30;

class IsolatePool implements TaskRunnerSession {
  readonly #ports: EnginePorts;
  readonly #kind: IsolateKind;
  readonly #workers: number;
  readonly #all = new Set<IsolateHandle>();
  readonly #waiting = new Set<IsolateHandle>();
  readonly #resting: { readonly handle: IsolateHandle; readonly timer: Timer }[] = [];
  readonly #queue = new Set<() => void>();
  #closed = false;

  constructor(ports: EnginePorts, kind: IsolateKind, options: IsolatedOptions) {
    this.#ports = ports;
    this.#kind = kind;
    this.#workers = Math.max(1, options.workers ?? ports.isolates.parallelism);
  }

  async run(work: TaskWork): Promise<unknown> {
    const around = currentFrame()?.scope.flow ?? null;
    const flow: FlowScope | null = around?.flowRun.id === work.run.flowRunId ? around : null;
    checkSendable(work);
    const handle = this.#occupy() ?? (await this.#wait(work.cancellation));
    try {
      return await handle.run(work, flow);
    } finally {
      this.#leave(handle);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#resting.splice(0)) timer.cancel();
    await Promise.all([...this.#all].map((handle) => handle.terminate()));
    this.#all.clear();
  }

  /** An idle handle, the one used last first (its modules are loaded), or a new one; `undefined` when all are busy. */
  #occupy(): IsolateHandle | undefined {
    if (this.#closed) throw new OstinatoError('run-cancelled', `The ${this.#kind} runner was closed.`);
    for (let rested = this.#resting.pop(); rested; rested = this.#resting.pop()) {
      rested.timer.cancel();
      if (!rested.handle.gone) return rested.handle;
      this.#all.delete(rested.handle);
    }
    for (const handle of this.#all) if (handle.gone) this.#all.delete(handle);
    if (this.#all.size - this.#waiting.size >= this.#workers) return undefined;
    const handle: IsolateHandle = new IsolateHandle(this.#ports, this.#kind, (isWaiting) =>
      this.#heard(handle, isWaiting),
    );
    this.#all.add(handle);
    return handle;
  }

  #heard(handle: IsolateHandle, isWaiting: boolean): void {
    if (!isWaiting) return void this.#waiting.delete(handle);
    if (this.#waiting.has(handle)) return;
    this.#waiting.add(handle);
    this.#callNext();
  }

  #callNext(): void {
    for (const turn of this.#queue) {
      this.#queue.delete(turn);
      turn();
      break;
    }
  }

  async #wait(cancellation: Cancellation): Promise<IsolateHandle> {
    for (;;) {
      await new Promise<void>((resolve, reject) => {
        const turn = (): void => {
          stopListening();
          resolve();
        };
        this.#queue.add(turn);
        const stopListening = cancellation.onAbort((reason) => {
          this.#queue.delete(turn);
          reject(reason);
        });
      });
      const handle = this.#occupy();
      if (handle) return handle;
    }
  }

  #leave(handle: IsolateHandle): void {
    if (handle.gone || this.#closed) {
      this.#all.delete(handle);
    } else {
      handle.rest();
      const rested = {
        handle,
        timer: this.#ports.clock.setTimer(
          REST_SECONDS_MAX * 1000,
          () => {
            const index = this.#resting.indexOf(rested);
            if (index < 0) return;
            this.#resting.splice(index, 1);
            this.#all.delete(handle);
            void handle.terminate();
          },
          { unref: true },
        ),
      };
      this.#resting.push(rested);
    }
    this.#callNext();
  }
}

const shared = new WeakMap<EnginePorts, Map<IsolateKind, TaskRunnerSession>>();

/**
 * Runs bodies in worker threads or child processes, which are ended when a body does not stop by itself.
 *
 * Without options: the one pool of this kind that everything on these ports shares. Its `close()` ends the isolates;
 * the next caller gets a new pool.
 */
export function isolatedSession(ports: EnginePorts, kind: IsolateKind, options?: IsolatedOptions): TaskRunnerSession {
  if (options) return new IsolatePool(ports, kind, options);
  let pools = shared.get(ports);
  if (!pools) shared.set(ports, (pools = new Map()));
  const known = pools.get(kind);
  if (known) return known;
  const pool = new IsolatePool(ports, kind, {});
  const session: TaskRunnerSession = {
    run: (work) => pool.run(work),
    close: () => {
      if (pools.get(kind) === session) pools.delete(kind);
      return pool.close();
    },
  };
  pools.set(kind, session);
  return session;
}
