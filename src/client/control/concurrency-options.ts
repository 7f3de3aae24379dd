/** What is said of runs that find no slot, and of which runs share the slots, as a server is asked for it. */

import type { DeploymentFields } from './deployments.ts';

export type Collision = 'enqueue' | 'cancel_new' | 'cancel_old';

/** Nothing where nothing is said. */
export function concurrencyOptions(
  onCollision: Collision | undefined,
  key: string | undefined,
): Pick<DeploymentFields, 'concurrency_options'> {
  if (onCollision === undefined && key === undefined) return {};
  return {
    concurrency_options: {
      collision_strategy: onCollision === 'cancel_new' ? 'CANCEL_NEW' : 'ENQUEUE',
      ...(onCollision === 'cancel_old' ? { cancels_old: true } : {}),
      ...(key === undefined ? {} : { key }),
    },
  };
}
