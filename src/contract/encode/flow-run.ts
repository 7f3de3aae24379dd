import { instantOrNull, seconds } from './instant.ts';
import { encodeState } from './state.ts';
import { decodeJson } from './value.ts';
import type * as wire from '../schema/flow-run.ts';
import type { FlowRun, FlowRunPolicy } from '../../core/flow-run.ts';
import { isTerminal } from '../../core/state.ts';
import { formatInstant, secondsBetween, type Instant } from '../../core/time.ts';

/** @param now for the estimates, which count the stretch that is under way */
export function encodeFlowRun(run: FlowRun, now: Instant): wire.FlowRun {
  const { state, parameters } = run;
  return {
    id: run.id,
    created: formatInstant(run.createdAt),
    updated: formatInstant(state.timestamp),
    name: run.name,
    flow_id: run.flowId,
    flow_name: run.flowName,
    flow_version: run.flowVersion,
    state_id: state.id,
    state_type: state.type,
    state_name: state.name,
    state: encodeState(state),
    parameters: parameters.kind === 'inline' ? asObject(decodeJson(parameters.text)) : {},
    parameters_reference: parameters.kind === 'stored' ? { storage_key: parameters.key, hash: parameters.hash, bytes: parameters.bytes } : null,
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
    expected_start_time: instantOrNull(run.expectedStartTime),
    start_time: instantOrNull(run.startTime),
    end_time: instantOrNull(run.endTime),
    total_run_time: seconds(run.totalRunTimeUs),
    estimated_run_time: seconds(run.totalRunTimeUs + (state.type === 'RUNNING' ? now - state.timestamp : 0)),
    estimated_start_time_delta: startDelta(run, now),
  };
}

/** Seconds that it started late, or by which it is overdue. Source: Prefect 3, `estimated_start_time_delta`. */
function startDelta({ startTime, expectedStartTime, state }: FlowRun, now: Instant): number {
  if (expectedStartTime === null) return 0;
  if (startTime !== null) return Math.max(0, secondsBetween(expectedStartTime, startTime));
  return isTerminal(state) ? 0 : Math.max(0, secondsBetween(expectedStartTime, now));
}

function encodePolicy(policy: FlowRunPolicy): wire.FlowRun['empirical_policy'] {
  return {
    retries: policy.retries,
    retry_delay: Math.round(policy.retryDelaySeconds[0] ?? 0),
    retry_delays_seconds: [...policy.retryDelaySeconds],
    timeout_seconds: policy.timeoutSeconds,
    resume: policy.resume,
    pause_keys: [...(policy.pauseKeys ?? [])],
    resuming: policy.resuming ?? false,
    retry_type: policy.retryType ?? null,
  };
}

/** Parameters are one object; a flow may be called with anything else, which then has a name of its own. */
function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { value };
}
