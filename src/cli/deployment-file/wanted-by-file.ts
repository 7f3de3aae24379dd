/** What a file says of a deployment, as the server is asked for it. */

import type { WantedDeployment } from '../../client/control/apply-deployment.ts';
import type { CheckedFile } from './check-flow.ts';
import { DEFAULT_POOL } from './fields.ts';
import { concurrencyOptions } from '../../client/control/concurrency-options.ts';
import { saidByFlow } from '../../sdk/said-by-flow.ts';
import { schemaOf } from '../../sdk/described-parameters.ts';

export function wantedBy({ fields, path, flow, schedules }: CheckedFile): WantedDeployment {
  const {
    schedules: _,
    name,
    flow_name: flowName,
    work_pool_name: pool,
    ...others
  } = { ...saidByFlow(flow.flow), ...fields };
  const { on_collision: onCollision, concurrency_key: key, ...rest } = others;
  return {
    flowName,
    name,
    schedules,
    fields: {
      ...rest,
      path,
      version: rest.version ?? flow.flow.definition.version,
      ...concurrencyOptions(onCollision, key),
      parameter_openapi_schema: schemaOf(flow.flow),
      // A queue that is named alone is in the pool of agents, which is made with it.
      ...(pool === undefined || pool === DEFAULT_POOL ? {} : { work_pool_name: pool }),
    },
  };
}
