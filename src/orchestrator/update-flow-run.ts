import { OstinatoError } from '../core/errors.ts';
import type { UpdateFlowRun } from '../core/flow-run-request.ts';
import type { FlowRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { changeEvent } from './events.ts';
import { flowRunMissing } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Changes what people may change about a run. `not-found`; `bad-input` for an empty name. */
export function updateFlowRun(ports: OrchestratorPorts, id: FlowRunId, change: UpdateFlowRun): MaybePromise<void> {
  if (change.name !== undefined && change.name.trim() === '') throw new OstinatoError('bad-input', 'The new name of the run is empty.');
  const event = changeEvent(ports.ids, 'flow-run', id, 'updated', ports.clock.now(), change);
  const changed = ports.storage.changeFlowRun<boolean>(id, (run) =>
    run === null ? { answer: false } : { run: { ...run, ...change }, events: [event], answer: true },
  );
  return chain(changed, (found) => {
    if (!found) throw flowRunMissing(id);
  });
}
