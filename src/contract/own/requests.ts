/** What is asked of our own resources. */

import type { Artifact } from '../../core/artifact.ts';
import type { ArtifactFilter, FlowRunFilter, LogFilter, Page, TaskRunFilter } from '../../core/filter.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CreateFlowRun, ResumeFlowRun, SetFlowRunState, UpdateFlowRun } from '../../core/flow-run-request.ts';
import type { CacheEntry } from '../../core/cache-record.ts';
import type { TakeTagSlots } from '../../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { State } from '../../core/state.ts';
import type { TaskRunRecord } from '../../core/task-run.ts';
import { artifactType, cacheEntry, durability, entrypoint, flowRun, flowRunPolicy, log, submission, taskRunRecord } from './entities.ts';
import { boolean, integer, json, list, nullable, number, object, oneOf, optional, record, text, type Shape } from './shape.ts';
import { id, labels, proposedState, state, stateType, valueRef, jsonText } from './values.ts';

type FlowRunRequest = Omit<CreateFlowRun, 'placeholder'>;
export const createFlowRun: Shape<FlowRunRequest> = object<FlowRunRequest>({
  id: id(), flowName: text(), name: optional(text()), flowVersion: nullable(text()), flowDescription: optional(nullable(text())), parameters: valueRef, tags: list(text()), labels,
  policy: flowRunPolicy, durability, parentTaskRunId: nullable(id()), parentFlowRunId: nullable(id()), idempotencyKey: optional(text()),
  entrypoint: nullable(entrypoint), state: optional(proposedState), processId: optional(id()), submission: optional(submission),
});

/** Requests about one run: its id is in the path. */
type About<Request extends { readonly id: unknown }> = Omit<Request, 'id'>;

export const setFlowRunState: Shape<About<SetFlowRunState>> = object<About<SetFlowRunState>>({
  state: proposedState, force: optional(boolean()), leaseToken: optional(integer()), retryDelaySeconds: optional(number()),
});

export const resumeFlowRun: Shape<About<ResumeFlowRun>> = object<About<ResumeFlowRun>>({ processId: id(), transitionId: optional(text()) });

const policyChange = object<NonNullable<UpdateFlowRun['policy']>>({
  retries: nullable(integer()), retryDelaySeconds: list(number()), resuming: optional(boolean()), pauseKeys: optional(list(text())),
  retryType: optional(nullable(oneOf('in_process', 'reschedule'))),
});

export const updateFlowRun: Shape<UpdateFlowRun> = object<UpdateFlowRun>({
  name: optional(text()), tags: optional(list(text())), labels: optional(labels), entrypoint: optional(entrypoint), flowVersion: optional(text()),
  parameters: optional(valueRef), policy: optional(policyChange), infrastructurePid: optional(text()), jobVariables: optional(jsonText),
});

/** A run as its process moved it while we could not be reached: as it is now, and the states that it entered, oldest first. */
export interface FlowRunRecord {
  readonly run: FlowRun;
  /** None: the run is alive, and nothing else is to be said. */
  readonly states: readonly State[];
}
export const flowRunRecord: Shape<FlowRunRecord> = object<FlowRunRecord>({ run: flowRun, states: list(state) });

export interface TaskRunBatch {
  readonly records: readonly TaskRunRecord[];
  readonly logs: readonly LogRecord[];
}
export const taskRunBatch: Shape<TaskRunBatch> = object<TaskRunBatch>({ records: list(taskRunRecord), logs: list(log) });

function page<Id extends string>(): Shape<Page<Id>> {
  return object<Page<Id>>({ limit: optional(integer()), after: optional(text<Id>()) });
}

const flowRunFilter: Shape<FlowRunFilter> = object<FlowRunFilter>({
  ids: optional(list(id())), idPrefix: optional(text()), name: optional(text()), flowName: optional(text()), stateTypes: optional(list(stateType)),
  stateNames: optional(list(text())), tags: optional(list(text())), parentTaskRunId: optional(id()), rootOnly: optional(boolean()), processId: optional(id()),
});

const taskRunFilter: Shape<TaskRunFilter> = object<TaskRunFilter>({
  ids: optional(list(id())), idPrefix: optional(text()), name: optional(text()), flowRunId: optional(id()), stateTypes: optional(list(stateType)),
  stateNames: optional(list(text())), taskKey: optional(text()),
});

const logFilter: Shape<LogFilter> = object<LogFilter>({ flowRunId: optional(id()), taskRunId: optional(id()), levelMin: optional(integer()), text: optional(text()) });

