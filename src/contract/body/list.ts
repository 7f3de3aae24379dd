/** What the bodies of lists have beside their filters. */

import { Type, type TSchema } from '../type.ts';

import { Limit, Maybe, Offset, TimeIn, UuidIn } from '../route.ts';
import { DateTime, Nullable, Seconds, Whole } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';

export const page = { limit: Limit, offset: Offset };
/** Pages by number, from 1. */
export const numbered = { limit: Limit, page: Maybe(Whole({ minimum: 1 })) };

/** What is changed at once is changed in few rows. */
export const BULK_MAX = 50;
export const bulk = { limit: Maybe(Whole({ minimum: 1, maximum: BULK_MAX })) };

/** Ids that the pages ask about in one request. */
export const IdsIn = Type.Array(UuidIn, { maxItems: 200 });

export const history = {
  history_start: TimeIn,
  history_end: TimeIn,
  /** At least 1. */
  history_interval_seconds: Type.Number(),
};

export const HistoryState = Type.Object({
  state_type: StateType,
  state_name: Type.String(),
  count_runs: Whole(),
  sum_estimated_run_time: Seconds,
  sum_estimated_lateness: Seconds,
});

export const History = Type.Array(
  Type.Object({ interval_start: DateTime, interval_end: DateTime, states: Type.Array(HistoryState) }),
);

export function Paginated<Item extends TSchema>(item: Item) {
  return Type.Object({ results: Type.Array(item), count: Whole(), limit: Whole(), pages: Whole(), page: Whole() });
}

export const DeletedIds = Type.Object({ deleted: Type.Array(Type.String()) });
export const CountById = Type.Record(Type.String(), Whole());
export const MaybeNumber = Nullable(Type.Number());
