/**
 * What a process that runs flows asks of the orchestrator. What every run asks is loaded with this; what only some ask
 * (to go on with a run, to end lost ones, tags with limits, explanations) with their first question (ADR 064).
 */

import type { TakeTagSlots } from '../core/concurrency/tag-slots.ts';
import type { CreateFlowRun, ProposeFlowRunState, ResumeFlowRun, UpdateFlowRun } from '../core/flow-run-request.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { ConcurrencyLeaseId, FlowRunId, ProcessId, TaskRunId } from '../core/ids.ts';
import type { KeyPage, ListedNoun } from '../core/list-query.ts';
import type { LogRecord } from '../core/log.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import { EVERYTHING, type Condition } from '../core/query.ts';
import type { State } from '../core/state.ts';
import type { TaskRunRecord } from '../core/task-run.ts';
import type { CacheStorage, RunStorage } from '../store/port.ts';
import { claimCacheKey, type CacheKeyRequest } from './cache.ts';
import { countByState } from './count-by-state.ts';
import { createFlowRun } from './create-flow-run.ts';
import { endProcess, someProcessIsGone } from './end-process.ts';
import {
  cancelling,
  deleting,
  explaining,
  leases,
  reaping,
  recording,
  resuming,
  tagSlots,
  updating,
} from './loaded-later.ts';
import type { OrchestratorPorts } from './ports.ts';
import type { ReapLostRuns } from './reap-lost-runs.ts';
import { setFlowRunState } from './set-flow-run-state.ts';

export function runPlane(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    createFlowRun: (request: CreateFlowRun) => createFlowRun(ports, request),
    setFlowRunState: (request: ProposeFlowRunState) => setFlowRunState(ports, request),
    resumeFlowRun: (request: ResumeFlowRun) => resuming(({ takeFlowRun }) => takeFlowRun(ports, request)),
    cancelFlowRun: (id: FlowRunId) => cancelling(({ cancelFlowRun }) => cancelFlowRun(ports, id)),
    updateFlowRun: (id: FlowRunId, change: UpdateFlowRun) =>
      updating(({ updateFlowRun }) => updateFlowRun(ports, id, change)),
    recordFlowRun: (run: FlowRun, states: readonly State[]) =>
      recording(({ recordFlowRun }) => recordFlowRun(ports, run, states)),
    deleteFlowRun: (id: FlowRunId) => deleting(({ deleteFlowRun }) => deleteFlowRun(ports, id)),
    readFlowRun: (id: FlowRunId) => storage.readFlowRun(id),
    listFlowRunStates: (id: FlowRunId) => storage.listFlowRunStates(id),

    recordTaskRuns: (records: readonly TaskRunRecord[], logs: readonly LogRecord[]) =>
      storage.writeTaskRuns(records, logs),
    readTaskRun: (id: TaskRunId) => storage.readTaskRun(id),
    listTaskRunStates: (id: TaskRunId) => storage.listTaskRunStates(id),
    listRecordedSteps: (id: FlowRunId, page: Parameters<RunStorage['listRecordedSteps']>[1]) =>
      storage.listRecordedSteps(id, page),
    list: <N extends ListedNoun>(noun: N, page: KeyPage<N> = {}) => storage.list(noun, page),
    countByState: (noun: 'flow_run' | 'task_run', where: Condition = EVERYTHING) => countByState(storage, noun, where),
    explainRun: (id: FlowRunId | TaskRunId) => explaining(({ explainRun }) => explainRun(ports, id)),

    claimCacheKey: (request: CacheKeyRequest) => claimCacheKey(ports, request),
    settleCacheClaim: (claim: Parameters<CacheStorage['settleCacheClaim']>[0]) => storage.settleCacheClaim(claim),

    takeTagSlots: (request: TakeTagSlots) => tagSlots(({ takeTagSlots }) => takeTagSlots(ports, request)),
    renewTagSlots: (leaseIds: readonly ConcurrencyLeaseId[]) =>
      tagSlots(({ renewTagSlots }) => renewTagSlots(ports, leaseIds)),
    releaseLease: (id: ConcurrencyLeaseId) => leases(({ releaseLease }) => releaseLease(ports, id)),

    registerProcess: (process: ProcessRecord) => storage.writeProcess(process),
    beat: (id: ProcessId) => storage.beat(id, ports.clock.now()),
    endProcess: (id: ProcessId) => endProcess(ports, id),
    /** Nothing more is loaded where every process lives. */
    reapLostRuns: async (request: ReapLostRuns = {}): Promise<readonly FlowRun[]> =>
      request.isThorough === true || (await someProcessIsGone(ports))
        ? await reaping(({ reapLostRuns }) => reapLostRuns(ports, request))
        : [],
  };
}
