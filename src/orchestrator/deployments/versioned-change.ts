/** From a merge to what is written of a deployment. */

import {
  documentOf,
  type DefinitionField,
  type DefinitionTexts,
  type DeploymentDocument,
  type VersionSource,
} from '../../core/deployment-definition.ts';
import type { Merge } from '../../core/deployment-merge.ts';
import type { OnCrash } from '../../core/deployment.ts';
import type { Labels } from '../../core/flow-run.ts';
import type { DeploymentId } from '../../core/ids.ts';
import { DEFAULT_SLOT_POLICY } from '../../core/schedules/slot-policy.ts';
import type { Instant } from '../../core/time.ts';
import type { QueueInPool } from '../../core/work-pool.ts';
import type { VersionedChange, VersionedFacts } from '../../store/port/deployment-versions.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { labelsOf, queueFields, type QueueRequest } from './apply.ts';
import { deploymentEvent, deploymentUpdated } from './events.ts';
import { freshDeployment, limitChange, withFields, type DeploymentFields, type LimitRequest } from './fields.ts';
import { deploymentMissing, newSchedule, rearmed, takenBackLater, updatedSchedule } from './schedules.ts';

export interface WantedDocument {
  readonly flowName: string;
  readonly name: string;
  readonly document: DeploymentDocument;
  /** Of one that is made now. */
  readonly labels?: Labels;
  readonly source: VersionSource;
}

/** What is to become of one deployment. */
export interface Plan {
  readonly isNew: boolean;
  readonly merge: Merge;
}

export function isNothing({ isNew, merge }: Plan): boolean {
  return !isNew && merge.changes.every(({ how }) => how !== 'set');
}

export interface DefinitionRequest {
  readonly fields: DeploymentFields;
  readonly queue: QueueRequest;
  readonly limit: LimitRequest;
}

/** What the texts of a definition say, as a deployment keeps it. */
export function requestOf(texts: DefinitionTexts): DefinitionRequest {
  const json = (name: DefinitionField): string | null | undefined => (texts[name] === 'null' ? null : texts[name]);
  const value = <Value>(name: DefinitionField): Value | undefined => {
    const text = texts[name];
    return text === undefined ? undefined : (JSON.parse(text) as Value);
  };
  return {
    fields: {
      version: value<string | null>('version'),
      description: value<string | null>('description'),
      paused: value<boolean>('paused'),
      tags: value<readonly string[]>('tags'),
      parameters: texts.parameters,
      parameterSchema: json('parameter_openapi_schema'),
      enforceParameterSchema: value<boolean>('enforce_parameter_schema'),
      concurrencyOptions: json('concurrency_options'),
      onCrash: value<OnCrash | null>('on_crash'),
      pullSteps: json('pull_steps'),
      entrypoint: value<string | null>('entrypoint'),
      path: value<string | null>('path'),
      storageDocumentId: value<string | null>('storage_document_id'),
      infrastructureDocumentId: value<string | null>('infrastructure_document_id'),
      jobVariables: texts.job_variables,
    },
    queue: {
      workPoolName: value<string | null>('work_pool_name'),
      workQueueName: value<string | null>('work_queue_name'),
    },
    limit: { concurrencyLimit: value<number | null>('concurrency_limit') },
  };
}

export interface MadeVersion {
  readonly id: DeploymentId;
  readonly version: number | null;
  readonly change: VersionedChange;
}

/** What was settled before the transaction. */
export interface Prepared {
  readonly fields: DeploymentFields;
  /** `undefined`: as it was. */
  readonly queue: QueueInPool | null | undefined;
}

export interface ChangeFacts {
  readonly facts: VersionedFacts | undefined;
  readonly plan: Plan;
  readonly wanted: WantedDocument | undefined;
  readonly prepared: Prepared | undefined;
  readonly now: Instant;
}

/** Inside a transaction. `not-found` when the flow is gone. */
export function versionedChange(
  { ids }: OrchestratorPorts,
  { facts, plan, wanted, prepared, now }: ChangeFacts,
): MadeVersion {
  if (!facts?.flow || wanted === undefined) throw deploymentMissing();
  const { found, flow, version: last } = facts;
  if (found !== null && isNothing(plan)) return { id: found.deployment.id, version: last?.number ?? null, change: {} };
  const { merge } = plan;
  const base = found?.deployment ?? freshDeployment(ids.next<DeploymentId>(), flow, wanted.name, now);
  const queue = prepared?.queue === undefined ? (found?.queue ?? null) : prepared.queue;
  const said = withFields(base, {
    ...prepared?.fields,
    ...queueFields(prepared?.queue),
    ...(found === null ? { labels: labelsOf(flow, wanted.labels) } : {}),
  });
  const limit = limitChange(ids, said, found?.limit ?? null, requestOf(merge.fields).limit, now);
  const number = (last?.number ?? 0) + 1;
  const deployment = { ...said, concurrencyLimitId: limit.concurrencyLimitId, versionNumber: number, updatedAt: now };
  const { id, paused } = deployment;
  const kept = (found?.schedules ?? []).filter((schedule) => !merge.removed.includes(schedule.id));
  const schedules = [
    ...merge.added.map((stated) =>
      newSchedule(ids, id, { ...stated, policy: { ...DEFAULT_SLOT_POLICY, ...stated.policy } }, paused, now),
    ),
    ...kept.map((schedule) => {
      const change = merge.changed.find((each) => each.id === schedule.id);
      return rearmed(change === undefined ? schedule : updatedSchedule(schedule, change, now), paused, now);
    }),
  ];
  const around = { flow, queue };
  const event =
    found === null
      ? deploymentEvent(ids, deployment, around, 'created', now)
      : deploymentUpdated(ids, found.deployment, deployment, around, now);
  const after = {
    deployment,
    limit: limit.limit ?? (limit.deletedLimit ? null : (found?.limit ?? null)),
    queue,
    schedules,
  };
  return {
    id,
    version: number,
    change: {
      takenBack: takenBackLater('The deployment was changed.', found?.schedules ?? [], now),
      deployment,
      deletedSchedules: merge.removed,
      schedules,
      limit: limit.limit,
      deletedLimit: limit.deletedLimit,
      events: event === null ? [] : [event],
      version: {
        deploymentId: id,
        number,
        said: wanted.document,
        became: documentOf(after),
        source: wanted.source,
        createdAt: now,
      },
    },
  };
}
