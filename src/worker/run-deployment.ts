/** The deployment of a run that was taken, as the run is to be executed. */

import type { DeploymentClient, DeploymentOfRun } from '../client/control/deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import type { TakenRun } from './worker.ts';

export interface FoundDeployment extends DeploymentOfRun {
  readonly deploymentId: string;
  readonly entrypoint: string;
}

/** @throws `not-found`, `entrypoint-unusable`: there is nothing to start */
export async function findDeployment(
  deployments: Pick<DeploymentClient, 'ofRun'>,
  { id, name, deploymentId }: Pick<TakenRun, 'id' | 'name' | 'deploymentId'>,
): Promise<FoundDeployment> {
  if (deploymentId === null)
    throw new OstinatoError('entrypoint-unusable', `Flow run ${name} is of no deployment.`, {
      remedy: 'Ask for runs of a deployment: ostinato deployment run NAME',
    });
  const found = await deployments.ofRun(id, deploymentId);
  if (found === null) throw new OstinatoError('not-found', `The deployment of flow run ${name} is not there any more.`);
  const { entrypoint } = found.deployment;
  if (entrypoint === null)
    throw new OstinatoError(
      'entrypoint-unusable',
      `The deployment of flow run ${name} does not say where its flow is.`,
      { remedy: 'Apply a file with an entrypoint.' },
    );
  return { ...found, deploymentId, entrypoint };
}
