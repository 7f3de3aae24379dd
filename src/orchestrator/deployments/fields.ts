/** What is said of a deployment when it is made or changed: what is left out stays, or is as in a fresh one. */

import type { ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { deploymentLimitName } from '../../core/concurrency/deployment-slots.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Flow } from '../../core/flow-run.ts';
import type { ConcurrencyLimitId, DeploymentId, IdSource } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import type { Instant } from '../../core/time.ts';
import { inWrittenOrder } from '../../core/written-order.ts';
import type { DeploymentChange } from '../../store/port/deployments.ts';
import { newLimit } from '../concurrency/limits.ts';

type Settable =
  | 'version'
  | 'description'
  | 'paused'
  | 'tags'
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
  | 'workQueueName'
  | 'workQueueId';

export type DeploymentFields = { readonly [Field in Settable]?: Deployment[Field] | undefined };

/** How many runs may be under way: by a limit of its own, or by one that others share. */
export interface LimitRequest {
  /** `null`: any number. Absent: as before. */
  readonly concurrencyLimit?: number | null | undefined;
  readonly globalLimitId?: ConcurrencyLimitId | null | undefined;
}

export function freshDeployment(id: DeploymentId, flow: Flow, name: string, now: Instant): Deployment {
  return {
    id,
    flowId: flow.id,
    name,
    version: null,
    description: null,
    paused: false,
    tags: [],
    labels: {},
    parameters: '{}',
    parameterSchema: '{}',
    enforceParameterSchema: true,
    concurrencyLimitId: null,
    concurrencyOptions: null,
    pullSteps: '[]',
    entrypoint: null,
    path: null,
    storageDocumentId: null,
    infrastructureDocumentId: null,
    jobVariables: '{}',
    workQueueName: null,
    workQueueId: null,
    isReady: false,
    lastPolledAt: null,
    createdBy: null,
    updatedBy: null,
    createdAt: now,
    updatedAt: now,
  };
}

export function withFields(deployment: Deployment, fields: DeploymentFields): Deployment {
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...deployment, ...(said as Partial<Deployment>) };
}

/** The members of the second object take the place of those of the first. Both are JSON, and so is what is answered. */
export function mergedJson(first: string, second: string): string {
  return second === '{}'
    ? first
    : JSON.stringify(inWrittenOrder([first, second].flatMap((json) => Object.entries(exactValue(json) as object))));
}

export type LimitChange = Pick<DeploymentChange<never>, 'limit' | 'deletedLimit'> &
  Pick<Deployment, 'concurrencyLimitId'>;

/** A limit that others may share is never changed or deleted from here. */
export function limitChange(
  ids: IdSource,
  { id, concurrencyLimitId }: Pick<Deployment, 'id' | 'concurrencyLimitId'>,
  limit: ConcurrencyLimit | null,
  { concurrencyLimit: slots, globalLimitId }: LimitRequest,
  now: Instant,
): LimitChange {
  const own = limit !== null && limit.name === deploymentLimitName(id) ? limit : null;
  const withoutOwn = own === null ? {} : { deletedLimit: own.id };
  if (globalLimitId) return { ...(globalLimitId === own?.id ? {} : withoutOwn), concurrencyLimitId: globalLimitId };
  if (slots === null || (slots === undefined && globalLimitId === null))
    return { ...withoutOwn, concurrencyLimitId: null };
  if (slots === undefined) return { concurrencyLimitId };
  const written =
    own === null
      ? newLimit(ids, { name: deploymentLimitName(id), limit: slots }, now)
      : { ...own, limit: slots, updatedAt: now };
  return { limit: written, concurrencyLimitId: written.id };
}
