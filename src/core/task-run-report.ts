/**
 * A Prefect client's report on a task run that it moves by itself: the state that the run entered, and
 * the fields as they were then. Reports may come twice, late, and in any order; the row follows the newest.
 */

import type { FlowRunId, TaskRunId } from './ids.ts';
import { naturalKeyOf } from './natural-key.ts';
import type { State } from './state.ts';
import type { PrefectClientFields, TaskInput, TaskRun } from './task-run.ts';
import type { Instant } from './time.ts';

/** Fields that are absent from the report stay as they are. */
export interface ReportedFields {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly inputs?: Readonly<Record<string, readonly TaskInput[]>> | undefined;
  readonly runCount?: number | undefined;
  readonly flowRunRunCount?: number | undefined;
  readonly startTime?: Instant | null | undefined;
  readonly endTime?: Instant | null | undefined;
  readonly totalRunTimeUs?: number | undefined;
  readonly prefectClient: Partial<Omit<PrefectClientFields, 'naturalKey'>>;
}

export interface TaskRunReport {
  /** The client's id of the run; an existing row with the same natural key keeps its own id. */
  readonly id: TaskRunId;
  readonly flowRunId: FlowRunId | null;
  readonly taskKey: string;
  readonly dynamicKey: string;
  readonly state: State;
  readonly fields: ReportedFields;
  readonly received: Instant;
}

/** The state as it is stored, with the id of its run. */
export function reportedState(report: TaskRunReport, id: TaskRunId): State {
  const { state, flowRunId } = report;
  return { ...state, details: { ...state.details, taskRunId: id, flowRunId: flowRunId ?? undefined } };
}

/** The run after the report; `null` when the row has a state that is as new or newer. */
export function applyReport(found: TaskRun | null, report: TaskRunReport): TaskRun | null {
  if (found !== null && found.state.timestamp >= report.state.timestamp) return null;
  const run = found ?? unknownRun(report);
  const { prefectClient, ...fields } = report.fields;
  return {
    ...run,
    ...given(fields),
    taskKey: report.taskKey,
    dynamicKey: report.dynamicKey,
    flowRunId: report.flowRunId,
    state: reportedState(report, run.id),
    prefectClient: {
      ...(run.prefectClient ?? NO_CLIENT_FIELDS),
      ...given(prefectClient),
      naturalKey: naturalKeyOf(report.flowRunId, report.taskKey, report.dynamicKey),
    },
  };
}

export const NO_CLIENT_FIELDS: PrefectClientFields = Object.freeze({
  naturalKey: null,
  labels: {},
  taskVersion: null,
  cacheKey: null,
  cacheExpiration: null,
  expectedStartTime: null,
  nextScheduledStartTime: null,
  empiricalPolicy: '{}',
});

function unknownRun(report: TaskRunReport): TaskRun {
  const { id, flowRunId, taskKey, dynamicKey, state, received } = report;
  return {
    id,
    flowRunId,
    processId: null,
    parentTaskRunId: null,
    name: taskNameOf(taskKey),
    taskName: taskNameOf(taskKey),
    taskKey,
    dynamicKey,
    step: '',
    callSite: '',
    sourceHash: '',
    mapId: null,
    tags: [],
    inputs: {},
    policy: NO_POLICY,
    durability: 'sync',
    isolation: 'signal',
    cache: null,
    prefectClient: NO_CLIENT_FIELDS,
    state,
    runCount: 0,
    flowRunRunCount: 0,
    createdAt: received,
    startTime: null,
    endTime: null,
    totalRunTimeUs: 0,
  };
}

/** Clients retry by themselves; their policy is in `prefectClient.empiricalPolicy`. */
const NO_POLICY: TaskRun['policy'] = Object.freeze({
  retries: 0,
  retryDelaySeconds: [],
  retryJitterFactor: 0,
  timeoutSeconds: null,
});

/** A task's key is its name and a hash of its code: `extract-1a2b3c4d`. */
export function taskNameOf(taskKey: string): string {
  return taskKey.replace(/-[0-9a-f]{8}$/, '');
}

function given<Fields extends object>(fields: Fields): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  const found: Partial<Record<string, unknown>> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) found[key] = value;
  return found as { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };
}
