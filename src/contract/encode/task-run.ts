import { instantOrNull, seconds } from './instant.ts';
import { encodeStateOf } from './state.ts';
import type * as wire from '../schema/task-run.ts';
import { startDelta } from './flow-run.ts';
import { rawJson } from '../wire-json.ts';
import type { TaskInput, TaskRun, TaskRunPolicy } from '../../core/task-run.ts';
import { formatInstant, type Instant } from '../../core/time.ts';

/** @param now for the estimate, which counts the stretch that is under way */
export function encodeTaskRun(run: TaskRun, now: Instant): wire.TaskRun {
  const { state, cache, prefectClient } = run;
  const expectedStartTime = prefectClient ? prefectClient.expectedStartTime : run.createdAt;
  return {
    id: run.id,
    created: formatInstant(run.createdAt),
    updated: formatInstant(state.timestamp),
    name: run.name,
    task_name: run.taskName,
    task_key: run.taskKey,
    dynamic_key: run.dynamicKey,
    flow_run_id: run.flowRunId,
    parent_task_run_id: run.parentTaskRunId,
    state_id: state.id,
    state_type: state.type,
    state_name: state.name,
    state: encodeStateOf(state, { flowRunId: run.flowRunId, taskRunId: run.id }),
    task_inputs: Object.fromEntries(Object.entries(run.inputs).map(([name, edges]) => [name, edges.map(encodeInput)])),
    tags: [...run.tags],
    labels: { ...prefectClient?.labels },
    run_count: run.runCount,
    flow_run_run_count: run.flowRunRunCount,
    empirical_policy: prefectClient ? rawJson(prefectClient.empiricalPolicy) : encodePolicy(run.policy),
    task_version: prefectClient ? prefectClient.taskVersion : (run.about?.version ?? (run.sourceHash || null)),
    cache_key: prefectClient ? prefectClient.cacheKey : (cache?.key ?? null),
    cache_expiration: instantOrNull(prefectClient ? prefectClient.cacheExpiration : cache?.expiresAt),
    cache: cache && {
      outcome: cache.outcome,
      key: cache.key,
      reason: cache.reason,
      from_task_run_id: cache.from ?? null,
      expires: instantOrNull(cache.expiresAt),
    },
    step: run.step,
    call_site: run.callSite,
    task_description: run.about?.description ?? null,
    map_id: run.mapId,
    map_index: run.item?.index ?? null,
    map_input: run.item?.input ?? null,
    durability: run.durability,
    isolation: run.isolation,
    expected_start_time: instantOrNull(expectedStartTime),
    next_scheduled_start_time: state.type === 'SCHEDULED' ? formatInstant(state.scheduledTime) : null,
    start_time: instantOrNull(run.startTime),
    end_time: instantOrNull(run.endTime),
    total_run_time: seconds(run.totalRunTimeUs),
    estimated_run_time: seconds(run.totalRunTimeUs + (state.type === 'RUNNING' ? now - state.timestamp : 0)),
    estimated_start_time_delta: startDelta({ startTime: run.startTime, expectedStartTime, state }, now),
  };
}

function encodePolicy(policy: TaskRunPolicy): Record<string, unknown> {
  return {
    max_retries: 0,
    retry_delay_seconds: 0,
    retries: policy.retries,
    retry_delay: [...policy.retryDelaySeconds],
    retry_jitter_factor: policy.retryJitterFactor,
    timeout_seconds: policy.timeoutSeconds,
  };
}

function encodeInput(edge: TaskInput): wire.TaskInput {
  switch (edge.kind) {
    case 'task_run':
    case 'flow_run':
      return { input_type: edge.kind, id: edge.id };
    case 'map':
      return { input_type: 'map', id: edge.id, count: edge.count };
    case 'parameter':
      return { input_type: 'parameter', name: edge.name };
    case 'constant':
      return { input_type: 'constant', type: edge.type };
  }
}
