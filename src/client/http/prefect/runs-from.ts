/** Decodes flow runs and task runs of Prefect's server. */

import type { Flow, FlowRun, Runner, Submission } from '../../../core/flow-run.ts';
import type { DeploymentId, FlowId, FlowRunId, TaskRunId, WorkPoolId, WorkQueueId } from '../../../core/ids.ts';
import type { TaskInput, TaskRun } from '../../../core/task-run.ts';
import type { Instant } from '../../../core/time.ts';
import { delays, instantIn, list, microseconds, number, object, text, texts, type Wire } from './fields.ts';
import { flowRunFacts, ownRunId, parametersFrom, taskRunFacts, withoutMarks } from './marks.ts';
import { stateFrom } from './state.ts';

const BEGINNING = 0 as Instant;

export function flowFrom(wire: Wire): Flow {
  return {
    id: wire['id'] as FlowId,
    name: text(wire['name']) ?? '',
    tags: texts(wire['tags']),
    labels: withoutMarks(object(wire['labels'])),
    createdAt: instantIn(wire, 'created') ?? BEGINNING,
  };
}

/** @param exact the same object, with numbers as exact text */
export function flowRunFrom(wire: Wire, exact: Wire, flowName: string): FlowRun {
  const labels = object(wire['labels']);
  const { resume, durability, entrypoint } = flowRunFacts(labels);
  const policy = object(wire['empirical_policy']);
  return {
    id: wire['id'] as FlowRunId,
    flowId: wire['flow_id'] as FlowId,
    flowName,
    name: text(wire['name']) ?? '',
    flowVersion: text(wire['flow_version']),
    parameters: parametersFrom(labels, JSON.stringify(exact['parameters'] ?? {})),
    tags: texts(wire['tags']),
    labels: withoutMarks(labels),
    state: stateFrom(object(wire['state']), object(exact['state'])),
    runCount: number(wire['run_count']) ?? 0,
    policy: {
      retries: number(policy['retries']),
      retryDelaySeconds: delays(policy['retry_delay']),
      timeoutSeconds: null,
      resume,
      resuming: policy['resuming'] === true,
      pauseKeys: texts(policy['pause_keys']),
      retryType: policy['retry_type'] as 'in_process' | 'reschedule' | null,
    },
    durability,
    parentTaskRunId: text(wire['parent_task_run_id']) as TaskRunId | null,
    parentFlowRunId: null,
    idempotencyKey: text(wire['idempotency_key']),
    entrypoint,
    lease: null,
    runner: runnerFrom(wire, labels),
    submission: submissionFrom(wire, exact),
    createdAt: instantIn(wire, 'created') ?? BEGINNING,
    expectedStartTime: instantIn(wire, 'expected_start_time'),
    startTime: instantIn(wire, 'start_time'),
    endTime: instantIn(wire, 'end_time'),
    totalRunTimeUs: microseconds(wire['total_run_time']),
  };
}

function runnerFrom(wire: Wire, labels: Wire): Runner {
  if (ownRunId(labels) !== null) return 'ostinato';
  return text(wire['deployment_id']) === null ? 'prefect-client' : 'worker';
}

function submissionFrom(wire: Wire, exact: Wire): Submission | null {
  const creator = object(wire['created_by']);
  const deploymentId = text(wire['deployment_id']);
  const isAsked = deploymentId !== null || text(wire['work_queue_id']) !== null || wire['auto_scheduled'] === true;
  if (!isAsked && wire['created_by'] === null) return null;
  return {
    deploymentId: deploymentId as DeploymentId | null,
    deploymentVersion: text(wire['deployment_version']),
    workQueueId: text(wire['work_queue_id']) as WorkQueueId | null,
    workQueueName: text(wire['work_queue_name']),
    workPoolId: text(wire['work_pool_id']) as WorkPoolId | null,
    workPoolName: text(wire['work_pool_name']),
    workPoolType: null,
    autoScheduled: wire['auto_scheduled'] === true,
    infrastructurePid: text(wire['infrastructure_pid']),
    infrastructureDocumentId: text(wire['infrastructure_document_id']),
    createdBy:
      wire['created_by'] === null
        ? null
        : { id: text(creator['id']), type: text(creator['type']), displayValue: text(creator['display_value']) },
    context: JSON.stringify(exact['context'] ?? {}),
    jobVariables: (exact['job_variables'] ?? null) === null ? null : JSON.stringify(exact['job_variables']),
  };
}

export function taskRunFrom(wire: Wire, exact: Wire): TaskRun {
  const policy = object(wire['empirical_policy']);
  const taskKey = text(wire['task_key']) ?? '';
  const facts = taskRunFacts(object(wire['labels']));
  const inputs = object(wire['task_inputs']);
  const parent = object(list(inputs['__parents__'])[0]);
  return {
    ...facts,
    id: wire['id'] as TaskRunId,
    flowRunId: text(wire['flow_run_id']) as FlowRunId | null,
    parentTaskRunId: text(parent['id']) as TaskRunId | null,
    name: text(wire['name']) ?? '',
    taskName: taskKey.replace(/^flow:|-[0-9a-f]{8}$/g, ''),
    taskKey,
    dynamicKey: text(wire['dynamic_key']) ?? '',
    tags: texts(wire['tags']),
    inputs: Object.fromEntries(
      Object.entries(inputs)
        .filter(([name]) => name !== '__parents__')
        .map(([name, edges]) => [name === 'wait_for' ? 'waitFor' : name, list(edges).flatMap(edgeFrom)]),
    ),
    policy: {
      retries: number(policy['retries']) ?? 0,
      retryDelaySeconds: delays(policy['retry_delay']),
      retryJitterFactor: number(policy['retry_jitter_factor']) ?? 0,
      timeoutSeconds: null,
    },
    isolation: 'signal',
    cache: null,
    processId: null,
    prefectClient: null,
    state: stateFrom(object(wire['state']), object(exact['state'])),
    runCount: number(wire['run_count']) ?? 0,
    flowRunRunCount: number(wire['flow_run_run_count']) ?? 0,
    createdAt: instantIn(wire, 'expected_start_time') ?? instantIn(wire, 'created') ?? BEGINNING,
    startTime: instantIn(wire, 'start_time'),
    endTime: instantIn(wire, 'end_time'),
    totalRunTimeUs: microseconds(wire['total_run_time']),
  };
}

function edgeFrom(value: unknown): readonly TaskInput[] {
  const edge = object(value);
  switch (edge['input_type']) {
    case 'task_run':
      return [{ kind: 'task_run', id: edge['id'] as TaskRunId }];
    case 'flow_run':
      return [{ kind: 'flow_run', id: edge['id'] as FlowRunId }];
    case 'parameter':
      return [{ kind: 'parameter', name: text(edge['name']) ?? '' }];
    case 'constant':
      return [{ kind: 'constant', type: text(edge['type']) ?? '' }];
    default:
      return [];
  }
}
