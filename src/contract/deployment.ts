/** Deployments on the wire: what one is, how it is written and read, and the routes. */

import { KEY_PATTERN, KEY_TEXT_MAX } from '../core/concurrency/concurrency-key.ts';
import type { ConcurrencyLimit } from '../core/concurrency/limit.ts';
import type { Deployment as CoreDeployment, DeploymentSchedule as CoreSchedule } from '../core/deployment.ts';
import type { ConcurrencyLimitId } from '../core/ids.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { QueueInPool } from '../core/work-pool.ts';
import { LabelsIn } from './body/flow-run.ts';
import {
  DeploymentSchedule,
  DeploymentScheduleCreate,
  DeploymentScheduleUpdate,
  decodeNewSchedule,
  decodeScheduleUpdate,
  encodeSchedule,
} from './deployment-schedule.ts';
import { encodeGlobalConcurrencyLimit } from './encode/concurrency.ts';
import { instantOrNull } from './encode/instant.ts';
import { PausedBy } from './paused.ts';
import { Action, Maybe, UuidIn } from './route.ts';
import { GlobalConcurrencyLimit } from './schema/concurrency.ts';
import { DateTime, EXACT, Json, JsonObject, Labels, Nullable, Tags, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

const Person = Nullable(
  Type.Object(
    { id: Nullable(Type.String()), type: Nullable(Type.String()), display_value: Nullable(Type.String()) },
    EXACT,
  ),
);
const ConcurrencyOptions = Type.Object({
  collision_strategy: Type.Union([Type.Literal('ENQUEUE'), Type.Literal('CANCEL_NEW')]),
  /** Seconds that infrastructure may take to start before a run's slot is given to another. */
  grace_period_seconds: Maybe(Whole({ minimum: 60, maximum: 86_400 })),
  // Ours.
  /** A run that finds no slot waits, and the oldest one that holds a slot is cancelled for it. */
  cancels_old: Type.Optional(Type.Boolean()),
  /** Runs of one key share the slots: `parameters.customer`, or a text with such paths between braces. */
  key: Type.Optional(Type.String({ pattern: KEY_PATTERN, maxLength: KEY_TEXT_MAX })),
});

const CrashWord = Type.Union([Type.Literal('leave'), Type.Literal('resume'), Type.Literal('retry')]);

export const Deployment = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    version: Nullable(Type.String()),
    description: Nullable(Type.String()),
    flow_id: Uuid,
    paused: Type.Boolean(),
    schedules: Type.Array(DeploymentSchedule),
    /** Out of use: see `global_concurrency_limit`. */
    concurrency_limit: Type.Null(),
    global_concurrency_limit: Nullable(GlobalConcurrencyLimit),
    concurrency_options: Nullable(ConcurrencyOptions),
    /** Ours: when it is read by itself, and is paused. */
    paused_by: Type.Optional(PausedBy),
    /** Ours: there when it was said. */
    on_crash: Type.Optional(CrashWord),
    job_variables: JsonObject,
    parameters: JsonObject,
    tags: Tags,
    labels: Labels,
    work_queue_name: Nullable(Type.String()),
    work_queue_id: Nullable(Uuid),
    work_pool_name: Nullable(Type.String()),
    last_polled: Nullable(DateTime),
    parameter_openapi_schema: Nullable(JsonObject),
    path: Nullable(Type.String()),
    pull_steps: Nullable(Type.Array(JsonObject)),
    entrypoint: Nullable(Type.String()),
    storage_document_id: Nullable(Uuid),
    infrastructure_document_id: Nullable(Uuid),
    created_by: Person,
    updated_by: Person,
    status: Type.Union([Type.Literal('READY'), Type.Literal('NOT_READY')]),
    enforce_parameter_schema: Type.Boolean(),
    // For clients of Prefect 2 alone.
    infra_overrides: Type.Optional(JsonObject),
    is_schedule_active: Type.Optional(Type.Boolean()),
    manifest_path: Type.Optional(Type.Null()),
    schedule: Type.Optional(Json),
  },
  EXACT,
);
export type Deployment = Static<typeof Deployment>;

