/** Who holds a flow run, and whether that process is still there. */

import type { FlowRun } from '../core/flow-run.ts';
import type { ProcessId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { HolderEvidence } from '../core/why.ts';
import { showInstant } from '../core/why-phrases.ts';
import type { OrchestratorPorts } from './ports.ts';

/** `null` when nobody has the lease. */
export function inspectHolder(ports: OrchestratorPorts, run: FlowRun): MaybePromise<HolderEvidence | null> {
  const { lease } = run;
  if (lease === null) return null;
  return chain(ports.storage.listProcesses(), (processes) => judgeHolder(ports, lease.processId, processes));
}

export function judgeHolder(
  ports: OrchestratorPorts,
  id: ProcessId,
  processes: readonly ProcessRecord[],
): HolderEvidence {
  const record = processes.find((process) => process.id === id) ?? null;
  if (record === null)
    return {
      record,
      alive: false,
      evidence: `Process ${id}, which held it, ended without finishing it and is no longer registered.`,
    };
  const { alive, evidence } = ports.liveness(record);
  if (alive) return { record, alive, evidence };
  return { record, alive, evidence: `${evidence} Its last heartbeat came at ${showInstant(record.heartbeatAt)}.` };
}
