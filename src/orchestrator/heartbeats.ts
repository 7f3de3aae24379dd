/**
 * Heartbeats of runs of other clients: the event `prefect.flow-run.heartbeat`, from clients that are configured to send
 * it.
 */

import type { EventFilter } from '../core/event-filter.ts';
import type { FlowRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Instant } from '../core/time.ts';
import type { OrchestratorPorts } from './ports.ts';

const NAME = 'prefect.flow-run.heartbeat';
/** Enough to see the interval. */
const NEWEST = 3;

/** The newest heartbeats, newest first; empty for a client that sends none. */
export function readHeartbeats(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  id: FlowRunId,
  until: Instant,
): MaybePromise<readonly Instant[]> {
  const filter: EventFilter = {
    since: 0 as Instant,
    until,
    names: [NAME],
    excludedNames: [],
    prefixes: [],
    excludedPrefixes: [],
    isDistinct: false,
    related: [],
    anyResource: [],
    ids: [],
    text: null,
    order: 'desc',
    resource: { ids: [`prefect.flow-run.${id}`], idPrefixes: [], labels: [] },
  };
  return chain(storage.findEvents({ filter, limit: NEWEST }), (events) => events.map(({ occurred }) => occurred));
}
