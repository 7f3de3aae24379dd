/**
 * Futures: what calling a task or a subflow gives.
 *
 * 1. A future settles exactly once, with a value or a failure, and always with a final state.
 * 2. It makes no promise by itself: one that fails unawaited is never an unhandled rejection.
 * 3. `await future` gives the value or throws the failure, as a promise would.
 */

import type { Failure } from '../core/failure.ts';
import { OstinatoError } from '../core/errors.ts';
import { hasMark } from '../core/mark.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import type { State } from '../core/state.ts';
import type { TaskInput } from '../core/task-run.ts';
import { DURATION_RULE, isDuration, type Clock, type Instant } from '../core/time.ts';
import { currentDoor } from './door.ts';
import { branching } from './loaded-later.ts';
import { currentFrame } from './run-context.ts';

const FUTURE = Symbol.for('ostinato.future');

export interface WaitOptions {
  /** Give up waiting (not the run) after this long, with `timed-out`. */
  readonly timeoutSeconds?: number;
}

type Outcome<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };

export abstract class RunFuture<R> implements Promise<R> {
  /** The run's name, for messages. */
  name: string;
  #outcome: Outcome<R> | undefined;
  #state: State | undefined;
  #observed = false;
  #onObserved: (() => void) | undefined;
  #callbacks: (() => void)[] | undefined;
  #branches: number | undefined;
  readonly #clock: Clock | null;

  constructor(name: string, clock: Clock | null) {
    this.name = name;
    this.#clock = clock;
  }

  /** The edge to the recorded run; `null` when the future stands for no run. */
  abstract readonly edge: TaskInput | null;

  get [FUTURE](): true {
    return true;
  }

  /** Lets the future pass where a promise is asked for. */
  get [Symbol.toStringTag](): string {
    return 'RunFuture';
  }

  /** The final state, or the last one known. */
  get state(): State | undefined {
    return this.#state;
  }

  get done(): boolean {
    return this.#outcome !== undefined;
  }

  /** Whether somebody awaited it or passed it on. */
  get observed(): boolean {
    return this.#observed;
  }

  get outcome(): Outcome<R> | undefined {
    return this.#outcome;
  }

  /** @internal */
  moveTo(state: State): void {
    this.#state = state;
  }

