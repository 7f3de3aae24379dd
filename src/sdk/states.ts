/** States to return from flows and tasks: types drive the rules, names are yours. */

import { ReturnedState } from '../engine/returned-state.ts';

export interface StateOptions {
  /** For instance `Skipped`; default: the type's own name. */
  readonly name?: string;
  readonly message?: string;
}

export function completed(options: StateOptions & { readonly value?: unknown } = {}): ReturnedState {
  return new ReturnedState('COMPLETED', options);
}

export function failed(options: StateOptions & { readonly error?: unknown } = {}): ReturnedState {
  return new ReturnedState('FAILED', options);
}

export function cancelled(options: StateOptions = {}): ReturnedState {
  return new ReturnedState('CANCELLED', options);
}

export function crashed(options: StateOptions & { readonly error?: unknown } = {}): ReturnedState {
  return new ReturnedState('CRASHED', options);
}
