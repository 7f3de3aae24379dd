import type { Deployment, DeploymentSchedule } from '../../core/deployment.ts';
import type { ConcurrencyLimitId, DeploymentId, DeploymentScheduleId, FlowId, WorkQueueId } from '../../core/ids.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import type { SlotPolicy } from '../../core/schedules/slot-policy.ts';
import type { SlotRules } from '../../core/schedules/slot-rules.ts';
import type { Instant } from '../../core/time.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';
import { parseShared } from '../shared-json.ts';

export interface DeploymentRow {
  readonly id: IdValue;
  readonly flow_id: IdValue;
  readonly name: string;
  readonly paused: number;
  readonly tags: string;
  readonly work_queue_name: string | null;
  readonly work_queue_id: IdValue | null;
  readonly concurrency_limit_id: IdValue | null;
  readonly is_ready: number;
  readonly last_polled_at: number | null;
  /** JSON of a `DeploymentBody`. */
  readonly body: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What has no column of its own. */
export type DeploymentBody = Pick<
  Deployment,
  | 'version'
  | 'description'
  | 'labels'
  | 'parameters'
  | 'parameterSchema'
  | 'enforceParameterSchema'
  | 'concurrencyOptions'
  | 'onCrash'
  | 'pullSteps'
  | 'entrypoint'
  | 'path'
  | 'storageDocumentId'
  | 'infrastructureDocumentId'
  | 'jobVariables'
  | 'versionNumber'
  | 'createdBy'
  | 'updatedBy'
>;

export function deploymentBody(deployment: Deployment): DeploymentBody {
  return {
    version: deployment.version,
    description: deployment.description,
    labels: deployment.labels,
    parameters: deployment.parameters,
    parameterSchema: deployment.parameterSchema,
    enforceParameterSchema: deployment.enforceParameterSchema,
    concurrencyOptions: deployment.concurrencyOptions,
    ...(deployment.onCrash === undefined ? {} : { onCrash: deployment.onCrash }),
    pullSteps: deployment.pullSteps,
    entrypoint: deployment.entrypoint,
    path: deployment.path,
    storageDocumentId: deployment.storageDocumentId,
    infrastructureDocumentId: deployment.infrastructureDocumentId,
    jobVariables: deployment.jobVariables,
    ...(deployment.versionNumber === undefined ? {} : { versionNumber: deployment.versionNumber }),
    createdBy: deployment.createdBy,
    updatedBy: deployment.updatedBy,
  };
}

export function readDeploymentRow(row: DeploymentRow): Deployment {
  return {
    id: readId<DeploymentId>(row.id),
    flowId: readId<FlowId>(row.flow_id),
    name: row.name,
    ...(JSON.parse(row.body) as DeploymentBody),
    paused: row.paused === 1,
    tags: parseShared<readonly string[]>(row.tags),
    concurrencyLimitId: readIdOrNull<ConcurrencyLimitId>(row.concurrency_limit_id),
    workQueueName: row.work_queue_name,
    workQueueId: readIdOrNull<WorkQueueId>(row.work_queue_id),
    isReady: row.is_ready === 1,
    lastPolledAt: row.last_polled_at as Instant | null,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

export interface DeploymentScheduleRow {
  readonly id: IdValue;
  readonly deployment_id: IdValue;
  readonly active: number;
  readonly slug: string | null;
  readonly schedule: string;
  readonly parameters: string;
  readonly max_scheduled_runs: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly scheduled_through: number | null;
  readonly due_at: number | null;
  readonly settled_through: number | null;
  readonly held_since: number | null;
  readonly policy: string | null;
  readonly slot_rules: string | null;
}

export function readDeploymentScheduleRow(row: DeploymentScheduleRow): DeploymentSchedule {
  return {
    id: readId<DeploymentScheduleId>(row.id),
    deploymentId: readId<DeploymentId>(row.deployment_id),
    schedule: parseShared<Schedule>(row.schedule),
    active: row.active === 1,
    maxScheduledRuns: row.max_scheduled_runs,
    parameters: row.parameters,
    slug: row.slug,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
    scheduledThrough: row.scheduled_through as Instant | null,
    dueAt: row.due_at as Instant | null,
    settledThrough: row.settled_through as Instant | null,
    heldSince: row.held_since as Instant | null,
    policy: row.policy === null ? null : parseShared<SlotPolicy>(row.policy),
    rules: row.slot_rules === null ? null : parseShared<SlotRules>(row.slot_rules),
  };
}
