import { OstinatoError } from '../core/errors.ts';
import type { FlowRunId, StateId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { isTerminal } from '../core/state.ts';
import { ownChangeEvent } from './events.ts';
import { flowRunMissing } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';
import { stateHasChanged } from './mark-run.ts';

/** Deletes a run with its task runs, states, logs and artifacts. Returns whether it existed. */
export function deleteFlowRun(
  { storage, ids, clock }: OrchestratorPorts,
  id: FlowRunId,
  onlyFrom?: StateId,
): MaybePromise<boolean> {
  return storage.deleteFlowRun(id, ownChangeEvent(ids, 'flow-run', id, 'deleted', clock.now(), { id }), onlyFrom);
}

/**
 * Deletes a run that a person looked at: only if it has ended, and is still in the state that was shown. `not-found`;
 * `conflict`.
 */
export async function deleteSeenFlowRun(ports: OrchestratorPorts, id: FlowRunId, seen: StateId): Promise<void> {
  const run = await ports.storage.readFlowRun(id);
  if (run === null) throw flowRunMissing(id);
  if (run.state.id !== seen) throw stateHasChanged(run);
  if (!isTerminal(run.state))
    throw new OstinatoError(
      'conflict',
      `It is ${run.state.name}: only runs that are over can be deleted. Cancel it first.`,
    );
  if (await deleteFlowRun(ports, id, seen)) return;
  const now = await ports.storage.readFlowRun(id);
  throw now === null ? flowRunMissing(id) : stateHasChanged(now);
}
