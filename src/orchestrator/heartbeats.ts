/**
 * Heartbeats of runs of other clients: the event `prefect.flow-run.heartbeat`, from clients that are configured to send
 * it.
 */

import type { FlowRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Instant } from '../core/time.ts';
import { newestEvents } from './newest-events.ts';
import type { OrchestratorPorts } from './ports.ts';

const NAME = 'prefect.flow-run.heartbeat';
/** Enough to see the interval. */
const NEWEST = 3;

/** The newest heartbeats, newest first; empty for a client that sends none. */
export function readHeartbeats(
  ports: Pick<OrchestratorPorts, 'storage'>,
  id: FlowRunId,
  until: Instant,
): MaybePromise<readonly Instant[]> {
  const asked = { names: [NAME], resourceId: `prefect.flow-run.${id}`, until, limit: NEWEST };
  return chain(newestEvents(ports, asked), (events) => events.map(({ occurred }) => occurred));
}
