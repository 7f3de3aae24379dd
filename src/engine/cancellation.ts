/**
 * Why work is asked to stop, and the tree along which the request travels.
 *
 * 1. A reason is given once; later ones are ignored.
 * 2. A parent's reason reaches every child that exists or is added later.
 * 3. A reason that came from the parent is `inherited`: the work did not fail by itself, it was called off.
 * 4. The `AbortSignal` is made only when somebody looks at it: most tasks never do, and a signal costs more than a
 *    task.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { OstinatoError } from '../core/errors.ts';

export type StopKind = 'cancel' | 'timeout' | 'crash' | 'sibling';

const STOP_MARK = Symbol.for('ostinato.stop-reason');

/** The signal's reason. Bodies that pass the signal on (`fetch`, timers) see it thrown back at them. */
export class StopReason extends OstinatoError {
  readonly kind: StopKind;
  /** Seconds that a body has to end by itself; `undefined`: the default of the kind of reason. */
  readonly graceSeconds: number | undefined;

  constructor(kind: StopKind, message: string, { graceSeconds }: { readonly graceSeconds?: number } = {}) {
    super(kind === 'timeout' ? 'timed-out' : kind === 'crash' ? 'run-crashed' : 'run-cancelled', message);
    this.kind = kind;
    this.graceSeconds = graceSeconds;
  }

  get [STOP_MARK](): true {
    return true;
  }

  /** Recognises a reason of another loaded copy of the package, too. Never throws, whatever the value is. */
  static override is(value: unknown): value is StopReason {
    return OstinatoError.is(value) && STOP_MARK in value;
  }

  override get name(): string {
    return this.kind === 'timeout' ? 'TimeoutError' : 'AbortError';
  }
}

/** Another process has taken the run over: this one stops, and must not undo anything that the other builds on. */
export class RunLost extends StopReason {
  constructor(message: string) {
    super('crash', message);
  }
}

export class Cancellation {
  #reason: StopReason | undefined;
  #inherited = false;
  #controller: AbortController | undefined;
  /** Runs listeners of the signal in the context in which the signal was first read, so that they find their run. */
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

  /** Whether the reason was given to a parent. */
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

  /** Calls `listener` once; at once when the reason has been given. Returns a function that removes the listener. */
  onAbort(listener: (reason: StopReason) => void): () => void {
    if (this.#reason) {
      listener(this.#reason);
      return () => {};
    }
    (this.#listeners ??= new Set()).add(listener);
    return () => this.#listeners?.delete(listener);
  }

  /** Leaves the tree, so that the flow's cancellation does not keep a finished task in memory. */
  release(): void {
    if (this.#parent) this.#parent.#children?.delete(this);
  }
}
