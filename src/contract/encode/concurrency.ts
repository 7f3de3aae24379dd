import type { Static } from '../type.ts';

import type * as wire from '../schema/concurrency.ts';
import type { ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { formatInstant } from '../../core/time.ts';

export function encodeConcurrencyLimitV2(limit: ConcurrencyLimit): Static<typeof wire.ConcurrencyLimitV2> {
  return {
    ...encodeGlobalConcurrencyLimit(limit),
    denied_slots: limit.deniedSlots,
    avg_slot_occupancy_seconds: limit.avgSlotOccupancySeconds,
  };
}

export function encodeGlobalConcurrencyLimit(limit: ConcurrencyLimit): Static<typeof wire.GlobalConcurrencyLimit> {
  const { id, name, active, activeSlots, slotDecayPerSecond, createdAt, updatedAt } = limit;
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    active,
    name,
    limit: limit.limit,
    active_slots: activeSlots,
    slot_decay_per_second: slotDecayPerSecond,
  };
}

export function encodeMinimalLimit({ id, name, limit }: ConcurrencyLimit): Static<typeof wire.MinimalConcurrencyLimit> {
  return { id, name, limit };
}

export function encodeTagLimit({
  tag,
  limit,
  taskRunIds,
}: {
  readonly tag: string;
  readonly limit: ConcurrencyLimit;
  readonly taskRunIds: readonly string[];
}): Static<typeof wire.ConcurrencyLimit> {
  return {
    id: limit.id,
    created: formatInstant(limit.createdAt),
    updated: formatInstant(limit.updatedAt),
    tag,
    concurrency_limit: limit.limit,
    active_slots: [...taskRunIds],
  };
}
