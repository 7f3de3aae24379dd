/** Deployments as they are written down: what of one a file, a version or a merge speaks of. */

import type { ConcurrencyLimit } from './concurrency/limit.ts';
import type { Deployment, DeploymentSchedule } from './deployment.ts';
import { exactValue } from './json-value.ts';
import type { SlotPolicy } from './schedules/slot-policy.ts';
import type { SlotRules } from './schedules/slot-rules.ts';
import type { Schedule } from './schedules/schedule.ts';
import type { Instant } from './time.ts';
import type { QueueInPool } from './work-pool.ts';

/** As they are called on the wire. */
export const DEFINITION_FIELDS = [
  'version',
  'description',
  'paused',
  'tags',
  'parameters',
  'parameter_openapi_schema',
  'enforce_parameter_schema',
  'concurrency_limit',
  'concurrency_options',
  'on_crash',
  'pull_steps',
  'entrypoint',
  'path',
  'job_variables',
  'work_pool_name',
  'work_queue_name',
  'storage_document_id',
  'infrastructure_document_id',
] as const;
export type DefinitionField = (typeof DEFINITION_FIELDS)[number];

/** JSON by field. */
export type DefinitionTexts = { readonly [Field in DefinitionField]?: string };

/** A schedule as somebody has said it: what is left out is not said. */
export interface StatedSchedule {
  readonly slug: string | null;
  readonly schedule: Schedule;
  /** Whether the anchor of an interval was said; else it is when the schedule was made. */
  readonly saysAnchor: boolean;
  readonly saysZone: boolean;
  readonly active?: boolean | undefined;
  /** JSON object. */
  readonly parameters?: string | undefined;
  /** What becomes of its slots that are late or overlap, as far as it was said. */
  readonly policy?: StatedPolicy | undefined;
  /** What narrows and moves its slots, as far as it was said. */
  readonly rules?: StatedRules | undefined;
}

export type StatedPolicy = { readonly [Name in keyof SlotPolicy]?: SlotPolicy[Name] | undefined };
export type StatedRules = { readonly [Name in keyof SlotRules]?: SlotRules[Name] | undefined };

/** What was said of a deployment. */
export interface DeploymentDocument {
  readonly fields: DefinitionTexts;
  /** `null`: nothing was said of them. */
  readonly schedules: readonly StatedSchedule[] | null;
}

export interface DefinedDeployment {
  readonly deployment: Deployment;
  readonly limit: ConcurrencyLimit | null;
  readonly queue: QueueInPool | null;
  readonly schedules: readonly DeploymentSchedule[];
}

/** All of a deployment that is. */
export function documentOf({ deployment, limit, queue, schedules }: DefinedDeployment): DeploymentDocument {
  const fields: Readonly<Record<DefinitionField, string>> = {
    version: JSON.stringify(deployment.version),
    description: JSON.stringify(deployment.description),
    paused: JSON.stringify(deployment.paused),
    tags: JSON.stringify(deployment.tags),
    parameters: deployment.parameters,
    parameter_openapi_schema: deployment.parameterSchema ?? 'null',
    enforce_parameter_schema: JSON.stringify(deployment.enforceParameterSchema),
    concurrency_limit: JSON.stringify(limit?.limit ?? null),
    concurrency_options: deployment.concurrencyOptions ?? 'null',
    on_crash: JSON.stringify(deployment.onCrash ?? null),
    pull_steps: deployment.pullSteps ?? 'null',
    entrypoint: JSON.stringify(deployment.entrypoint),
    path: JSON.stringify(deployment.path),
    job_variables: deployment.jobVariables,
    work_pool_name: JSON.stringify(queue?.pool.name ?? null),
    work_queue_name: JSON.stringify(queue?.queue.name ?? deployment.workQueueName),
    storage_document_id: JSON.stringify(deployment.storageDocumentId),
    infrastructure_document_id: JSON.stringify(deployment.infrastructureDocumentId),
  };
  return { fields, schedules: schedules.map(statedOf) };
}

export function statedOf({ slug, schedule, active, parameters, policy, rules }: DeploymentSchedule): StatedSchedule {
  const all = { slug, schedule, saysAnchor: true, saysZone: true, active, parameters };
  return { ...all, ...(policy && { policy }), ...(rules && { rules }) };
}

/** What was applied, and what came of it. Immutable. */
export interface DeploymentVersion {
  readonly deploymentId: Deployment['id'];
  /** From 1, without gaps. */
  readonly number: number;
  /** What was said. */
  readonly said: DeploymentDocument;
  /** All of the deployment afterwards. */
  readonly became: DeploymentDocument;
  readonly source: VersionSource;
  readonly createdAt: Instant;
}

/** Whence a version came; `null`: not known. */
export interface VersionSource {
  readonly kind: 'apply' | 'rollback';
  /** `somebody@machine`. */
  readonly by: string | null;
  readonly file: string | null;
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly checksum: string | null;
  readonly gitCommit: string | null;
  readonly gitBranch: string | null;
  /** Whether the file was other than in that commit. */
  readonly isGitDirty: boolean | null;
  /** The version that it went back to. */
  readonly rolledBackTo: number | null;
}

/** Whether both texts are the same JSON: the order of members is nothing. */
export function isSameJson(a: string, b: string): boolean {
  return a === b || ordered(a) === ordered(b);
}

function ordered(text: string): string {
  return JSON.stringify(sorted(exactValue(text)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(members.map(([name, part]) => [name, sorted(part)]));
}
