/** Runs, steps, logs, artifacts and the rest as our own wire has them: every field of `core/`, nothing lost. */

import type { GoesOn } from '../../core/after-crash.ts';
import type { CacheClaim, CacheEntry, CacheRecord } from '../../core/cache-record.ts';
import type { TagSlots } from '../../core/concurrency/tag-slots.ts';
import { DURABILITIES } from '../../core/durability.ts';
import {
  RUNNERS,
  type Creator,
  type Entrypoint,
  type Flow,
  type FlowRun,
  type FlowRunPolicy,
  type FlowSummary,
  type RunLease,
  type Submission,
} from '../../core/flow-run.ts';
import type { ConcurrencyLeaseId, FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { Participation, TransactionDecision } from '../../core/participation.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type {
  PrefectClientFields,
  MapItem,
  RecordedStep,
  TaskAbout,
  TaskInput,
  TaskRun,
  TaskRunPolicy,
  TaskRunRecord,
} from '../../core/task-run.ts';
import type { Transition } from '../../core/transition.ts';
import { WAIT_KINDS, type NearPool, type SlotHolder, type WaitReason } from '../../core/waiting.ts';
import type { Because, Explanation, NamedRun } from '../../core/why.ts';
import {
  Bool,
  Count,
  id,
  Int,
  list,
  nullable,
  Num,
  object,
  oneOf,
  optional,
  record,
  Seconds,
  Text,
  Time,
  union,
  type SchemaOf,
} from './typed.ts';
import { labels, state, valueRef, jsonText } from './values.ts';

export const durability = oneOf(...DURABILITIES);

export const entrypoint: SchemaOf<Entrypoint> = object<Entrypoint>({ file: Text, export_name: nullable(Text) });

export const flowRunPolicy: SchemaOf<FlowRunPolicy> = object<FlowRunPolicy>({
  retries: nullable(Int),
  retry_delay_seconds: list(Num),
  timeout_seconds: nullable(Seconds),
  resume: oneOf('manual', 'automatic'),
  resuming: optional(Bool),
  pause_keys: optional(list(Text)),
  retry_type: optional(nullable(oneOf('in_process', 'reschedule'))),
  max_retries: optional(Int),
  earlier_delay_seconds: optional(Num),
});

export const lease: SchemaOf<RunLease> = object<RunLease>({ process_id: id(), token: Int });
const creator: SchemaOf<Creator> = object<Creator>({
  id: nullable(Text),
  type: nullable(Text),
  display_value: nullable(Text),
});

export const runner = oneOf(...RUNNERS);

export const submission: SchemaOf<Submission> = object<Submission>({
  deployment_id: nullable(id()),
  deployment_name: optional(Text),
  deployment_version: nullable(Text),
  work_queue_id: nullable(id()),
  work_queue_name: nullable(Text),
  work_pool_id: nullable(id()),
  work_pool_name: nullable(Text),
  work_pool_type: nullable(Text),
  auto_scheduled: Bool,
  infrastructure_pid: nullable(Text),
  infrastructure_document_id: nullable(Text),
  created_by: nullable(creator),
  context: jsonText,
  job_variables: nullable(jsonText),
  priority: optional(Int),
});

export const flow: SchemaOf<Flow> = object<Flow>({
  id: id(),
  name: Text,
  tags: list(Text),
  labels,
  description: optional(Text),
  created_at: Time,
  updated_at: optional(Time),
});

export const flowRun: SchemaOf<FlowRun> = object<FlowRun>({
  id: id(),
  flow_id: id(),
  flow_name: Text,
  name: Text,
  flow_version: nullable(Text),
  parameters: valueRef,
  tags: list(Text),
  labels,
  state,
  run_count: Count,
  policy: flowRunPolicy,
  durability,
  parent_task_run_id: nullable(id()),
  parent_flow_run_id: nullable(id()),
  idempotency_key: nullable(Text),
  entrypoint: nullable(entrypoint),
  lease: nullable(lease),
  runner,
  submission: nullable(submission),
  created_at: Time,
  updated_at: optional(Time),
  expected_start_time: nullable(Time),
  start_time: nullable(Time),
  end_time: nullable(Time),
  total_run_time_us: Count,
});

