/** A deployment made like another one, by a person on our own pages. */

import { UI_DUPLICATE_DEPLOYMENT } from '../contract/routes/ui-deployments.ts';
import { deploymentLimitName } from '../core/concurrency/deployment-slots.ts';
import { OstinatoError } from '../core/errors.ts';
import type { DeploymentId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { creatorOf } from './client.ts';
import { found, ok, operation, type Operation } from './operation.ts';

/** It begins paused: nothing runs twice because of a copy. */
export function uiDeploymentCopyOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(UI_DUPLICATE_DEPLOYMENT, async ({ params, body, headers }) => {
      const record = found(await useCases.readDeployment({ id: params['id'] as DeploymentId }), 'Deployment');
      const { deployment, flow, queue, limit, schedules } = record;
      if ((await useCases.readDeployment({ flowId: flow.id, name: body.name })) !== null)
        throw new OstinatoError('conflict', `The flow ${flow.name} has a deployment with this name already.`);
      const made = await useCases.createDeployment({
        flowId: flow.id,
        name: body.name,
        fields: {
          version: deployment.version,
          description: deployment.description,
          paused: true,
          tags: deployment.tags,
          labels: deployment.labels,
          parameters: deployment.parameters,
          parameterSchema: deployment.parameterSchema,
          enforceParameterSchema: deployment.enforceParameterSchema,
          concurrencyOptions: deployment.concurrencyOptions,
          onCrash: deployment.onCrash,
          pullSteps: deployment.pullSteps,
          entrypoint: deployment.entrypoint,
          path: deployment.path,
          storageDocumentId: deployment.storageDocumentId,
          infrastructureDocumentId: deployment.infrastructureDocumentId,
          jobVariables: deployment.jobVariables,
        },
        workPoolName: queue?.pool.name ?? null,
        workQueueName: queue?.queue.name ?? null,
        // One of its own is made again; one that others share is shared.
        ...(limit === null
          ? {}
          : limit.name === deploymentLimitName(deployment.id)
            ? { concurrencyLimit: limit.limit }
            : { globalLimitId: limit.id }),
        schedules: schedules.map(({ schedule, active, maxScheduledRuns, parameters, slug, policy, rules }) => ({
          schedule,
          active,
          maxScheduledRuns,
          parameters,
          slug,
          policy: policy ?? undefined,
          rules: rules ?? undefined,
        })),
        creator: creatorOf(headers),
      });
      return ok({ id: made.deployment.id });
    }),
  ];
}
