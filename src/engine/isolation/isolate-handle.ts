/**
 * One isolate and the body that it runs.
 *
 * 1. One body at a time; messages of an earlier one (work that it left behind) are not heard.
 * 2. A body is asked to stop by its signal first. One that does not end within the grace is ended with its isolate, and
 *    its failure is told only when the isolate is gone.
 * 3. An isolate that is gone never comes back: whoever holds the handle asks `gone` before using it again.
 */

import { thrownFrom, toFailureInfo } from '../../core/codec.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FailureInfo } from '../../core/value.ts';
import { TIMEOUT_GRACE_MS } from '../body.ts';
import { StopReason } from '../cancellation.ts';
import type { FlowScope } from '../flow-scope.ts';
import type { EnginePorts } from '../ports.ts';
import { ReturnedState } from '../returned-state.ts';
import { currentFrame } from '../run-context.ts';
import type { TaskWork } from '../task-runner.ts';
import { decodeKept } from './distant-share.ts';
import type { Isolate, IsolateKind } from './host.ts';
import { sendJob, type KnownFlow } from './sending.ts';
import { NestedRuns } from './nested-runs.ts';
import type { FromIsolate, ReturnedMessage } from './protocol.ts';

/** A thread stuck in the operating system cannot be ended: its failure is told after this long all the same. */
const ENDING_MS_MAX = 2000;

export const ISOLATE_NAMES = { thread: 'worker thread', process: 'child process' } as const satisfies Record<
  IsolateKind,
  string
>;

interface Job {
  readonly number: number;
  readonly work: TaskWork;
  /** What the body has started. */
  readonly nested: NestedRuns;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  stopListening: () => void;
  graceTimer: { cancel(): void } | undefined;
  /** Why the isolate is being ended by force. */
  forced: StopReason | undefined;
}

export class IsolateHandle {
  readonly #isolate: Isolate;
  readonly #kind: IsolateKind;
  readonly #ports: EnginePorts;
  readonly #known: KnownFlow = { id: null, attempt: 0 };
  #job: Job | undefined;
  #jobs = 0;
  #gone = false;
  #dying: FailureInfo | undefined;
  readonly #onWaiting: (isWaiting: boolean) => void;