export const flowSummary: SchemaOf<FlowSummary> = object<FlowSummary>({
  id: id(),
  name: Text,
  tags: list(Text),
  labels,
  description: optional(Text),
  created_at: Time,
  updated_at: optional(Time),
  run_count: Count,
  last_run_id: nullable(id()),
});

const answered = <Status extends Transition<FlowRun>['status']>(status: Status) => ({
  status: oneOf(status),
  run: flowRun,
});

export const transition: SchemaOf<Transition<FlowRun>> = union<Transition<FlowRun>, 'status'>({
  accept: object({ ...answered('accept'), state, has_steps: optional(Bool) }),
  reject: object({ ...answered('reject'), state, written: Bool, reason: Text }),
  wait: object({ ...answered('wait'), delay_seconds: Num, reason: Text }),
  abort: object({ ...answered('abort'), reason: Text }),
});

const taskInput: SchemaOf<TaskInput> = union<TaskInput, 'kind'>({
  task_run: object({ kind: oneOf('task_run'), id: id<TaskRunId>() }),
  flow_run: object({ kind: oneOf('flow_run'), id: id<FlowRunId>() }),
  map: object({ kind: oneOf('map'), id: Text, count: Int }),
  parameter: object({ kind: oneOf('parameter'), name: Text }),
  constant: object({ kind: oneOf('constant'), type: Text }),
});

const taskRunPolicy: SchemaOf<TaskRunPolicy> = object<TaskRunPolicy>({
  retries: Int,
  retry_delay_seconds: list(Num),
  retry_jitter_factor: Num,
  timeout_seconds: nullable(Seconds),
});

const cacheRecord: SchemaOf<CacheRecord> = object<CacheRecord>({
  outcome: oneOf('hit', 'miss', 'refresh', 'disabled'),
  key: nullable(Text),
  reason: Text,
  from: optional(id()),
  expires_at: optional(Time),
});

const decision: SchemaOf<TransactionDecision> = object<TransactionDecision>({
  outcome: oneOf('committed', 'rolled-back', 'left'),
  ids: list(Text),
  by: Text,
  hooks_done: Int,
  hooks_failed: Int,
  is_finished: Bool,
  values: nullable(valueRef),
  result: nullable(valueRef),
});

const mapItem: SchemaOf<MapItem> = object<MapItem>({ index: Int, input: nullable(Text) });
const taskAbout: SchemaOf<TaskAbout> = object<TaskAbout>({ version: optional(Text), description: optional(Text) });

const participation: SchemaOf<Participation> = object<Participation>({
  within: list(Text),
  inputs: nullable(valueRef),
  values: nullable(valueRef),
  unkept: list(Text),
  hooks: nullable(Text),
  decision: nullable(decision),
});

const prefectClient: SchemaOf<PrefectClientFields> = object<PrefectClientFields>({
  natural_key: nullable(Text),
  labels,
  task_version: nullable(Text),
  cache_key: nullable(Text),
  cache_expiration: nullable(Time),
  expected_start_time: nullable(Time),
  next_scheduled_start_time: nullable(Time),
  empirical_policy: jsonText,
});

export const taskRun: SchemaOf<TaskRun> = object<TaskRun>({
  id: id(),
  flow_run_id: nullable(id()),
  process_id: nullable(id()),
  parent_task_run_id: nullable(id()),
  name: Text,
  task_name: Text,
  task_key: Text,
  dynamic_key: Text,
  step: Text,
  call_site: Text,
  source_hash: Text,
  map_id: nullable(Text),
  item: optional(mapItem),
  about: optional(taskAbout),
  tags: list(Text),
  inputs: record(list(taskInput)),
  policy: taskRunPolicy,
  durability,
  isolation: oneOf('signal', 'thread', 'process'),
  cache: nullable(cacheRecord),
  participation: optional(participation),
  prefect_client: nullable(prefectClient),
  state,
  run_count: Count,
  flow_run_run_count: Count,
  created_at: Time,
  start_time: nullable(Time),
  end_time: nullable(Time),
  total_run_time_us: Count,
});

