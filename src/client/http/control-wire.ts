/** The control plane over HTTP. */

import { controlLater } from '../control/by-name.ts';
import type { ControlClient } from '../control/client.ts';
import { pathOf, type ControlWire, type RunNames } from '../control/plane.ts';
import type { Transport } from './transport.ts';

interface HttpParts {
  readonly transport: Transport;
  /** How long one request is tried again. */
  readonly patienceMs: number;
}

/** @param runNames where the server has other ids of flow runs than this process */
export function controlOverHttp(kind: ControlWire['kind'], parts: HttpParts, runNames?: RunNames): ControlClient {
  return controlLater(async () =>
    (await import('../control/client.ts')).createControlClient(httpWire(kind, parts, runNames)),
  );
}

export function httpWire(
  kind: ControlWire['kind'],
  { transport, patienceMs }: HttpParts,
  runNames?: RunNames,
): ControlWire {
  return {
    kind,
    ...(runNames === undefined ? {} : { runNames }),
    send: (call) => {
      const { route, body, once, expected } = call;
      return transport.send({ method: route.method, path: pathOf(call), body, patienceMs, once, expected });
    },
  };
}
