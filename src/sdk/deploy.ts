/** `flow.deploy(…)`: a deployment whose runs the workers of a pool take. */

import { sentValues } from '../core/json-value.ts';
import { AGENT_POOL_NAME } from '../core/work-pool.ts';
import type { Deployed, DeployOptions } from './deploy-options.ts';
import type { DeploymentDefinition } from './deployment-definition.ts';
import { registerDeployment } from './register-deployment.ts';
import { currentPorts } from './runtime.ts';

const DEFAULT_QUEUE = 'default';

export async function deploy(
  definition: DeploymentDefinition,
  { pool, queue, jobVariables }: DeployOptions,
): Promise<Deployed> {
  const { client, clock } = await currentPorts();
  return await registerDeployment(client.control.deployments, definition, clock.now(), {
    // A queue that is named alone is in the pool of agents, which is made with it.
    ...(pool === undefined || pool === AGENT_POOL_NAME ? {} : { work_pool_name: pool }),
    work_queue_name: queue ?? DEFAULT_QUEUE,
    ...(jobVariables === undefined ? {} : { job_variables: sentValues(jobVariables) }),
  });
}
