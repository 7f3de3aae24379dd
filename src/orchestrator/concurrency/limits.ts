/** Concurrency limits as people manage them. */

import { OCCUPANCY_SECONDS_DEFAULT, type ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { decayed } from '../../core/concurrency/slots.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid, type ConcurrencyLimitId, type IdSource } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { EVERYTHING, type Sort } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import type { SlotSelection } from '../../store/port/concurrency.ts';
import { changeEvent } from '../events.ts';
import { slotWaits, type SlotPorts } from './ports.ts';

export interface NewLimit {
  readonly name: string;
  readonly limit: number;
  readonly active?: boolean | undefined;
  readonly activeSlots?: number | undefined;
  readonly deniedSlots?: number | undefined;
  readonly slotDecayPerSecond?: number | undefined;
}

/** `conflict` when there is one of that name. */
export function createLimit(ports: SlotPorts, request: NewLimit): MaybePromise<ConcurrencyLimit> {
  const now = ports.clock.now();
  const limit = newLimit(ports.ids, request, now);
  return ports.storage.changeSlots<ConcurrencyLimit>({}, () => ({
    limits: [limit],
    events: [limitEvent(ports.ids, limit, 'created', now)],
    answer: limit,
  }));
}

export function newLimit(ids: IdSource, request: NewLimit, now: Instant): ConcurrencyLimit {
  return {
    id: ids.next<ConcurrencyLimitId>(),
    name: request.name,
    limit: request.limit,
    active: request.active ?? true,
    activeSlots: request.activeSlots ?? 0,
    deniedSlots: request.deniedSlots ?? 0,
    slotDecayPerSecond: request.slotDecayPerSecond ?? 0,
    avgSlotOccupancySeconds: OCCUPANCY_SECONDS_DEFAULT,
    slotsAt: now,
    createdAt: now,
    updatedAt: now,
  };
}

/** Clients also pass names where the path has an id. */
export function byIdOrName(idOrName: string): SlotSelection {
  return isUuid(idOrName) ? { limitIds: [idOrName as ConcurrencyLimitId] } : { names: [idOrName] };
}

/** The limit with slots decayed until now. */
export function readLimit(ports: SlotPorts, idOrName: string): MaybePromise<ConcurrencyLimit | null> {
  return chain(ports.storage.readSlots(byIdOrName(idOrName)), ({ limits }) =>
    limits[0] ? decayed(limits[0], ports.clock.now(), slotWaits(ports)) : null,
  );
}

export const BY_NAME: readonly Sort[] = [{ field: 'name', direction: 'asc' }];

/** Ordered by name, with slots decayed until now. */
export function listLimits(
  ports: SlotPorts,
  page: { readonly limit: number; readonly offset: number },
): MaybePromise<readonly ConcurrencyLimit[]> {
  return chain(ports.storage.find('concurrency_limit', { where: EVERYTHING, sort: BY_NAME, ...page }), (limits) =>
    limits.map((limit) => decayed(limit, ports.clock.now(), slotWaits(ports))),
  );
}

/** Absent fields stay. */
export type LimitChange = { readonly [Field in keyof NewLimit]?: NewLimit[Field] | undefined };

/** Returns whether it existed; `conflict` when the new name is another's. */
export function updateLimit(ports: SlotPorts, idOrName: string, change: LimitChange): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<boolean>(byIdOrName(idOrName), ({ limits: [found] }) => {
    if (found === undefined) return { answer: false };
    const said = Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== undefined),
    ) as Partial<ConcurrencyLimit>;
    const limit = { ...decayed(found, now, slotWaits(ports)), ...said, updatedAt: now };
    if (limit.name === '') throw new OstinatoError('bad-input', 'A concurrency limit needs a name.');
    return { limits: [limit], events: [limitEvent(ports.ids, limit, 'updated', now)], answer: true };
  });
}

/** Returns whether the limit existed. Its leases stay and can be renewed and released, without effect on it. */
export function deleteLimit(ports: SlotPorts, idOrName: string): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<boolean>(byIdOrName(idOrName), ({ limits: [found] }) =>
    found === undefined
      ? { answer: false }
      : { deletedLimits: [found.id], events: [limitEvent(ports.ids, found, 'deleted', now)], answer: true },
  );
}

export function limitEvent(
  ids: IdSource,
  limit: ConcurrencyLimit,
  what: 'created' | 'updated' | 'deleted',
  now: Instant,
) {
  const { name, active, slotDecayPerSecond } = limit;
  return changeEvent(
    ids,
    'concurrency-limit',
    limit.id,
    what,
    now,
    { name, limit: limit.limit, active, slot_decay_per_second: slotDecayPerSecond },
    { name },
  );
}
