/** Deployments by their names, with the types of their parameters: `ostinato types` writes what they are. */

import type { FlowRun } from '../core/flow-run.ts';
import { runDeployment, type RunDeploymentOptions } from './run-deployment-options.ts';

export interface DeploymentHandle<Parameters extends object = Readonly<Record<string, unknown>>> {
  /** Asks for a run and waits for its end: see `runDeployment`. */
  run(
    ...call: Record<never, never> extends Parameters
      ? [parameters?: Parameters, options?: Omit<RunDeploymentOptions, 'parameters'>]
      : [parameters: Parameters, options?: Omit<RunDeploymentOptions, 'parameters'>]
  ): Promise<FlowRun>;
}

declare global {
  /** Filled by the file that `ostinato types` writes. */
  interface OstinatoDeployments {}
}

/**
 * Deployments by `FLOW/NAME`, and by the name alone where it is one of a kind. Which there are, and what they take, is
 * known to the type checker by the file that `ostinato types` writes.
 *
 * @example await deployments['sales/nightly'].run({ region: 'eu' });
 */
export const deployments = new Proxy(
  {},
  {
    // What is looked at as a promise is none.
    get: (_, name) => (typeof name === 'string' && name !== 'then' ? handleOf(name) : undefined),
  },
) as Readonly<OstinatoDeployments>;

function handleOf(name: string): DeploymentHandle {
  return {
    run: (parameters, options) =>
      runDeployment(name, { ...options, ...(parameters === undefined ? {} : { parameters }) }),
  };
}
