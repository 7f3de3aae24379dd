/** What our own pages ask for of events, by one request: a page of the list, the count, how many there were when. */

import { Limit, Maybe, Offset, Parts, TimeIn, UuidIn, type RouteContract } from '../route.ts';
import { Count, DateTime, Uuid, Whole, Nullable } from '../schema/scalars.ts';
import { Type, type Static } from '../type.ts';

const tag = 'Pages';
const NAME_CHARACTERS_MAX = 500;
const TEXT_CHARACTERS_MAX = 200;
const STEP_SECONDS_MAX = 366 * 86_400;
const Text = Maybe(Type.String({ maxLength: NAME_CHARACTERS_MAX }));

/** Texts longer than 300 characters are cut off. */
export const EventRow = Type.Object({
  id: Uuid,
  event: Type.String(),
  occurred: DateTime,
  resource_id: Type.String(),
  resource_name: Nullable(Type.String()),
});
export type EventRow = Static<typeof EventRow>;

export const UI_EVENTS_PAGE = {
  method: 'POST',
  path: '/ui/pages/events',
  name: 'read_events_page_of_ui',
  tag,
  summary: 'The page of events, the newest first: those of a time, narrowed, with how many there were when',
  body: Parts({
    /** The name or its beginning; with `*`, which stands for any text, the whole name. */
    name: Text,
    /** The id of the resource or its beginning, a part of its name; with `*` the whole of one of them. */
    resource: Text,
    /** The same of a related resource, or its role. */
    related: Text,
    /** Words that the event contains. */
    text: Maybe(Type.String({ maxLength: TEXT_CHARACTERS_MAX })),
    /** This one alone, whenever it was. */
    id: Maybe(UuidIn),
    /** Default: as long as events are kept. */
    since: Maybe(TimeIn),
    /** Only those that occurred later. */
    after: Maybe(TimeIn),
    /** Default: now. */
    until: Maybe(TimeIn),
    /** How long a bar of the chart is, from `since` on; `null`: no chart. At most 500 bars. */
    step_seconds: Maybe(Whole({ minimum: 1, maximum: STEP_SECONDS_MAX })),
    limit: Limit,
    offset: Offset,
  }),
  answers: {
    200: Type.Object({
      /** Nothing later is in the answer. */
      as_of: DateTime,
      events: Type.Array(EventRow),
      /** Of all that are asked for. */
      count: Count,
      /** Those in which something happened. */
      bars: Type.Array(Type.Object({ start: DateTime, count: Count })),
    }),
  },
} as const satisfies RouteContract;