  /** @internal */
  settle(outcome: Outcome<R>, state: State): void {
    if (this.#outcome) return;
    this.#state = state;
    this.#outcome = outcome;
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (callbacks) for (const callback of callbacks) callback();
  }

  /** Calls back when it is done: at once when it already is. */
  onDone(callback: () => void): void {
    if (this.#outcome) callback();
    else (this.#callbacks ??= []).push(callback);
  }

  /** @internal The outcome counts as observed: somebody awaited it or passed it on. */
  observe(): void {
    this.#observed = true;
    const heard = this.#onObserved;
    this.#onObserved = undefined;
    heard?.();
  }

  /** @internal Calls `heard` when the future is observed for the first time. */
  onObserved(heard: () => void): void {
    this.#onObserved = heard;
  }

  then<A = R, B = never>(
    onValue?: ((value: R) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.observe();
    return new Promise<R>((resolve, reject) => {
      this.onDone(() => {
        const outcome = this.#outcome as Outcome<R>;
        if (outcome.ok) resolve(outcome.value);
        else reject(outcome.error as Error);
      });
    }).then(onValue, onError);
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.then(undefined, onError);
  }

  finally(onEnd?: (() => void) | null): Promise<R> {
    return this.then().finally(onEnd);
  }

  /**
   * Goes on with what the function gives if the run fails (not if it is cancelled): a step of its own, fed by the run
   * that failed. A continued run takes the same way again, and neither does the failed work nor the function anew.
   *
   * @example const rows = await load(url).onFailure(async (failure) => await readYesterdays(url));
   */
  onFailure<B>(branch: (failure: Failure) => B): BranchFuture<R | Awaited<B>> {
    if (typeof branch !== 'function')
      throw new OstinatoError('bad-input', 'onFailure(…) was given something that is no function.', {
        remedy: 'Write load(url).onFailure(async (failure) => { … }).',
      });
    const frame = currentFrame() ?? null;
    const door = frame?.scope.ports ?? currentDoor();
    const site = door.callSites.capture(this.onFailure);
    this.observe();
    this.#branches = (this.#branches ?? 0) + 1;
    const nth = this.#branches;
    const future = new BranchFuture<R | Awaited<B>>(this, door.clock);
    frame?.scope.flow?.started();
    const work = branching(({ branchOff }) => branchOff(this, future, branch, frame, site, nth)).finally(() =>
      frame?.scope.flow?.ended(null),
    );
    frame?.scope.ports.within?.hold(work);
    return future;
  }

  /** The value; throws the failure. */
  result(options: WaitOptions = {}): Promise<R> {
    return options.timeoutSeconds === undefined ? this.then() : this.wait(options).then(() => this.then());
  }

  /** The final state; never throws the run's failure. */
  wait(options: WaitOptions = {}): Promise<State> {
    this.observe();
    const { timeoutSeconds } = options;
    if (timeoutSeconds !== undefined && !isDuration(timeoutSeconds))
      return Promise.reject(
        new OstinatoError(
          'bad-input',
          `The option timeoutSeconds of wait() is ${String(timeoutSeconds)}; it must be ${DURATION_RULE}.`,
        ),
      );
    return new Promise((resolve, reject) => {
      const timer =
        timeoutSeconds === undefined
          ? undefined
          : this.#clock?.setTimer(timeoutSeconds * 1000, () => {
              reject(
                new OstinatoError('timed-out', `${this.name} was not done after ${timeoutSeconds} s of waiting.`, {
                  remedy: 'The run goes on; wait again or cancel it.',
                }),
              );
            });
      this.onDone(() => {
        timer?.cancel();
        resolve(this.#state as State);
      });
    });
  }
}

export class TaskFuture<R> extends RunFuture<R> {
  #taskRunId: TaskRunId;
  readonly createdAt: Instant;

  constructor(taskRunId: TaskRunId, name: string, clock: Clock) {
    super(name, clock);
    this.#taskRunId = taskRunId;
    this.createdAt = clock.now();
  }

  /** Final once the run was recorded: a resumed flow continues earlier task runs under their recorded ids. */
  get taskRunId(): TaskRunId {
    return this.#taskRunId;
  }

  /** @internal */
  rename(taskRunId: TaskRunId, name: string): void {
    this.#taskRunId = taskRunId;
    this.name = name;
  }

  get edge(): TaskInput {
    return { kind: 'task_run', id: this.#taskRunId };
  }
}

export class FlowFuture<R> extends RunFuture<R> {
  #flowRunId: FlowRunId;

  constructor(flowRunId: FlowRunId, name: string, clock: Clock) {
    super(name, clock);
    this.#flowRunId = flowRunId;
  }

  get flowRunId(): FlowRunId {
    return this.#flowRunId;
  }

  /** @internal The call's idempotency key belongs to an existing run: the future takes that run's id and name. */
  become(flowRunId: FlowRunId, name: string): void {
    this.#flowRunId = flowRunId;
    this.name = name;
  }

  get edge(): TaskInput {
    return { kind: 'flow_run', id: this.flowRunId };
  }
}

/** A run, or the branch that stands in for it once it has failed. */
export class BranchFuture<R> extends RunFuture<R> {
  #of: RunFuture<unknown>;

  constructor(of: RunFuture<unknown>, clock: Clock) {
    super(of.name, clock);
    this.#of = of;
  }

  /** @internal */
  standFor(of: RunFuture<unknown>): void {
    this.#of = of;
    this.name = of.name;
  }

  get edge(): TaskInput | null {
    return this.#of.edge;
  }
}

/** A promise of the user's that the engine waits for as it waits for a run. */
export class PromiseFuture extends RunFuture<unknown> {
  constructor(promise: PromiseLike<unknown>, name: string) {
    super(name, null);
    // Wrapped, because the `then` of another library may call back synchronously or more than once.
    Promise.resolve(promise).then(
      (value) => this.settle({ ok: true, value }, undefined as never),
      (error: unknown) => this.settle({ ok: false, error }, undefined as never),
    );
  }

  get edge(): null {
    return null;
  }
}

export function isFuture(value: unknown): value is RunFuture<unknown> {
  return hasMark(value, FUTURE);
}

/** Waits for all. Returns those done and those not done when the time is over; never throws their failures. */
export async function wait<F extends RunFuture<unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): Promise<{ readonly done: readonly F[]; readonly notDone: readonly F[] }> {
  const all = [...futures];
  await Promise.all(
    all.map((future) =>
      future.wait(options).catch((error: unknown) => {
        if (!(OstinatoError.is(error) && error.code === 'timed-out')) throw error;
      }),
    ),
  );
  return { done: all.filter((future) => future.done), notDone: all.filter((future) => !future.done) };
}

/** One of several futures that has ended: its outcome is in `future.outcome`. */
export interface Ended<F extends RunFuture<unknown>> {
  readonly future: F;
  /** Its index among the given futures. */
  readonly index: number;
}

/**
 * The futures in the order in which they end, also those that fail.
 *
 * @example for await (const { future } of asCompleted(futures)) console.log(future.name, future.state?.name);
 */
export async function* asCompleted<F extends RunFuture<unknown>>(
  futures: Iterable<F>,
): AsyncGenerator<Ended<F>, void, undefined> {
  // Not the futures themselves: an async generator awaits what it yields.
  const ended: Ended<F>[] = [];
  let wake: (() => void) | undefined;
  let left = 0;
  for (const future of futures) {
    const index = left;
    left += 1;
    future.observe();
    future.onDone(() => {
      ended.push({ future, index });
      wake?.();
    });
  }
  for (; left > 0; left -= 1) {
    while (ended.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    yield ended.shift() as Ended<F>;
  }
}