export const taskRunRecord: SchemaOf<TaskRunRecord> = object<TaskRunRecord>({ run: taskRun, states: list(state) });

export const recordedStep: SchemaOf<RecordedStep> = object<RecordedStep>({
  id: id(),
  step: Text,
  state,
  run_count: Count,
  source_hash: Text,
  task_key: Text,
  dynamic_key: Text,
  created_at: Time,
  parent_task_run_id: optional(nullable(id())),
  participation: optional(participation),
});

export const log: SchemaOf<LogRecord> = object<LogRecord>({
  id: id(),
  name: Text,
  level: Int,
  message: Text,
  timestamp: Time,
  flow_run_id: nullable(id()),
  task_run_id: nullable(id()),
});

type NumberedLog = LogRecord & { readonly seq: number };
export const numberedLog: SchemaOf<NumberedLog> = object<NumberedLog>({
  id: id(),
  name: Text,
  level: Int,
  message: Text,
  timestamp: Time,
  flow_run_id: nullable(id()),
  task_run_id: nullable(id()),
  seq: Int,
});

export const cacheEntry: SchemaOf<CacheEntry> = object<CacheEntry>({
  key: Text,
  task_key: Text,
  task_run_id: id(),
  parts: record(Text),
  data: valueRef,
  created_at: Time,
  expires_at: nullable(Time),
});

export const cacheClaim: SchemaOf<CacheClaim> = union<CacheClaim, 'status'>({
  hit: object({ status: oneOf('hit'), entry: cacheEntry }),
  claimed: object({ status: oneOf('claimed'), nearest: nullable(cacheEntry) }),
  busy: object({ status: oneOf('busy'), holder: id<TaskRunId>() }),
});

export const tagSlots: SchemaOf<TagSlots> = union<TagSlots, 'outcome'>({
  unlimited: object({ outcome: oneOf('unlimited') }),
  taken: object({ outcome: oneOf('taken'), lease_id: id<ConcurrencyLeaseId>() }),
  full: object({ outcome: oneOf('full'), tag: Text, slots: Int, holders: list(id<TaskRunId>()) }),
  closed: object({ outcome: oneOf('closed'), tag: Text }),
});

export const processRecord: SchemaOf<ProcessRecord> = object<ProcessRecord>({
  id: id(),
  pid: Int,
  host: Text,
  start_mark: nullable(Text),
  command: Text,
  started_at: Time,
  heartbeat_at: Time,
});

const namedRun: SchemaOf<NamedRun> = object<NamedRun>({ kind: oneOf('flow_run', 'task_run'), id: id(), name: Text });
const because: SchemaOf<Because> = object<Because>({
  fact: Text,
  when: nullable(Time),
  about: optional(namedRun),
  moving: optional(Time),
});
const waitReason: SchemaOf<WaitReason> = object<WaitReason>({
  kind: oneOf(...WAIT_KINDS),
  message: Text,
  remedy: nullable(Text),
  since: nullable(Time),
  until: nullable(Time),
  slots: nullable(Int),
  holders: list(
    object<SlotHolder>({ kind: oneOf('flow_run', 'task_run'), id: id(), name: nullable(Text), since: Time }),
  ),
  near: list(object<NearPool>({ name: Text, type: Text, workers_online: Int })),
});
export const explanation: SchemaOf<Explanation> = object<Explanation>({
  headline: Text,
  because: list(because),
  next: Text,
  waits_for: optional(list(waitReason)),
  goes_on: optional(object<GoesOn>({ how: oneOf('resume', 'retry'), attempt: Int, attempts_max: Int, by: Time })),
  about: optional(namedRun),
  moving: optional(Time),
});
