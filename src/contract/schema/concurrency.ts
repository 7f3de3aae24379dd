import { Type } from '../type.ts';

import { Count, DateTime, EXACT, Uuid } from './scalars.ts';

const identity = { id: Uuid, created: DateTime, updated: DateTime };

export const ConcurrencyLimitV2 = Type.Object(
  {
    ...identity,
    active: Type.Boolean(),
    name: Type.String(),
    limit: Count,
    active_slots: Count,
    denied_slots: Count,
    slot_decay_per_second: Type.Number(),
    avg_slot_occupancy_seconds: Type.Number(),
  },
  EXACT,
);

/** As lists and reads have it: with what has decayed taken off. */
export const GlobalConcurrencyLimit = Type.Object(
  {
    ...identity,
    active: Type.Boolean(),
    name: Type.String(),
    limit: Count,
    active_slots: Count,
    slot_decay_per_second: Type.Number(),
  },
  EXACT,
);

export const MinimalConcurrencyLimit = Type.Object({ id: Uuid, name: Type.String(), limit: Count }, EXACT);
export const ConcurrencyLimitWithLease = Type.Object(
  { lease_id: Uuid, limits: Type.Array(MinimalConcurrencyLimit) },
  EXACT,
);

/** A limit on a tag; `active_slots` are the ids of the task runs that hold them. */
export const ConcurrencyLimit = Type.Object(
  { ...identity, tag: Type.String(), concurrency_limit: Count, active_slots: Type.Array(Uuid) },
  EXACT,
);