  /**
   * @param onWaiting called with `true` when a run that the body has called begins to wait for slots that others hold,
   * with `false` when that ends
   */
  constructor(ports: EnginePorts, kind: IsolateKind, onWaiting: (isWaiting: boolean) => void) {
    this.#onWaiting = onWaiting;
    this.#ports = ports;
    this.#kind = kind;
    this.#isolate = ports.isolates.spawn(kind);
    this.#isolate.onMessage((message) => this.#hear(message as FromIsolate));
    this.#isolate.onExit((why) => this.#exited(why));
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Runs the body; keeps the program alive meanwhile. */
  run(work: TaskWork, flow: FlowScope | null): Promise<unknown> {
    this.#isolate.ref();
    this.#jobs += 1;
    const number = this.#jobs;
    return new Promise<unknown>((resolve, reject) => {
      const job: Job = {
        number,
        work,
        nested: new NestedRuns(this.#ports, flow, this.#onWaiting, work.share?.transaction ?? null),
        resolve,
        reject,
        stopListening: () => {},
        graceTimer: undefined,
        forced: undefined,
      };
      this.#job = job;
      try {
        sendJob(this.#isolate, this.#ports, this.#known, { number, work, flow, tags: currentFrame()?.tags ?? [] });
      } catch (error) {
        this.#end(job, () => reject(error as Error));
        return;
      }
      job.stopListening = work.cancellation.onAbort((reason) => this.#stop(job, reason));
    });
  }

  /** Nothing runs on it: it no longer keeps the program alive. */
  rest(): void {
    this.#isolate.unref();
  }

  terminate(): Promise<void> {
    this.#gone = true;
    return this.#isolate.terminate();
  }

  #hear(message: FromIsolate): void {
    if (message.type === 'dying') {
      this.#dying = message.failure;
      return;
    }
    const job = this.#job;
    if (!job || message.job !== job.number) return;
    switch (message.type) {
      case 'started':
        job.work.started();
        return;
      case 'log':
        job.work.log(message.level, message.message, message.printed);
        return;
      case 'yield':
        void this.#take(job, message.value);
        return;
      case 'done':
        if (message.kept !== null) job.work.share?.restore(decodeKept(message.kept));
        this.#end(job, () =>
          job.resolve(message.returned ? rebuildState(message.returned, message.value) : message.value),
        );
        return;
      case 'failed':
        this.#end(job, () => job.reject(thrownFrom(message.failure) as Error));
        return;
      case 'call':
        void this.#answer(job, message);
        return;
      case 'record':
        job.nested.touch(message.record);
        return;
      case 'seen':
        job.nested.see(message.sight);
        return;
      case 'reused':
        job.nested.countReused();
        return;
    }
  }

  async #take(job: Job, value: unknown): Promise<void> {
    const more = (await job.work.onYield?.(value)) !== false;
    if (this.#job === job && !this.#gone) this.#isolate.post({ type: 'taken', job: job.number, more });
  }

  async #answer({ nested }: Job, { call, method, args }: Extract<FromIsolate, { type: 'call' }>): Promise<void> {
    try {
      const value = await nested.answer(method, args);
      if (!this.#gone) this.#isolate.post({ type: 'answer', call, value });
    } catch (error) {
      if (!this.#gone) this.#isolate.post({ type: 'answer', call, failure: toFailureInfo(error) });
    }
  }

  #stop(job: Job, reason: StopReason): void {
    if (this.#gone) return;
    this.#isolate.post({ type: 'abort', job: job.number, kind: reason.kind, message: reason.message });
    // On `crash` the program stops now.
    const graceMs =
      reason.kind === 'timeout'
        ? TIMEOUT_GRACE_MS
        : reason.kind === 'crash'
          ? 0
          : this.#ports.settings.cancelGraceSeconds * 1000;
    job.graceTimer = this.#ports.clock.setTimer(graceMs, () => this.#endByForce(job, reason, graceMs));
  }

  #endByForce(job: Job, reason: StopReason, graceMs: number): void {
    const name = ISOLATE_NAMES[this.#kind];
    const listened = graceMs === 0 ? '' : `Its body did not listen to its signal for ${graceMs / 1000} s: `;
    job.forced = new StopReason(
      reason.kind,
      `${reason.message} ${listened}${listened === '' ? 'Its' : 'its'} ${name} was ended by force.`,
    );
    const stuck = new StopReason(
      reason.kind,
      `${reason.message} Its ${name} could not be ended and may still be running.`,
    );
    job.graceTimer = this.#ports.clock.setTimer(ENDING_MS_MAX, () => this.#end(job, () => job.reject(stuck)));
    void this.terminate();
  }

  #exited(why: string): void {
    this.#gone = true;
    const job = this.#job;
    if (job) void this.#bury(job, job.forced ?? this.#death(job, why));
  }

  async #bury(job: Job, failure: Error): Promise<void> {
    try {
      await job.nested.endAll(
        `The ${ISOLATE_NAMES[this.#kind]} that it ran in was ended: ${failure.message}`,
        job.forced,
      );
    } finally {
      this.#end(job, () => job.reject(failure));
    }
  }

  #death(job: Job, why: string): OstinatoError {
    const uncaught = this.#dying;
    const because = uncaught ? `an error that nobody caught (${uncaught.name}: ${uncaught.message})` : why;
    return new OstinatoError(
      'run-crashed',
      `Task "${job.work.definition.name}" did not finish: its ${ISOLATE_NAMES[this.#kind]} ended: ${because}.`,
      {
        ...(uncaught ? { cause: thrownFrom(uncaught) } : {}),
        remedy:
          why === 'SIGKILL' || why === 'SIGABRT'
            ? 'The system may have run out of memory: look at its log, or give each task less to hold.'
            : 'Look for process.exit(), and for promises and timers that nobody awaits.',
      },
    );
  }

  #end(job: Job, tell: () => void): void {
    if (this.#job !== job) return;
    this.#job = undefined;
    this.#onWaiting(false);
    job.stopListening();
    job.graceTimer?.cancel();
    tell();
  }
}

function rebuildState(returned: ReturnedMessage, value: unknown): ReturnedState {
  const { type, name, message, failure } = returned;
  return new ReturnedState(type, {
    ...(name === undefined ? {} : { name }),
    ...(message === null ? {} : { message }),
    ...(value === undefined ? {} : { value }),
    ...(failure === undefined ? {} : { error: thrownFrom(failure) }),
  });
}
