/**
 * Why work is asked to stop, and the tree along which the request travels.
 *
 * 1. A reason is given once; later ones are ignored.
 * 2. A parent's reason reaches every child that exists or is added later.
 * 3. A reason that came from the parent is `inherited`: the work did not fail by itself, it was called off.
 * 4. The `AbortSignal` is made only when somebody looks at it: most tasks never do, and a signal costs more than a task.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { OstinatoError } from '../core/errors.ts';

export type StopKind = 'cancel' | 'timeout' | 'crash' | 'sibling';

const STOP_MARK = Symbol.for('ostinato.stop-reason');

/** The signal's reason. Bodies that pass the signal on (`fetch`, timers) see it thrown back at them. */
export class StopReason extends OstinatoError {
  readonly kind: StopKind;
  /** How long a body may take to end by itself, where that is another time than its kind has. */
  readonly graceSeconds: number | undefined;

  constructor(kind: StopKind, message: string, { graceSeconds }: { readonly graceSeconds?: number } = {}) {
    super(kind === 'timeout' ? 'timed-out' : kind === 'crash' ? 'run-crashed' : 'run-cancelled', message);
    this.kind = kind;
    this.graceSeconds = graceSeconds;
  }

  get [STOP_MARK](): true {
    return true;
  }

  /** Also of another copy of the package; never throws, whatever was thrown. */
  static override is(value: unknown): value is StopReason {
    return OstinatoError.is(value) && STOP_MARK in value;
  }

  override get name(): string {
    return this.kind === 'timeout' ? 'TimeoutError' : 'AbortError';
  }
}

/** The run belongs to another process now: this one stops, and undoes nothing of what the other goes on with. */
export class RunLost extends StopReason {
  constructor(message: string) {
    super('crash', message);
  }
}

export class Cancellation {
  #reason: StopReason | undefined;
  #inherited = false;
  #controller: AbortController | undefined;
  /** Listeners of the signal run where the signal was first looked at, so that they find their run. */
  #there: ((call: () => void) => void) | undefined;
  #children: Set<Cancellation> | undefined;
  #listeners: Set<(reason: StopReason) => void> | undefined;
  readonly #parent: Cancellation | undefined;

  constructor(parent?: Cancellation) {
    this.#parent = parent;
    if (parent) {
      this.#reason = parent.#reason;
      this.#inherited = this.#reason !== undefined;
      (parent.#children ??= new Set()).add(this);
    }
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Whether the reason was given to work around this one. */
  get inherited(): boolean {
    return this.#inherited;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      this.#there = AsyncLocalStorage.snapshot();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: StopReason): void {
    this.#abort(reason, false);
  }

  #abort(reason: StopReason, inherited: boolean): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#inherited = inherited;
    this.#there?.(() => this.#controller?.abort(reason));
    for (const listener of this.#listeners ?? []) listener(reason);
    for (const child of this.#children ?? []) child.#abort(reason, true);
  }

  /** Calls back once, at once when the reason is already there; answers how to stop listening. */
  onAbort(listener: (reason: StopReason) => void): () => void {
    if (this.#reason) {
      listener(this.#reason);
      return () => {};
    }
    (this.#listeners ??= new Set()).add(listener);
    return () => this.#listeners?.delete(listener);
  }

  /** Leaves the tree: a finished task must not be kept alive by its flow. */
  release(): void {
    if (this.#parent) this.#parent.#children?.delete(this);
  }
}
