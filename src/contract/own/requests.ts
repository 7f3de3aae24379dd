/** What is asked of our own resources. */

import type { FlowRunFilter, LogFilter, Page, TaskRunFilter } from '../../core/filter.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type {
  CreateFlowRun,
  FlowWords,
  ResumeFlowRun,
  SetFlowRunState,
  UpdateFlowRun,
} from '../../core/flow-run-request.ts';
import type { CacheEntry } from '../../core/cache-record.ts';
import type { TakeTagSlots } from '../../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { State } from '../../core/state.ts';
import type { TaskRunRecord } from '../../core/task-run.ts';
import {
  cacheEntry,
  durability,
  entrypoint,
  flowRun,
  flowRunPolicy,
  lease,
  log,
  processRecord,
  runner,
  submission,
  taskRunRecord,
} from './entities.ts';
import { Bool, id, Int, list, nullable, Num, object, oneOf, optional, Text, text, type SchemaOf } from './typed.ts';
import { labels, proposedState, state, stateType, valueRef, jsonText } from './values.ts';

type FlowRunRequest = Omit<CreateFlowRun, 'placeholder'>;
export const createFlowRun: SchemaOf<FlowRunRequest> = object<FlowRunRequest>({
  id: id(),
  flow_name: Text,
  name: optional(Text),
  flow_version: nullable(Text),
  flow_description: optional(nullable(Text)),
  parameters: valueRef,
  tags: list(Text),
  labels,
  policy: flowRunPolicy,
  durability,
  parent_task_run_id: nullable(id()),
  parent_flow_run_id: nullable(id()),
  idempotency_key: optional(Text),
  entrypoint: nullable(entrypoint),
  state: optional(proposedState),
  process_id: optional(id()),
  runner,
  submission: optional(submission),
});

/** Requests about one run: its id is in the path. */
type About<Request extends { readonly id: unknown }> = Omit<Request, 'id'>;

export const setFlowRunState: SchemaOf<About<SetFlowRunState>> = object<About<SetFlowRunState>>({
  state: proposedState,
  force: optional(Bool),
  lease_token: optional(Int),
  retry_delay_seconds: optional(Num),
});

export const resumeFlowRun: SchemaOf<About<ResumeFlowRun>> = object<About<ResumeFlowRun>>({
  process_id: id(),
  transition_id: optional(Text),
  handed_over: optional(lease),
  process: optional(processRecord),
  is_queued: optional(Bool),
  words: optional(
    object<FlowWords>({
      policy: object<FlowWords['policy']>({
        retries: nullable(Int),
        retry_delay_seconds: list(Num),
        retry_type: optional(nullable(oneOf('in_process', 'reschedule'))),
      }),
      flow_version: Text,
      entrypoint,
      tags: list(Text),
      labels,
    }),
  ),
});

const policyChange = object<NonNullable<UpdateFlowRun['policy']>>({
  retries: nullable(Int),
  retry_delay_seconds: list(Num),
  resuming: optional(Bool),
  pause_keys: optional(list(Text)),
  retry_type: optional(nullable(oneOf('in_process', 'reschedule'))),
  max_retries: optional(Int),
  earlier_delay_seconds: optional(Num),
});

export const updateFlowRun: SchemaOf<UpdateFlowRun> = object<UpdateFlowRun>({
  name: optional(Text),
  tags: optional(list(Text)),
  labels: optional(labels),
  entrypoint: optional(entrypoint),
  flow_version: optional(Text),
  parameters: optional(valueRef),
  policy: optional(policyChange),
  infrastructure_pid: optional(Text),
  job_variables: optional(jsonText),
  priority: optional(nullable(Int)),
});

/**
 * A run as its process moved it while we could not be reached: as it is now, and the states that it entered, oldest
 * first.
 */
export interface FlowRunRecord {
  readonly run: FlowRun;
  /** None: the run is alive, and nothing else is to be said. */
  readonly states: readonly State[];
}
export const flowRunRecord: SchemaOf<FlowRunRecord> = object<FlowRunRecord>({ run: flowRun, states: list(state) });

