/**
 * The table of contents of the orchestrator: every use case, bound to its ports. What only reads goes to the store as
 * it is.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { CreateFlowRun, ResumeFlowRun, UpdateFlowRun } from '../core/flow-run-request.ts';
import type { FlowRunFilter, LogFilter, Page, TaskRunFilter } from '../core/filter.ts';
import type { TakeTagSlots } from '../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId, FlowId, FlowRunId, ProcessId, TaskRunId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { State } from '../core/state.ts';
import type { TaskRunRecord } from '../core/task-run.ts';
import type { CacheStorage, RunStorage } from '../store/port.ts';
import { claimCacheKey, type CacheKeyRequest } from './cache.ts';
import { cancelFlowRun } from './cancel-flow-run.ts';
import { claimFlowRun, type ClaimFlowRun } from './claim-flow-run.ts';
import { administrationUseCases } from './administration.ts';
import { blockUseCases } from './blocks/use-cases.ts';
import { renewTagSlots, takeTagSlots } from './concurrency/task-slots.ts';
import { concurrencyUseCases } from './concurrency/use-cases.ts';
import { deploymentUseCases } from './deployments/use-cases.ts';
import { createFlowRun } from './create-flow-run.ts';
import { deleteFlowRun } from './delete-flow-run.ts';
import { endProcess } from './end-process.ts';
import { endSilentRun } from './end-silent-run.ts';
import { explainRun } from './explain-run.ts';
import { ensureFlow } from './flows.ts';
import { artifactUseCases } from './artifact-use-cases.ts';
import { workPoolUseCases } from './work-pools/use-cases.ts';
import type { OrchestratorPorts } from './ports.ts';
import { queryUseCases } from './queries.ts';
import { reapLostRuns, type ReapLostRuns } from './reap-lost-runs.ts';
import { recordFlowRun } from './record-flow-run.ts';
import { resumeFlowRun } from './resume-flow-run.ts';
import { retrySafe } from './retry-safe.ts';
import { runUseCases } from './run-use-cases.ts';
import { savedSearchUseCases } from './saved-searches.ts';
import { streamUseCases } from './streams.ts';
import { updateFlowRun } from './update-flow-run.ts';
import { variableUseCases } from './variables.ts';

export type UseCases = ReturnType<typeof createUseCases>;

export function createUseCases(given: OrchestratorPorts) {
  const ports = retrySafe(given);
  const { storage } = ports;
  return {
    ensureFlow: (request: Parameters<typeof ensureFlow>[1]) => ensureFlow(ports, request),
    readFlow: (id: FlowId) => storage.readFlow(id),
    createFlowRun: (request: CreateFlowRun) => createFlowRun(ports, request),
    resumeFlowRun: (request: ResumeFlowRun) => resumeFlowRun(ports, request),
    claimFlowRun: (request: ClaimFlowRun) => claimFlowRun(ports, request),
    cancelFlowRun: (id: FlowRunId) => cancelFlowRun(ports, id),
    updateFlowRun: (id: FlowRunId, change: UpdateFlowRun) => updateFlowRun(ports, id, change),
    recordFlowRun: (run: FlowRun, states: readonly State[]) => recordFlowRun(ports, run, states),
    deleteFlowRun: (id: FlowRunId) => deleteFlowRun(ports, id),
    readFlowRun: (id: FlowRunId) => storage.readFlowRun(id),
    listFlowRuns: (filter: FlowRunFilter, page: Page<FlowRunId> = {}) => storage.listFlowRuns(filter, page),
    countFlowRuns: (filter: FlowRunFilter) => storage.countFlowRuns(filter),
    listFlows: (page: Page<string> = {}) => storage.listFlows(page),
    listFlowRunStates: (id: FlowRunId) => storage.listFlowRunStates(id),

    recordTaskRuns: (records: readonly TaskRunRecord[], logs: readonly LogRecord[]) =>
      storage.writeTaskRuns(records, logs),
    readTaskRun: (id: TaskRunId) => storage.readTaskRun(id),
    listTaskRuns: (filter: TaskRunFilter, page: Parameters<RunStorage['listTaskRuns']>[1] = {}) =>
      storage.listTaskRuns(filter, page),
    countTaskRuns: (filter: TaskRunFilter) => storage.countTaskRuns(filter),
    listTaskRunStates: (id: TaskRunId) => storage.listTaskRunStates(id),
    listRecordedSteps: (id: FlowRunId, page: Parameters<RunStorage['listRecordedSteps']>[1]) =>
      storage.listRecordedSteps(id, page),
    readLogs: (filter: LogFilter, page: Parameters<RunStorage['readLogs']>[1] = {}) => storage.readLogs(filter, page),
    readEvents: (page: Parameters<RunStorage['readEvents']>[0]) => storage.readEvents(page),
    endSilentRun: (id: FlowRunId, silentSeconds: number) => endSilentRun(ports, id, silentSeconds),
    explainRun: (id: FlowRunId | TaskRunId) => explainRun(ports, id),

    claimCacheKey: (request: CacheKeyRequest) => claimCacheKey(ports, request),
    settleCacheClaim: (claim: Parameters<CacheStorage['settleCacheClaim']>[0]) => storage.settleCacheClaim(claim),

    takeTagSlots: (request: TakeTagSlots) => takeTagSlots(ports, request),
    renewTagSlots: (leaseIds: readonly ConcurrencyLeaseId[]) => renewTagSlots(ports, leaseIds),

    registerProcess: (process: ProcessRecord) => storage.writeProcess(process),
    beat: (id: ProcessId) => storage.beat(id, ports.clock.now()),
    endProcess: (id: ProcessId) => endProcess(ports, id),
    reapLostRuns: (request?: ReapLostRuns) => reapLostRuns(ports, request),

    ...runUseCases(ports),
    ...concurrencyUseCases(ports),
    ...queryUseCases(ports),
    ...artifactUseCases(ports),
    ...variableUseCases(ports),
    ...savedSearchUseCases(ports),
    ...deploymentUseCases(ports),
    ...blockUseCases(ports),
    ...administrationUseCases(ports),
    ...streamUseCases(ports),
    ...workPoolUseCases(ports),
  };
}
