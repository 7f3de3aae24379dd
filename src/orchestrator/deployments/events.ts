/** What is told of deployments, in the words of Prefect's server. */

import type { Deployment } from '../../core/deployment.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent, type RelatedResource } from '../../core/event.ts';
import type { Flow } from '../../core/flow-run.ts';
import type { IdSource } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import type { Instant } from '../../core/time.ts';
import { queueOfRun, type QueueInPool } from '../../core/work-pool.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { changeEvent } from '../events.ts';
import { queueResources } from '../flow-run-event.ts';

/** What a deployment belongs to. */
export type Around = Pick<DeploymentRecord, 'flow' | 'queue'>;

export function deploymentEvent(
  ids: IdSource,
  deployment: Deployment,
  { flow, queue }: Around,
  what: 'created' | 'updated' | 'deleted',
  now: Instant,
  payload: unknown = {},
): OutboxEvent {
  const { id, name } = deployment;
  return changeEvent(ids, 'deployment', id, what, now, payload, { name, related: relatedTo(deployment, flow, queue) });
}

export function deploymentStatusEvent(
  ids: IdSource,
  deployment: Deployment,
  around: Around,
  now: Instant,
): OutboxEvent {
  const event = deploymentEvent(ids, deployment, around, 'updated', now);
  return { ...event, name: `prefect.deployment.${deployment.isReady ? 'ready' : 'not-ready'}` };
}

/** `null`: nothing that is told of has changed. */
export function deploymentUpdated(
  ids: IdSource,
  before: Deployment,
  after: Deployment,
  around: Around,
  now: Instant,
): OutboxEvent | null {
  const [old, now_] = [told(before), told(after)];
  const updates = Object.fromEntries(
    Object.keys(old)
      .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now_[name]))
      .map((name) => [name, { from: old[name], to: now_[name] }]),
  );
  const names = Object.keys(updates);
  return names.length === 0
    ? null
    : deploymentEvent(ids, after, around, 'updated', now, { updated_fields: names, updates });
}

/** In the names of the wire, but for the job variables, which events call by their old name. */
function told(deployment: Deployment): Readonly<Record<string, unknown>> {
  const json = (text: string | null) => (text === null ? null : exactValue(text));
  return {
    description: deployment.description,
    tags: deployment.tags,
    parameters: json(deployment.parameters),
    parameter_openapi_schema: json(deployment.parameterSchema),
    enforce_parameter_schema: deployment.enforceParameterSchema,
    entrypoint: deployment.entrypoint,
    path: deployment.path,
    pull_steps: json(deployment.pullSteps),
    work_queue_id: deployment.workQueueId,
    infra_overrides: json(deployment.jobVariables),
    paused: deployment.paused,
    labels: deployment.labels,
    version: deployment.version,
    concurrency_limit_id: deployment.concurrencyLimitId,
    concurrency_options: json(deployment.concurrencyOptions),
    on_crash: deployment.onCrash ?? undefined,
  };
}

function relatedTo(deployment: Deployment, flow: Flow, queue: QueueInPool | null): readonly RelatedResource[] {
  const { storageDocumentId, infrastructureDocumentId, concurrencyLimitId } = deployment;
  const related = (kind: string, id: string | null, role: string): readonly RelatedResource[] =>
    id === null ? [] : [{ [RESOURCE_ID]: `prefect.${kind}.${id}`, [RESOURCE_ROLE]: role }];
  return [
    { [RESOURCE_ID]: `prefect.flow.${flow.id}`, [RESOURCE_NAME]: flow.name, [RESOURCE_ROLE]: 'flow' },
    ...(queue === null ? [] : queueResources(queueOfRun(queue.pool, queue.queue))),
    ...related('block-document', storageDocumentId, 'storage'),
    ...related('block-document', infrastructureDocumentId, 'infrastructure'),
    ...related('concurrency-limit', concurrencyLimitId, 'concurrency-limit'),
  ];
}
