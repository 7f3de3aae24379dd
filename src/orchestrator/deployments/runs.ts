/** Runs of deployments that somebody asks for. */

import { OstinatoError } from '../../core/errors.ts';
import { concurrencyKeyOf, KEY_LABEL } from '../../core/concurrency/concurrency-key.ts';
import type { SlotOptions } from '../../core/concurrency/deployment-slots.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Creator, FlowRun, FlowRunPolicy, Labels, Submission } from '../../core/flow-run.ts';
import type { DeploymentId, FlowRunId, TaskRunId } from '../../core/ids.ts';
import { saidPriority } from '../../core/run-priority.ts';
import type { ProposedState } from '../../core/state.ts';
import { NO_QUEUE, queueOfRun, type QueueInPool } from '../../core/work-pool.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { submitFlowRun } from '../create-flow-run.ts';
import { checkJobVariables } from '../job-variables.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { ensureWorkQueue } from '../work-pools/queues.ts';
import { mergedJson } from './fields.ts';
import { checkParameters, settledParameters, whereParametersAreTold } from './parameters.ts';
import { deploymentAtVersion, pinLabels, VERSION_LABEL } from './pinned-version.ts';
import { deploymentMissing } from './schedules.ts';

export interface RunDeployment {
  readonly name?: string | undefined;
  /** JSON object: over those of the deployment. */
  readonly parameters: string;
  /** Default: as the deployment says. */
  readonly enforceParameterSchema?: boolean | undefined;
  readonly tags: readonly string[];
  readonly labels: Labels;
  readonly policy: FlowRunPolicy;
  /** Default: SCHEDULED, now. */
  readonly state?: ProposedState | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly parentTaskRunId: TaskRunId | null;
  readonly infrastructureDocumentId: string | null;
  /** JSON object. */
  readonly context: string;
  /** JSON object; `null`: none. */
  readonly jobVariables: string | null;
  /** Another queue of the deployment's pool, which is made when it is not there. */
  readonly workQueueName?: string | undefined;
  readonly creator: Creator | null;
  /** The number of the version that it runs, whatever is applied later. Default: as the deployment then is. */
  readonly pinnedVersion?: number | undefined;
  /** Default: the ordinary one. */
  readonly priority?: number | undefined;
}

async function queueFor(
  ports: OrchestratorPorts,
  { deployment, queue }: DeploymentRecord,
  name: string | null,
): Promise<QueueInPool | null> {
  if (name === null) return queue;
  if (queue === null)
    throw new OstinatoError(
      'bad-request',
      `Cannot create flow run in work queue ${name} because deployment ${deployment.id} is not associated with a work ` +
        'pool. Please remove work_pool_name and try again.',
    );
  return await ensureWorkQueue(ports, queue.pool.name, name);
}

export interface MadeRun {
  readonly run: FlowRun;
  readonly created: boolean;
}

/**
 * A run of the deployment, scheduled for now unless it says otherwise. A repeated idempotency key answers the run that
 * is there. `not-found`, also for a version that is pinned; `bad-request` for parameters that cannot come about;
 * `bad-parameters` for ones that do not fit.
 */
export async function runDeployment(
  ports: OrchestratorPorts,
  id: DeploymentId,
  request: RunDeployment,
): Promise<MadeRun> {
  const current = await ports.storage.readDeployment({ id });
  if (current === null) throw deploymentMissing();
  const pin = request.pinnedVersion ?? null;
  const found = pin === null ? current : await deploymentAtVersion(ports, current, pin);
  const { deployment, flow } = found;
  const queue = await queueFor(ports, found, request.workQueueName ?? null);
  const parameters = await settledParameters(
    ports,
    mergedJson(deployment.parameters, request.parameters),
    'Error hydrating flow run parameters',
  );
  const enforced = {
    ...deployment,
    enforceParameterSchema: request.enforceParameterSchema ?? deployment.enforceParameterSchema,
  };
  await checkParameters(ports, enforced, parameters, {
    what: 'Error creating flow run',
    isPartial: false,
    remedy: whereParametersAreTold(found),
  });
  await checkJobVariables(
    ports,
    queue?.pool ?? null,
    { values: mergedJson(deployment.jobVariables, request.jobVariables ?? '{}'), isComplete: true },
    'Error creating flow run',
  );
  const now = ports.clock.now();
  return await submitFlowRun(
    ports,
    {
      id: ports.ids.next<FlowRunId>(),
      flowName: flow.name,
      name: request.name,
      flowVersion: null,
      parameters: { kind: 'foreign', text: parameters },
      tags: [...new Set([...deployment.tags, ...request.tags])],
      labels: {
        ...runLabels(deployment),
        ...request.labels,
        ...keyLabels(deployment, parameters),
        ...(pin === null ? {} : pinLabels(pin)),
      },
      policy: request.policy,
      durability: 'sync',
      parentTaskRunId: request.parentTaskRunId,
      parentFlowRunId: null,
      idempotencyKey: request.idempotencyKey,
      entrypoint: null,
      state: request.state ?? { type: 'SCHEDULED', scheduledTime: now },
      runner: 'worker',
      submission: {
        ...submissionOf(deployment, queue),
        infrastructureDocumentId: request.infrastructureDocumentId ?? deployment.infrastructureDocumentId,
        createdBy: request.creator,
        context: request.context,
        // Workers of Prefect read the deployment as it is then: these they take from the run.
        jobVariables:
          pin === null ? request.jobVariables : mergedJson(deployment.jobVariables, request.jobVariables ?? '{}'),
        ...saidPriority(request.priority),
      },
    },
    flow,
  );
}

/** What a run of a deployment carries of it. */
export function submissionOf(deployment: Deployment, queue: QueueInPool | null): Submission {
  return {
    ...(queue === null
      ? { ...NO_QUEUE, workQueueName: deployment.workQueueName }
      : queueOfRun(queue.pool, queue.queue)),
    deploymentId: deployment.id,
    deploymentName: deployment.name,
    deploymentVersion: deployment.version,
    autoScheduled: false,
    infrastructurePid: null,
    infrastructureDocumentId: deployment.infrastructureDocumentId,
    createdBy: null,
    context: '{}',
    jobVariables: null,
  };
}

export function runLabels(deployment: Deployment): Labels {
  const { id, flowId, labels, versionNumber } = deployment;
  return {
    ...labels,
    'prefect.flow.id': flowId,
    'prefect.deployment.id': id,
    ...(versionNumber === undefined ? {} : { [VERSION_LABEL]: versionNumber }),
  };
}

/** Which runs share slots with it, where the deployment says so. @param parameters JSON object: those of the run */
export function keyLabels({ concurrencyOptions }: Deployment, parameters: string): Labels {
  const key = concurrencyOptions === null ? undefined : (JSON.parse(concurrencyOptions) as SlotOptions).key;
  return key === undefined ? {} : { [KEY_LABEL]: concurrencyKeyOf(key, parameters) };
}

/** One of many that are asked for at once: the run, or why there is none. */
export type BulkRun = { readonly run: FlowRun } | { readonly problem: string };

/** `not-found`: the deployment. */
export async function runDeploymentOften(
  ports: OrchestratorPorts,
  id: DeploymentId,
  requests: readonly RunDeployment[],
): Promise<readonly BulkRun[]> {
  if ((await ports.storage.readDeployment({ id })) === null) throw deploymentMissing();
  const runs: BulkRun[] = [];
  for (const request of requests) {
    try {
      runs.push({ run: (await runDeployment(ports, id, request)).run });
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      runs.push({ problem: error.message });
    }
  }
  return runs;
}
