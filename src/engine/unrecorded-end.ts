/**
 * The end of a flow run that the store does not take (a full disk, a database that turned read-only).
 *
 * 1. What may pass is tried again for a few seconds; the work itself is done, so nothing else is delayed by it.
 * 2. Then the run ends here all the same, with its value: what it computed is worth more than its record. The next
 *    process finds the run by its lease, and its finished steps in the journal.
 */

import { isOutage } from '../client/delivery.ts';
import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { stampState, type ProposedState } from '../core/state.ts';
import type { StateId } from '../core/ids.ts';
import { sleep } from '../core/time.ts';
import type { FlowScope } from './flow-scope.ts';

/**
 * Milliseconds between tries; about three seconds in all: time for another program to free disk space, short for a
 * person who waits.
 */
const PAUSES_MS = [100, 300, 1000, 2000];

/** @returns whether it was recorded; if not, it was told, and the run is in its final state in this process only */
export async function recordEnd(
  scope: FlowScope,
  proposed: ProposedState,
  record: () => Promise<void>,
): Promise<boolean> {
  const { ports } = scope;
  for (let trial = 0; ; trial += 1) {
    try {
      await record();
      return true;
    } catch (error) {
      if (!isOutage(error)) throw error;
      const pauseMs = PAUSES_MS[trial];
      const mayPass = !OstinatoError.is(error) || ERROR_CODES[error.code].retryable;
      if (mayPass && pauseMs !== undefined) await sleep(ports.clock, pauseMs);
      else return endUnrecorded(scope, proposed, error);
    }
  }
}

function endUnrecorded(scope: FlowScope, proposed: ProposedState, error: unknown): false {
  const { ports, flowRun } = scope;
  const state = stampState(proposed, ports.ids.next<StateId>(), ports.clock.now());
  scope.flowRun = { ...flowRun, state, endTime: state.timestamp };
  const known = OstinatoError.is(error)
    ? error
    : new OstinatoError('store-unavailable', String(error), {
        cause: error,
        remedy: 'Look whether the database or the server is there.',
      });
  const message = `Flow run ${flowRun.name} is ${state.name}, but that could not be recorded: ${known.message} ${known.remedy} Others will see the run as Crashed; \`ostinato flow-run retry ${flowRun.id}\` continues it, and does not repeat the steps that are kept.`;
  for (const observer of ports.observers) {
    observer.noticed?.(LOG_LEVELS.error, message);
    observer.endUnrecorded?.(scope.flowRun, known);
  }
  return false;
}
