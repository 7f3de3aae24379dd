/** Deployments by their names, with the types of their parameters: `ostinato types` writes what they are. */

import type { FlowRun } from '../core/flow-run.ts';
import { runDeployment } from './asked-of-others.ts';
import type { Backfill, BackfillOptions } from './backfill-options.ts';
import type { RunDeploymentOptions } from './run-deployment-options.ts';

export interface DeploymentHandle<Parameters extends object = Readonly<Record<string, unknown>>> {
  /** Asks for a run and waits for its end: see `runDeployment`. */
  run(
    ...call: Record<never, never> extends Parameters
      ? [parameters?: Parameters, options?: Omit<RunDeploymentOptions, 'parameters'>]
      : [parameters: Parameters, options?: Omit<RunDeploymentOptions, 'parameters'>]
  ): Promise<FlowRun>;
  /** Runs it for slots that are past: see `backfillDeployment`. */
  backfill(options: BackfillOptions<Parameters>): Promise<Backfill>;
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

/**
 * Runs a deployment for the slots of a range that is past, each slot once. It is the server that goes through them:
 * the program may end meanwhile. A step that is done again asks for another one, which leaves out what has run.
 *
 * @param deployment `FLOW/NAME`, the name alone where it is one of a kind, or the id
 * @returns the backfill as it begins: `await (await backfillDeployment(…)).wait()` waits for its end
 * @throws `not-found` without such a deployment or schedule; `bad-input` for a range that reaches into the future, has
 *   no slots or more than 10,000, and for parameters that the flow does not take
 */
export async function backfillDeployment(deployment: string, options: BackfillOptions): Promise<Backfill> {
  const { startBackfill } = await import('./backfill.ts');
  return await startBackfill(deployment, options);
}

function handleOf(name: string): DeploymentHandle {
  return {
    run: (parameters, options) =>
      runDeployment(name, { ...options, ...(parameters === undefined ? {} : { parameters }) }),
    backfill: (options) => backfillDeployment(name, options),
  };
}
