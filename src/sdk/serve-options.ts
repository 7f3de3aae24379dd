/** The ways into `serve(…)`, without what it takes to serve: that is loaded when somebody serves. */

import { isHeldBack } from '../engine/registry.ts';
import { OstinatoError } from '../core/errors.ts';
import { checkKeys } from './check-options.ts';
import type { DeploymentDefinition } from './deployment-definition.ts';

export interface ServeOptions {
  /** Runs of this process at a time. Default 10. */
  readonly limit?: number;
  /** At the end the schedules are paused, so that they make no runs that nobody takes. Default true. */
  readonly pauseOnShutdown?: boolean;
  /** At the end, how long runs may take to finish by themselves. Default 30. */
  readonly drainSeconds?: number;
  /** How often the server is asked for what is due, in seconds, where it does not tell. Default 2. */
  readonly pollSeconds?: number;
}

export const SERVE_KEYS = [
  'limit',
  'pauseOnShutdown',
  'drainSeconds',
  'pollSeconds',
] as const satisfies readonly (keyof ServeOptions)[];

/**
 * Registers the deployments, and runs what is due of them in this process, until the process is told to end: by Ctrl-C,
 * SIGTERM or SIGHUP. Needs a server (`OSTINATO_API_URL`).
 *
 * @param given deployments; options may stand last
 */
export async function serve(
  ...given: readonly [...DeploymentDefinition[], DeploymentDefinition | ServeOptions]
): Promise<void> {
  const definitions: DeploymentDefinition[] = [];
  let options: ServeOptions = {};
  for (const [index, each] of given.entries()) {
    if (isDefinition(each)) definitions.push(each);
    else if (index === given.length - 1 && index > 0 && !isFlowLike(each)) options = each;
    else
      throw new OstinatoError('bad-input', `Argument ${index + 1} of serve() is no deployment.`, {
        remedy: 'Make one of the flow: serve(flow.toDeployment({ name: … })).',
      });
  }
  checkKeys('serve()', options, SERVE_KEYS);
  await beginServing(definitions, options);
}

/** A file that is loaded only for its definitions serves nothing. */
export async function beginServing(definitions: readonly DeploymentDefinition[], options: ServeOptions): Promise<void> {
  if (isHeldBack(false)) return await new Promise<never>(() => {});
  const { serveDeployments } = await import('./serve.ts');
  await serveDeployments(definitions, options);
}

function isDefinition(value: DeploymentDefinition | ServeOptions): value is DeploymentDefinition {
  return typeof value === 'object' && value !== null && 'flow' in value && 'schedules' in value;
}

function isFlowLike(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
