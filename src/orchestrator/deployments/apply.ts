/** Deployments as people make, change and delete them. */

import type { Actor } from '../../core/actor.ts';
import type { Deployment } from '../../core/deployment.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Creator, Flow } from '../../core/flow-run.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { BlockDocumentId, DeploymentId, FlowId, IdSource } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { QueueInPool } from '../../core/work-pool.ts';
import type { DeploymentChange, DeploymentRecord } from '../../store/port/deployments.ts';
import { pauseEvents } from '../pauses.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { deploymentEvent, deploymentUpdated } from './events.ts';
import { freshDeployment, limitChange, withFields, type DeploymentFields, type LimitRequest } from './fields.ts';
import { ensureWorkQueue } from '../work-pools/queues.ts';
import { checkJobVariables, type JobVariables } from '../job-variables.ts';
import { checkParameters, settledParameters } from './parameters.ts';
import {
  deploymentMissing,
  newSchedule,
  plannedSchedules,
  rearmed,
  seenUntil,
  takenBackBy,
  takenBackLater,
  type NewSchedule,
  type ScheduleUpdate,
} from './schedules.ts';

/** Where runs are to go. */
export interface QueueRequest {
  /** `null`: to no pool; absent: as before. */
  readonly workPoolName?: string | null | undefined;
  /** Is made when it is not there; without a pool, in that of agents. */
  readonly workQueueName?: string | null | undefined;
}

export interface CreateDeployment extends LimitRequest, QueueRequest {
  readonly flowId: FlowId;
  readonly name: string;
  readonly fields: DeploymentFields;
  readonly schedules: readonly NewSchedule[];
  /** On whose behalf. */
  readonly creator: Creator | null;
}

export interface MadeDeployment {
  readonly deployment: Deployment;
  /** Else it took the place of the one with its name. */
  readonly isNew: boolean;
}

/**
 * Makes the deployment, or changes the one with its name, whose schedules are replaced. `conflict` for a flow that is
 * not there; `not-found` for a limit that is not.
 */
export async function createDeployment(ports: OrchestratorPorts, request: CreateDeployment): Promise<MadeDeployment> {
  const { storage, clock, ids } = ports;
  const { flowId, name, fields, creator } = request;
  await checkLimit(ports, request);
  const queue = await queueFor(ports, request, fields.jobVariables ?? '{}');
  await checkBlocks(ports, fields);
  const now = clock.now();
  return await storage.changeDeployment<MadeDeployment>({ flowId, name }, ({ found, flow }) => {
    if (flow === null) throw new OstinatoError('conflict', `Data integrity conflict. There is no flow ${flowId}.`);
    const base = found?.deployment ?? {
      ...freshDeployment(ids.next<DeploymentId>(), flow, name, now),
      createdBy: creator,
    };
    const said = withFields(base, { ...fields, ...queueFields(queue), labels: labelsOf(flow, fields.labels) });
    const limit = limitChange(ids, said, found?.limit ?? null, request, now);
    const deployment = { ...said, concurrencyLimitId: limit.concurrencyLimitId, updatedBy: creator, updatedAt: now };
    const around = { flow, queue: queue ?? found?.queue ?? null };
    const schedules = request.schedules.map((schedule) =>
      newSchedule(ids, deployment.id, schedule, deployment.paused, now),
    );
    return {
      takenBack: takenBackLater('The deployment was changed.', found?.schedules ?? [], now),
      deployment,
      deletedSchedules: found?.schedules.map(({ id }) => id) ?? [],
      schedules,
      ...limitRows(limit),
      events: [
        found === null
          ? deploymentEvent(ids, deployment, around, 'created', now)
          : deploymentUpdated(ids, found.deployment, deployment, around, now),
      ].filter((event) => event !== null),
      answer: { deployment, isNew: found === null },
    };
  });
}

export function labelsOf(flow: Flow, labels: DeploymentFields['labels']): Deployment['labels'] {
  return { ...flow.labels, 'prefect.flow.id': flow.id, ...labels };
}

function limitRows({
  limit,
  deletedLimit,
}: ReturnType<typeof limitChange>): Pick<DeploymentChange<never>, 'limit' | 'deletedLimit'> {
  return { limit, deletedLimit };
}

