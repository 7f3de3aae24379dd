import type { ProcessId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { ACTIVE_TYPES } from '../core/rules/policy.ts';
import type { OrchestratorPorts } from './ports.ts';

/**
 * Whether the process holds runs that have not ended. Asks only what the store answers without its query compiler.
 */
export function holdsActiveRuns({ storage }: OrchestratorPorts, processId: ProcessId): MaybePromise<boolean> {
  return chain(
    storage.list('flow_run', { where: matching({ processId, stateType: ACTIVE_TYPES }), limit: 1 }),
    (runs) => runs.length > 0 || storage.holdsTaskRuns(processId),
  );
}

/**
 * Deletes the row of a process that ends. While it still holds runs the row stays: by it, the next process finds out
 * that these runs are lost.
 */
export function endProcess(ports: OrchestratorPorts, id: ProcessId): MaybePromise<void> {
  return chain(holdsActiveRuns(ports, id), (holds) => (holds ? undefined : ports.storage.deleteProcess(id)));
}

/** Whether there may be lost runs to look for. */
export function someProcessIsGone({ storage, liveness }: OrchestratorPorts): MaybePromise<boolean> {
  return chain(storage.listProcesses(), (processes) => processes.some((process) => !liveness(process).alive));
}
