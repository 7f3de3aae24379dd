/** Flows and flow runs as rows. */

import type { Durability } from '../../core/durability.ts';
import type {
  Entrypoint,
  Flow,
  FlowRun,
  FlowRunPolicy,
  FlowSummary,
  Labels,
  Runner,
  Submission,
} from '../../core/flow-run.ts';
import type { FlowId, FlowRunId, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { ValueRef } from '../../core/value.ts';
import { NO_QUEUE } from '../../core/work-pool.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';
import { parseShared } from '../shared-json.ts';
import { readState, type StateRow } from './state.ts';

export interface FlowRow {
  readonly id: IdValue;
  readonly name: string;
  readonly tags: string;
  readonly labels: string | null;
  readonly description: string | null;
  readonly created_at: number;
  readonly updated_at: number | null;
}

export interface FlowRunRow extends StateRow {
  readonly id: IdValue;
  readonly flow_id: IdValue;
  readonly flow_name: string;
  readonly name: string;
  readonly flow_version: string | null;
  readonly parameters: string;
  readonly tags: string;
  readonly labels: string;
  readonly run_count: number;
  readonly policy: string;
  readonly durability: string;
  readonly parent_task_run_id: IdValue | null;
  readonly parent_flow_run_id: IdValue | null;
  readonly idempotency_key: string | null;
  readonly entrypoint: string | null;
  readonly lease_process_id: IdValue | null;
  readonly lease_token: number | null;
  readonly runner: string;
  /** JSON. Its deployment, queue and priority are also columns, for look-ups. */
  readonly submission: string | null;
  readonly work_queue_id: IdValue | null;
  readonly created_at: number;
  readonly updated_at: number | null;
  readonly expected_start_time: number | null;
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly total_run_time_us: number;
}

/** The columns selected for a flow run from `flow_run`, joined with its `flow` and its current `flow_run_state`. */
export const FLOW_RUN_SELECTION = [
  'flow_run.id',
  'flow_run.flow_id',
  'flow.name as flow_name',
  'flow_run.name',
  'flow_run.flow_version',
  'flow_run.parameters',
  'flow_run.tags',
  'flow_run.labels',
  'flow_run.run_count',
  'flow_run.policy',
  'flow_run.durability',
  'flow_run.parent_task_run_id',
  'flow_run.parent_flow_run_id',
  'flow_run.idempotency_key',
  'flow_run.entrypoint',
  'flow_run.runner',
  'flow_run.submission',
  'flow_run.work_queue_id',
  'flow_run.lease_process_id',
  'flow_run.lease_token',
  'flow_run.created_at',
  'flow_run.updated_at',
  'flow_run.expected_start_time',
  'flow_run.start_time',
  'flow_run.end_time',
  'flow_run.total_run_time_us',
  'flow_run.state_id',
  'flow_run.state_type',
  'flow_run.state_name',
  'flow_run.state_timestamp',
  'flow_run_state.message as state_message',
  'flow_run_state.body as state_body',
] as const;

export function readFlowRow(row: FlowRow): Flow {
  return {
    id: readId<FlowId>(row.id),
    name: row.name,
    tags: JSON.parse(row.tags) as string[],
    labels: row.labels === null ? {} : (JSON.parse(row.labels) as Labels),
    ...(row.description === null ? {} : { description: row.description }),
    createdAt: row.created_at as Instant,
    ...(row.updated_at === null ? {} : { updatedAt: row.updated_at as Instant }),
  };
}

export interface FlowSummaryRow extends FlowRow {
  readonly run_count: number;
  readonly last_run_id: IdValue | null;
}

export function readFlowSummaryRow(row: FlowSummaryRow): FlowSummary {
  return { ...readFlowRow(row), runCount: row.run_count, lastRunId: readIdOrNull<FlowRunId>(row.last_run_id) };
}

export function readFlowRunRow(row: FlowRunRow): FlowRun {
  const processId = readIdOrNull<ProcessId>(row.lease_process_id);
  return {
    id: readId<FlowRunId>(row.id),
    flowId: readId<FlowId>(row.flow_id),
    flowName: row.flow_name,
    name: row.name,
    flowVersion: row.flow_version,
    parameters: JSON.parse(row.parameters) as ValueRef,
    tags: parseShared<readonly string[]>(row.tags),
    labels: parseShared<Labels>(row.labels),
    state: readState(row),
    runCount: row.run_count,
    policy: parseShared<FlowRunPolicy>(row.policy),
    durability: row.durability as Durability,
    parentTaskRunId: readIdOrNull<TaskRunId>(row.parent_task_run_id),
    parentFlowRunId: readIdOrNull<FlowRunId>(row.parent_flow_run_id),
    idempotencyKey: row.idempotency_key,
    entrypoint: row.entrypoint === null ? null : parseShared<Entrypoint>(row.entrypoint),
    lease: processId === null ? null : { processId, token: row.lease_token ?? 0 },
    runner: row.runner as Runner,
    submission: readSubmission(row),
    createdAt: row.created_at as Instant,
    ...(row.updated_at === null ? {} : { updatedAt: row.updated_at as Instant }),
    expectedStartTime: row.expected_start_time as Instant | null,
    startTime: row.start_time as Instant | null,
    endTime: row.end_time as Instant | null,
    totalRunTimeUs: row.total_run_time_us,
  };
}

/** The column says which queue the run is in: one that was deleted is still in the text. */
function readSubmission({ submission: text, work_queue_id: queueId }: FlowRunRow): Submission | null {
  if (text === null) return null;
  const submission = parseShared<Submission>(text);
  // Runs of before there were queues say nothing of theirs.
  if (submission.workQueueName === undefined) return { ...submission, ...NO_QUEUE };
  if (queueId !== null || submission.workQueueId === null) return submission;
  return { ...submission, ...NO_QUEUE, workQueueName: submission.workQueueName };
}