/**
 * `null`: no queue from now on; `undefined`: as before. `not-found` for no such pool; `bad-input` (or the other code)
 * for job variables that it does not take.
 */
export async function queueFor(
  ports: OrchestratorPorts,
  { workPoolName, workQueueName }: QueueRequest,
  jobVariables: string,
  code?: JobVariables['code'],
): Promise<QueueInPool | null | undefined> {
  if (!workPoolName && !workQueueName) return workPoolName === null ? null : undefined;
  // A pool that does not take the job is not given a queue for it.
  const pool = workPoolName ? await ports.storage.readWorkPool({ name: workPoolName }) : null;
  await checkJobVariables(ports, pool?.pool ?? null, { values: jobVariables, code }, 'Error creating deployment');
  return await ensureWorkQueue(ports, workPoolName || null, workQueueName || null);
}

export function queueFields(
  queue: QueueInPool | null | undefined,
): Pick<DeploymentFields, 'workQueueId' | 'workQueueName'> {
  if (queue === undefined) return {};
  return { workQueueId: queue?.queue.id ?? null, workQueueName: queue?.queue.name ?? null };
}

async function checkLimit({ storage }: OrchestratorPorts, { globalLimitId }: LimitRequest): Promise<void> {
  if (!globalLimitId) return;
  const { limits } = await storage.readSlots({ limitIds: [globalLimitId] });
  if (limits.length === 0) throw new OstinatoError('not-found', 'Concurrency limit not found');
}

/** `conflict` for a block that is not there: most likely the file was written for another server. */
async function checkBlocks({ storage }: OrchestratorPorts, fields: DeploymentFields): Promise<void> {
  const named = { infrastructure: fields.infrastructureDocumentId, storage: fields.storageDocumentId };
  for (const [what, id] of Object.entries(named)) {
    if (!id || (await storage.readBlockDocument({ id: id as BlockDocumentId })) !== null) continue;
    throw new OstinatoError(
      'conflict',
      `Error creating deployment. Could not find ${what} block with id: ${id}. This usually occurs when applying a ` +
        'deployment specification that was built against a different Prefect database / workspace.',
      { remedy: 'Save the block on this server, and name its new id.' },
    );
  }
}

export interface UpdateDeployment extends LimitRequest, QueueRequest {
  readonly fields: DeploymentFields;
  /** Absent: they stay. */
  readonly schedules?: readonly ScheduleUpdate[] | undefined;
}

/**
 * What is left out stays; runs that its schedules made ahead are made anew. `not-found`; `bad-request` for parameters
 * that cannot come about; `bad-parameters` for ones that do not fit the schema, and for job variables that do not fit
 * the pool that is named with them; `bad-input` for schedules that would replace others unseen.
 */
export async function updateDeployment(
  ports: OrchestratorPorts,
  id: DeploymentId,
  { fields: asked, schedules: given, ...limits }: UpdateDeployment,
  actor?: Actor,
): Promise<void> {
  const { storage, clock, ids } = ports;
  const seen = await storage.readDeployment({ id });
  if (seen === null) throw deploymentMissing('.');
  await checkLimit(ports, limits);
  const fields = await checkedFields(ports, seen.deployment, asked);
  // Those that stay are looked at when a run is made: clients of Prefect move a deployment first, and then change them.
  const queue = await queueFor(ports, limits, fields.jobVariables ?? '{}', 'bad-parameters');
  const now = clock.now();
  await storage.changeDeployment<void>({ id }, ({ found }) => {
    if (found === null) throw deploymentMissing();
    const said = withFields(found.deployment, { ...fields, ...queueFields(queue) });
    const limit = limitChange(ids, said, found.limit, limits, now);
    const deployment = { ...said, concurrencyLimitId: limit.concurrencyLimitId, updatedAt: now };
    const around = { flow: found.flow, queue: queue === undefined ? found.queue : queue };
    return {
      takenBack: takenBackLater('The deployment was changed.', found.schedules, now),
      deployment,
      ...(given === undefined
        ? rearmedAll(found, deployment.paused, now)
        : plannedSchedules(ids, id, found.schedules, given, deployment.paused, now)),
      ...limitRows(limit),
      events: [
        ...[deploymentUpdated(ids, found.deployment, deployment, around, now)].filter((event) => event !== null),
        ...pauseOf(ids, found.deployment, deployment, actor, now),
      ],
      answer: undefined,
    };
  });
}

