/** States that user code returns instead of a value: `return completed({ name: 'Skipped' })`. */

import type { ProposedState } from '../core/state.ts';

/** @typeParam Value what awaiting the run gives; `never` for a state that did not complete: that throws */
export class ReturnedState<out Value = unknown> {
  readonly type: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CRASHED';
  readonly name: string | undefined;
  readonly message: string | null;
  /** The value of a COMPLETED state. */
  readonly value: Value;
  /** The error of any other state. */
  readonly error: unknown;
  /** The value is only a part of what the work would have given: no other run may use it. */
  readonly partial: boolean;

  constructor(
    type: ReturnedState['type'],
    options: {
      readonly name?: string;
      readonly message?: string;
      readonly value?: unknown;
      readonly error?: unknown;
      readonly partial?: boolean;
    },
  ) {
    this.type = type;
    this.name = options.name;
    this.message = options.message ?? null;
    this.value = options.value as Value;
    this.error = options.error;
    this.partial = options.partial ?? false;
  }
}

/** Name and message of a proposal, without the keys that are not given. */
export function labelsOf(state: ReturnedState): Pick<ProposedState, 'name' | 'message'> {
  return state.name === undefined ? { message: state.message } : { name: state.name, message: state.message };
}
