/** The newest events of one thing: what the orchestrator itself asks of what was told. */

import type { Event } from '../core/event.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { allOf } from '../core/query.ts';
import type { Instant } from '../core/time.ts';
import type { OrchestratorPorts } from './ports.ts';

export interface EventsAsked {
  /** Names of events; one of them. */
  readonly names: readonly string[];
  readonly resourceId: string;
  /** Both are included. */
  readonly since?: Instant;
  readonly until: Instant;
  readonly limit: number;
}

/** The newest first. */
export function newestEvents(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  { names, resourceId, since = 0 as Instant, until, limit }: EventsAsked,
): MaybePromise<readonly Event[]> {
  return storage.findEvents({
    filter: {
      since,
      until,
      where: allOf([
        { op: 'in', field: 'name', values: names },
        { op: 'exists', noun: 'event_resource', by: 'own', where: { op: 'eq', field: 'id', value: resourceId } },
      ]),
      isDistinct: false,
      order: 'desc',
    },
    limit,
  });
}
