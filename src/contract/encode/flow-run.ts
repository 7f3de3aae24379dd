import { instantOrNull, seconds } from './instant.ts';
import { encodeStateOf } from './state.ts';
import { isJsonObject } from './value.ts';
import { rawJson } from '../wire-json.ts';
import type * as wire from '../schema/flow-run.ts';
import type { FlowRun, FlowRunPolicy, Submission } from '../../core/flow-run.ts';
import { priorityOf, RUN_PRIORITY_DEFAULT } from '../../core/run-priority.ts';
import { isTerminal } from '../../core/state.ts';
import { formatInstant, secondsBetween, type Instant } from '../../core/time.ts';
import type { ValueRef } from '../../core/value.ts';

/** @param now for the estimates, which count the stretch that is under way */
export function encodeFlowRun(run: FlowRun, now: Instant): wire.FlowRun {
  const { state, parameters } = run;
  return {
    id: run.id,
    created: formatInstant(run.createdAt),
    updated: formatInstant(lastChange(run)),
    name: run.name,
    flow_id: run.flowId,
    flow_name: run.flowName,
    flow_version: run.flowVersion,
    state_id: state.id,
    state_type: state.type,
    state_name: state.name,
    state: encodeStateOf(state, { flowRunId: run.id, taskRunId: run.parentTaskRunId }),
    parameters: encodeParameters(parameters),
    parameters_reference:
      parameters.kind === 'stored'
        ? { storage_key: parameters.key, hash: parameters.hash, bytes: parameters.bytes }
        : null,
    tags: [...run.tags],
    labels: { ...run.labels },
    run_count: run.runCount,
    empirical_policy: encodePolicy(run.policy),
    durability: run.durability,
    parent_task_run_id: run.parentTaskRunId,
    parent_flow_run_id: run.parentFlowRunId,
    idempotency_key: run.idempotencyKey,
    entrypoint: run.entrypoint && { file: run.entrypoint.file, export_name: run.entrypoint.exportName },
    process_id: run.lease?.processId ?? null,
    ...encodeSubmission(run.submission),
    next_scheduled_start_time: state.type === 'SCHEDULED' ? formatInstant(state.scheduledTime) : null,
    expected_start_time: instantOrNull(run.expectedStartTime),
    start_time: instantOrNull(run.startTime),
    end_time: instantOrNull(run.endTime),
    total_run_time: seconds(run.totalRunTimeUs),
    estimated_run_time: seconds(run.totalRunTimeUs + (state.type === 'RUNNING' ? now - state.timestamp : 0)),
    estimated_start_time_delta: startDelta(run, now),
  };
}

/** When it last moved or was changed. */
export function lastChange({ updatedAt, state: { timestamp } }: Pick<FlowRun, 'updatedAt' | 'state'>): Instant {
  return updatedAt !== undefined && updatedAt > timestamp ? updatedAt : timestamp;
}

/** Seconds that it started late, or by which it is overdue. Source: Prefect 3, `estimated_start_time_delta`. */
export function startDelta(
  { startTime, expectedStartTime, state }: Pick<FlowRun, 'startTime' | 'expectedStartTime' | 'state'>,
  now: Instant,
): number {
  if (expectedStartTime === null) return 0;
  if (startTime !== null) return Math.max(0, secondsBetween(expectedStartTime, startTime));
  return isTerminal(state) ? 0 : Math.max(0, secondsBetween(expectedStartTime, now));
}

export function encodePolicy(policy: FlowRunPolicy): wire.FlowRun['empirical_policy'] {
  return {
    max_retries: policy.maxRetries ?? 0,
    retry_delay_seconds: policy.earlierDelaySeconds ?? 0,
    retries: policy.retries,
    retry_delay: policy.retryDelaySeconds[0] === undefined ? null : Math.round(policy.retryDelaySeconds[0]),
    retry_delays_seconds: [...policy.retryDelaySeconds],
    timeout_seconds: policy.timeoutSeconds,
    resume: policy.resume,
    pause_keys: [...(policy.pauseKeys ?? [])],
    resuming: policy.resuming ?? false,
    retry_type: policy.retryType ?? null,
  };
}

/** Parameters are one object; a flow may be called with anything else, which then has a name of its own. */
export function encodeParameters(parameters: ValueRef): Record<string, unknown> {
  if (parameters.kind !== 'inline' && parameters.kind !== 'foreign') return {};
  return isJsonObject(parameters.text) ? rawJson(parameters.text) : { value: rawJson(parameters.text) };
}

type SubmissionFields =
  | 'deployment_id'
  | 'deployment_version'
  | 'work_queue_id'
  | 'work_queue_name'
  | 'work_pool_id'
  | 'work_pool_name'
  | 'infrastructure_document_id'
  | 'infrastructure_pid'
  | 'auto_scheduled'
  | 'created_by'
  | 'context'
  | 'job_variables'
  | 'priority';

export function encodeSubmission(submission: Submission | null): Pick<wire.FlowRun, SubmissionFields> {
  const creator = submission?.createdBy ?? null;
  const priority = priorityOf({ submission });
  return {
    deployment_id: submission?.deploymentId ?? null,
    deployment_version: submission?.deploymentVersion ?? null,
    work_queue_id: submission?.workQueueId ?? null,
    work_queue_name: submission?.workQueueName ?? null,
    work_pool_id: submission?.workPoolId ?? null,
    work_pool_name: submission?.workPoolName ?? null,
    infrastructure_document_id: submission?.infrastructureDocumentId ?? null,
    infrastructure_pid: submission?.infrastructurePid ?? null,
    auto_scheduled: submission?.autoScheduled ?? false,
    created_by: creator && { id: creator.id, type: creator.type, display_value: creator.displayValue },
    context: submission === null ? {} : rawJson(submission.context),
    job_variables: submission?.jobVariables ? rawJson(submission.jobVariables) : {},
    ...(priority === RUN_PRIORITY_DEFAULT ? {} : { priority }),
  };
}
