/**
 * The final state of a flow run from what its function gave back. Source of the rules: Prefect 3, "Final state
 * determination".
 *
 * - It threw → Failed (Cancelled or TimedOut when that is why).
 * - It returned a state, a future, or a list or object of them → Failed when any of them did not complete, else
 *   Completed.
 * - Anything else → Completed. Failures that nobody looked at are named in the state's message, so that they are not
 *   lost.
 */

import { toFailureInfo } from '../core/codec.ts';
import { failureLine } from '../core/failure-line.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ProposedState } from '../core/state.ts';
import { findFutures } from './arguments.ts';
import { StopReason, type Cancellation } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import type { RunFuture } from './future.ts';
import { labelsOf, ReturnedState } from './returned-state.ts';
import { stackless } from './stackless.ts';

export interface FlowEnd {
  readonly proposed: ProposedState;
  readonly value: unknown;
  readonly error: unknown;
}

/**
 * @param cancellation the run's own: a `StopReason` from elsewhere belongs to a task or subflow, and is a failure like
 * others
 */
export function endOfThrow(error: unknown, cancellation: Pick<Cancellation, 'reason' | 'inherited'>): FlowEnd {
  const failure = toFailureInfo(error);
  const message = failureLine(failure);
  if (!StopReason.is(error) || !cancellation.reason)
    return { proposed: { type: 'FAILED', message, failure }, value: undefined, error };
  if (error.kind === 'timeout' && !cancellation.inherited)
    return { proposed: { type: 'FAILED', name: 'TimedOut', message, failure }, value: undefined, error };
  const type = error.kind === 'crash' ? 'CRASHED' : 'CANCELLED';
  return { proposed: { type, message: failure.message, failure } as ProposedState, value: undefined, error };
}

export async function endOfReturn(returned: unknown, scope: FlowScope): Promise<FlowEnd> {
  if (returned instanceof ReturnedState) {
    if (returned.type !== 'COMPLETED') return endOfState(returned);
    const end = await endOfReturn(returned.value, scope);
    return end.proposed.type === 'COMPLETED' ? { ...end, proposed: { ...end.proposed, ...labelsOf(returned) } } : end;
  }
  const states = Array.isArray(returned) ? returned.filter((item) => item instanceof ReturnedState) : [];
  const given: unknown =
    states.length > 0
      ? (returned as readonly unknown[]).map((item) => (item instanceof ReturnedState ? item.value : item))
      : returned;
  const found = findFutures([given], () => 'result');
  await found?.whenDone();
  const futures = [...new Set(found?.futures)];
  const bad = [...new Set(found?.failed)];
  const badStates = states.filter((state) => state.type !== 'COMPLETED');
  if (bad.length + badStates.length > 0) return endOfFailures(bad, badStates, futures.length + states.length);
  return {
    proposed: { type: 'COMPLETED', data: null, message: completedMessage(scope, futures) },
    value: found ? found.results()[0] : given,
    error: undefined,
  };
}

function endOfState(state: ReturnedState): FlowEnd {
  const labels = labelsOf(state);
  const error =
    state.error !== undefined
      ? state.error
      : stackless(new OstinatoError('run-failed', state.message ?? `The flow returned a ${state.type} state.`));
  return {
    proposed: { type: state.type, failure: toFailureInfo(error), ...labels } as ProposedState,
    value: undefined,
    error,
  };
}

function endOfFailures(
  futures: readonly RunFuture<unknown>[],
  states: readonly ReturnedState[],
  total: number,
): FlowEnd {
  const first = futures[0];
  const isThrown = first?.outcome?.ok === false;
  const cause = first?.outcome?.ok === false ? first.outcome.error : states[0]?.error;
  const named = [...futures.map((future) => future.name), ...states.map((state) => state.message ?? state.type)]
    .slice(0, 5)
    .join(', ');
  const count = futures.length + states.length;
  const error = stackless(
    new OstinatoError(
      'run-failed',
      `${count} of ${total} returned ${total === 1 ? 'state' : 'states'} did not complete: ${named}.`,
      { cause },
    ),
  );
  return {
    proposed: { type: 'FAILED', message: error.message, failure: toFailureInfo(error) },
    value: undefined,
    error: total === 1 && (isThrown || cause !== undefined) ? cause : error,
  };
}

/** Names that a message gives of each kind. */
const NAMED_MAX = 5;

/** What the run went on from; `null`: nothing. */
function detoursOf({ detours: { optional, fallback } }: FlowScope): string | null {
  const tell = (names: readonly string[], one: string, several: string): string[] =>
    names.length === 0
      ? []
      : [
          `${names.length} ${names.length === 1 ? one : several}: ${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ', …' : ''}.`,
        ];
  const told = [
    ...tell(optional, 'optional step failed', 'optional steps failed'),
    ...tell(fallback, 'step fell back', 'steps fell back'),
  ];
  return told.length === 0 ? null : told.join(' ');
}

function completedMessage(scope: FlowScope, returned: readonly RunFuture<unknown>[]): string | null {
  const { count, names } = scope.unobservedFailures();
  const detours = detoursOf(scope);
  if (count === 0) return detours ?? (returned.length > 0 ? 'All states completed.' : null);
  return `${detours === null ? '' : `${detours} `}Completed, but ${count} ${count === 1 ? 'task run' : 'task runs'} failed and nothing looked at the outcome: ${names.join(', ')}.`;
}
