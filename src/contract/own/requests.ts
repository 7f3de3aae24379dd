/** What is asked of our own resources. */

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
import type { KeyByNoun, KeyPage, ListedNoun } from '../../core/list-query.ts';
import type { LogRecord } from '../../core/log.ts';
import type { Condition } from '../../core/query.ts';
import type { State } from '../../core/state.ts';
import type { TaskRunRecord } from '../../core/task-run.ts';
import { condition } from './condition.ts';
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
import { Bool, id, Int, list, nullable, Num, object, oneOf, optional, Text, type SchemaOf } from './typed.ts';
import { labels, proposedState, state, valueRef, jsonText } from './values.ts';

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
      durability,
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

function keyPage<N extends ListedNoun>(after: SchemaOf<KeyByNoun[N]>): SchemaOf<KeyPage<N>> {
  return object<KeyPage>({
    where: optional(condition),
    direction: optional(oneOf('asc', 'desc')),
    after: optional(after as SchemaOf<KeyByNoun[ListedNoun]>),
    limit: optional(Int),
  }) as SchemaOf<KeyPage<ListedNoun>> as SchemaOf<KeyPage<N>>;
}
export const listFlows = keyPage<'flow_summary'>(Text);
export const listFlowRuns = keyPage<'flow_run'>(id());
export const listTaskRuns = keyPage<'task_run'>(id());
export const listLogs = keyPage<'log'>(Int);

export interface Counted {
  readonly where?: Condition | undefined;
}
export const countByState: SchemaOf<Counted> = object<Counted>({ where: optional(condition) });

export interface StepPage {
  readonly after?: TaskRunId | undefined;
  readonly limit: number;
}
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
