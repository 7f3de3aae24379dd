/** States that flows and tasks may return: the type determines the rules, the name is free. */

import { ReturnedState } from '../engine/returned-state.ts';

export interface StateOptions {
  /** For instance `Skipped`; default: the name of the type. */
  readonly name?: string;
  readonly message?: string;
}

/** Without `value` awaiting the run gives `undefined`. */
export function completed<Value = undefined>(
  options: StateOptions & { readonly value?: Value } = {},
): ReturnedState<Value> {
  return new ReturnedState('COMPLETED', options);
}

export function failed(options: StateOptions & { readonly error?: unknown } = {}): ReturnedState<never> {
  return new ReturnedState('FAILED', options);
}

export function cancelled(options: StateOptions = {}): ReturnedState<never> {
  return new ReturnedState('CANCELLED', options);
}

export function crashed(options: StateOptions & { readonly error?: unknown } = {}): ReturnedState<never> {
  return new ReturnedState('CRASHED', options);
}
