/** The way into `flow.deploy(…)`, without what it takes: that is loaded with the first call. */

import { isHeldBack } from '../engine/registry.ts';
import { checker, isPlainObject, isText } from './check-options.ts';
import type { DeploymentDefinition } from './deployment-definition.ts';

export interface DeployOptions {
  /** The work pool whose workers take its runs. Default: that of agents. */
  readonly pool?: string;
  /** The queue in that pool. Default: `default`. */
  readonly queue?: string;
  /** What is different for the process of its runs, such as `{ env: { … } }`. */
  readonly jobVariables?: Readonly<Record<string, unknown>>;
}

export const DEPLOY_KEYS = ['pool', 'queue', 'jobVariables'] as const satisfies readonly (keyof DeployOptions)[];

export interface Deployed {
  /** Of the deployment. */
  readonly id: string;
  readonly isNew: boolean;
  /** A line each: what was changed, in words. */
  readonly changes: readonly string[];
  /** The number of what was applied; `null`: the server keeps no versions, as Prefect's. */
  readonly version: number | null;
}

export async function beginDeploying(definition: DeploymentDefinition, options: DeployOptions): Promise<Deployed> {
  const check = checker(`deployment "${definition.name}" of flow "${definition.flow.flowName}"`, options);
  check('pool', (value) => isText(value) && value !== '', 'the name of a work pool');
  check('queue', (value) => isText(value) && value !== '', 'the name of a work queue');
  check('jobVariables', isPlainObject, 'an object: names with values');
  // A file that is loaded only for its definitions deploys nothing.
  if (isHeldBack(false)) return await new Promise<never>(() => {});
  const { deploy } = await import('./deploy.ts');
  return await deploy(definition, options);
}