export interface EncodedDeployment {
  readonly deployment: CoreDeployment;
  readonly schedules: readonly CoreSchedule[];
  readonly limit: ConcurrencyLimit | null;
  readonly queue: QueueInPool | null;
}

/** Of what nothing was said, `null` is told: a client of Prefect reads the field. */
function encodeConcurrencyOptions(text: string | null): Deployment['concurrency_options'] {
  if (text === null) return null;
  return { grace_period_seconds: null, ...(JSON.parse(text) as Static<typeof ConcurrencyOptions>) };
}

/** @param isForOldClient whether the words of Prefect 2 stand beside */
export function encodeDeployment(
  { deployment, schedules, limit, queue }: EncodedDeployment,
  isForOldClient = false,
): Deployment {
  const json = <Value>(text: string | null): Value | null => (text === null ? null : rawJson<Value>(text));
  const encoded = schedules.map(encodeSchedule);
  return {
    id: deployment.id,
    created: formatInstant(deployment.createdAt),
    updated: formatInstant(deployment.updatedAt),
    name: deployment.name,
    version: deployment.version,
    description: deployment.description,
    flow_id: deployment.flowId,
    paused: deployment.paused,
    schedules: encoded,
    concurrency_limit: null,
    global_concurrency_limit: limit && encodeGlobalConcurrencyLimit(limit),
    concurrency_options: encodeConcurrencyOptions(deployment.concurrencyOptions),
    ...(deployment.onCrash ? { on_crash: deployment.onCrash } : {}),
    job_variables: rawJson(deployment.jobVariables),
    parameters: rawJson(deployment.parameters),
    tags: [...deployment.tags],
    labels: { ...deployment.labels },
    work_queue_name: queue?.queue.name ?? deployment.workQueueName,
    work_queue_id: queue?.queue.id ?? null,
    work_pool_name: queue?.pool.name ?? null,
    last_polled: instantOrNull(deployment.lastPolledAt),
    parameter_openapi_schema: json(deployment.parameterSchema),
    path: deployment.path,
    pull_steps: json(deployment.pullSteps),
    entrypoint: deployment.entrypoint,
    storage_document_id: deployment.storageDocumentId,
    infrastructure_document_id: deployment.infrastructureDocumentId,
    created_by: encodePerson(deployment.createdBy),
    updated_by: encodePerson(deployment.updatedBy),
    status: deployment.isReady ? 'READY' : 'NOT_READY',
    enforce_parameter_schema: deployment.enforceParameterSchema,
    ...(isForOldClient
      ? {
          infra_overrides: rawJson<Record<string, unknown>>(deployment.jobVariables),
          is_schedule_active: !deployment.paused,
          manifest_path: null,
          schedule: encoded[0]?.schedule ?? null,
        }
      : {}),
  };
}

function encodePerson(person: CoreDeployment['createdBy']): Deployment['created_by'] {
  return person && { id: person.id, type: person.type, display_value: person.displayValue };
}

