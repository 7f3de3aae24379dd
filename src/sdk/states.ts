/** States that flows and tasks may return (the type determines the rules, the name is free), and choosing by them. */

import { describeFailure, thrownFrom } from '../core/codec-failure.ts';
import type { Failure } from '../core/failure.ts';
import { OstinatoError } from '../core/errors.ts';
import { isTerminal, type State, type TerminalStateType } from '../core/state.ts';
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

/** What to do, by the name of an error's class, its code, or the state's name. */
type Cases = Readonly<Record<string, (failure: Failure) => unknown>>;
/** Between them these are all ends that are no success. */
type Bad = 'Failed' | 'Crashed' | 'Cancelled';
/** Cases that leave an end without an answer lack `else`. */
type Answered<C, Ends extends string> = 'else' extends keyof C
  ? unknown
  : [Exclude<Ends, keyof C>] extends [never]
    ? unknown
    : { readonly else: (failure: Failure) => unknown };

/**
 * Chooses by how a run ended, or by an error: the first of these names that there is a case for.
 *
 * 1. the class of the error, and the classes that it extends (`TimeoutError` also for a timeout of the engine's own),
 * 2. its code (`ECONNREFUSED`), 3. the state's own name, 4. `Error`,
 * 5. `Failed`, `Crashed`, `Cancelled` or `Completed`, 6. `else`.
 *
 * Classes are recorded, so that a continued run chooses the same. Without `else` all ends must have a case. Throws
 * `bad-input` for a state that is not final, and the failure itself where, untyped, no case fits.
 *
 * @example match(await load.state(url), { HttpError: (e) => retryLater(e), Completed: () => true, else: () => false });
 */
export function match<S, const C extends Cases>(
  subject: S,
  cases: C & Answered<C, S extends State ? Bad | 'Completed' : Bad>,
): ReturnType<C[keyof C]>;
export function match(subject: unknown, cases: Cases): unknown {
  const failure = failureIn(subject);
  for (const name of namesOf(failure)) if (Object.hasOwn(cases, name)) return cases[name]?.(failure);
  throw failure.error;
}

const TYPE_WORDS: Readonly<Record<TerminalStateType, string>> = {
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CRASHED: 'Crashed',
  CANCELLED: 'Cancelled',
};
/** Ends that an error tells by its code, where no state says it. */
const CODE_WORDS: Readonly<Record<string, string>> = { 'run-crashed': 'Crashed', 'run-cancelled': 'Cancelled' };

function failureIn(subject: unknown): Failure {
  if (isFailure(subject)) return subject;
  if (!isState(subject)) return describeFailure(subject, null);
  if (!isTerminal(subject))
    throw new OstinatoError('bad-input', `match(…) was given the state ${subject.name}, which is not final.`, {
      remedy: 'Wait for the run before: match(await future.wait(), { … }).',
    });
  const failure = 'failure' in subject ? (subject.failure ?? null) : null;
  if (failure !== null) return describeFailure(thrownFrom(failure), subject);
  const error = new OstinatoError('run-failed', subject.message ?? `The run ended ${subject.name}.`);
  return { name: subject.name, message: error.message, code: null, classes: [], error, state: subject };
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'classes' in value && 'error' in value && 'state' in value;
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && 'type' in value && 'timestamp' in value && 'details' in value;
}

function* namesOf({ name, code, classes, state }: Failure): Generator<string> {
  if (classes.length > 0) yield name;
  if (code === 'timed-out') yield 'TimeoutError';
  for (const each of classes) if (each !== 'Error') yield each;
  if (code !== null) yield code;
  if (state !== null) yield state.name;
  if (classes.length > 0) yield 'Error';
  yield state !== null && isTerminal(state) ? TYPE_WORDS[state.type] : (CODE_WORDS[code ?? ''] ?? 'Failed');
  yield 'else';
}