const artifactFilter: Shape<ArtifactFilter> = object<ArtifactFilter>({
  key: optional(text()), type: optional(artifactType), flowRunId: optional(id()), taskRunId: optional(id()), latest: optional(boolean()),
});

export interface Listing<Filter, PageOf> {
  readonly filter: Filter;
  readonly page: PageOf;
}
type Ordered = Page<TaskRunId> & { readonly order?: 'newest' | 'oldest' };
const orderedPage: Shape<Ordered> = object<Ordered>({ limit: optional(integer()), after: optional(id()), order: optional(oneOf('newest', 'oldest')) });
export interface LogPage { readonly afterSeq?: number; readonly limit?: number; readonly last?: number }
export interface StepPage { readonly after?: TaskRunId | undefined; readonly limit: number }

export const listFlowRuns = object<Listing<FlowRunFilter, Page<FlowRun['id']>>>({ filter: flowRunFilter, page: page<FlowRun['id']>() });
export const countFlowRuns = object<{ readonly filter: FlowRunFilter }>({ filter: flowRunFilter });
export const listTaskRuns = object<Listing<TaskRunFilter, Ordered>>({ filter: taskRunFilter, page: orderedPage });
export const countTaskRuns = object<{ readonly filter: TaskRunFilter }>({ filter: taskRunFilter });
export const listLogs = object<Listing<LogFilter, LogPage>>({ filter: logFilter, page: object<LogPage>({ afterSeq: optional(integer()), limit: optional(integer()), last: optional(integer()) }) });
export const listArtifacts = object<Listing<ArtifactFilter, Page<Artifact['id']>>>({ filter: artifactFilter, page: page<Artifact['id']>() });
export const listByName = object<{ readonly page: Page<string> }>({ page: page<string>() });
export const listSteps = object<{ readonly page: StepPage }>({ page: object<StepPage>({ after: optional(id()), limit: integer() }) });

export interface CacheQuestion { readonly key: string; readonly taskKey: string; readonly taskRunId: TaskRunId; readonly processId: ProcessId; readonly refresh: boolean }
export const claimCacheKey: Shape<CacheQuestion> = object<CacheQuestion>({ key: text(), taskKey: text(), taskRunId: id(), processId: id(), refresh: boolean() });

export interface CacheSettlement { readonly key: string; readonly taskRunId: TaskRunId; readonly processId: ProcessId; readonly entry: CacheEntry | null }
export const settleCacheClaim: Shape<CacheSettlement> = object<CacheSettlement>({ key: text(), taskRunId: id(), processId: id(), entry: nullable(cacheEntry) });

export const takeTagSlots: Shape<TakeTagSlots> = object<TakeTagSlots>({ tags: list(text()), taskRunId: id() });
export const leaseIds: Shape<{ readonly leaseIds: readonly ConcurrencyLeaseId[] }> = object<{ readonly leaseIds: readonly ConcurrencyLeaseId[] }>({ leaseIds: list(id()) });

export interface TagLimitSet { readonly tag: string; readonly slots: number }
export const tagLimitSet: Shape<TagLimitSet> = object<TagLimitSet>({ tag: text(), slots: integer() });
export interface TagName { readonly tag: string }
export const tagName: Shape<TagName> = object<TagName>({ tag: text() });
export interface OffsetPage { readonly limit: number; readonly offset: number }
export const offsetPage: Shape<OffsetPage> = object<OffsetPage>({ limit: integer(), offset: integer() });

type NewArtifact = Omit<Artifact, 'createdAt' | 'updatedAt'>;
export const createArtifact: Shape<NewArtifact> = object<NewArtifact>({
  id: id(), key: nullable(text()), type: nullable(text()), description: nullable(text()), data: json(), flowRunId: nullable(id()), taskRunId: nullable(id()),
  exactData: optional(jsonText), metadata: optional(record(text())),
});

/** `data` is JSON text here, so that "not said" is told from `null`. */
export interface ArtifactChange { readonly data?: string | undefined; readonly description?: string | null | undefined }
export const updateArtifact: Shape<ArtifactChange> = object<ArtifactChange>({ data: optional(text()), description: optional(nullable(text())) });

export interface VariableValue { readonly value: unknown; readonly exactValue?: string | undefined; readonly tags: readonly string[]; readonly overwrite: boolean }
export const setVariable: Shape<VariableValue> = object<VariableValue>({ value: json(), exactValue: optional(jsonText), tags: list(text()), overwrite: boolean() });
