/** One call of a flow, as it is handed on inside the engine. */

import type { FlowRun, RunLease } from '../core/flow-run.ts';
import type { FlowDefinition } from './definitions.ts';
import { FlowFuture } from './future.ts';
import type { CallSite } from './ports.ts';
import type { Frame } from './run-context.ts';
import { Channel, type OnYield } from './stream.ts';
import type { TakenRun } from './take-run.ts';

export class StreamFlowFuture<T> extends FlowFuture<T[]> implements AsyncIterable<T> {
  readonly #channel = new Channel();

  /** @internal */
  get push(): OnYield {
    return this.#channel.push;
  }

  /** @internal Nobody is left who could read: the generator runs to its end. */
  release(): void {
    this.#channel.release();
  }

  override observe(): void {
    super.observe();
    this.#channel.release();
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    super.observe();
    this.onDone(() => this.#channel.end(this.outcome?.ok === false ? { error: this.outcome.error } : undefined));
    return this.#channel[Symbol.asyncIterator]() as AsyncIterator<T>;
  }
}

export interface FlowCall {
  readonly definition: FlowDefinition;
  readonly thisArg: unknown;
  readonly parameters: unknown;
  readonly future: FlowFuture<unknown>;
  readonly frame: Frame | null;
  readonly tags: readonly string[];
  /** The branches that its options ask for are looked after by who called. */
  readonly isPlain?: true;
  readonly site: CallSite;
  /** Continue this run instead of starting a new one; its recorded parameters count. */
  readonly resume: FlowRun | null;
  /** The lease of the worker that has started this process for the run. */
  readonly handedOver: RunLease | null;
  /** This process has taken the run to be continued already. */
  readonly taken: TakenRun | null;
  /** Continues another run of the same flow, beside this one. */
  readonly continueBeside: (run: FlowRun) => void;
}
