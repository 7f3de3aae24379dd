/** Futures in a task's return value: awaited, as those in a flow's return value are. */

import { isPromiseLike, type MaybePromise } from '../core/maybe-promise.ts';
import { OstinatoError } from '../core/errors.ts';
import { findFutures } from './arguments.ts';
import { ReturnedState } from './returned-state.ts';
import { stackless } from './stackless.ts';

/**
 * The value itself where no future is in it: then it is there at once. To look costs as much as the value is large.
 *
 * @throws `run-failed` when one of several did not complete
 */
export function awaitReturned(returned: unknown): MaybePromise<unknown> {
  if (isPromiseLike(returned)) return Promise.resolve(returned).then(awaitReturned);
  if (typeof returned !== 'object' || returned === null) return returned;
  if (returned instanceof ReturnedState) {
    if (returned.type !== 'COMPLETED') return returned;
    const value = awaitReturned(returned.value);
    return value === returned.value ? returned : Promise.resolve(value).then((given) => completedWith(returned, given));
  }
  const found = findFutures([returned], () => 'result');
  if (!found?.hasFutures) return returned;
  return found.whenDone().then(() => {
    const failed = [...new Set(found.failed)];
    if (failed.length === 0) return found.results()[0];
    const total = new Set(found.futures).size;
    const [first] = failed;
    const cause = first?.outcome?.ok === false ? first.outcome.error : undefined;
    throw stackless(
      new OstinatoError(
        'run-failed',
        `${failed.length} of ${total} returned ${total === 1 ? 'future' : 'futures'} did not complete: ${failed
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}.`,
        { cause },
      ),
    );
  });
}

function completedWith({ name, message, partial }: ReturnedState, value: unknown): ReturnedState {
  return new ReturnedState('COMPLETED', {
    value,
    partial,
    ...(name === undefined ? {} : { name }),
    ...(message === null ? {} : { message }),
  });
}