/** Parameters are kept as they come about, and fit the schema as far as they are given. */
export async function checkedFields(
  ports: OrchestratorPorts,
  deployment: Deployment,
  fields: DeploymentFields,
): Promise<DeploymentFields> {
  const parameters =
    fields.parameters === undefined
      ? undefined
      : await settledParameters(ports, fields.parameters, 'Error hydrating deployment parameters');
  const after = {
    enforceParameterSchema: fields.enforceParameterSchema ?? deployment.enforceParameterSchema,
    // A schema that is taken away holds for this change still.
    parameterSchema: fields.parameterSchema ?? deployment.parameterSchema,
  };
  await checkParameters(ports, after, parameters ?? deployment.parameters, {
    what: 'Error updating deployment',
    isPartial: true,
    remedy: 'Give it parameters that fit its `parameter_openapi_schema`, or another one.',
  });
  return { ...fields, parameters };
}

function rearmedAll(
  { schedules }: DeploymentRecord,
  isPaused: boolean,
  now: Instant,
): Pick<DeploymentChange<void>, 'schedules'> {
  return { schedules: schedules.map((schedule) => rearmed(schedule, isPaused, now)) };
}

/** While it is paused its schedules make no runs, and those that they made are taken back. `not-found`. */
export function pauseDeployment(ports: OrchestratorPorts, id: DeploymentId, actor?: Actor): MaybePromise<void> {
  return setPaused(ports, id, true, actor);
}

/** `not-found`. */
export function resumeDeployment(ports: OrchestratorPorts, id: DeploymentId, actor?: Actor): MaybePromise<void> {
  return setPaused(ports, id, false, actor);
}

function pauseOf(
  ids: IdSource,
  before: Deployment,
  { id, name, paused }: Deployment,
  actor: Actor | undefined,
  now: Instant,
): readonly OutboxEvent[] {
  return pauseEvents(ids, { noun: 'deployment', id, name, wasPaused: before.paused, isPaused: paused, actor, now });
}

const HELD = { outcome: 'held', reason: 'The deployment was paused before a worker began its run.' } as const;

function setPaused(
  { storage, clock, ids }: OrchestratorPorts,
  id: DeploymentId,
  paused: boolean,
  actor: Actor | undefined,
): MaybePromise<void> {
  const now = clock.now();
  return storage.changeDeployment<void>({ id }, ({ found }) => {
    if (found === null) throw deploymentMissing();
    const deployment = { ...found.deployment, paused, updatedAt: now };
    const event = deploymentUpdated(ids, found.deployment, deployment, found, now);
    return {
      takenBack: paused ? { autoScheduledOnly: true, at: seenUntil(found.schedules, now), past: HELD } : undefined,
      deployment,
      ...rearmedAll(found, paused, now),
      // Prefect has no event for it.
      events: [
        ...(event === null ? [] : [{ ...event, name: 'ostinato.deployment.updated' }]),
        ...pauseOf(ids, found.deployment, deployment, actor, now),
      ],
      answer: undefined,
    };
  });
}

/** With its schedules, its own limit, and all its runs that were never begun. Answers whether it was there. */
export function deleteDeployment({ storage, clock, ids }: OrchestratorPorts, id: DeploymentId): MaybePromise<boolean> {
  const now = clock.now();
  return storage.changeDeployment<boolean>({ id }, ({ found }) => {
    if (found === null) return { answer: false };
    const { deployment, limit } = found;
    return {
      takenBack: { autoScheduledOnly: false, ...takenBackBy('The deployment was deleted.', found.schedules, now) },
      deployment: null,
      deletedLimit: limitChange(ids, deployment, limit, { concurrencyLimit: null }, now).deletedLimit,
      events: [deploymentEvent(ids, deployment, found, 'deleted', now)],
      answer: true,
    };
  });
}
