/**
 * A value that may be available synchronously: with an embedded store, a step that needs no waiting costs no turn of
 * the event loop.
 */

export type MaybePromise<T> = T | Promise<T>;

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** `then` that stays synchronous when both the value and the step are. */
export function chain<A, B>(value: MaybePromise<A>, step: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return isPromise(value) ? value.then(step) : step(value);
}

/** Whether a value of unknown origin can be awaited: promises of any library, and futures. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
