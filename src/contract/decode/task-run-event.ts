/** The task run that an event speaks of: from the wire to the core. */

import { objectIdOf, relatedInRole, RESOURCE_ID, type OutboxEvent } from '../../core/event.ts';
import { isUuid, type FlowRunId, type StateId, type TaskRunId } from '../../core/ids.ts';
import { stampState, type State } from '../../core/state.ts';
import type { ReportedFields, TaskRunReport } from '../../core/task-run-report.ts';
import type { TaskInput } from '../../core/task-run.ts';
import { parseInstant, type Instant } from '../../core/time.ts';
import { TaskRunEventPayload, type ReportedTaskRun } from '../body/task-run-event.ts';
import { check, type Problem } from '../checker.ts';
import { rawMember } from '../raw-members.ts';
import { proposedState } from './state.ts';

/** Whether its client orchestrates the task run and the row is to follow the event. */
export function isTaskRunReport(event: OutboxEvent): boolean {
  return event.name.startsWith('prefect.task-run') && event.labels?.['prefect.orchestration'] === 'client';
}

/** @param payload that of the event, parsed */
export function taskRunReport(
  event: OutboxEvent,
  payload: unknown,
  received: Instant,
): { readonly taskRun: TaskRunReport | null; readonly problems: readonly Problem[] } {
  const id = objectIdOf(event.resourceId, 'task-run');
  const flowRunId = objectIdOf(relatedInRole({ related: event.related ?? [] }, 'flow-run')?.[RESOURCE_ID], 'flow-run');
  if (id === null || !isUuid(id) || (flowRunId !== null && !isUuid(flowRunId))) {
    return {
      taskRun: null,
      problems: [
        {
          type: 'value_error',
          loc: ['body', 'resource'],
          msg: 'The resource is not a task run',
          input: event.resourceId,
        },
      ],
    };
  }
  const checked = check(TaskRunEventPayload, payload ?? {}, 'body');
  if (!checked.ok) return { taskRun: null, problems: checked.problems };
  const { validated_state, task_run } = checked.value as TaskRunEventPayload;
  // Users' values are taken as they were sent.
  const raw = (part: string, name: string): string | null =>
    rawMember(rawMember(event.payload ?? '{}', part) ?? '{}', name);
  return {
    taskRun: {
      id: id.toLowerCase() as TaskRunId,
      flowRunId: (flowRunId?.toLowerCase() ?? null) as FlowRunId | null,
      taskKey: task_run.task_key,
      dynamicKey: task_run.dynamic_key,
      state: stateOf(event, validated_state, raw('validated_state', 'data')),
      fields: fieldsOf(task_run, raw('task_run', 'empirical_policy')),
      received,
    },
    problems: [],
  };
}

function stateOf(event: OutboxEvent, state: TaskRunEventPayload['validated_state'], data: string | null): State {
  const timestamp = (state.timestamp ? parseInstant(state.timestamp) : null) ?? event.occurred;
  const id = (state.id?.toLowerCase() ?? event.id) as StateId;
  const proposed = proposedState(state, null, timestamp);
  return stampState(
    data === null || data === 'null' ? proposed : { ...proposed, data: { kind: 'foreign', text: data } },
    id,
    timestamp,
  );
}

function fieldsOf(run: ReportedTaskRun, empiricalPolicy: string | null): ReportedFields {
  return {
    name: run.name ?? undefined,
    tags: run.tags,
    inputs: run.task_inputs && inputsOf(run.task_inputs),
    runCount: run.run_count,
    flowRunRunCount: run.flow_run_run_count,
    startTime: timeOf(run.start_time),
    endTime: timeOf(run.end_time),
    totalRunTimeUs:
      run.total_run_time === undefined ? undefined : Math.max(0, Math.round(run.total_run_time * 1_000_000)),
    prefectClient: {
      labels: run.labels ?? undefined,
      taskVersion: run.task_version,
      cacheKey: run.cache_key,
      cacheExpiration: timeOf(run.cache_expiration),
      expectedStartTime: timeOf(run.expected_start_time),
      nextScheduledStartTime: timeOf(run.next_scheduled_start_time),
      empiricalPolicy: empiricalPolicy ?? undefined,
    } as ReportedFields['prefectClient'],
  };
}

/** Absent and null differ: the one leaves, the other clears. */
function timeOf(text: string | null | undefined): Instant | null | undefined {
  return text === null || text === undefined ? text : parseInstant(text);
}

export function inputsOf(
  inputs: NonNullable<ReportedTaskRun['task_inputs']>,
): Readonly<Record<string, readonly TaskInput[]>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, edges]) => [name, edges.map(inputOf)]));
}

function inputOf(edge: NonNullable<ReportedTaskRun['task_inputs']>[string][number]): TaskInput {
  if ('id' in edge) {
    const id = edge.id.toLowerCase();
    return edge.input_type === 'flow_run'
      ? { kind: 'flow_run', id: id as FlowRunId }
      : { kind: 'task_run', id: id as TaskRunId };
  }
  return 'name' in edge ? { kind: 'parameter', name: edge.name } : { kind: 'constant', type: edge.type };
}
