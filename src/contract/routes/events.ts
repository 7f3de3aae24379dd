import { Type } from 'typebox';

import type { RouteContract } from '../route.ts';
import { EventIn } from '../body/event.ts';

const tag = 'Events';

export const CREATE_EVENTS = {
  method: 'POST', path: '/events', name: 'create_events', tag, summary: 'Record a batch of events',
  body: Type.Array(EventIn), answers: { 204: null },
} as const satisfies RouteContract;
