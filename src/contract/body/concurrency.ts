import { Type } from '../type.ts';

import { HOLDER_TYPES } from '../../core/concurrency/limit.ts';
import { Action, Maybe, Parts, UuidIn } from '../route.ts';
import { Whole } from '../schema/scalars.ts';

/** Names stand in addresses. */
export const NameIn = Type.String({ minLength: 1, pattern: '^[^/%&><]+$' });
const WHOLE_MAX = Number.MAX_SAFE_INTEGER;
const SlotsIn = Whole({ minimum: 0, maximum: WHOLE_MAX });
const SlotsAskedIn = Whole({ exclusiveMinimum: 0, maximum: WHOLE_MAX });
const PerSecondIn = Type.Number({ minimum: 0 });

export const ConcurrencyLimitV2Create = Action({
  name: NameIn,
  limit: SlotsIn,
  active: Type.Optional(Type.Boolean()),
  active_slots: Type.Optional(SlotsIn),
  denied_slots: Type.Optional(SlotsIn),
  /** Above 0: a limit of rate. */
  slot_decay_per_second: Type.Optional(PerSecondIn),
});

export const ConcurrencyLimitV2Update = Action({
  name: Maybe(NameIn),
  limit: Maybe(SlotsIn),
  active: Maybe(Type.Boolean()),
  active_slots: Maybe(SlotsIn),
  denied_slots: Maybe(SlotsIn),
  slot_decay_per_second: Maybe(PerSecondIn),
});

/** Names of limits; ones that do not exist hold nobody up. */
const NamesIn = Type.Array(Type.String(), { minItems: 1, maxItems: 1000 });
export const SlotModeIn = Type.Union([Type.Literal('concurrency'), Type.Literal('rate_limit')]);
/** Seconds: a minute to a day. */
const LeaseDurationIn = Type.Number({ minimum: 60, maximum: 86_400 });
export const LEASE_DURATION_SECONDS_DEFAULT = 300;

const LeaseHolderIn = Type.Object(
  { type: Type.Union(HOLDER_TYPES.map((type) => Type.Literal(type))), id: UuidIn },
  { additionalProperties: false },
);

export const SlotsIncrement = Parts({
  names: NamesIn,
  slots: SlotsAskedIn,
  mode: Type.Optional(SlotModeIn),
  create_if_missing: Maybe(Type.Boolean()),
});

export const SlotsIncrementWithLease = Parts({
  names: NamesIn,
  slots: SlotsAskedIn,
  mode: Type.Optional(SlotModeIn),
  lease_duration: Type.Optional(LeaseDurationIn),
  holder: Maybe(LeaseHolderIn),
});

export const SlotsDecrement = Parts({
  names: NamesIn,
  slots: SlotsAskedIn,
  /** For how long the slots were held: callers who wait are told to wait accordingly. */
  occupancy_seconds: Maybe(Type.Number({ exclusiveMinimum: 0 })),
  create_if_missing: Maybe(Type.Boolean()),
});

export const LeaseEnd = Parts({ lease_id: UuidIn });
export const LeaseRenewal = Parts({ lease_duration: Type.Optional(LeaseDurationIn) });

export const ConcurrencyLimitCreate = Action({
  tag: Type.String({ minLength: 1, maxLength: 500 }),
  concurrency_limit: SlotsIn,
});
export const TagLimitReset = Parts({ slot_override: Maybe(Type.Array(UuidIn, { maxItems: 10_000 })) });
export const TagSlots = Parts({ names: Type.Array(Type.String(), { maxItems: 1000 }), task_run_id: UuidIn });
