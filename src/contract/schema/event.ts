import { Type, type Static } from '../type.ts';

import { Count, DateTime, EXACT, JsonObject, Nullable, Uuid } from './scalars.ts';

const Labels = Type.Record(Type.String(), Type.String());

/** `received` is when the server heard of it, `follows` an event about the same matter that came before. */
export const Event = Type.Object(
  {
    id: Uuid,
    event: Type.String(),
    occurred: DateTime,
    received: DateTime,
    follows: Nullable(Uuid),
    resource: Labels,
    related: Type.Array(Labels),
    payload: JsonObject,
  },
  EXACT,
);
export type Event = Static<typeof Event>;

export const EventPage = Type.Object(
  {
    events: Type.Array(Event),
    total: Count,
    /** Where the next page is; `null` on the last one. */
    next_page: Nullable(Type.String()),
  },
  EXACT,
);

export const EventCount = Type.Object(
  { value: Type.String(), label: Type.String(), count: Count, start_time: DateTime, end_time: DateTime },
  EXACT,
);
export type EventCount = Static<typeof EventCount>;
