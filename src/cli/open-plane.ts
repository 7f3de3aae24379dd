/** The control plane that commands ask: of the server that is set, else of the embedded database. */
import { deploymentsOf, type DeploymentClient } from '../client/control/deployments.ts';
import { ControlPlane } from '../client/control/plane.ts';
import { httpWire } from '../client/http/control-wire.ts';
import type { Clock } from '../core/time.ts';
import { withApi } from './open-api.ts';
import { loadSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface PlaneContext {
  readonly plane: ControlPlane;
  readonly deployments: DeploymentClient;
  readonly clock: Clock;
  readonly terminal: Terminal;
}

/** Opens it, does the work, closes it on every way out. */
export async function withPlane<T>(terminal: Terminal, work: (context: PlaneContext) => Promise<T>): Promise<T> {
  const { values } = loadSettings(terminal);
  return await withApi(terminal, async ({ api, clock }) => {
    const patienceMs = values.apiTimeoutSeconds * 1000;
    const plane = new ControlPlane(httpWire('ostinato', { transport: api, patienceMs }));
    return await work({ plane, deployments: deploymentsOf(plane), clock, terminal });
  });
}
