/**
 * The table of contents of the orchestrator: every use case, bound to its ports. What only reads goes to the store as
 * it is. Whoever imports this has all of it loaded: no first question waits.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowId, FlowRunId } from '../core/ids.ts';
import { administrationUseCases } from './administration.ts';
import { alertUseCases } from './alerts/use-cases.ts';
import { provideOrchestrator } from './all-loaded.ts';
import { automationActionUseCases } from './automation-actions/use-cases.ts';
import { backTest, type BackTestWanted } from './automation-triggers/back-test.ts';
import { stepAutomations } from './automation-triggers/step.ts';
import { automationUseCases } from './automations.ts';
import type { HashText } from '../core/automations/derived-id.ts';
import { backfillUseCases } from './backfills/use-cases.ts';
import { blockUseCases } from './blocks/use-cases.ts';
import { claimFlowRun, type ClaimFlowRun } from './claim-flow-run.ts';
import { concurrencyUseCases } from './concurrency/use-cases.ts';
import { controlPlane } from './control-plane.ts';
import { deploymentUseCases } from './deployments/use-cases.ts';
import { endSilentRun } from './end-silent-run.ts';
import { ensureFlow } from './flows.ts';
import type { OrchestratorPorts } from './ports.ts';
import { retrySafe } from './retry-safe.ts';
import { runPlane } from './run-plane.ts';
import { runUseCases } from './run-use-cases.ts';
import { savedSearchUseCases } from './saved-searches.ts';
import { streamUseCases } from './streams.ts';
import { makingRoom } from './deployments/make-room.ts';
import { checkNewJobVariables } from './job-variables.ts';
import { tellProcessEnd, type ProcessEndTold } from './tell-process-end.ts';
import { webhookUseCases } from './webhooks.ts';
import { workPoolUseCases } from './work-pools/use-cases.ts';

export type UseCases = ReturnType<typeof createUseCases>;

export function createUseCases(given: OrchestratorPorts) {
  provideOrchestrator();
  const ports = retrySafe(given);
  const { storage } = ports;
  return {
    ...runPlane(ports),
    ensureFlow: (request: Parameters<typeof ensureFlow>[1]) => ensureFlow(ports, request),
    readFlow: (id: FlowId) => storage.readFlow(id),
    claimFlowRun: (request: ClaimFlowRun) => makingRoom(ports, claimFlowRun(ports, request)),
    tellProcessEnd: (told: ProcessEndTold) => tellProcessEnd(ports, told),
    checkNewJobVariables: (run: FlowRun, values: string) => checkNewJobVariables(ports, run, values),
    endSilentRun: (id: FlowRunId, silentSeconds: number) => endSilentRun(ports, id, silentSeconds),

    ...runUseCases(ports),
    ...concurrencyUseCases(ports),
    ...controlPlane(ports),
    ...savedSearchUseCases(ports),
    ...automationUseCases(ports),
    ...automationActionUseCases(ports),
    ...alertUseCases(ports),
    stepAutomations: (hash: HashText) => stepAutomations(ports, hash),
    backTest: (wanted: BackTestWanted) => backTest(ports, wanted),
    ...deploymentUseCases(ports),
    ...backfillUseCases(ports),
    ...blockUseCases(ports),
    ...administrationUseCases(ports),
    ...streamUseCases(ports),
    ...webhookUseCases(ports),
    ...workPoolUseCases(ports),
  };
}