export interface TaskRunBatch {
  readonly records: readonly TaskRunRecord[];
  readonly logs: readonly LogRecord[];
}
export const taskRunBatch: SchemaOf<TaskRunBatch> = object<TaskRunBatch>({
  records: list(taskRunRecord),
  logs: list(log),
});

function page<Id extends string>(): SchemaOf<Page<Id>> {
  return object<Page<Id>>({ limit: optional(Int), after: optional(text<Id>()) });
}

const flowRunFilter: SchemaOf<FlowRunFilter> = object<FlowRunFilter>({
  ids: optional(list(id())),
  id_prefix: optional(Text),
  name: optional(Text),
  flow_name: optional(Text),
  state_types: optional(list(stateType)),
  state_names: optional(list(Text)),
  tags: optional(list(Text)),
  parent_task_run_id: optional(id()),
  root_only: optional(Bool),
  process_id: optional(id()),
});

const taskRunFilter: SchemaOf<TaskRunFilter> = object<TaskRunFilter>({
  ids: optional(list(id())),
  id_prefix: optional(Text),
  name: optional(Text),
  flow_run_id: optional(id()),
  state_types: optional(list(stateType)),
  state_names: optional(list(Text)),
  task_key: optional(Text),
});

const logFilter: SchemaOf<LogFilter> = object<LogFilter>({
  flow_run_id: optional(id()),
  task_run_id: optional(id()),
  level_min: optional(Int),
  text: optional(Text),
});

export interface Listing<Filter, PageOf> {
  readonly filter: Filter;
  readonly page: PageOf;
}
type Ordered = Page<TaskRunId> & { readonly order?: 'newest' | 'oldest' };
const orderedPage: SchemaOf<Ordered> = object<Ordered>({
  limit: optional(Int),
  after: optional(id()),
  order: optional(oneOf('newest', 'oldest')),
});
export interface LogPage {
  readonly afterSeq?: number;
  readonly limit?: number;
  readonly last?: number;
}
export interface StepPage {
  readonly after?: TaskRunId | undefined;
  readonly limit: number;
}

export const listFlowRuns = object<Listing<FlowRunFilter, Page<FlowRun['id']>>>({
  filter: flowRunFilter,
  page: page<FlowRun['id']>(),
});
export const countFlowRuns = object<{ readonly filter: FlowRunFilter }>({ filter: flowRunFilter });
export const listTaskRuns = object<Listing<TaskRunFilter, Ordered>>({ filter: taskRunFilter, page: orderedPage });
export const countTaskRuns = object<{ readonly filter: TaskRunFilter }>({ filter: taskRunFilter });
export const listLogs = object<Listing<LogFilter, LogPage>>({
  filter: logFilter,
  page: object<LogPage>({ after_seq: optional(Int), limit: optional(Int), last: optional(Int) }),
});
export const listByName = object<{ readonly page: Page<string> }>({ page: page<string>() });
export const listSteps = object<{ readonly page: StepPage }>({
  page: object<StepPage>({ after: optional(id()), limit: Int }),
});

export interface CacheQuestion {
  readonly key: string;
  readonly taskKey: string;
  readonly taskRunId: TaskRunId;
  readonly processId: ProcessId;
  readonly refresh: boolean;
}
export const claimCacheKey: SchemaOf<CacheQuestion> = object<CacheQuestion>({
  key: Text,
  task_key: Text,
  task_run_id: id(),
  process_id: id(),
  refresh: Bool,
});

export interface CacheSettlement {
  readonly key: string;
  readonly taskRunId: TaskRunId;
  readonly processId: ProcessId;
  readonly entry: CacheEntry | null;
}
export const settleCacheClaim: SchemaOf<CacheSettlement> = object<CacheSettlement>({
  key: Text,
  task_run_id: id(),
  process_id: id(),
  entry: nullable(cacheEntry),
});

export const takeTagSlots: SchemaOf<TakeTagSlots> = object<TakeTagSlots>({ tags: list(Text), task_run_id: id() });
export const leaseIds: SchemaOf<{ readonly leaseIds: readonly ConcurrencyLeaseId[] }> = object<{
  readonly leaseIds: readonly ConcurrencyLeaseId[];
}>({ lease_ids: list(id()) });
