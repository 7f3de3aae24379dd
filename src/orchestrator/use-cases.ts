/**
 * The table of contents of the orchestrator: every use case, bound to its ports. What only reads goes to the store as
 * it is. Whoever imports this has all of it loaded: no first question waits.
 */

import type { FlowId, FlowRunId } from '../core/ids.ts';
import { administrationUseCases } from './administration.ts';
import { blockUseCases } from './blocks/use-cases.ts';
import * as cancelFlowRun from './cancel-flow-run.ts';
import { claimFlowRun, type ClaimFlowRun } from './claim-flow-run.ts';
import * as release from './concurrency/release.ts';
import * as tagLimits from './concurrency/tag-limits.ts';
import * as taskSlots from './concurrency/task-slots.ts';
import { concurrencyUseCases } from './concurrency/use-cases.ts';
import { controlPlane } from './control-plane.ts';
import * as deleteFlowRun from './delete-flow-run.ts';
import * as slotGate from './deployments/slot-gate.ts';
import { deploymentUseCases } from './deployments/use-cases.ts';
import * as endLostTasks from './end-lost-tasks.ts';
import { endSilentRun } from './end-silent-run.ts';
import * as explainRun from './explain-run.ts';
import { ensureFlow } from './flows.ts';
import type { OrchestratorPorts } from './ports.ts';
import * as reapLostRuns from './reap-lost-runs.ts';
import * as recordFlowRun from './record-flow-run.ts';
import * as resumeFlowRun from './resume-flow-run.ts';
import { retrySafe } from './retry-safe.ts';
import * as runPlane from './run-plane.ts';
import { runUseCases } from './run-use-cases.ts';
import { savedSearchUseCases } from './saved-searches.ts';
import * as setFlowRunState from './set-flow-run-state.ts';
import { streamUseCases } from './streams.ts';
import { tellProcessEnd, type ProcessEndTold } from './tell-process-end.ts';
import * as updateFlowRun from './update-flow-run.ts';
import { workPoolUseCases } from './work-pools/use-cases.ts';

runPlane.resuming.provide(resumeFlowRun);
runPlane.cancelling.provide(cancelFlowRun);
runPlane.updating.provide(updateFlowRun);
runPlane.recording.provide(recordFlowRun);
runPlane.deleting.provide(deleteFlowRun);
runPlane.explaining.provide(explainRun);
runPlane.reaping.provide(reapLostRuns);
runPlane.tagSlots.provide(taskSlots);
runPlane.tagLimits.provide(tagLimits);
runPlane.leases.provide(release);
setFlowRunState.slotGate.provide(slotGate);
setFlowRunState.lostTasks.provide(endLostTasks);

export type UseCases = ReturnType<typeof createUseCases>;

export function createUseCases(given: OrchestratorPorts) {
  const ports = retrySafe(given);
  const { storage } = ports;
  return {
    ...runPlane.runPlane(ports),
    ensureFlow: (request: Parameters<typeof ensureFlow>[1]) => ensureFlow(ports, request),
    readFlow: (id: FlowId) => storage.readFlow(id),
    claimFlowRun: (request: ClaimFlowRun) => claimFlowRun(ports, request),
    tellProcessEnd: (told: ProcessEndTold) => tellProcessEnd(ports, told),
    endSilentRun: (id: FlowRunId, silentSeconds: number) => endSilentRun(ports, id, silentSeconds),

    ...runUseCases(ports),
    ...concurrencyUseCases(ports),
    ...controlPlane(ports),
    ...savedSearchUseCases(ports),
    ...deploymentUseCases(ports),
    ...blockUseCases(ports),
    ...administrationUseCases(ports),
    ...streamUseCases(ports),
    ...workPoolUseCases(ports),
  };
}
