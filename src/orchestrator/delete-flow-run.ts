import type { FlowRunId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { ownChangeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Forgets a run with its task runs, states, logs and artifacts. Answers whether it was there. */
export function deleteFlowRun({ storage, ids, clock }: OrchestratorPorts, id: FlowRunId): MaybePromise<boolean> {
  return storage.deleteFlowRun(id, ownChangeEvent(ids, 'flow-run', id, 'deleted', clock.now(), { id }));
}