const said = {
  version: Maybe(Type.String()),
  description: Maybe(Type.String()),
  paused: Type.Optional(Type.Boolean()),
  concurrency_limit: Maybe(Whole({ exclusiveMinimum: 0 })),
  concurrency_options: Maybe(ConcurrencyOptions),
  on_crash: Maybe(CrashWord),
  global_concurrency_limit_id: Maybe(UuidIn),
  parameter_openapi_schema: Maybe(JsonObject),
  tags: Type.Optional(Type.Array(Type.String())),
  pull_steps: Maybe(Type.Array(JsonObject)),
  work_queue_name: Maybe(Type.String()),
  work_pool_name: Maybe(Type.String()),
  path: Maybe(Type.String()),
  entrypoint: Maybe(Type.String()),
  storage_document_id: Maybe(UuidIn),
  infrastructure_document_id: Maybe(UuidIn),
  version_info: Maybe(Type.Object({ type: Type.String(), version: Type.String() })),
  // Of clients of Prefect 2.
  infra_overrides: Maybe(JsonObject),
  manifest_path: Maybe(Type.String()),
  schedule: Maybe(DeploymentScheduleCreate.properties.schedule),
  is_schedule_active: Maybe(Type.Boolean()),
};
export const DeploymentCreate = Action({
  name: Type.String(),
  flow_id: UuidIn,
  ...said,
  schedules: Type.Optional(Type.Array(DeploymentScheduleCreate)),
  enforce_parameter_schema: Type.Optional(Type.Boolean()),
  parameters: Type.Optional(JsonObject),
  labels: Maybe(LabelsIn),
  job_variables: Type.Optional(JsonObject),
});
export const DeploymentUpdate = Action({
  ...said,
  schedules: Maybe(Type.Array(DeploymentScheduleUpdate)),
  enforce_parameter_schema: Maybe(Type.Boolean()),
  parameters: Maybe(JsonObject),
  job_variables: Maybe(JsonObject),
});
type Create = Static<typeof DeploymentCreate>;
type Update = Static<typeof DeploymentUpdate>;
type Exactly = Readonly<Record<string, unknown>>;

/** What a body says of a deployment, with users' JSON as text; `undefined`: it says nothing. */
export function decodeDeployment(body: (Create | Update) & { readonly labels?: Create['labels'] }, exact: Exactly) {
  const json = (name: string, value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : JSON.stringify(exact[name]);
  const jsonOrNull = (name: string, value: unknown): string | null | undefined =>
    value === null ? null : json(name, value);
  return {
    version: body.version,
    description: body.description,
    paused: body.paused ?? (body.is_schedule_active === false ? true : undefined),
    tags: body.tags,
    labels: body.labels ?? undefined,
    parameters: json('parameters', body.parameters),
    parameterSchema: jsonOrNull('parameter_openapi_schema', body.parameter_openapi_schema),
    enforceParameterSchema: body.enforce_parameter_schema ?? undefined,
    concurrencyOptions: jsonOrNull('concurrency_options', body.concurrency_options),
    onCrash: body.on_crash,
    pullSteps: jsonOrNull('pull_steps', body.pull_steps),
    entrypoint: body.entrypoint,
    path: body.path,
    storageDocumentId: lowerCase(body.storage_document_id),
    infrastructureDocumentId: lowerCase(body.infrastructure_document_id),
    jobVariables: json('job_variables', body.job_variables) ?? json('infra_overrides', body.infra_overrides),
  };
}

export function decodeQueue(body: Create | Update) {
  return { workPoolName: body.work_pool_name, workQueueName: body.work_queue_name };
}

export function decodeLimit(body: Create | Update) {
  return {
    concurrencyLimit: body.concurrency_limit,
    globalLimitId: lowerCase(body.global_concurrency_limit_id) as ConcurrencyLimitId | null | undefined,
  };
}

function lowerCase(id: string | null | undefined): string | null | undefined {
  return id?.toLowerCase() ?? id;
}

export function decodeNewSchedules(body: Create, exact: Exactly, now: Instant) {
  const given = body.schedules ?? [];
  const old = given.length === 0 && body.schedule ? [{ schedule: body.schedule }] : given;
  return old.map((schedule, index) => decodeNewSchedule(schedule, exactItem(exact, index), now));
}

/** `undefined`: they stay as they are. */
export function decodeScheduleUpdates(body: Update, exact: Exactly, now: Instant) {
  const old = body.schedule ? [{ schedule: body.schedule }] : undefined;
  return (body.schedules ?? old)?.map((schedule, index) =>
    decodeScheduleUpdate(schedule, exactItem(exact, index), now),
  );
}

function exactItem(exact: Exactly, index: number): Exactly | undefined {
  return (exact['schedules'] as readonly Exactly[] | null | undefined)?.[index];
}
