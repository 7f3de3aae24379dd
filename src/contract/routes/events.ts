import { Type } from '../type.ts';

import { BULKY_BODY } from '../json-bounds.ts';
import { Maybe, Parts, type RouteContract } from '../route.ts';
import { EventIn } from '../body/event.ts';
import { EventFilterIn, EventLimit, TimeUnitIn } from '../body/event-filter.ts';
import { EventCount, EventPage } from '../schema/event.ts';

const tag = 'Events';

export const CREATE_EVENTS = {
  method: 'POST',
  path: '/events',
  name: 'create_events',
  tag,
  summary: 'Record a batch of events',
  body: Type.Array(EventIn),
  bodyLimits: BULKY_BODY,
  answers: { 204: null },
} as const satisfies RouteContract;

export const READ_EVENTS = {
  method: 'POST',
  path: '/events/filter',
  name: 'read_events',
  tag,
  summary: 'List events, newest first unless said',
  body: Parts({ filter: Maybe(EventFilterIn), limit: EventLimit }),
  isBodyOptional: true,
  answers: { 200: EventPage },
} as const satisfies RouteContract;

export const READ_EVENTS_PAGE = {
  method: 'GET',
  path: '/events/filter/next',
  name: 'read_events_page',
  tag,
  summary: 'The next page of a list of events',
  query: { 'page-token': Type.String() },
  answers: { 200: EventPage },
} as const satisfies RouteContract;

export const COUNT_EVENTS = {
  method: 'POST',
  path: '/events/count-by/{countable}',
  name: 'count_events',
  tag,
  summary: 'Count events by time, name or resource',
  params: {
    countable: Type.Union([Type.Literal('day'), Type.Literal('time'), Type.Literal('event'), Type.Literal('resource')]),
  },
  body: Parts({
    filter: EventFilterIn,
    time_unit: Type.Optional(TimeUnitIn),
    time_interval: Type.Optional(Type.Number({ minimum: 0.01 })),
  }),
  answers: { 200: Type.Array(EventCount) },
} as const satisfies RouteContract;
